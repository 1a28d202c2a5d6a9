"""The Makefile: what it lists, and what it says where Python cannot be used."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TARGETS = "book test stress serve lab status train smoke verify bench data sync clean env".split()

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


def make(*arguments: str) -> subprocess.CompletedProcess:
    clean = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=clean, capture_output=True, text=True)


def stub(folder: Path, version: str, venv: bool) -> Path:
    """A Python that knows its version and, perhaps, lacks the parts for environments."""
    major, minor = version.split(".")[:2]
    path = folder / "python"
    path.write_text(
        "#!/bin/sh\n"
        f'case "$1$2" in\n-V*) echo Python {version};;\n'
        f"*sys*) [ {major}{minor:0>2} -ge 311 ] && [ {major}{minor:0>2} -le 313 ];;\n"
        f"*venv*) {'true' if venv else 'false'};;\nesac\n"
    )
    path.chmod(0o755)
    return path


def test_plain_make_lists_the_targets():
    done = make()
    assert done.returncode == 0
    listed = [line.split()[0] for line in done.stdout.splitlines()[1:]]
    assert listed == ["help", *TARGETS]
    assert all(len(line.split()) > 2 for line in done.stdout.splitlines()[1:])


@pytest.mark.parametrize("version", ["3.9.18", "3.10.2", "3.14.0"])
def test_another_python_is_refused_in_one_sentence(tmp_path, version):
    done = make("env", f"PYTHON={stub(tmp_path, version, True)}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode
    assert "This book needs Python 3.11, 3.12 or 3.13" in done.stdout
    assert f"{tmp_path / 'python'} is Python {version}." in done.stdout
    assert "make PYTHON=python3.12 book" in done.stdout
    assert not (tmp_path / "venv").exists()


def test_missing_venv_names_the_package(tmp_path):
    done = make("env", f"PYTHON={stub(tmp_path, '3.11.2', False)}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode
    assert "cannot make virtual environments" in done.stdout
    assert "apt-get install python3-venv" in done.stdout


def test_train_hands_its_choices_on(tmp_path):
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / ".installed").touch()
    choices = ["ONLY=lenet-grey alexnet-grey", "SEEDS=2", "MINUTES=5"]
    done = make("-n", "train", f"VENV={tmp_path / 'venv'}", *choices)
    words = shlex.split(done.stdout.replace("\\\n", " "))
    assert words[1:5] == ["-m", "lib", "train", "--only"]
    assert words[5:] == ["lenet-grey alexnet-grey", "--seeds", "2", "--minutes", "5"]


def test_serve_without_a_book_says_how_to_get_one(tmp_path):
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / ".installed").touch()
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    os.utime(tmp_path / "venv" / ".installed")
    done = make("-C", str(tmp_path), "serve", "VENV=venv")
    assert done.returncode and "There is no book yet: make book" in done.stdout
