"""Measures as definitions: a name, words, and a function of records."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A number read from records: its name, its definition (``doc``) and the function.

    ``over``: "run", a function of one record, kept in it; "paired", of a record and the record of
    the same seed of one companion; "across", of all points of one seed (and of its companions);
    "pooled", of all records of the experiment (and of its companions), one number for all seeds.
    All but the first are computed when claims are read.  ``point``: the only point of a grid that
    has such a number, "" for all.
    """

    name: str
    doc: str
    over: str
    function: Callable
    companions: tuple[str, ...] = ()
    point: str = ""


def _measure(function, over, companions=()):
    doc = " ".join((function.__doc__ or "").split())
    return Measure(function.__name__, doc, over, function, companions)


def measure(function: Callable) -> Measure:
    """Declare ``function(run) -> number or None`` as a measure of one run."""
    return _measure(function, "run")


def at_point(point: str, name: str, doc: str, function: Callable) -> Measure:
    """A measure of the runs of one point of a grid; it waits for these alone."""
    return Measure(name, doc, "run", lambda run: function(run) if run.point == point else None,
                   point=point)


def paired(companion: str) -> Callable:
    """Declare ``function(run, other)``, where other is the companion's run of the same seed."""
    return lambda function: _measure(function, "paired", (companion,))


def across(*companions: str) -> Callable:
    """Declare ``function(points, *companions' points)`` of one seed, each a dict point -> run."""
    return lambda function: _measure(function, "across", companions)


def pooled(*companions: str) -> Callable:
    """Declare ``function(runs, *companions' runs)``, one number over all seeds."""
    return lambda function: _measure(function, "pooled", companions)
