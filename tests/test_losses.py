"""Keras' loss on outputs that are no probabilities, and the theory of constant answers."""

import json
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import given
from hypothesis import strategies as st

from lib.loading import sibling
from lib.losses import LOSSES, cross_entropy, keras_categorical_crossentropy, normalise

ROOT = Path(__file__).resolve().parents[1]
theory = sibling(str(ROOT / "chapters/colorized_digits/experiments.py"), "theory")
TRAIN = [5032, 5785, 5061, 5206, 4948, 4597, 5055, 5281, 4949, 5086]  # MNIST's first 51,000 labels
VALIDATION = [891, 957, 897, 925, 894, 824, 863, 984, 902, 863]      # and its last 9,000
SHARES, JUDGED = (np.array(c) / sum(c) for c in (TRAIN, VALIDATION))
DEAD = [d for n in range(4) for d in combinations(range(10), n)]
KERAS = keras_categorical_crossentropy


def one(outputs, label):
    row = torch.tensor([outputs], dtype=torch.float64, requires_grad=True)
    loss = KERAS(row, torch.tensor([label]))[0]
    loss.backward()
    return loss.item(), row.grad[0].tolist()


def test_rows_are_divided_by_their_sum():
    loss, gradient = one([1.0, 3.0, 4.0], 1)
    assert loss == pytest.approx(math.log(8 / 3))
    # d/do_j of ln(sum) - ln(o_1): 1/8 for every output, less 1/3 for the true one
    assert gradient == pytest.approx([1 / 8, 1 / 8 - 1 / 3, 1 / 8])
    assert one([0.2, 0.1, 0.1], 0)[0] == pytest.approx(math.log(2))
    assert one([200.0, 100.0, 100.0], 0)[0] == pytest.approx(math.log(2))


def test_a_true_class_at_zero_costs_the_ceiling_and_teaches_nothing():
    loss, gradient = one([0.0, 3.0, 4.0], 0)
    assert loss == pytest.approx(16.118, abs=5e-4) and loss == pytest.approx(7 * math.log(10))
    assert gradient == [0, 0, 0]
    below = one([1e-9, 1.0, 1.0], 0)
    assert below == (pytest.approx(7 * math.log(10)), [0, 0, 0])


def test_a_sure_answer_is_clipped_from_above():
    loss, gradient = one([5.0, 0.0, 0.0], 0)
    assert loss == pytest.approx(1e-7, rel=1e-6) and gradient == [0, 0, 0]


def test_a_row_of_zeros_costs_the_ceiling_and_teaches_nothing():
    for label in range(3):
        loss, gradient = one([0.0, 0.0, 0.0], label)
        assert loss == pytest.approx(7 * math.log(10)) and gradient == [0, 0, 0]
    rows = torch.tensor([[0.0, 0.0], [1.0, 3.0]], requires_grad=True)
    KERAS(rows, torch.tensor([1, 1])).mean().backward()
    assert rows.grad[0].tolist() == [0, 0] and rows.grad[1].tolist() == pytest.approx(
        [1 / 8, 1 / 8 - 1 / 6])


@given(st.lists(st.floats(0, 1e4), min_size=4, max_size=4), st.integers(0, 3))
def test_keras_formula(outputs, label):
    total = sum(outputs)
    share = outputs[label] / total if total else 0
    by_hand = -math.log(min(max(share, 1e-7), 1 - 1e-7))
    found = KERAS(torch.tensor([outputs], dtype=torch.float64), torch.tensor([label])).item()
    assert found == pytest.approx(by_hand, rel=1e-9)
    assert sum(normalise(torch.tensor([outputs], dtype=torch.float64))[0].tolist()) == pytest.approx(
        1 if total else 0)


def test_softmax_cross_entropy_by_hand():
    logits = torch.tensor([[1.0, 2.0, -1.0], [0.0, 0.0, 0.0]])
    each = cross_entropy(logits, torch.tensor([0, 2])).tolist()
    assert each == pytest.approx([math.log(math.e + math.e**2 + math.e**-1) - 1, math.log(3)])
    assert LOSSES["cross_entropy"].shares(logits)[1].tolist() == pytest.approx([1 / 3] * 3)
    assert LOSSES["keras_categorical_crossentropy"].shares is normalise


# ---- theory

def cost(answer, shares) -> float:
    """Mean loss, by the loss function itself, of one answer given to images of such shares."""
    rows = torch.tensor(np.tile(answer, (10, 1)), dtype=torch.float64)
    return float(KERAS(rows, torch.arange(10)) @ torch.tensor(shares))


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
