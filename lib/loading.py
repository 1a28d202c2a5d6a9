"""Chapters are no packages: their modules are loaded by path, and their YAML is read here."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import yaml


def sibling(file: str, name: str):
    """The module ``name`` beside ``file``, loaded by path: chapters are no packages."""
    path = Path(file).resolve().with_name(f"{name}.py")
    full = f"{name}_of_{path.parent.name}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(full, path)
        sys.modules[full] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(sys.modules[full])
        except BaseException:  # what is half loaded must not be taken for the module next time
            del sys.modules[full]
            raise
    return sys.modules[full]


def later(file: str, module: str, name: str) -> Callable:
    """The function ``name`` of ``module`` beside ``file``, which is loaded at its first call.

    So a declaration can name a function whose module imports torch.
    """
    def call(*arguments):
        return getattr(sibling(file, module), name)(*arguments)

    call.__name__ = name  # a recipe names its analysis
    return call


def read_yaml(path: Path):
    """The content of a YAML file; by libyaml, ten times as quick, where PyYAML has it."""
    return yaml.load(path.read_text("utf8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
