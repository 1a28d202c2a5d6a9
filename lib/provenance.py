"""What a record says of where it was made: machine, versions, commit of the code."""

import platform
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

import torch

from lib.experiments import ROOT


def machine() -> dict:
    """Device, threads and versions that a run was made with."""
    gpu = torch.cuda.is_available()
    return {"device": torch.cuda.get_device_name() if gpu else _processor(),
            "precision": "float32", "threads": torch.get_num_threads(),
            "versions": {"python": platform.python_version()}
            | {p: version(p) for p in ("torch", "numpy")}}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(": ")[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):
        return platform.processor() or platform.machine()


@cache
def commit() -> str:
    """The commit that the code stood at when this was first asked; "" outside git.

    It has a + where files differed from it.  ``lib.runs.execute`` asks before it trains.
    """
    try:
        said = subprocess.run(["git", "describe", "--always", "--dirty=+", "--exclude=*"],
                              cwd=ROOT, capture_output=True, text=True, timeout=10)
        return said.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
