"""Measures over seeds: values, pairs, grids, missing runs."""

import dataclasses

import numpy as np
import pytest
from helpers import demo, given, kept
from hypothesis import strategies as st
from scipy import stats

from lib import experiments
from lib.definitions import Measure
from lib.errors import UnknownName
from lib.estimates import Estimate, estimate, text
from lib.measures import ManyPoints, Missing, UnknownMeasure, sample

__all__ = ["demo"]


# ---- means and intervals

def test_estimate_by_hand():
    """1, 2, 3: s = 1, half-width 4.30265 / sqrt(3), Student's table for two degrees of freedom."""
    found = estimate([1, 2, 3])
    assert (found.mean, found.n) == (2, 3) and found.half == pytest.approx(4.30265 / 3**0.5, rel=1e-5)
    assert estimate([0.25]) == Estimate(0.25, None, 1)
    assert estimate([5, 5, 5]).half == 0


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12))
def test_estimate_is_scipys(values):
    if np.ptp(values) < 1e-3:
        return
    found = estimate(values)
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert (found.mean - found.half, found.mean + found.half) == pytest.approx((low, high), rel=1e-6,
                                                                              abs=1e-9)


@pytest.mark.parametrize(("number", "half", "written"), [
    (21386, None, "21,386"), (0.1, None, "0.100"), (0.9587, 0.0042, "0.9587 ± 0.0042"),
    (-157.31, None, "−157.3"), (0.00588, None, "0.00588"), (3, None, "3"), (0, None, "0"),
    (2.301, None, "2.301"), (8e-6, None, "8·10⁻⁶"), (12.5, 3.2, "12.5 ± 3.2"), (1234.5, 120, "1,234 ± 120"),
    (0.9999999943, 2.37e-8, "1.000 ± 2·10⁻⁸"), (2e-9, 1e-9, "2·10⁻⁹ ± 1·10⁻⁹"),
])
def test_numbers_as_people_write_them(number, half, written):
    assert text(number, half) == written


# ---- values of runs

def test_one_value_a_seed(demo):
    for seed, last in ((0, 0.5), (1, 0.75), (3, 0.625)):
        kept(demo, "small", seed, (0.25, last))
    found = sample("demo", "small.val_accuracy")
    assert found.values == {0: 0.5, 1: 0.75, 3: 0.625}
    assert (found.n, found.nulls, found.scale) == (3, 0, "full")
    assert not found.exact and not found.pooled
    assert found.missing == ("demo/small seed 2",)
    assert sample("elsewhere", "demo/small.val_accuracy") == found


def test_nulls_are_left_out_and_counted(demo):
    for seed, first in enumerate((0.75, 0.25, 0.875)):
        kept(demo, "small", seed, (first, 0.5))
    found = sample("demo", "small.sometimes")
    assert found.values == {0: 0.75, 2: 0.875} and (found.n, found.nulls) == (2, 1)
    kept(demo, "small", 0, (0.1, 0.5))
    kept(demo, "small", 2, (0.1, 0.5))
    never = sample("demo", "small.sometimes")
    assert never.values == {} and (never.n, never.nulls) == (0, 3)


@pytest.mark.parametrize("over", ["pooled", "across", "paired"])
def test_what_is_no_number_counts_as_none(demo, over):
    odd = Measure("odd", "no number", over, lambda *runs: float("nan"), ("big",) * (over == "paired"))
    demo.experiments["small"] = dataclasses.replace(demo["small"], measures=(odd,))
    kept(demo, "small", 0, (0.1, 0.5))
    kept(demo, "big", 0, (0.1, 0.5))
    found = sample("demo", "small.odd")
    assert found.values == {} and found.nulls == 1


def test_a_measure_added_later_is_computed_from_the_record(demo):
    kept(demo, "small", 0, (0.25, 0.5), right=4, measures={"val_accuracy": 0.5})
    assert sample("demo", "small.test_accuracy").values == {0: 0.4}
    kept(demo, "small", 0, (0.25, 0.5), measures={"val_accuracy": 0.125})
    assert sample("demo", "small.val_accuracy").values == {0: 0.125}  # what is kept is not redone


def test_pairs_of_a_seed_and_of_the_seed_modulo_the_others(demo):
    """small has four declared seeds, big two: seeds 2 and 3 meet big's 0 and 1."""
    for seed in range(4):
        kept(demo, "small", seed, (0.1, seed / 16))
    kept(demo, "big", 0, (0.1, 0.5))
    kept(demo, "big", 1, (0.1, 1.0))
    assert sample("demo", "small.behind").values == {0: 0.5, 1: 15 / 16, 2: 6 / 16, 3: 13 / 16}


def test_pairs_wait_for_the_other_run_and_take_no_other_seed_for_it(demo):
    for seed in (0, 1):
        kept(demo, "small", seed, (0.1, 0.25))
    with pytest.raises(Missing) as error:
        sample("demo", "small.behind")
    assert error.value.runs == ["demo/big seed 0"]
    kept(demo, "big", 1, (0.1, 1.0))
    assert sample("demo", "small.behind").values == {1: 0.75}


def test_one_number_over_all_seeds(demo):
    for seed, last in enumerate((0.5, 0.75, 0.625)):
        kept(demo, "small", seed, (0.1, last))
    found = sample("demo", "small.best")
    assert found.values == {0: 0.75} and found.pooled and found.n == 3
    with pytest.raises(Missing) as error:
        sample("demo", "both.together")
    assert error.value.runs == ["demo/big seed 0"]
    kept(demo, "big", 0)
    both = sample("demo", "both.together")
    assert both.values == {0: 4} and both.n == 1 and both.pooled


def test_one_number_over_all_seeds_waits_for_runs_of_its_own(demo):
    together = Measure("count", "Runs of both.", "pooled", lambda own, other: len(own) + len(other), ("big",))
    demo.experiments["small"] = dataclasses.replace(demo["small"], measures=(together,))
    kept(demo, "big", 0)
    with pytest.raises(Missing) as error:
        sample("demo", "small.count")
    assert error.value.runs == ["demo/small seed 0"]
    kept(demo, "small", 0, (0.1, 0.5))
    assert sample("demo", "small.count").values == {0: 2}
    kept(demo, "big", 1)
    assert sample("demo", "small.count").n == 1  # its own seeds count too


@pytest.mark.parametrize("measure", ["best", "fast_accuracy"])  # of all points, of the missing one
def test_a_grid_waits_for_the_points_of_a_measure(demo, measure):
    kept(demo, "choices", 0, (0.1, 0.5), point="slow")
    with pytest.raises(Missing) as error:
        sample("demo", f"choices.{measure}")
    assert error.value.runs == ["demo/choices/fast seed 0"]
    kept(demo, "choices", 0, (0.1, 0.75), point="fast")
    assert sample("demo", f"choices.{measure}").values == {0: 0.75}


def test_a_grid_with_a_value_at_each_point_asks_for_one(demo):
    for point, accuracy in (("slow", 0.5), ("fast", 0.75)):
        kept(demo, "choices", 0, (0.1, accuracy), point=point)
    with pytest.raises(ManyPoints, match="choices.val_accuracy has a value at each of slow, fast"):
        sample("demo", "choices.val_accuracy")
    assert sample("demo", "choices.val_accuracy", point="slow").values == {0: 0.5}
    assert sample("demo", "choices.val_accuracy", point="fast").values == {0: 0.75}


def test_an_analysis_is_exact(demo):
    with pytest.raises(Missing):
        sample("demo", "count.images")
    kept(demo, "count", measures={"images": 4000, "mean": 33.5})
    found = sample("demo", "count.mean")
    assert found.values == {0: 33.5} and found.exact and found.n == 1
    assert sample("demo", "count.mean", "reduced").values == {0: 33.5}


def test_missing_runs_are_named(demo):
    with pytest.raises(Missing, match="not run yet: demo/small seed 0") as error:
        sample("demo", "small.val_accuracy")
    assert error.value.runs == ["demo/small seed 0"]


@pytest.mark.parametrize(("name", "near"), [
    ("small.val_acuracy", "val_accuracy"), ("smal.val_accuracy", "small"),
    ("demi/small.val_accuracy", "demo"), ("count.image", "images"), ("small", "experiment.measure"),
])
def test_unknown_names_offer_near_ones(demo, name, near):
    with pytest.raises(UnknownName) as error:
        sample("demo", name)
    assert "did you mean" in str(error.value) and near in str(error.value)
    if name.startswith("small."):
        assert isinstance(error.value, UnknownMeasure)


def test_sizes_of_networks():
    assert sample("colorized_digits", "arch:alexnet-rgb.parameters").values == {0: 1_369_522}
    found = sample("colorized_digits", "arch:lenet-bw.macs")
    assert found.values == {0: 95_400} and found.exact
    for name, near in (("arch:lenet-bv.macs", "lenet-bw"), ("arch:lenet-bw.mac", "macs")):
        with pytest.raises(UnknownMeasure, match=near):
            sample("colorized_digits", name)


@pytest.mark.parametrize("slug", [home.slug for home in experiments.chapters()])
def test_every_measure_has_a_definition_and_every_companion_is_declared(slug):
    home = experiments.chapter(slug)
    for experiment in home.experiments.values():
        assert experiment.definitions, experiment.name
        assert all(len(doc) > 9 for doc in experiment.definitions.values()), experiment.name
        found = experiment.measures if experiment.kind != "analysis" else ()
        assert len({measure.name for measure in found}) == len(found), experiment.name
        assert {c for measure in found for c in measure.companions} <= home.experiments.keys()
