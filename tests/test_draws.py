"""Draws: the published hash, evenly spread, and functions of their address alone."""

import zlib

import numpy as np
import pytest
from helpers import given
from hypothesis import strategies as st
from scipy import stats

from lib import draws

SEEDS = st.integers(0, 2**63)
WHOLE = np.arange(60_000)


def mix(x: int) -> int:
    """SplitMix64's step and finaliser in Python's whole numbers."""
    x = (x + 0x9E3779B97F4A7C15) % 2**64
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
    return x ^ x >> 31


@pytest.mark.parametrize(("seed", "first"), [(0, 0xE220A8397B1DCDAF), (1234567, 6457827717110365317)])
def test_published_first_outputs_of_splitmix64(seed, first):
    assert mix(seed) == first
    assert int(draws._mix(np.array([seed], np.uint64))[0]) == first


@given(SEEDS, st.integers(0, 2**40), st.integers(1, 5), st.integers(1, 2**40))
def test_integers_by_hand(seed, index, columns, bound):
    start = mix(mix(seed) ^ zlib.crc32(b"hue/train/3")) >> 1
    by_hand = [mix(mix(index * columns + c) ^ start) % bound for c in range(columns)]
    assert draws.integers(seed, "hue/train/3", [index], bound, columns).tolist() == [by_hand]


@given(SEEDS, st.lists(st.integers(0, 60_000), min_size=1, max_size=20), st.integers(1, 3))
def test_a_draw_depends_on_its_address_alone(seed, index, columns):
    together = draws.hues(seed, "train", np.array(index), columns)
    alone = [draws.hues(seed, "train", np.array([i]), columns)[0] for i in index]
    assert np.array_equal(together, alone)
    assert together.min() >= 0 and together.max() < 360 and together.dtype == np.int64


def test_other_seeds_parts_and_epochs_draw_otherwise():
    first = draws.hues(0, "train", WHOLE, 1)
    for other in (draws.hues(1, "train", WHOLE, 1), draws.hues(0, "test", WHOLE, 1),
                  draws.hues(0, "train", WHOLE, 1, epoch=1)):
        assert abs((first == other).mean() - 1 / 360) < 0.001  # as often equal as chance has it
        assert abs(np.corrcoef(first[:, 0], other[:, 0])[0, 1]) < 0.02
    keys = {draws.key(seed, stream, n) for seed in range(20) for stream in ("order", "dropout")
            for n in range(100)}
    assert len(keys) == 4000 and all(0 <= k < 2**63 for k in keys)


def test_hues_are_even_and_the_two_of_an_image_independent():
    ink, paper = draws.hues(0, "train", WHOLE, 2).T
    for hue in (ink, paper):
        assert stats.chisquare(np.bincount(hue, minlength=360)).pvalue > 1e-3
    pairs = np.bincount(ink // 30 * 12 + paper // 30, minlength=144)
    assert stats.chisquare(pairs).pvalue > 1e-3
    assert stats.chisquare(np.bincount(draws.integers(0, "digit", WHOLE, 10)[:, 0])).pvalue > 1e-3


def test_hues_apart_are_all_pairs_at_least_90_degrees_apart():
    ink, paper = draws.hues_apart(0, "train", WHOLE).T
    turn = (paper - ink) % 360
    assert set(turn) == set(range(90, 271))
    assert stats.chisquare(np.bincount(turn - 90)).pvalue > 1e-3
    assert stats.chisquare(np.bincount(ink, minlength=360)).pvalue > 1e-3
    assert stats.chisquare(np.bincount(paper, minlength=360)).pvalue > 1e-3
    alone = draws.hues_apart(0, "train", np.array([41_234]))
    assert alone.tolist() == [[ink[41_234], paper[41_234]]]
