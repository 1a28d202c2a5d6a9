"""The one call by which a page asks for its runs."""

import os
import tempfile
from functools import cache

from lib import records
from lib.experiments import Chapter, Experiment, resolve
from lib.records import Record

MODES = ("records", "smoke", "train")


def mode() -> str:
    """``$BOOK_RUNS``: records (read them), smoke (train tiny runs now) or train (what is missing)."""
    word = os.environ.get("BOOK_RUNS", "records")
    if word not in MODES:
        raise ValueError(f"BOOK_RUNS={word!r} means nothing; it is one of {', '.join(MODES)}.")
    return word


@cache
def _own_folder() -> tempfile.TemporaryDirectory:
    """Where this process keeps its smoke runs until it ends: pages made side by side do not meet."""
    return tempfile.TemporaryDirectory(prefix="book-smoke-")


def _make(home: Chapter, experiment: Experiment, how: str) -> None:
    from lib import runs
    from lib.states import Locked, lock

    for point, seed in experiment.runs():
        if how == "smoke" and seed == 0:
            runs.execute(runs.Run(home, experiment, point, seed, "smoke"))
        while how == "train" and records.state_of(experiment, home.slug, point, seed) != "ok":
            run = runs.Run(home, experiment, point, seed)
            try:
                runs.execute(run)
                break  # once: where what it needs is stale it stays so
            except Locked as error:
                print(error)
                with lock(run, wait=True):
                    pass


def reproduce(*names: str) -> dict[str, list[Record]]:
    """The runs of some experiments of this chapter, a list of records for each name; prints whether they
    were read or made.

    In mode ``records`` (the default) an experiment that has not been run gives an empty list; in the
    others what an experiment needs is made before it.  ``train`` waits for a run that another process
    trains; ``smoke`` works in a folder of this process, or ``$BOOK_SMOKE``.  Raises UnknownName for a
    name that none has.
    """
    how = mode()
    if how == "smoke" and not os.environ.get("BOOK_SMOKE"):
        os.environ["BOOK_SMOKE"] = _own_folder().name
    found, made = {}, set()
    asked = [resolve(name) for name in names]
    for home, experiment in asked:
        for e in home.in_order(experiment.name):
            if how != "records" and (home.slug, e.name) not in made:
                made.add((home.slug, e.name))
                _make(home, e, how)
        scale = "smoke" if how == "smoke" else None
        found[experiment.name] = records.find(home.slug, experiment.name, scale)
    for home, e in asked:
        verb = {"records": "read from records", "train": "there now", "smoke": "made now, tiny"}[how]
        seeds = len({r.seed for r in found[e.name]})
        print(f"{e.name}: {seeds} seed{'s' * (seeds != 1)} {verb}" if seeds else
              f"{e.name}: computed from {', '.join(e.needs)}; it has no record" if e.kind == "derived" else
              f"{e.name}: not run yet, `make train ONLY={home.slug}/{e.name}` makes it")
    return found
