"""Full runs, stand-ins, reduced runs: which of them a rule reads."""

from dataclasses import replace

from toy import claim, exact, over, small


def test_full_runs_are_read_before_reduced_ones(judge):
    rule = {"at_least": "big.acc", "value": 0.5}
    reduced = {("big.acc", "reduced"): small(0.1, 0.1)}
    assert judge(reduced, c=rule).marks == ("reduced",)
    assert judge(reduced, c=rule).verdict == "fails"
    found = judge(reduced | {"big.acc": over(0.9)}, c=rule)
    assert (found.verdict, found.marks) == ("holds", ("thin",))


def test_full_only_waits_for_the_full_run(judge):
    rule = {"at_least": "big.acc", "value": 0.5}
    entries = [claim("c", rule, full_only=True)]
    found = judge({("big.acc", "reduced"): small(0.9, 0.9)}, entries=entries)["c"]
    assert (found.verdict, found.missing, found.marks) == ("waiting", ("toy/big seed 0",), ())


def test_both_sides_of_a_comparison_stand_on_one_rung(judge):
    rule = {"above": "big.acc", "than": "large.acc"}
    samples = {"big.acc": over(9, 9, 9), ("large.acc", "reduced"): small(0, 0, 0)}
    assert judge(samples, c=rule).verdict == "waiting"
    samples["big.acc", "reduced"] = small(1, 1, 1)
    assert judge(samples, c=rule).ours == 1
    samples["large.acc"] = over(5, 5, name="large")  # too few: still the reduced ones
    assert judge(samples, c=rule).marks == ("reduced",)
    samples["large.acc"] = over(5, 5, 5)
    assert (judge(samples, c=rule).ours, judge(samples, c=rule).marks) == (4, ())


def test_the_rung_with_most_of_the_measures_says_what_is_missing(judge):
    rule = {"above": "big.acc", "than": "large.acc"}
    samples = {("big.acc", "reduced"): small(1, 1, 1, name="big"),
               ("large.acc", "reduced"): small(0, name="large")}
    found = judge(samples, c=rule)
    assert (found.verdict, found.marks) == ("waiting", ())
    assert found.missing == ("toy/large seed 1 (reduced)", "toy/large seed 2 (reduced)")
    samples["large.acc", "reduced"] = replace(samples["large.acc", "reduced"], missing=tuple(
        f"toy/large/{point} seed {seed}" for seed in (1, 2) for point in "xy"))
    assert judge(samples, c=rule).missing == tuple(
        f"toy/large/{point} seed {seed} (reduced)" for seed in (1, 2) for point in "xy")


def test_an_experiment_without_a_reduced_form_serves_either_rung(judge):
    rule = {"above": "big.acc", "than": "facts.n"}
    found = judge({("big.acc", "reduced"): small(2, 2, 2), "facts.n": exact(1)}, c=rule)
    assert (found.verdict, found.marks) == ("holds", ("reduced",))


def test_a_seed_that_was_run_and_has_no_value_is_not_waited_for(judge):
    rule = {"above": "swept.gap", "than": "facts.n"}
    samples = {"swept.gap": over(None, 2, seeds=3, name="swept/x"), "facts.n": exact(1)}
    assert judge(samples, c=rule).missing == ("toy/swept/x seed 2",)
    found = judge(samples | {"swept.gap": over(None, 2, 2, seeds=3, name="swept/x")}, c=rule)
    assert (found.verdict, found.missing) == ("unclear", ())
    assert "there are 2 and no more are declared" in found.reason


def test_stand_ins(judge):
    rule = {"at_least": "gone.acc", "value": 0.5}
    found = judge({"lite.acc": over(0.9, 0.9)}, c=rule)
    assert (found.verdict, found.marks, found.experiments) == ("holds", ("stand-in",), ("lite",))
    found = judge({("lite.acc", "reduced"): small(0.9, 0.9)}, c=rule)
    assert found.marks == ("reduced", "stand-in")
    found = judge({"gone.acc": over(0.1, 0.1), "lite.acc": over(0.9, 0.9)}, c=rule)
    assert (found.verdict, found.marks) == ("fails", ())
    assert judge({}, c=rule).missing == ("toy/gone seed 0",)
    entries = [claim("c", rule, full_only=True)]
    assert judge({"lite.acc": over(0.9)}, entries=entries)["c"].verdict == "holds"


def test_reduced_runs_of_its_own_come_before_those_of_a_stand_in(judge):
    samples = {("kept.acc", "reduced"): small(0.9, 0.9), ("kept-lite.acc", "reduced"): small(0.1)}
    found = judge(samples, c={"at_least": "kept.acc", "value": 0.5})
    assert (found.verdict, found.marks) == ("holds", ("reduced",))
