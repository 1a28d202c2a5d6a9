"""The book's own extension: what makes a page stale, how numbers read, what a wrong name does."""

import io
import json
import re

import pytest
from helpers import demo, kept
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from bookkit import book, cache, cores, repair, runs
from lib import measures, records
from lib.experiments import chapters
from lib.measures import Sample

__all__ = ["demo"]


@pytest.fixture
def project(tmp_path):
    """A small book: two chapters, a library of five modules."""
    files = {
        "lib/__init__.py": "from lib.shapes import draw\n",
        "lib/shapes.py": "from .numbers import one\n\n\ndef draw():\n    pass\n",
        "lib/numbers.py": "one = 1\n",
        "lib/claims.py": "import lib.records\n",
        "lib/records.py": "",
        "requirements.txt": "numpy==2.4.6\n",
    }
    for slug in ("first", "second"):
        files |= {
            f"chapters/{slug}/experiments.py": "",
            f"chapters/{slug}/claims.yml": "claims: []\n",
            f"chapters/{slug}/records/run/0.json": "{}",
        }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def notebook(prose: str = "words", code: str = "%matplotlib inline\nfrom lib import draw") -> str:
    cells = [{"cell_type": "markdown", "source": prose}, {"cell_type": "code", "source": code}]
    return json.dumps({"cells": cells, "metadata": {}})


def page_digest(project, **text) -> str:
    return cache.notebook_digest(project, project / "chapters/first/1_report.ipynb", notebook(**text))


@pytest.mark.parametrize(
    ("name", "stale"),
    [
        ("lib/shapes.py", True),  # imported by the package
        ("lib/numbers.py", True),  # imported by what is imported
        ("lib/claims.py", False),
        ("requirements.txt", True),
        ("chapters/first/records/run/0.json", True),
        ("chapters/first/records/run/1.json", True),  # a new one
        ("chapters/first/claims.yml", True),
        ("chapters/first/experiments.py", True),
        ("chapters/first/analyses.py", True),  # beside it, loaded by path
        ("chapters/first/2_reproduction.py", False),  # another page
        ("chapters/second/records/run/0.json", False),
        ("chapters/second/claims.yml", False),
    ],
)
def test_what_executes_a_page_again(project, name, stale):
    before = page_digest(project)
    (project / name).write_text("# changed, and longer than before\n")
    assert (page_digest(project) != before) is stale


def test_prose_executes_nothing(project):
    assert page_digest(project) == page_digest(project, prose="other words")


def test_equal_pages_of_two_chapters_share_nothing(project):
    other = project / "chapters/second/1_report.ipynb"
    assert page_digest(project) != cache.notebook_digest(project, other, notebook())


def test_what_is_shown_of_a_chapter_follows_its_records_and_the_rules(project):
    first, every = (cache.chapter_digest(project, slug) for slug in ("first", cache.EVERY))
    (project / "chapters/second/records/run/0.json").write_text('{"changed": true}')
    assert cache.chapter_digest(project, "first") == first
    assert cache.chapter_digest(project, cache.EVERY) != every
    (project / "lib/records.py").write_text("# changed\n")
    assert cache.chapter_digest(project, "first") != first


@pytest.mark.parametrize(
    ("sample", "number", "remark"),
    [
        (None, "not run yet", ""),
        (Sample({}, without=(0, 1, 2)), "no value", "n = 3"),
        (Sample({0: 21386.0}, exact=True, n=1), "21,386", ""),
        (Sample({0: 0.9612}, n=1), "0.961", "n = 1"),
        (Sample({0: 0.96, 1: 0.97, 2: 0.95}, n=3), "0.960 ± 0.025", "n = 3"),
        (Sample({0: -0.25}, scale="reduced", n=1), "−0.250", "n = 1, reduced"),
    ],
)
def test_measures_in_words(sample, number, remark):
    assert measures.words(sample) == (number, remark)



@pytest.mark.parametrize("processes", [1, 2, 3])
def test_each_process_reads_its_share_of_notebooks(processes):
    pages, notebooks = [*"abcdefghijkl"], set("abcdef")
    order = cores.spread(pages, notebooks, processes)
    assert sorted(order) == pages
    size = len(pages) // processes
    shares = [len(notebooks & set(order[i : i + size])) for i in range(0, len(pages), size)]
    assert shares == [len(notebooks) // processes] * processes

def test_repairs_leave_a_sound_page_alone():
    assert repair.repair("<p>text</p>") == "<p>text</p>"
    fixed = repair.repair('<summary aria-label="Toggle hidden content"><th></th>')
    assert fixed == "<summary><td></td>"


def build(folder, text: str) -> tuple[str, str]:
    """HTML and warnings of a book of one page."""
    page = folder / "index.md"
    if not page.is_file() or page.read_text() != f"# Title\n\n{text}\n":
        page.write_text(f"# Title\n\n{text}\n")
    warnings = io.StringIO()
    settings = {"extensions": ["myst_parser", "bookkit"], "nitpicky": True}
    where = (folder, None, folder / "out", folder / "trees")
    with docutils_namespace():
        Sphinx(*where, "html", settings, status=None, warning=warnings).build()
    return (folder / "out" / "index.html").read_text("utf8"), warnings.getvalue()


def test_a_wrong_name_is_a_warning_that_offers_the_right_one(tmp_path):
    slug = chapters()[0].slug
    wrong = [
        f"{{measure}}`{slug}/lenet-gray.val_accuracy`",
        f"{{measure}}`{slug}/lenet-grey.val_acuracy`",
        f"{{claim}}`{slug}/t1-lenet-gray-acc`",
        "{claim}`elsewhere/t1`",
    ]
    _, warnings = build(tmp_path, "\n\n".join(wrong))
    for near in ("lenet-grey", "val_accuracy", "t1-lenet-grey-acc", slug):
        assert f"did you mean {near}" in warnings
    assert warnings.count("WARNING") == len(wrong)


def test_a_warning_comes_again_until_it_is_mended(tmp_path):
    wrong = "{measure}`nowhere/lenet-grey.val_accuracy`"
    first, second = (build(tmp_path, wrong)[1] for _ in range(2))
    assert first.count("WARNING") == second.count("WARNING") == 1
    assert not build(tmp_path, "words")[1]


def test_a_share_in_percent(tmp_path):
    home, name = chapters()[0], "lenet-grey.val_accuracy"
    html, _ = build(tmp_path, f"{{measure}}`{home.slug}/{name}` {{percent}}`{home.slug}/{name}`")
    share, percent = re.findall(r'class="measure">([0-9.]+)[^<]*?( %)?<', html)
    assert float(percent[0]) == pytest.approx(100 * float(share[0]), rel=0.001)
    assert (share[1], percent[1]) == ("", " %")


def test_a_thin_verdict_says_so_in_prose(tmp_path):
    home = chapters()[0]
    by_mark = {"thin" in verdict.marks: name for name, verdict in book.judged(home.slug).items()}
    roles = [f"{{claim}}`{home.slug}/{name}`" for name in by_mark.values()]
    html, _ = build(tmp_path, "\n\n".join(roles))
    thin, other = (re.search(rf"claim {by_mark[mark]}:.*?</p>", html, re.DOTALL)[0] for mark in (True, False))
    assert "(thin)" in thin and "(thin)" not in other


def test_a_chapter_shows_all_its_claims_and_runs(tmp_path):
    home = chapters()[0]
    text = "```{scoreboard}\n```\n\n```{verdict-counts}\n```\n"
    claim = next(iter(book.judged(home.slug)))
    runs = "".join(f"\n```{{runs}} {c.slug}\n```\n" for c in chapters())  # the scoreboard links to all
    pages = f"{text}{runs}\n{{claim}}`{home.slug}/{claim}`\n"
    html, warnings = build(tmp_path, pages)
    for name in book.judged(home.slug):
        assert f'id="claim-{home.slug}-{name}"' in html
    for name in home.experiments:
        assert f'id="run-{home.slug}-{name}"' in html
    assert f'href="#claim-{home.slug}-{claim}"' in html
    others = [w for w in warnings.splitlines() if "download file not readable" not in w]
    assert not others  # the records lie in the real book, not beside this page


def test_a_grid_counts_its_runs_and_others_their_seeds(demo):
    def done(name):
        return runs.done(demo[name], runs.made("demo", demo[name]))

    assert done("choices") == "Not run yet: 0 of 2 runs." and done("big") == "Not run yet: 0 of 2 seeds."
    kept(demo, "choices", 0, point="slow")
    kept(demo, "big", 1)
    assert done("choices").startswith("1 of 2 runs, full scale; 1 run")
    assert done("big").startswith("1 of 2 seeds, full scale; 1 run")


def test_costs_name_every_run_and_add_up(tmp_path):
    runs = "".join(f"\n```{{runs}} {c.slug}\n```\n" for c in chapters())
    html, warnings = build(tmp_path, f"```{{costs}}\n```\n{runs}")
    for home in chapters():
        trained = [e for e in home.experiments.values() if e.kind != "derived"]
        found = [r for e in trained for r in records.find(home.slug, e.name)]
        assert f"{len(found)} of {sum(len(e.runs()) for e in trained)} runs" in html
        for experiment in trained:
            assert f'href="#run-{home.slug}-{experiment.name}"' in html
    assert not [w for w in warnings.splitlines() if "download file not readable" not in w]
