"""What a rule makes of numbers: the verdict, its margin, and what would overturn it.

Nothing here knows chapters, files or networks.  A *sample* is what ``lib.measures.sample`` returns
for one measure: ``values`` by seed, ``n``, ``nulls``, and whether it is ``exact`` (a deterministic
analysis) or ``pooled`` (one number over all seeds).  Intervals are 95 % t intervals over seeds.
"""

import math
from dataclasses import dataclass
from statistics import fmean, stdev

from lib.claims.rules import brief, exactly, kind, seeds, text
from lib.estimates import estimate, student
from lib.estimates import text as number

LEAST_PAIRS = 3  # seeds that a comparison needs on both sides
MOST_SEEDS = 1000  # where the search for a deciding number of seeds gives up
SLACK = 1e-9  # a mean this near to a bound lies on it: 0.971 - 0.961 is not 0.01 in binary


@dataclass(frozen=True)
class Outcome:
    """What a rule gives.  ``margin`` is positive on the side where the claim holds, in tolerances
    (close) or half-widths (at_least, at_most, above, below); None where there is no such unit."""

    verdict: str
    reason: str
    ours: float | None = None
    n: int = 0
    interval: tuple[float, float] | None = None
    margin: float | None = None
    margin_text: str = ""
    thin: bool = False


# ---- one measure against a bound


def against_bound(rule: dict, sample, declared: int = 1) -> Outcome:
    """Judge close, at_least, at_most or exact.  ``declared``: the seeds that the experiment wants.

    The mean decides, from one seed on; for exact, all values must equal.  The verdict is thin
    where the interval reaches over a bound, where one seed stands for all, and where a pooled
    number rests on fewer seeds than declared or than three.  Seeds without a value are left out;
    what most seeds lack is unclear.
    """
    if not sample.values:
        return Outcome("unclear", f"never occurred: no value in {seeds(sample.nulls)}")
    values = list(sample.values.values())
    if len(values) < sample.nulls:
        return Outcome("unclear", f"mostly did not occur: no value in {sample.nulls} of "
                                  f"{seeds(sample.nulls + len(values))}", fmean(values), len(values))
    name, mean = kind(rule), fmean(values)
    constant = sample.exact or sample.pooled
    half = None if constant else estimate(values).half
    n = sample.n if constant else len(values)
    interval = None if half is None else (mean - half, mean + half)
    inside, bounds = _inside(rule, values, mean)
    crossed = half is not None and any(interval[0] < bound < interval[1] for bound in bounds)
    few = sample.pooled and n < max(LEAST_PAIRS, declared)
    thin = crossed or few or (n == 1 and not constant and name != "exact")
    holds = inside >= -SLACK
    unit = rule["within"] if name == "close" else half
    margin = inside / unit if unit and name != "exact" else None
    left_out = f"; {seeds(sample.nulls)} without a value" if sample.nulls else ""
    reason = f"{_ours(mean, half, n, sample)} is {'' if holds else 'not '}{text(rule)}{left_out}"
    overturn = _overturned(name, inside, margin, n, sample)
    verdict = "holds" if holds else "fails"
    return Outcome(verdict, reason, mean, n, interval, margin, overturn, thin)


def _inside(rule: dict, values: list[float], mean: float) -> tuple[float, tuple[float, ...]]:
    """How far the mean lies on the side where the claim holds, and the bounds of that side."""
    name = kind(rule)
    if name == "exact":
        return -max(abs(value - rule["to"]) for value in values), ()
    if name == "close":
        to, within = rule["to"], rule["within"]
        return within - abs(mean - to), (to - within, to + within)
    bound = rule["value"]
    return (mean - bound if name == "at_least" else bound - mean), (bound,)


def _ours(mean: float, half: float | None, n: int, sample) -> str:
    if sample.exact:
        return number(mean)
    over = " taken together" if sample.pooled and n > 1 else ""
    return f"{number(mean, half)} ({seeds(n)}{over})"


def _overturned(name: str, inside: float, margin: float | None, n: int, sample) -> str:
    if name == "exact":
        return "any other value would overturn it"
    side = "inside" if inside >= -SLACK else "outside"
    distance = f"{brief(abs(inside))} {side} the bound"
    if margin is not None:
        unit = "tolerances" if name == "close" else "half-widths"
        return f"overturned if the mean moved by {brief(abs(inside))} ({brief(abs(margin))} {unit})"
    if sample.exact:
        return f"{distance}; a calculation, so no further run moves it"
    if sample.pooled:
        return f"{distance}; one number over {seeds(n)}, without an interval"
    if n == 1:
        return f"{distance}; one seed has no interval"
    return f"{distance}; all {seeds(n)} gave the same"


# ---- two measures against each other


def pairs(first, second) -> list[float]:
    """Differences first - second over common seeds; a constant stands against every seed."""
    one, two = first.values, second.values
    if first.exact or first.pooled:
        one = dict.fromkeys(two, fmean(one.values())) if one else {}
    if second.exact or second.pooled:
        two = dict.fromkeys(one, fmean(two.values())) if two else {}
    return [one[seed] - two[seed] for seed in sorted(one.keys() & two.keys())]


def comparable(first, second) -> bool:
    """Whether two samples have the seeds that a comparison needs."""
    if any(s.pooled and s.n < LEAST_PAIRS for s in (first, second)):
        return False
    constant = all(s.exact or s.pooled for s in (first, second))
    return len(pairs(first, second)) >= (1 if constant else LEAST_PAIRS)


def difference(rule: dict, first, second) -> Outcome:
    """Judge above or below by the paired differences of two samples.

    Holds if the whole interval lies beyond the bound, fails if it lies wholly short of it, else
    unclear.  ``ours`` and ``interval`` speak of first - second, whatever the rule.
    """
    deltas = pairs(first, second)
    if not comparable(first, second):
        needs = f"a comparison needs {seeds(LEAST_PAIRS)} with a value on both sides"
        return Outcome("unclear", f"{needs}; there are {len(deltas)} and no more are declared")
    sign = 1 if kind(rule) == "above" else -1
    by, mean, n = rule.get("by", 0), fmean(deltas), len(deltas)
    constant = all(s.exact or s.pooled for s in (first, second))
    half = 0.0 if constant else estimate(deltas).half
    beyond = sign * mean - by
    verdict = "holds" if beyond - half > SLACK else "fails" if beyond + half <= SLACK else "unclear"
    margin = beyond / half if half else None
    interval = None if constant else (mean - half, mean + half)
    found = number(mean) if constant else f"{number(mean, half)} ({seeds(n)})"
    words = {"holds": "lies beyond", "fails": "falls short of", "unclear": "does not decide"}
    reason = f"difference {found} {words[verdict]} {exactly(sign * by + 0.0)}"
    if verdict == "unclear":
        wanted = seeds_to_decide(abs(beyond), stdev(deltas), n)
        reason += f"; at this spread {wanted or f'no number up to {MOST_SEEDS}'} seeds would decide"
    return Outcome(verdict, reason, mean, n, interval, margin, _undecided(beyond, half))


def _undecided(beyond: float, half: float) -> str:
    """What would take a comparison out of its verdict: one half-width from the bound decides."""
    side = "beyond" if beyond > 0 else "short of"
    if not half:
        return f"{brief(abs(beyond))} {side} the bound, without spread"
    away = abs(beyond) - half
    place = f"{brief(abs(beyond) / half)} half-widths {side} the bound"
    if away < 0:
        return f"{place}; decided if the difference moved by {brief(-away)}"
    return f"{place}; undecided if the difference moved by {brief(away)}"


def seeds_to_decide(distance: float, deviation: float, n: int) -> int | None:
    """The least number of seeds, above n, whose half-width would stay below a distance."""
    for more in range(n + 1, MOST_SEEDS + 1):
        if student(more) * deviation / math.sqrt(more) < distance:
            return more
    return None


# ---- a conclusion that rests on other claims


def combined(name: str, parts: dict[str, str]) -> str:
    """The verdict of all, any or most over the verdicts of its parts."""
    verdicts = list(parts.values())
    held, failed = verdicts.count("holds"), verdicts.count("fails")
    if name == "all":
        decided = "fails" if failed else "holds" if held == len(verdicts) else None
    elif name == "any":
        decided = "holds" if held else "fails" if failed == len(verdicts) else None
    else:
        half = len(verdicts) / 2
        decided = "holds" if held > half else "fails" if len(verdicts) - failed <= half else None
    return decided or ("waiting" if "waiting" in verdicts else "unclear")


def conclusion(rule: dict, parts: dict[str, str]) -> Outcome:
    """Judge all, any or most; the margin says which single parts would overturn it."""
    name = kind(rule)
    verdict = combined(name, parts)
    listed = [f"{sum(v == 'holds' for v in parts.values())} of {len(parts)} hold"]
    for word in ("fails", "waiting", "unclear"):
        named = [part for part, v in parts.items() if v == word]
        listed += [f"{word}: {', '.join(named)}"] if named else []
    other = {"holds": "fails", "fails": "holds"}
    decisive = [part for part, v in parts.items()
                if v in other and combined(name, parts | {part: other[v]}) != verdict]
    over = f"overturned if this came out otherwise: {', '.join(decisive)}"
    return Outcome(verdict, "; ".join(listed),
                   margin_text=over if decisive else "no single part would overturn it")
