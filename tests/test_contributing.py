"""The example of the page "Adding a report": its code blocks are a chapter that trains and builds."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import elsewhere

from lib import claims, experiments, runs, verify
from lib.claims.table import ours

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "book" / "contributing.md"
SLUG = "tiny"
BLOCK = re.compile(
    r"^(?P<fence>`{3,})\{code-block\} \w+\n:caption: (?P<file>\S+)\n\n(?P<text>.*?)^(?P=fence)$",
    re.DOTALL | re.MULTILINE)
TOC = """\
format: jb-book
root: book/scoreboard
parts:
  - caption: What came out
    chapters:
      - file: book/verdicts
  - caption: Chapters
    chapters:
"""  # as far as the lines that the page says to add


def blocks() -> dict[str, str]:
    """File name -> content, of every captioned code block of the page."""
    return {found["file"]: found["text"] for found in BLOCK.finditer(PAGE.read_text("utf8"))}


def tool(name: str, *arguments, cwd: Path) -> str:
    """Run a program of this environment on the small book, with its own lib; what it said."""
    found = subprocess.run([Path(sys.executable).with_name(name), *arguments], cwd=cwd, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           env=os.environ | {"PYTHONPATH": str(cwd), "BOOK_RUNS": "records"})
    assert found.returncode == 0, found.stdout[-8000:]
    return found.stdout


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A copy of the book whose only chapter is the example, trained."""
    folder = tmp_path_factory.mktemp("contributing") / "book"
    folder.mkdir()
    for name in ("lib", "_ext", "_static", "book"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("_config.yml", "jupytext.toml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name, text in blocks().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TOC + text if name == "_toc.yml" else text, "utf8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiments, "ROOT", folder)
        patch.delitem(sys.modules, f"experiments_of_{SLUG}", raising=False)
        elsewhere(folder.parent, patch)
        for run in runs.declared(SLUG):
            runs.execute(run)
        yield folder


def test_the_page_shows_every_file_of_a_chapter():
    files = ("experiments.py", "claims.yml", "1_report.py", "runs.md")
    assert set(blocks()) == {"_toc.yml", *(f"chapters/{SLUG}/{name}" for name in files)}
    assert not (ROOT / "chapters" / SLUG).exists()


def test_one_of_its_claims_holds_and_one_fails(book):
    found = claims.judge(SLUG)
    assert [(v.verdict, v.marks, v.n) for v in found.values()] == [("holds", (), 3), ("fails", (), 3)]
    assert any(v.headline for v in found.values())
    assert claims.contradictions(SLUG) == []


def test_its_records_are_in_order(book):
    assert [path.name for path in sorted(book.glob("chapters/*/records/*/*.json"))] == [
        "0.json", "1.json", "2.json"]
    assert verify.chapter(SLUG) == []


def test_its_pages_build_without_a_warning(book):
    tool("jupytext", "--to", "ipynb", "--update", f"chapters/{SLUG}/1_report.py", cwd=book)
    tool("jupyter-book", "build", ".", "-W", "-n", "--keep-going", cwd=book)
    page = (book / f"_build/html/chapters/{SLUG}/1_report.html").read_text("utf8")
    for verdict in claims.judge(SLUG).values():
        assert f"verdict-{verdict.verdict}" in page and ours(verdict) in page


def test_its_code_has_the_books_style(book):
    tool("ruff", "check", "chapters", cwd=book)
