"""Which runs a rule reads: full ones, stand-ins, or reduced ones, and what is missing."""

from dataclasses import dataclass

from lib import measures
from lib.claims.judging import LEAST_PAIRS, comparable, never
from lib.claims.ledger import Claim, stand_in
from lib.claims.rules import measures as measures_of
from lib.experiments import Chapter, Experiment


@dataclass(frozen=True)
class Reading:
    """The samples of a rule's measures, marks, experiments read, and the runs that are missing."""

    samples: list
    marks: tuple[str, ...]
    experiments: tuple[str, ...]
    missing: tuple[str, ...]


def read(claim: Claim, home: Chapter, sample) -> Reading:
    """Read a claim's measures on the highest rung that has the seeds its rule needs.

    Rungs: full, full with stand-ins, reduced.  Where none suffices, the first one's reading says
    which runs are missing.
    """
    rungs = ("full", "stand-in") if claim.full_only else ("full", "stand-in", "reduced")
    readings = [_on_rung(measures_of(claim.rule), rung, home, sample) for rung in rungs]
    return next((reading for reading in readings if not reading.missing), readings[0])


def _on_rung(names: list[str], rung: str, home: Chapter, sample) -> Reading:
    samples, sources, missing = [], [], []
    for name in names:
        source, own = _source(name, rung, home)
        sources.append(source)
        try:
            samples.append(_sample(sample, home.slug, source, rung, own))
        except measures.Missing as error:
            missing += error.runs
    if len(samples) == 2 and not comparable(*samples) and not never(*samples):
        missing += [f"{home.slug}/{source.partition('.')[0]} seed {seed}"
                    for seed in range(LEAST_PAIRS)
                    for source, side in zip(sources, samples, strict=True)
                    if not side.exact and seed not in side.values]
    reduced = any(s.scale == "reduced" for s in samples)
    marks = [("reduced", reduced), ("stand-in", sources != names)]
    read_from = [s.partition(".")[0] for s in sources if not s.startswith("arch:")]
    return Reading(samples, tuple(mark for mark, is_so in marks if is_so),
                   tuple(dict.fromkeys(read_from)), tuple(dict.fromkeys(missing)))


def _source(name: str, rung: str, home: Chapter) -> tuple[str, Experiment | None]:
    """The measure to read for a name on a rung, its stand-in's where that serves; its owner."""
    own, _, field = name.partition(".")
    experiment, other = home.experiments.get(own), stand_in(home, own)
    if other and (experiment is None or rung == "stand-in"
                  or (rung == "reduced" and not experiment.reduced)):
        return f"{other.name}.{field}", other
    return name, experiment


def _sample(sample, slug: str, name: str, rung: str, owner: Experiment | None):
    """One measure; an experiment without a reduced form serves either rung."""
    if rung != "reduced":
        return sample(slug, name, "full")
    try:
        return sample(slug, name, "reduced")
    except measures.Missing:
        if owner and owner.reduced:
            raise
        return sample(slug, name, "full")
