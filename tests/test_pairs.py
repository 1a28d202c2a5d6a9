"""The two forms of every page agree, the stored notebooks hold no outputs, and pages run on smoke runs."""

import os
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = [path for path in ROOT.glob("chapters/*/[0-9]_*") if path.suffix in (".py", ".ipynb")]
STEMS = {path.with_suffix("") for path in FILES}


@pytest.mark.parametrize("stem", sorted(STEMS), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_pair(stem):
    script, notebook = stem.with_suffix(".py"), stem.with_suffix(".ipynb")
    assert script.is_file() and notebook.is_file(), "one of the two forms is missing: make sync"
    forms = [
        [(cell.cell_type, cell.source, cell.metadata) for cell in jupytext.read(path).cells]
        for path in (script, notebook)
    ]
    assert forms[0] == forms[1], "the notebook says something else than its script: make sync"
    cells = jupytext.read(notebook).cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells), (
        "a notebook is committed without its outputs: clear them and save"
    )


@pytest.mark.stress
@pytest.mark.parametrize("stem", sorted(STEMS), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_page_runs_on_smoke_runs(stem):
    """What a page shows it makes anew, on tiny slices of real data."""
    env = os.environ | {"BOOK_RUNS": "smoke", "MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", "IPython", "--colors=nocolor", f"{stem.name}.py"], env=env,
                          cwd=stem.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
