"""A chapter made up for tests of claims: experiments, samples, claims and rules."""

from dataclasses import replace

from lib.definitions import across, measure, pooled
from lib.experiments import Experiment
from lib.measures import Sample


@measure
def acc(run):
    """A measure of one run."""


@measure
def loss(run):
    """Another one."""


@pooled()
def together(runs):
    """One number over all seeds."""


@across("a")
def gap(points, a):
    """One number a seed, of all points and of another experiment."""


def experiment(name, seeds=5, **rest):
    """A training with the toy measures."""
    return Experiment(name=name, purpose="toy", train={"epochs": 1}, seeds=seeds,
                      measures=(acc, loss, together), **rest)


SMALL = {"epochs": 1}
TOYS = {
    e.name: e
    for e in (
        experiment("a"),
        experiment("b"),
        experiment("big", reduced=SMALL),
        experiment("large", reduced=SMALL),
        experiment("gone"),
        experiment("lite", stands_in_for="gone", reduced=SMALL),
        experiment("kept", reduced=SMALL),
        experiment("kept-lite", stands_in_for="kept", reduced=SMALL),
        Experiment(name="swept", purpose="toy", train={"epochs": 1}, seeds=3, points={"x": {}},
                   measures=(gap,)),
        Experiment(name="facts", purpose="toy", analysis=print, measures={"n": "a count"}),
        Experiment(name="other", purpose="toy", analysis=print, measures={"n": "a count"}),
        Experiment(name="derived", purpose="toy", needs=("a", "b"), measures=(together,)),
    )
}


def over(*values, seeds=5, start=0, name="a", **rest):
    """A sample whose seeds start at ``start``; the declared ones beyond are missing."""
    kept = {start + i: v for i, v in enumerate(values) if v is not None}
    done = range(start, start + len(values))
    missing = tuple(f"toy/{name} seed {s}" for s in range(seeds) if s not in done)
    without = tuple(s for s in done if s not in kept)
    return Sample(kept, n=len(kept), missing=missing, without=without, **rest)


def exact(value):
    return Sample({0: value}, exact=True, n=1)


def all_seeds(value, n):
    """A pooled number over n seeds; None where it is not defined."""
    values = {} if value is None else {0: value}
    return Sample(values, pooled=True, n=n, without=(0,) * (value is None))


def small(*values, **rest):
    return replace(over(*values, **rest), scale="reduced")


def claim(name, rule, **rest):
    base = {"id": name, "where": "Table 1", "says": f"It is {name}.", "page": "2_reproduction"}
    return base | {"rule": rule} | rest


CLOSE = {"close": "a.acc", "to": 0.96, "within": 0.01}
ABOVE = {"above": "a.acc", "than": "b.acc", "by": 0.1}
PARTS = {  # verdict -> a rule that gives it, read with NUMBERS
    "holds": {"at_least": "facts.n", "value": 0},
    "fails": {"at_least": "facts.n", "value": 9},
    "unclear": {"at_least": "b.acc", "value": 0},
    "waiting": {"at_least": "big.acc", "value": 0},
}
NUMBERS = {"facts.n": exact(5), "b.acc": over(None)}
