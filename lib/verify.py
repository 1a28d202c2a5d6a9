"""Checks of records beyond reading them: measures computed again, first steps repeated."""

import math
from importlib import import_module
from itertools import product

from lib import experiments, runs
from lib.records import RecordError, path_of, read, state_of

TOLERANCE = 1e-3  # relative, of the first loss and gradient norm in float32 on a CPU


def _close(a, b, relative=1e-6) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=relative, abs_tol=relative)


def chapter(slug: str, names: tuple[str, ...] = ()) -> list[str]:
    """One line for every problem with a chapter's records; an empty list where there is none."""
    home, problems = experiments.chapter(slug), []
    for experiment in home.experiments.values():
        if names and experiment.name not in names:
            continue
        problems += _files(home, experiment)
    return problems


def _files(home, experiment) -> list[str]:
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
                problems += _measures(experiment, record) + _behaviour(home, experiment, record)
        except RecordError as error:
            problems.append(str(error))
    return problems


def _measures(experiment, record) -> list[str]:
    if experiment.kind == "analysis":
        return []
    wrong = [m.name for m in experiment.measures if m.over == "run" and m.name in record.measures
             and not _close(record.measures[m.name], m.function(record))]
    return [f"{record.path}: {', '.join(wrong)} is not what its history and arrays give."] * bool(wrong)


def _behaviour(home, experiment, record) -> list[str]:
    """Analyses are computed again where their data is here; trainings repeat their first step."""
    run = runs.Run(home, experiment, record.point, record.seed, record.scale)
    if experiment.kind == "analysis":
        from lib.data import DataError

        try:
            again = experiment.analysis(runs.Context(run)).measures
        except DataError:
            return []
        wrong = [k for k, v in record.measures.items() if not _close(v, again.get(k), TOLERANCE)]
        return [f"{record.path}: {', '.join(wrong)} comes out otherwise now."] * bool(wrong)
    now = import_module(experiment.trainer).probe(run.recipe)
    if all(_close(record.probe[k], now[k], TOLERANCE) for k in now):
        return []
    return [f"{record.path}: network or transform behave otherwise than when it was made "
            f"(first loss and gradient {now}, then {record.probe}): `make train`."]
