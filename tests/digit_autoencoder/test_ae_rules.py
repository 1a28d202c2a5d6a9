"""Keras' rules: RMSprop, early stopping with restored weights, the author's split."""

import hashlib
import math

import numpy as np
import pytest
import torch
from helpers import stepped

from lib import data
from lib.experiments import ROOT
from lib.loading import sibling
from lib.optimizers import RMSprop

stopping = sibling(str(ROOT / "chapters/digit_autoencoder/experiments.py"), "stopping")
EarlyStopping, stopping_epoch = stopping.EarlyStopping, stopping.stopping_epoch

# ---- RMSprop


def keras_rmsprop(gradients, lr=1e-3, rho=0.9, eps=1e-7):
    """Keras' update, in double precision: epsilon stands outside the root."""
    w = v = np.zeros_like(gradients[0])
    for g in gradients:
        v = rho * v + (1 - rho) * g**2
        w = w - lr * g / (np.sqrt(v) + eps)
    return w


@pytest.mark.parametrize("size", [1.0, 1e-3, 1e-6, 1e-8])
def test_rmsprop_is_that_of_keras(size):
    gradients = list(size * np.random.default_rng(0).standard_normal((20, 50)))
    by_hand = keras_rmsprop(gradients)
    assert stepped(RMSprop, gradients) == pytest.approx(by_hand, rel=2e-4, abs=1e-10)
    pytorch = stepped(lambda w: torch.optim.RMSprop(w, 1e-3), gradients)  # rho 0.99, epsilon 1e-8
    assert not np.allclose(pytorch, by_hand, rtol=0.05)


def test_one_step_by_hand():
    """v = 0.1 x 4 = 0.4, step 0.001 x 2 / (0.6325 + 1e-7)."""
    assert stepped(RMSprop, [np.array([2.0])])[0] == pytest.approx(-0.001 * 2 / math.sqrt(0.4), rel=1e-5)
    tiny = stepped(RMSprop, [np.array([1e-7])])[0]
    assert tiny == pytest.approx(-0.001 * 1e-7 / (math.sqrt(0.1) * 1e-7 + 1e-7), rel=1e-4)


# ---- early stopping


@pytest.mark.parametrize("losses, patience, stop, best", [
    ([3, 2, 1, 2, 2, 2], 3, 6, 3),
    ([3, 2, 1, 2, 2, 0.5, 1, 1], 3, None, 6),
    ([1, 1, 1, 1], 2, 3, 1),                    # an equal loss is no gain
    ([5] + [6] * 20, 20, 21, 1),                # the report's 21: best in epoch 1
    ([5, 4] + [6] * 20, 20, 22, 2),             # the log's 22
    ([5] + [6] * 19, 20, None, 1),
    ([2, 1, float("nan"), float("nan")], 2, 4, 2),
])
def test_patience(losses, patience, stop, best):
    watch, better = EarlyStopping(patience), []
    for loss in losses:
        assert not watch.stopped
        better.append(watch.better(loss))
        if watch.stopped:
            break
    assert (watch.epoch if watch.stopped else None) == stop == stopping_epoch(losses, patience)
    assert watch.best_epoch == best == len(better) - better[::-1].index(True)


def test_watching_goes_on_from_what_was_noted():
    from dataclasses import asdict

    losses = [3.0, 2, 4, 4, 4]
    watch = EarlyStopping(3)
    for loss in losses:
        watch = EarlyStopping(**asdict(watch))
        watch.better(loss)
    assert watch.stopped and watch.best == 2 and watch.best_epoch == 2


# ---- the split


def test_the_authors_split_comes_out_again():
    fitted, judged = data.shuffled_split(60_000, 12_000, 13)
    assert judged[:3].tolist() == [26308, 52512, 50061]
    digest = hashlib.sha256(judged.astype("<i4").tobytes()).hexdigest()
    assert digest.startswith("4c2eb91a35f6d986")
    assert len(fitted) == 48_000 and sorted([*fitted, *judged]) == list(range(60_000))


@pytest.mark.parametrize("count, validation", [(60_000, 12_000), (24_576, 4_916), (101, 21)])
def test_the_split_is_scikit_learns(count, validation):
    selection = pytest.importorskip("sklearn.model_selection")
    train, rest = selection.train_test_split(np.arange(count), test_size=0.2, random_state=13)
    fitted, judged = data.shuffled_split(count, validation, 13)
    assert np.array_equal(fitted, train) and np.array_equal(judged, rest)


def test_a_split_that_is_none():
    for validation in (0, 5, 6):
        with pytest.raises(ValueError, match=f"a validation part of {validation} out of 5 images"):
            data.shuffled_split(5, validation, 13)


def test_tiles_are_a_set_of_photographs():
    train, test = data.load("tiles")
    assert train.images.shape == (800, 3, 32, 32) and test.images.shape == (200, 3, 32, 32)
    assert set(train.labels.tolist()) == set(test.labels.tolist()) == {0, 1, 2, 3}
    assert train.images.float().std() > 20
