"""Checks of records beyond reading them: measures computed again, first steps repeated."""

import json
import math
from collections import Counter, defaultdict
from itertools import product

from lib import experiments, runs
from lib.records import Record, RecordError, find, path_of, read, state_of, write

TOLERANCE = 1e-3  # relative, of first losses and gradient norms in float32: other machines round otherwise


def _close(a, b, relative=1e-6) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=relative, abs_tol=1e-6)


def chapter(slug: str, names: tuple[str, ...] = (), skipped: list[str] | None = None) -> list[str]:
    """One line for every problem with a chapter's records; an empty list where there is none.

    ``skipped`` takes in the names of analyses that were not repeated, as their data is not here.
    """
    skipped = [] if skipped is None else skipped
    home, problems, whole = experiments.chapter(slug), [], []
    for experiment in home.experiments.values():
        if not names or experiment.name in names:
            problems += _files(home, experiment, whole, skipped)
    return problems + same_data(whole) + own_history(whole)


def _files(home, experiment, whole: list[Record], skipped: list[str]) -> list[str]:
    """Problems of an experiment's records one by one; those that can be read join ``whole``."""
    problems = []
    for (point, seed), scale in product(experiment.runs(), ("full", "reduced")):
        path = path_of(home.slug, experiment.name, point, seed, scale)
        try:
            state = state_of(experiment, home.slug, point, seed, scale)
            if state == "stale":
                problems.append(f"{path}: stale, its recipe is not the declared one: `make train`.")
            elif state == "ok":
                record = read(path)
                record.arrays  # noqa: B018  (checked when they are read)
                whole.append(record)
                problems += _measures(experiment, record) + _behaviour(home, experiment, record, skipped)
        except RecordError as error:
            problems.append(str(error))
    return problems


def _measures(experiment, record) -> list[str]:
    if experiment.kind == "analysis":
        return []
    wrong = [name for name, value in runs.measured(experiment, record).items()
             if name in record.measures and not _close(record.measures[name], value)]
    return [f"{record.path}: {', '.join(wrong)} is not what its history and arrays give: `make sync` if the "
            "measure was changed, `git checkout` if the file was."] * bool(wrong)


def renew(slug: str, names: tuple[str, ...] = ()) -> list[str]:
    """Write measures as they are defined now into the records of trainings; the runs whose changed."""
    home, changed = experiments.chapter(slug), []
    for experiment in home.experiments.values():
        if experiment.kind != "training" or (names and experiment.name not in names):
            continue
        for record in (r for scale in ("full", "reduced") for r in find(slug, experiment.name, scale)):
            now = runs.measured(experiment, record)
            if now.keys() != record.measures.keys() or not all(
                    _close(record.measures[name], value) for name, value in now.items()):
                record.measures = now
                write(record, record.path)
                changed.append(record.name)
    return changed


def _behaviour(home, experiment, record, skipped: list[str]) -> list[str]:
    """Analyses are computed again where their data is here; trainings repeat their first step."""
    run = runs.Run(home, experiment, record.point, record.seed, record.scale)
    if experiment.kind == "analysis":
        from lib.data import DataError

        try:
            again = experiment.analysis(runs.Context(run)).measures
        except DataError:
            skipped.append(record.name)
            return []
        wrong = [k for k, v in record.measures.items() if not _close(v, again.get(k), TOLERANCE)]
        return [f"{record.path}: {', '.join(wrong)} comes out otherwise now."] * bool(wrong)
    now = runs.first_step(run)
    if all(_close(record.probe[k], now[k], TOLERANCE) for k in now):
        return []
    return [f"{record.path}: network or transform behave otherwise than when it was made "
            f"(first loss and gradient {now}, then {record.probe}): `make train`."]


def same_data(records: list[Record]) -> list[str]:
    """Runs that saw other pictures or labels than most runs with the same set and split.

    This is how shuffled labels, test pictures among those for training, and a validation part that
    was trained on show: the fingerprint covers all three parts in order.  Runs whose seed draws the
    split, or whose fingerprint is that of their own part, are not compared.
    """
    groups = defaultdict(list)
    for record in records:
        if record.history and "fingerprint" in record.data and "validation" in record.recipe:
            split = tuple(record.recipe.get(k) for k in ("validation", "images"))
            groups[record.data["name"], split].append(record)
    problems = []
    for (name, _), runs_of_one in groups.items():
        usual, count = Counter(r.data["fingerprint"] for r in runs_of_one).most_common(1)[0]
        problems += [f"{r.path}: {r.name} saw other data than {count} other runs on {name} with the "
                     "same split: are labels shuffled, or parts mixed?"
                     for r in runs_of_one if r.data["fingerprint"] != usual]
    return problems


def own_history(records: list[Record]) -> list[str]:
    """Runs of one experiment that learned in exactly the same way under different seeds."""
    first, problems = {}, []
    for record in records:
        if not record.history:
            continue
        key = record.slug, record.experiment, record.point, json.dumps(record.history)
        if key in first:
            problems.append(f"{record.path}: {record.name} has the history of seed {first[key].seed}: "
                            "the seed changes nothing, or a record was copied.")
        first.setdefault(key, record)
    return problems
