"""Keras' loss on outputs that are no probabilities."""

import math

import pytest
import torch
from helpers import given
from hypothesis import strategies as st

from lib.losses import LOSSES, cross_entropy, keras_categorical_crossentropy, normalise

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
