"""The one call by which a page asks for its runs."""

import os

from lib import records
from lib.experiments import Chapter, Experiment, resolve
from lib.records import Record, path_of, read

MODES = ("records", "smoke", "train")


def mode() -> str:
    """``$BOOK_RUNS``: records (read them), smoke (train tiny runs now) or train (what is missing)."""
    word = os.environ.get("BOOK_RUNS", "records")
    if word not in MODES:
        raise ValueError(f"BOOK_RUNS={word!r} means nothing; it is one of {', '.join(MODES)}.")
    return word


def _make(home: Chapter, experiment: Experiment, how: str) -> list[Record]:
    from lib import runs

    scale = "smoke" if how == "smoke" else "full"
    for point, seed in experiment.runs():
        if how == "smoke" and seed > 0:
            continue
        if how == "train" and records.state_of(experiment, home.slug, point, seed) == "ok":
            continue
        runs.execute(runs.Run(home, experiment, point, seed, scale))
    if how == "smoke":
        return [read(path_of(home.slug, experiment.name, p, s, scale))
                for p, s in experiment.runs() if s == 0]
    return records.find(home.slug, experiment.name)


def reproduce(*names: str) -> dict[str, list[Record]]:
    """The runs of some experiments of this chapter, a list of records for each name; prints whether they
    were read or made.

    In mode ``records`` (the default) an experiment that has not been run gives an empty list; in the
    others what an experiment needs is made before it.  Raises UnknownName for a name that none has.
    """
    how = mode()
    found, made = {}, {}
    for home, experiment in [resolve(name) for name in names]:
        for e in home.in_order(experiment.name) if how != "records" else ():
            if (home.slug, e.name) not in made:
                made[home.slug, e.name] = _make(home, e, how)
        found[experiment.name] = (records.find(home.slug, experiment.name) if how == "records"
                                  else made[home.slug, experiment.name])
    for name, runs in found.items():
        verb = {"records": "read from records", "train": "there now", "smoke": "made now, tiny"}[how]
        seeds = len({r.seed for r in runs})
        print(f"{name}: {seeds} seed{'s' * (seeds != 1)} {verb}" if runs else
              f"{name}: not run yet, `make train ONLY={name}` makes it")
    return found
