"""Experiments as declarations, and the chapters that declare them.

A chapter's ``experiments.py`` is loaded by path; nothing here trains, reads data or imports torch.
"""

import hashlib
import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from lib.definitions import Measure
from lib.errors import BookError, UnknownName, look_up
from lib.loading import read_yaml, sibling

ROOT = Path(__file__).resolve().parents[1]
SMOKE = {  # set -> the small real set that needs no download
    "mnist": "mnist-sample", "cifar10": "tiles",
    "coffee": "coffee", "ann/sunset": "coffee", "ann/beach": "coffee", "ann": "crops/coffee",
    "scenes_report": "crops",
    **{f"scenes_report/{k}": "crops/coffee" for k in ("beach", "forest", "sunrise")},
    "scenes": "crops", **{f"scenes/{k}": "crops/chelsea" for k in ("beach", "forest", "sunset")},
}


@dataclass(frozen=True)
class Findings:
    """What an analysis gives: measures, arrays for figures, facts for tables."""

    measures: dict[str, float]
    arrays: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment: a training, a grid of trainings, an analysis, or one derived from others.

    Settings: ``data``, ``transform``, ``model`` and ``train`` (loss, optimizer, lr, batch, epochs,
    validation).  ``points`` names the runs of a grid and what each changes.  ``trainer`` gives
    the module whose ``run`` trains and whose ``probe`` repeats a first step.  ``analysis`` computes
    Findings from data, networks or other runs.  An experiment with neither is derived: it has no
    record, only pooled measures over the runs it ``needs``.  ``stated``, ``published`` and
    ``assumed`` say where each setting comes from; they change no number, nor do ``tier`` (report: the
    report's own runs, control: asked beside it, beyond: further) and ``note``, which pages show.
    ``seeds``: how many, from 0 on.  ``reduced`` and ``smoke`` override settings in smaller runs.
    ``stands_in_for`` names the experiment that this one, smaller, answers for where it has no full runs;
    ``continues`` the one that this one goes on from: from its last saved state, up to a minute before its
    end, where there is one.  ``played``: readers play with seed 0 of this network, so its weights are
    kept in the repository.  ``may_diverge``: a loss that is no number is a result; the record ends there,
    with its history and no measures.  ``finish`` looks at what was trained while it is in memory, and
    gives Findings.
    """

    name: str
    purpose: str
    tier: str = "report"
    seeds: int = 1
    data: str | None = None
    transform: str | None = None
    model: str | None = None
    train: dict | None = None
    points: dict[str, dict] = field(default_factory=dict)
    trainer: Callable = lambda: importlib.import_module("lib.training")
    analysis: Callable | None = None
    needs: tuple[str, ...] = ()
    measures: tuple[Measure, ...] | dict[str, str] = ()
    stated: dict[str, str] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)
    assumed: dict[str, str] = field(default_factory=dict)
    reduced: dict | None = None
    smoke: dict = field(default_factory=lambda: {"images": 640, "validation": 128, "epochs": 1})
    finish: Callable | None = None
    stands_in_for: str | None = None
    continues: str | None = None
    may_diverge: bool = False
    played: bool = False
    note: str = ""

    def __post_init__(self):
        if isinstance(self.measures, dict):  # an analysis computes them, its record keeps them
            object.__setattr__(self, "measures", tuple(
                Measure(name, doc, "run", lambda run, name=name: run.measures.get(name))
                for name, doc in self.measures.items()))

    @property
    def kind(self) -> str:
        """"training", "analysis" or "derived"."""
        return "training" if self.train else "analysis" if self.analysis else "derived"

    @property
    def definitions(self) -> dict[str, str]:
        """Measure name -> definition."""
        return {m.name: m.doc for m in self.measures}

    def recipe(self, seed: int, point: str = "", scale: str = "full") -> dict:
        """All that changes numbers, as a flat dict; ``scale`` is full, reduced or smoke."""
        if point and point not in self.points:
            raise UnknownName(f"point of {self.name}", point, self.points)
        if self.kind == "analysis":
            settings = {"analysis": self.analysis.__name__, "data": self.data}
        else:
            settings = {"data": self.data, "transform": self.transform, "model": self.model,
                        **(self.train or {}), **self.points.get(point, {})}
        settings["seed"] = seed
        if scale == "reduced":
            settings |= self.reduced or {}
        elif scale == "smoke":
            settings["data"] = SMOKE.get(self.data, self.data)
            if self.kind == "training":
                settings |= self.smoke
        return settings

    def runs(self) -> list[tuple[str, int]]:
        """(point, seed) of every run, one seed of all points before the second."""
        if self.kind == "derived":
            return []
        return [(p, s) for s in range(self.seeds) for p in (self.points or ("",))]


def recipe_hash(recipe: dict) -> str:
    """First 12 hex digits of the sha256 of the recipe as sorted JSON."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:12]


def name_of(slug: str, experiment: str, point: str, seed: int) -> str:
    """``slug/experiment[/point] seed n``: a run's name in messages and records."""
    return "/".join(filter(None, (slug, experiment, point))) + f" seed {seed}"


@dataclass(frozen=True)
class Chapter:
    """A report: its folder, who wrote it, and the experiments that run it again."""

    slug: str
    folder: Path
    report: dict
    experiments: dict[str, Experiment]

    @property
    def short(self) -> str:
        """The report's short name, its title where it has none."""
        return self.report.get("short", self.report["title"])

    @cached_property
    def reported(self) -> dict:
        """Numbers of the report's tables, figures and logs (reported.yml)."""
        return read_yaml(self.folder / "reported.yml")

    def __getitem__(self, name: str) -> Experiment:
        return look_up(f"experiment of {self.slug}", self.experiments, name)

    def in_order(self, *names: str) -> list[Experiment]:
        """These experiments and all that they build on, each once, after those that it needs."""
        found: dict[str, Experiment] = {}
        for name in names:
            found |= {e.name: e for e in self.in_order(*self[name].needs)} | {name: self[name]}
        return list(found.values())


def _collect(experiments) -> dict[str, Experiment]:
    """Experiments by name.  Raises BookError for one name twice or a circle of needs, UnknownName."""
    found = {}
    for experiment in experiments:
        if experiment.name in found:
            raise BookError(f"two experiments are called {experiment.name}: rename one in experiments.py")
        found[experiment.name] = experiment
    for experiment in found.values():
        companions = tuple(name for m in experiment.measures for name in m.companions)
        for name in (*experiment.needs, *companions, experiment.continues, experiment.stands_in_for):
            if name and name not in found:
                raise UnknownName(f"experiment (named by {experiment.name})", name, found)
    try:
        TopologicalSorter({e.name: e.needs for e in found.values()}).prepare()
    except CycleError as error:
        raise BookError(f"experiments need each other in a circle: {', '.join(error.args[1])}; take one "
                        "out of the needs in experiments.py") from error
    return found


@cache
def _load(folder: Path) -> Chapter:
    module = sibling(str(folder / "experiments.py"), "experiments")
    return Chapter(folder.name, folder, module.REPORT, _collect(module.EXPERIMENTS))


def slugs() -> list[str]:
    """The chapters' folders, those in the book (_toc.yml) first and in its order."""
    there = sorted(p.parent.name for p in (ROOT / "chapters").glob("*/experiments.py"))
    order = [s for s in _in_book() if s in there]
    return order + [s for s in there if s not in order]


def _in_book() -> list[str]:
    toc = read_yaml(ROOT / "_toc.yml")
    files = [c["file"] for part in toc.get("parts", []) for c in part["chapters"]]
    return list(dict.fromkeys(f.split("/")[1] for f in files if f.startswith("chapters/")))


def chapter(slug: str) -> Chapter:
    """The chapter of that folder name.  Raises UnknownName."""
    if not (ROOT / "chapters" / slug / "experiments.py").is_file():
        raise UnknownName("chapter", slug, slugs())
    return _load(ROOT / "chapters" / slug)


def chapters() -> list[Chapter]:
    """The chapters of the book, in its order; one that _toc.yml does not name is not in it yet."""
    folders = [ROOT / "chapters" / slug for slug in _in_book()]
    return [_load(folder) for folder in folders if (folder / "experiments.py").is_file()]


def here() -> str | None:
    """The slug of the chapter that the current folder lies in, where it lies in one."""
    folder = Path.cwd().resolve()
    inside = ROOT / "chapters"
    return folder.relative_to(inside).parts[0] if inside in folder.parents else None


def resolve(name: str, slug: str | None = None) -> tuple[Chapter, Experiment]:
    """``experiment`` within a chapter, or ``slug/experiment`` from anywhere.

    Raises UnknownName; BookError where several chapters have the name.
    """
    if "/" in name:
        slug, name = name.split("/", 1)
    slug = slug or here()
    if slug is None:
        owners = [c for c in chapters() if name in c.experiments]
        if len(owners) > 1:
            several = " or ".join(f"{c.slug}/{name}" for c in owners)
            raise BookError(f"several chapters have {name}: write {several}.")
        if not owners:
            raise UnknownName("experiment", name, [n for c in chapters() for n in c.experiments])
        return owners[0], owners[0][name]
    return chapter(slug), chapter(slug)[name]
