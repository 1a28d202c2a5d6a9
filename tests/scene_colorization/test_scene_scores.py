"""The four scores: what each is on single pixels, and what holds for all pictures."""

import numpy as np
import pytest
from helpers import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.color import deltaE_ciede2000, rgb2lab

from lib.experiments import ROOT
from lib.loading import sibling

scores = sibling(str(ROOT / "chapters/scene_colorization/experiments.py"), "scores")

FOUR = (scores.coded, scores.printed, scores.absolute, scores.ciede2000)
SIZES = st.tuples(st.integers(1, 6), st.integers(1, 6))


@st.composite
def pairs(draw):
    """Two pictures of one size in four levels, and the step between levels."""
    shape = (*draw(SIZES), 3)
    levels = st.integers(0, 3).map(lambda k: 64 * k)
    return [draw(hnp.arrays(np.uint8, shape, elements=levels)) for _ in range(2)]


def pixel(*rgb):
    return np.array([[rgb]], np.uint8)


@given(pairs())
def test_nothing_is_nearer_than_the_same(two):
    a, b = two
    for score in FOUR:
        assert score(a, a) == 0 <= score(a, b)


@given(pairs())
def test_printed_never_exceeds_absolute_nor_coded_what_wrapping_allows(two):
    a, b = two
    difference = (a.astype(int) - b) // 64
    assert scores.printed(a, b) <= scores.absolute(a, b) + 1e-12
    assert np.isclose(scores.absolute(a, b), np.abs(difference).sum(-1).mean())
    assert np.isclose(scores.coded(a, b), (difference % 4).sum(-1).mean())
    assert np.isclose(scores.printed(a, b), np.abs(difference.sum(-1)).mean())


@given(pairs())
def test_what_is_symmetric(two):
    a, b = two
    for score in (scores.printed, scores.absolute):
        assert np.isclose(score(a, b), score(b, a))
    wrong = (a != b).sum(-1).mean()
    assert np.isclose(scores.coded(a, b) + scores.coded(b, a), 4 * wrong)  # -d and d wrap to 4 in all


@given(pairs())
def test_printed_cannot_see_an_exchange_of_channels(two):
    a, _ = two
    for order in ([2, 1, 0], [1, 2, 0]):
        assert scores.printed(a, a[..., order]) == 0
        if (a != a[..., order]).any():
            assert scores.absolute(a, a[..., order]) > 0 < scores.coded(a, a[..., order])


@given(pairs())
def test_ciede_is_the_mean_over_pixels_of_scikit_images(two):
    a, b = two
    each = deltaE_ciede2000(*(rgb2lab(p.reshape(1, -1, 3)) for p in (a, b)))
    assert np.isclose(scores.ciede2000(a, b), each.mean(), atol=1e-9)


@given(pairs(), st.integers(1, 3))
def test_scores_are_means_over_pixels(two, times):
    a, b = two
    for score in FOUR:
        assert np.isclose(score(np.tile(a, (times, 2, 1)), np.tile(b, (times, 2, 1))), score(a, b))


def test_single_pixels():
    red, green = pixel(192, 0, 0), pixel(0, 192, 0)
    assert scores.printed(red, green) == 0
    assert scores.absolute(red, green) == 6
    assert scores.coded(red, green) == 3 + 1
    assert scores.coded(pixel(64, 0, 0), pixel(0, 0, 0)) == 1  # one level too dark
    assert scores.coded(pixel(64, 0, 0), pixel(128, 0, 0)) == 3  # one level too bright
    assert scores.coded(pixel(16, 0, 0), pixel(32, 0, 0), step=16) == 15


def test_inner_leaves_the_border_out():
    picture = np.arange(5 * 6 * 3, dtype=np.uint8).reshape(5, 6, 3)
    assert np.array_equal(scores.inner(picture), picture[1:-1, 1:-1])
    assert np.array_equal(scores.inner(picture, 0), picture)


@pytest.mark.parametrize("a, b, said", [
    (np.zeros((2, 2, 3), float), np.zeros((2, 2, 3), np.uint8), "not float64"),
    (np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint8), "R, G, B last"),
    (np.zeros((2, 2, 3), np.uint8), np.zeros((2, 3, 3), np.uint8), "two sizes"),
])
def test_what_is_no_pair_of_pictures(a, b, said):
    for score in FOUR:
        with pytest.raises(ValueError, match=said):
            score(a, b)
