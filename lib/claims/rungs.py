"""Which runs a rule reads: full ones, stand-ins or reduced ones; and which are missing."""

from dataclasses import dataclass, replace

from lib import measures
from lib.claims.judging import LEAST_PAIRS, comparable, pairs
from lib.claims.ledger import Claim, stand_in
from lib.claims.rules import measures as measures_of
from lib.experiments import Chapter, Experiment


@dataclass(frozen=True)
class Reading:
    """The samples of a rule's measures and how they were come by.

    ``missing``: the runs without which there is no verdict.  ``declared``: how many seeds the
    experiment of the first measure wants.
    """

    samples: tuple = ()
    marks: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    declared: int = 1


def read(claim: Claim, home: Chapter, sample) -> Reading:
    """Read a claim's measures on the highest rung that has the seeds its rule needs.

    Rungs: full, full with stand-ins, reduced.  Where none suffices, the one that has most of the
    measures, the higher of two, says which runs are missing.
    """
    names, nearest = measures_of(claim.rule), None
    for rung in ("full", "stand-in") if claim.full_only else ("full", "stand-in", "reduced"):
        sources = [_source(name, rung, home) for name in names]
        if nearest and not _differs(sources, names, rung, home):
            continue
        reading = _on_rung(sources, names, rung, home, sample)
        if not reading.missing:
            return reading
        if nearest is None or len(reading.samples) > len(nearest.samples):
            nearest = replace(reading, marks=())
    return nearest


def _source(name: str, rung: str, home: Chapter) -> str:
    """The measure to read for a name on a rung: its own, or that of its stand-in."""
    own, _, field = name.partition(".")
    experiment, other = home.experiments.get(own), stand_in(home, own)
    if other and (experiment is None or rung == "stand-in"
                  or (rung == "reduced" and not experiment.reduced)):
        return f"{other.name}.{field}"
    return name


def _differs(sources: list[str], names: list[str], rung: str, home: Chapter) -> bool:
    """Whether a rung reads anything that the full one does not."""
    if rung == "stand-in":
        return sources != names
    owners = [(owner, source) for source in sources if (owner := _owner(source, home))]
    behind = [name for owner, source in owners
              for name in (owner.name, *_companions(owner, source), *owner.needs)]
    return any(home.experiments[name].reduced for name in behind)


def _owner(source: str, home: Chapter) -> Experiment | None:
    return home.experiments.get(source.partition(".")[0])  # None: arch:network


def _companions(owner: Experiment, source: str) -> tuple[str, ...]:
    """The experiments whose runs a measure reads beside its own."""
    field = source.partition(".")[2]
    return next(m.companions for m in owner.measures if m.name == field)


def _on_rung(sources, names, rung: str, home: Chapter, sample) -> Reading:
    samples, missing = [], []
    for source in sources:
        try:
            scale = "reduced" if rung == "reduced" else "full"
            samples.append(sample(home.slug, source, scale))
        except measures.Missing as error:
            missing += error.runs
    owners = [_owner(source, home) for source in sources]
    if not missing:
        lacking = _lacking_value if len(samples) == 1 else _lacking_pairs
        missing = lacking(home, sources, owners, samples)
    if rung == "reduced":
        missing = [_reduced(home, run) for run in missing]
    marks = ["reduced"] * any(s.scale == "reduced" for s in samples)
    marks += ["stand-in"] * (sources != names)
    experiments = dict.fromkeys(owner.name for owner in owners if owner)
    return Reading(tuple(samples), tuple(marks), tuple(experiments), tuple(dict.fromkeys(missing)),
                   _declared(home, owners[0]))


def _reduced(home: Chapter, run: str) -> str:
    """The name of a missing run, with a word where a reduced one will do."""
    experiment = run.partition(" ")[0].split("/")[1]
    return f"{run} (reduced)" if home.experiments[experiment].reduced else run


def _declared(home: Chapter, owner: Experiment | None) -> int:
    """The seeds that an experiment wants; a derived one, those of what it is derived from."""
    if owner is None or owner.kind != "derived":
        return owner.seeds if owner else 1
    return min((home[name].seeds for name in owner.needs), default=1)


def _lacking_value(home: Chapter, sources, owners, samples) -> list[str]:
    """A number over all seeds that is not defined yet waits for the next seed."""
    (side,), (owner,) = samples, owners
    if side.values or not side.pooled or side.n >= _declared(home, owner):
        return []
    behind = owner.needs if owner.kind == "derived" else (owner.name,)
    return [f"{home.slug}/{name} seed {side.n}" for name in behind]


def _lacking_pairs(home: Chapter, sources, owners, samples) -> list[str]:
    """The runs that a comparison lacks, lowest seeds first."""
    if comparable(*samples):
        return []
    counts = [side.n for side in samples if side.pooled]
    if not all(side.exact or side.pooled for side in samples):
        counts.append(len(pairs(*samples)))
    common, found = min(counts, default=0), []
    for seed in range(max(LEAST_PAIRS, *(_declared(home, owner) for owner in owners))):
        absent = [run for source, owner, side in zip(sources, owners, samples, strict=True)
                  for run in _absent(home, source, owner, side, seed)]
        common, found = common + bool(absent), found + absent
        if common >= LEAST_PAIRS:
            break
    return found


def _absent(home: Chapter, source: str, owner: Experiment | None, side, seed: int) -> list[str]:
    """What one side lacks for a seed: its own run, or, where that is there, its companions'; nothing
    where the seed was run and has no value."""
    if owner is None or seed in (*side.values, *side.without) or (side.pooled and seed < side.n):
        return []
    own = [run for run in side.missing if run.endswith(f" seed {seed}")]
    if side.pooled or own:
        return own or [f"{home.slug}/{owner.name} seed {seed}"]
    return [f"{home.slug}/{name} seed {seed}" for name in _companions(owner, source)]
