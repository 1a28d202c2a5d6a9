"""Numbers read from records: one measure and its values over seeds."""

import math
from dataclasses import dataclass

from lib import records
from lib.definitions import Measure
from lib.errors import UnknownName
from lib.estimates import estimate, text
from lib.experiments import Chapter, Experiment, chapter, name_of, resolve
from lib.records import Record


class Missing(Exception):
    """Runs that a number needs are not there; ``runs`` names them."""

    def __init__(self, runs: list[str]):
        super().__init__("not run yet: " + ", ".join(runs))
        self.runs = runs


class UnknownMeasure(UnknownName):
    """No experiment has a measure of this name."""


class ManyPoints(UnknownMeasure):
    """Each point of a grid has its own value of a measure, and none was chosen."""

    def __init__(self, name: str, points):
        KeyError.__init__(self, f"{name} has a value at each of {', '.join(points)}: choose a point, or "
                          "declare a measure of all of them")


@dataclass(frozen=True)
class Sample:
    """A measure's values by seed.  ``exact``: no chance in it; ``pooled``: one number of all seeds;
    ``without``: the seeds that were run and have none."""

    values: dict[int, float]
    scale: str = "full"
    exact: bool = False
    pooled: bool = False
    n: int = 0
    missing: tuple[str, ...] = ()
    without: tuple[int, ...] = ()

    @property
    def nulls(self) -> int:
        """How many seeds were run and have no value."""
        return len(self.without)


def declared(name: str, slug: str | None = None) -> tuple[Chapter, Experiment, Measure]:
    """Where ``experiment.measure`` or ``slug/experiment.measure`` is declared, and its definition."""
    where, dot, what = name.rpartition(".")
    if not dot:
        raise UnknownMeasure("measure", name, ["experiment.measure"])
    home, experiment = resolve(where, slug)
    found = next((m for m in experiment.measures if m.name == what), None)
    if found is None:
        raise UnknownMeasure(f"measure of {experiment.name}", what, experiment.definitions)
    return home, experiment, found


def _runs(home: Chapter, experiment: Experiment, scale: str) -> list[Record]:
    """Records of one rung; an experiment without a reduced form serves either."""
    return records.find(home.slug, experiment.name, scale if experiment.reduced else "full")


def _names(home: Chapter, experiment: Experiment) -> list[str]:
    return [name_of(home.slug, experiment.name, p, s) for p, s in experiment.runs()]


def value(run: Record, measure: Measure) -> float | None:
    """A measure of one run: as kept in the record, else computed; None where the run diverged."""
    if measure.name in run.measures or "diverged" in run.facts:
        return run.measures.get(measure.name)
    return measure.function(run)


def _companion(run: Record, others: list[Record]) -> Record | None:
    """The run of the same seed; where the companion has fewer seeds, of the seed modulo theirs."""
    seeds = chapter(run.slug)[others[0].experiment].seeds if others else 1
    return next((r for r in others if r.seed == run.seed % seeds), None)


def _finite(value) -> float | None:
    """A number; None where a measure gives none, or none that is finite."""
    return None if value is None or not math.isfinite(value) else value


def _pooled(home, measure, runs, scale, names) -> Sample:
    groups = [_runs(home, home[name], scale) for name in measure.companions]
    lacking = [n for g, name in zip(groups, measure.companions, strict=True) if not g
               for n in _names(home, home[name])[:1]]
    if lacking or (not runs and (names or not measure.companions)):
        raise Missing(lacking or names[:1])
    if runs and runs[0].point and {r.point for r in runs} != set(chapter(home.slug)[
            runs[0].experiment].points):
        raise Missing([n for n in names if n not in {r.name for r in runs}])
    result = _finite(measure.function(runs, *groups))
    n = min(len({r.seed for r in group}) for group in (runs, *groups) if group)
    values = {} if result is None else {0: float(result)}
    return Sample(values, _worst(runs, *groups), pooled=True, n=n, without=(0,) * (result is None))


def _across(home, experiment, measure, runs, scale) -> dict[int, float | None]:
    """The measure of every seed that has all points, its own and its companions'."""
    values, lacking = {}, []
    others = [(home[name], _runs(home, home[name], scale)) for name in measure.companions]
    for seed in sorted({r.seed for r in runs}):
        groups, absent = [], []
        for declared_one, group in [(experiment, runs), *others]:
            own = seed % declared_one.seeds
            points = {r.point: r for r in group if r.seed == own}
            groups.append(points)
            absent += [name_of(home.slug, declared_one.name, p, own)
                       for p in declared_one.points or ("",) if p not in points]
        if not absent:
            values[seed] = measure.function(*groups)
        lacking += absent
    if not values:
        raise Missing(lacking)
    return values


def _worst(*groups: list[Record]) -> str:
    """The lowest scale among records."""
    scales = {r.scale for group in groups for r in group}
    return next((s for s in ("smoke", "reduced") if s in scales), "full")


def sample(slug: str, name: str, scale: str = "full", point: str = "") -> Sample:
    """The values of ``experiment.measure`` (or ``arch:network.parameters``, ``.macs``).

    ``scale`` is "full", "reduced" or "smoke"; ``point`` chooses one of a grid's.  Raises
    UnknownMeasure (nothing is called so), ManyPoints and Missing (not one run of it is there).
    """
    if name.startswith("arch:"):
        return _architecture(slug, name)
    home, experiment, measure = declared(name, slug)
    runs, names = _runs(home, experiment, scale), _names(home, experiment)
    if only := point or measure.point:
        runs = [r for r in runs if r.point == only]
        names = [n for n in names if f"/{only} seed " in n]
    if measure.over == "pooled":
        return _pooled(home, measure, runs, scale, names)
    if not runs:
        raise Missing(names[:1])
    if measure.over == "across":
        values = _across(home, experiment, measure, runs, scale)
    elif measure.over == "paired":
        others = _runs(home, home[measure.companions[0]], scale)
        pairs = [(r, _companion(r, others)) for r in runs]
        values = {r.seed: measure.function(r, o) for r, o in pairs if o}
        if not values:
            raise Missing(_names(home, home[measure.companions[0]])[:1])
    else:
        values = {}
        for r in runs:
            found = value(r, measure)
            if None not in (found, values.get(r.seed)):
                raise ManyPoints(name, experiment.points)
            values[r.seed] = values.get(r.seed) if found is None else found
    kept = {s: float(v) for s, v in values.items() if _finite(v) is not None}
    have = {r.name for r in runs}
    return Sample(kept, _worst(runs), exact=experiment.kind == "analysis" and experiment.seeds == 1,
                  n=len(kept),
                  missing=tuple(n for n in names if n not in have),
                  without=tuple(s for s in values if s not in kept))


def _architecture(slug: str, name: str) -> Sample:
    """``arch:network.parameters`` or ``.macs``, from the chapter's record of network sizes."""
    network, _, what = name.removeprefix("arch:").rpartition(".")
    analysis = "network-shapes"
    found = records.find(slug, analysis)
    if not found:
        raise Missing([f"{slug}/{analysis} seed 0"])
    networks = found[0].facts["networks"]
    if network not in networks:
        raise UnknownMeasure("network", network, networks)
    if what not in networks[network]:
        raise UnknownMeasure(f"measure of network {network}", what, networks[network])
    return Sample({0: networks[network][what]}, exact=True, n=1)


def best(slug: str, name: str, point: str = "") -> Sample | None:
    """The values of a measure at the best scale there is: full, else reduced; None: no run yet."""
    for scale in ("full", "reduced"):
        try:
            return sample(slug, name, scale, point)
        except Missing:
            continue
    return None


def words(found: Sample | None, times: int = 1) -> tuple[str, str]:
    """A sample, ``times`` as large, as number and remark: ("0.962 ± 0.003", "n = 5")."""
    if found is None:
        return "not run yet", ""
    reduced = [] if found.scale == "full" else [found.scale]
    if not found.values:
        return "no value", ", ".join([f"n = {found.nulls}", *reduced])
    values = [times * value for value in found.values.values()]
    if found.exact or found.pooled:
        return text(values[0]), ", ".join(reduced)
    e = estimate(values)
    return text(e.mean, e.half), ", ".join([f"n = {e.n}", *reduced])
