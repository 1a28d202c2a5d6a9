"""What rules make of numbers: bounds, comparisons, and what must hold whatever the numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from toy import ABOVE, CLOSE, all_seeds, exact, over

from lib.claims import judging

# ---- close, at_least, at_most, exact


@pytest.mark.parametrize(("value", "verdict"), [
    (0.96, "holds"), (0.97, "holds"), (0.95, "holds"), (0.9701, "fails"), (0.9499, "fails")])
def test_close_decides_by_the_mean_bounds_included(judge, value, verdict):
    assert judge({"a.acc": over(value, value, value)}, c=CLOSE).verdict == verdict


@pytest.mark.parametrize(("rule", "value", "verdict"), [
    ("at_least", 0.5, "holds"), ("at_least", 0.501, "holds"), ("at_least", 0.499, "fails"),
    ("at_most", 0.5, "holds"), ("at_most", 0.499, "holds"), ("at_most", 0.501, "fails")])
def test_one_sided_bounds_are_included(judge, rule, value, verdict):
    found = judge({"a.acc": over(value, value)}, c={rule: "a.acc", "value": 0.5})
    assert found.verdict == verdict


@pytest.mark.parametrize(("values", "verdict"), [
    ((10, 10), "holds"), ((10,), "holds"), ((10, 11), "fails"), ((9, 11), "fails")])
def test_exact_wants_every_value(judge, values, verdict):
    found = judge({"a.acc": over(*values)}, c={"exact": "a.acc", "to": 10})
    assert (found.verdict, found.margin, found.marks) == (verdict, None, ())


def test_interval_is_the_t_interval(judge):
    found = judge({"a.acc": over(0.95, 0.96, 0.97)}, c=CLOSE)
    half = 4.302652729911275 * 0.01 / 3**0.5  # t for 2 degrees of freedom
    assert found.interval == pytest.approx((0.96 - half, 0.96 + half))
    assert (found.ours, found.n, found.reported) == (pytest.approx(0.96), 3, 0.96)


@pytest.mark.parametrize(("values", "thin"), [
    ((0.96,), True),  # one seed
    ((0.9601, 0.96, 0.9602), False),
    ((0.955, 0.965, 0.975), True),  # the interval reaches over a bound
    ((0.99, 0.97, 0.95), True),
    ((0.5, 0.5001), False)])
def test_thin(judge, values, thin):
    assert ("thin" in judge({"a.acc": over(*values)}, c=CLOSE).marks) == thin


def test_an_exact_analysis_is_never_thin(judge):
    found = judge({"facts.n": exact(7)}, c={"at_least": "facts.n", "value": 5})
    assert (found.verdict, found.marks, found.interval, found.margin) == ("holds", (), None, None)
    assert "2 inside the bound" in found.margin_text


@pytest.mark.parametrize(("n", "thin"), [(1, True), (4, True), (5, False)])
def test_a_pooled_number_is_thin_until_all_seeds_are_in(judge, n, thin):
    rule = {"at_least": "a.together", "value": 2}
    found = judge({"a.together": all_seeds(3, n)}, c=rule)
    assert (found.verdict, "thin" in found.marks, found.n) == ("holds", thin, n)


def test_a_pooled_number_that_is_not_defined_yet_waits(judge):
    rule = {"at_least": "a.together", "value": 2}
    waiting = judge({"a.together": all_seeds(None, 1)}, c=rule)
    assert (waiting.verdict, waiting.missing) == ("waiting", ("toy/a seed 1",))
    assert judge({"a.together": all_seeds(None, 5)}, c=rule).verdict == "unclear"
    rule = {"at_least": "derived.together", "value": 2}
    derived = judge({"derived.together": all_seeds(None, 1)}, c=rule)
    assert derived.missing == ("toy/a seed 1", "toy/b seed 1")


@pytest.mark.parametrize(("mean", "margin", "verdict"), [
    (0.96, 1.0, "holds"), (0.967, 0.3, "holds"), (0.955, 0.5, "holds"), (0.94, -1.0, "fails")])
def test_margin_of_close_is_in_tolerances(judge, mean, margin, verdict):
    found = judge({"a.acc": over(mean)}, c=CLOSE)
    assert found.margin == pytest.approx(margin)
    assert found.verdict == verdict
    assert "tolerances" in found.margin_text


def test_margin_of_a_bound_is_in_half_widths(judge):
    found = judge({"a.acc": over(0.6, 0.7, 0.8)}, c={"at_least": "a.acc", "value": 0.5})
    half = (found.interval[1] - found.interval[0]) / 2
    assert found.margin == pytest.approx(0.2 / half)
    alone = judge({"a.acc": over(0.7)}, c={"at_least": "a.acc", "value": 0.5})
    assert alone.margin is None
    assert "one seed has no interval" in alone.margin_text


def test_nulls_are_left_out_and_counted(judge):
    found = judge({"a.acc": over(0.96, None, 0.96, None)}, c=CLOSE)
    assert (found.verdict, found.n) == ("holds", 2)
    assert "2 seeds without a value" in found.reason
    seldom = judge({"a.acc": over(0.96, None, None)}, c=CLOSE)
    assert (seldom.verdict, seldom.n) == ("unclear", 1)
    assert "no value in 2 of 3 seeds" in seldom.reason
    never = judge({"a.acc": over(None, None)}, c=CLOSE)
    assert (never.verdict, never.ours) == ("unclear", None)
    assert never.reason.startswith("never occurred")


def test_a_missing_run_is_named(judge):
    found = judge({}, c=CLOSE)
    assert (found.verdict, found.reason) == ("waiting", "waits for toy/a seed 0")
    assert found.missing == ("toy/a seed 0",)


# ---- above, below


@pytest.mark.parametrize(("deltas", "verdict"), [
    ((0.2, 0.21, 0.22), "holds"), ((0.05, 0.06, 0.07), "fails"), ((0.05, 0.1, 0.18), "unclear"),
    ((0.1, 0.1, 0.1), "fails"), ((0.3, 0.3, 0.3), "holds")])
def test_above_looks_at_the_whole_interval_of_differences(judge, deltas, verdict):
    arms = {"a.acc": over(*(1 + d for d in deltas)), "b.acc": over(1, 1, 1)}
    found = judge(arms, c=ABOVE)
    assert found.verdict == verdict
    assert found.ours == pytest.approx(sum(deltas) / 3)


def test_below_mirrors_above(judge):
    arms = {"a.acc": over(0.5, 0.51, 0.52), "b.acc": over(1, 1, 1)}
    found = judge(arms, c={"below": "a.acc", "than": "b.acc", "by": 0.1})
    assert (found.verdict, found.rule_text) == ("holds", "more than 0.1 below b.acc")
    assert found.ours == pytest.approx(-0.49) and found.reason.endswith("lies beyond −0.1")
    assert found.margin > 1
    assert judge(arms, c={"below": "a.acc", "than": "b.acc"}).rule_text == "below b.acc"
    assert judge(arms, c={"below": "b.acc", "than": "a.acc"}).verdict == "fails"


def test_unclear_says_how_many_seeds_would_decide(judge):
    deltas = (0.12, 0.05, 0.19)
    arms = {"a.acc": over(*(1 + d for d in deltas)), "b.acc": over(1, 1, 1)}
    found = judge(arms, c=ABOVE)
    wanted = judging.seeds_to_decide(0.02, 0.07, 3)
    assert found.verdict == "unclear"
    assert f"{wanted} seeds would decide" in found.reason
    even = {"a.acc": over(1.0, 1.1, 1.2), "b.acc": over(1, 1, 1)}
    assert "no number up to 1000 seeds" in judge(even, c=ABOVE).reason


def test_the_number_of_seeds_is_the_least_that_decides():
    for distance, n in ((0.02, 3), (0.05, 3), (0.065, 4), (0.09, 3)):
        half = {k: stats.t.ppf(0.975, k - 1) * 0.07 / k**0.5 for k in range(n + 1, 200)}
        least = min(k for k, width in half.items() if width < distance)
        assert judging.seeds_to_decide(distance, 0.07, n) == least
    assert judging.seeds_to_decide(10, 0.07, 3) == 4


def test_comparisons_pair_equal_seeds(judge):
    """Level differs by seed far more than between the arms: only pairs can tell."""
    levels = (0.1, 0.5, 0.9)
    first = over(*(level + 0.2 for level in levels))
    assert judge({"a.acc": first, "b.acc": over(*levels)}, c=ABOVE).verdict == "holds"
    shifted = {"a.acc": over(*(v + 0.2 for v in levels), 0), "b.acc": over(0, *levels[::-1])}
    assert judge(shifted, c=ABOVE).verdict == "unclear"


def test_fewer_than_three_common_seeds_wait_for_the_lowest(judge):
    found = judge({"a.acc": over(0.9, 0.9), "b.acc": over(0.5, name="b")}, c=ABOVE)
    assert found.verdict == "waiting"
    assert found.missing == ("toy/b seed 1", "toy/a seed 2", "toy/b seed 2")
    apart = {"a.acc": over(0.9, 0.9, 0.9), "b.acc": over(0.5, 0.5, start=2, name="b")}
    assert judge(apart, c=ABOVE).missing == ("toy/b seed 0", "toy/b seed 1")


def test_pairs_that_nulls_prevent(judge):
    """A seed without a value is not waited for: a further one is, as long as one is declared."""
    some = {"a.acc": over(0.9, None, 0.9), "b.acc": over(0.5, 0.5, 0.5, name="b")}
    assert judge(some, c=ABOVE).missing == ("toy/a seed 3", "toy/b seed 3")
    every = {"a.acc": over(0.9, None, 0.9, None, None), "b.acc": over(*[0.5] * 5, name="b")}
    found = judge(every, c=ABOVE)
    assert (found.verdict, found.ours) == ("unclear", None)


def test_a_constant_stands_against_every_seed(judge):
    rule = {"above": "a.acc", "than": "facts.n", "by": 0.1}
    arms = {"a.acc": over(0.9, 0.91, 0.92), "facts.n": exact(0.5)}
    assert judge(arms, c=rule).verdict == "holds"
    arms["a.acc"] = over(0.9, 0.91)
    assert judge(arms, c=rule).missing == ("toy/a seed 2",)
    both = {"facts.n": exact(3), "other.n": exact(2)}
    found = judge(both, c={"above": "facts.n", "than": "other.n"})
    assert (found.verdict, found.interval, found.margin) == ("holds", None, None)
    equal = judge(both | {"other.n": exact(3)}, c={"above": "facts.n", "than": "other.n"})
    assert equal.verdict == "fails"


def test_pooled_numbers_are_compared_from_three_seeds_on(judge):
    rule = {"above": "a.together", "than": "b.together"}
    few = {"a.together": all_seeds(3, 2), "b.together": all_seeds(1, 5)}
    assert judge(few, c=rule).missing == ("toy/a seed 2",)
    assert judge(few | {"a.together": all_seeds(3, 3)}, c=rule).verdict == "holds"


# ---- properties


numbers = st.floats(-100, 100, allow_nan=False).map(lambda x: round(x, 3))
arms = st.integers(3, 6).flatmap(
    lambda n: st.tuples(*[st.lists(numbers, min_size=n, max_size=n)] * 2))
gaps = st.floats(0, 50).map(lambda x: round(x, 3))


def compare(first, second, by, kind="above"):
    rule = {kind: "a.acc", "than": "b.acc", "by": by}
    return judging.difference(rule, over(*first), over(*second))


@given(arms, gaps)
@settings(deadline=None, max_examples=60)
def test_swapped_arms_never_both_hold(both, by):
    one, two = compare(*both, by), compare(*both[::-1], by)
    assert not (one.verdict == two.verdict == "holds")
    assert compare(*both[::-1], by, "below").verdict == one.verdict


@given(arms, gaps, numbers)
@settings(deadline=None, max_examples=60)
def test_a_constant_added_to_both_arms_changes_nothing(both, by, constant):
    before = compare(*both, by)
    after = compare([v + constant for v in both[0]], [v + constant for v in both[1]], by)
    assert after.ours == pytest.approx(before.ours, abs=1e-9)
    if abs(abs(before.margin or 9) - 1) > 1e-6:  # not within rounding of the edge
        assert after.verdict == before.verdict


@given(st.lists(numbers, min_size=1, max_size=6), numbers, st.floats(0.001, 50))
@settings(deadline=None, max_examples=60)
def test_close_is_symmetric_about_its_target(values, to, within):
    rule = {"close": "a.acc", "to": to, "within": within}
    here = judging.against_bound(rule, over(*values))
    there = judging.against_bound(rule, over(*(2 * to - v for v in values)))
    assert there.margin == pytest.approx(here.margin, abs=1e-6)
    if abs(here.margin) > 1e-6:
        assert (there.verdict, here.margin > 0) == (here.verdict, here.verdict == "holds")
