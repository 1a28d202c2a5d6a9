"""What a constant answer costs: the closed form against the loss function, and the report's Figure 13."""

import json
import math
from itertools import combinations

import numpy as np
import pytest
import torch
from helpers import given
from hypothesis import strategies as st

from lib.experiments import ROOT
from lib.loading import sibling
from lib.losses import keras_categorical_crossentropy

theory = sibling(str(ROOT / "chapters/colorized_digits/experiments.py"), "theory")
TRAIN = [5032, 5785, 5061, 5206, 4948, 4597, 5055, 5281, 4949, 5086]  # MNIST's first 51,000 labels
VALIDATION = [891, 957, 897, 925, 894, 824, 863, 984, 902, 863]      # and its last 9,000
SHARES, JUDGED = (np.array(c) / sum(c) for c in (TRAIN, VALIDATION))
DEAD = [d for n in range(4) for d in combinations(range(10), n)]


def cost(answer, shares) -> float:
    """Mean loss, by the loss function itself, of one answer given to images of such shares."""
    rows = torch.tensor(np.tile(answer, (10, 1)), dtype=torch.float64)
    return float(keras_categorical_crossentropy(rows, torch.arange(10)) @ torch.tensor(shares))


@pytest.mark.parametrize("count", range(4))
def test_what_a_constant_answer_costs(count):
    for dead in (d for d in DEAD if len(d) == count):
        answer = np.where(np.isin(range(10), dead), 0, SHARES)
        assert theory.constant_answer(SHARES, dead) == pytest.approx(cost(answer, SHARES), abs=1e-9)
        assert theory.constant_answer(SHARES, dead, JUDGED) == pytest.approx(
            cost(answer, JUDGED), abs=1e-9)
        # any scale of the outputs is the same answer
        assert cost(37 * answer, SHARES) == pytest.approx(cost(answer, SHARES), abs=1e-9)


@given(st.sampled_from(DEAD), st.lists(st.floats(0.2, 5), min_size=10, max_size=10))
def test_no_constant_answer_costs_less(dead, factors):
    answer = np.where(np.isin(range(10), dead), 0, SHARES * factors)
    assert cost(answer, SHARES) >= theory.constant_answer(SHARES, dead) - 1e-12


def test_a_small_case_by_hand():
    assert theory.constant_answer([0.5, 0.25, 0.25]) == pytest.approx(1.5 * math.log(2))
    assert theory.constant_answer([0.5, 0.25, 0.25], [0]) == pytest.approx(
        0.5 * 7 * math.log(10) + 0.5 * math.log(2))
    assert theory.constant_answer([0.5, 0.5], [0, 1]) == pytest.approx(7 * math.log(10))
    assert theory.constant_answer([0.5, 0.5], [0], [0.1, 0.9]) == pytest.approx(0.7 * math.log(10))


def test_figure_13_is_a_network_with_outputs_0_and_1_dead():
    assert sum(TRAIN) == 51_000 and sum(VALIDATION) == 9_000
    assert theory.constant_answer(SHARES, (0, 1)) == pytest.approx(5.0564, abs=5e-5)
    assert theory.constant_answer(SHARES, (0, 1), JUDGED) == pytest.approx(4.9614, abs=5e-5)
    # the figure's levels, read from its pixels, are nearer to these than to any other set's
    gap = {d: max(abs(theory.constant_answer(SHARES, d) - 5.057),
                  abs(theory.constant_answer(SHARES, d, JUDGED) - 4.962)) for d in DEAD}
    assert sorted(gap, key=gap.get)[:2] == [(0, 1), (1, 2)]


def test_the_record_of_the_theory_has_the_same_shares():
    path = ROOT / "chapters/colorized_digits/records/no-learning/0.json"
    facts = json.loads(path.read_text())["facts"]
    assert facts["train_shares"] == pytest.approx(SHARES.tolist())
    assert facts["val_shares"] == pytest.approx(JUDGED.tolist())
    assert facts["fig13_dead"] == [0, 1] and facts["fig11_dead"] == [5, 9]
