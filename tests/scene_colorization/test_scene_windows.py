"""The window network in numpy: its gradients, the same network in torch, levels, edges, votes."""

import numpy as np
import pytest
import torch
from helpers import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.color import rgb2gray

from lib.experiments import ROOT
from lib.loading import sibling

w = sibling(str(ROOT / "chapters/scene_colorization/experiments.py"), "windows")
DESIGNS, REDUCTIONS, Design = w.DESIGNS, w.REDUCTIONS, w.Design

PICTURES = hnp.arrays(np.uint8, st.tuples(st.integers(3, 9), st.integers(3, 9), st.just(3)))
SIZES = {"window-ann": (140, 140), "window-ann-textbook": (130, 117), "window-ann-w1": (60, 60),
         "window-ann-w5": (300, 300), "window-ann-w7": (540, 540), "window-ann-w9": (860, 860),
         "window-ann-16": (260, 260), "window-ann-scalar": (110, 110)}


def example(design, networks=3, count=5, seed=0):
    """Weights, inputs with their constant, and targets, larger than at the start so that tanh bends."""
    draw = np.random.default_rng(seed)
    weights = tuple(4 * x for x in design.start(seed, networks))
    x = np.concatenate([draw.uniform(0, 1, (networks, count, design.window**2)),
                        np.ones((networks, count, 1))], -1)
    levels = draw.integers(0, min(design.outputs, 4) if design.outputs > 1 else 4, (networks, count))
    return weights, x, design.targets(levels)


def error(design, weights, x, wanted):
    return 0.5 * np.square(w.forward(design, weights, x)[1] - wanted).sum()


@pytest.mark.parametrize("name", DESIGNS)
def test_sizes(name):
    design = DESIGNS[name]
    assert (design.parameters, design.macs) == SIZES[name]
    assert sum(x[0].size for x in design.start(0)) == design.parameters


@pytest.mark.parametrize("design", [
    Design(derivative="true"), Design(derivative="true", output_bias=True, hidden=9),
    Design(derivative="true", window=1), Design(derivative="true", outputs=16, window=5),
    Design(derivative="true", outputs=1, decode="level")])
def test_gradients_are_those_of_the_error(design):
    """Central differences of every single weight."""
    weights, x, wanted = example(design)
    for given_, weight in zip(w.gradients(design, weights, x, wanted), weights, strict=True):
        assert given_.shape == weight.shape
        for place in np.ndindex(weight.shape):
            kept, small = weight[place], 1e-5
            sides = []
            for step in (small, -small):
                weight[place] = kept + step
                sides.append(error(design, weights, x, wanted))
            weight[place] = kept
            assert abs((sides[0] - sides[1]) / (2 * small) - given_[place]) < 1e-7


def test_the_scripts_derivative_is_no_gradient():
    weights, x, wanted = example(Design())
    slip, true = (w.gradients(Design(derivative=d), weights, x, wanted) for d in ("activated", "true"))
    assert np.abs(slip[1] - true[1]).max() > 0.01
    hidden, out = w.forward(Design(), weights, x)
    assert np.allclose(slip[1], hidden.swapaxes(1, 2) @ ((out - wanted) * (1 - np.tanh(out) ** 2)))


def test_the_textbook_network_is_torchs():
    """Outputs and gradients of 9-9-4 with biases, in double."""
    design = DESIGNS["window-ann-textbook"]
    weights, x, wanted = example(design, networks=1, count=20)
    hidden, last = torch.nn.Linear(9, 9).double(), torch.nn.Linear(9, 4).double()
    with torch.no_grad():
        for layer, weight in ((hidden, weights[0][0]), (last, weights[1][0])):
            layer.weight.copy_(torch.from_numpy(weight[:-1].T))
            layer.bias.copy_(torch.from_numpy(weight[-1]))
    out = torch.tanh(last(torch.tanh(hidden(torch.from_numpy(x[0, :, :-1])))))
    (0.5 * (out - torch.from_numpy(wanted[0])).square().sum()).backward()
    assert np.abs(w.forward(design, weights, x)[1][0] - out.detach().numpy()).max() < 1e-6
    for layer, ours in zip((hidden, last), w.gradients(design, weights, x, wanted), strict=True):
        assert np.abs(ours[0, :-1].T - layer.weight.grad.numpy()).max() < 1e-6
        assert np.abs(ours[0, -1] - layer.bias.grad.numpy()).max() < 1e-6


@pytest.mark.parametrize("name, torchs", [
    ("sgd", lambda p: torch.optim.SGD(p, 0.05)),
    ("momentum", lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
    ("rmsprop", lambda p: torch.optim.RMSprop(p, 0.05, alpha=0.9)),
    ("adam", lambda p: torch.optim.Adam(p, 0.05)),
])
def test_optimizers_step_as_torchs(name, torchs):
    draw = np.random.default_rng(0)
    weights = (draw.normal(size=(3, 4)), draw.normal(size=(2, 2)))
    theirs = [torch.nn.Parameter(torch.from_numpy(x.copy())) for x in weights]
    rule, other = w.OPTIMIZERS[name](0.05), torchs(theirs)
    for _ in range(5):
        gradient = tuple(draw.normal(size=x.shape) for x in weights)
        rule(weights, gradient)
        for p, g in zip(theirs, gradient, strict=True):
            p.grad = torch.from_numpy(g.copy())
        other.step()
    for ours, p in zip(weights, theirs, strict=True):
        assert np.abs(ours - p.detach().numpy()).max() < 1e-9


def test_networks_side_by_side_learn_as_each_alone():
    design = Design()
    weights, x, wanted = example(design, networks=6, count=50)
    alone = []
    for i in range(6):
        own = tuple(a[i:i + 1].copy() for a in weights)
        w.train(design, own, w.descent(0.1), zip(x[i:i + 1].swapaxes(0, 1), wanted[i:i + 1].swapaxes(0, 1),
                                                 strict=True))
        alone.append(own)
    w.train(design, weights, w.descent(0.1), zip(x.swapaxes(0, 1), wanted.swapaxes(0, 1), strict=True))
    for layer in (0, 1):
        assert np.allclose(weights[layer], np.concatenate([a[layer] for a in alone]), atol=1e-12)


def test_training_lowers_the_error():
    design = DESIGNS["window-ann-textbook"]
    weights = design.start(0, 1)
    x, wanted = (v[:1] for v in example(design, count=400)[1:])
    before = error(design, weights, x, wanted)
    for _ in range(20):
        w.train(design, weights, w.descent(0.05), zip(x.swapaxes(0, 1), wanted.swapaxes(0, 1), strict=True))
    assert error(design, weights, x, wanted) < 0.8 * before


# ---- levels and grey

@given(PICTURES, st.sampled_from([16, 64]))
def test_coarsening(rgb, step):
    floor, near = (w.Reduction(step, rounding) for rounding in ("floor", "nearest"))
    assert floor.reduced(rgb).dtype == near.reduced(rgb).dtype == np.uint8
    assert ((floor.reduced(rgb) <= rgb) & (rgb < floor.reduced(rgb).astype(int) + step)).all()
    levels = np.arange(256 // step) * step
    distance = np.abs(rgb[..., None].astype(int) - levels).min(-1)
    assert (np.abs(near.reduced(rgb).astype(int) - rgb) == distance).all()
    for reduction in (floor, near):
        assert np.array_equal(reduction.reduced(reduction.reduced(rgb)), reduction.reduced(rgb))


@given(PICTURES)
def test_grey_is_scikit_images(rgb):
    assert np.allclose(REDUCTIONS["grey-first"].greys(rgb), rgb2gray(rgb))
    assert np.allclose(REDUCTIONS["floor"].greys(rgb), rgb2gray(rgb // 64 * 64))


# ---- windows and edges

@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 9)),
                  elements=st.floats(0, 1)), st.sampled_from([1, 3, 5]))
def test_windows_are_the_neighbourhoods_row_by_row(greys, size):
    if min(greys.shape) < size:
        with pytest.raises(ValueError, match=f"has no window of {size}"):
            w.windows(greys, size)
        return
    rows, columns = (n - size + 1 for n in greys.shape)
    seen = w.windows(greys, size)
    assert seen.shape == (rows * columns, size * size + 1) and (seen[:, -1] == 1).all()
    for k in range(rows * columns):
        r, c = divmod(k, columns)
        assert np.array_equal(seen[k, :-1], greys[r:r + size, c:c + size].ravel())


@given(PICTURES, st.sampled_from(["window-ann", "window-ann-w1", "window-ann-textbook"]))
def test_a_picture_is_answered_as_window_by_window(rgb, name):
    design = DESIGNS[name]
    weights = tuple(8 * x for x in design.start(3))
    greys = w.grey(rgb)
    painted, edge = w.colour(design, weights, greys), design.window // 2
    assert painted.shape == rgb.shape
    if edge:
        border = painted.copy()
        border[edge:-edge, edge:-edge] = 0
        assert not border.any()
    for r in range(edge, rgb.shape[0] - edge):
        for c in range(edge, rgb.shape[1] - edge):
            window = greys[r - edge:r + edge + 1, c - edge:c + edge + 1].ravel()
            out = w.forward(design, weights, np.append(window, 1)[None, None])[1]
            assert np.array_equal(painted[r, c], design.decoded(out)[:, 0])


def test_bands_of_rows_change_nothing(monkeypatch):
    greys = np.random.default_rng(0).uniform(size=(23, 17))
    design = Design()
    whole = w.answers(design, design.start(0), greys)
    monkeypatch.setattr(w, "BAND", 40)
    assert np.allclose(w.answers(design, design.start(0), greys), whole, atol=1e-15)
    assert whole.shape == (3, 21, 15, 4)


# ---- votes

@pytest.mark.parametrize("outputs, last, largest", [
    ([0.9, 0.1, 0.0, 0.0], 0, 0), ([0.9, 0.6, 0.0, 0.0], 1, 0), ([0.6, 0.0, 0.0, 0.51], 3, 0),
    ([0.4, 0.3, 0.5, 0.1], 0, 2), ([-1, -1, -1, -0.9], 0, 3)])
def test_the_last_above_a_half_or_the_largest(outputs, last, largest):
    o = np.array(outputs)
    assert Design(decode="last").decoded(o) == last
    assert Design(decode="largest").decoded(o) == largest


@given(hnp.arrays(np.int64, st.integers(1, 20), elements=st.integers(0, 3)))
def test_targets_are_read_back(levels):
    for design in (Design(), Design(decode="largest"), DESIGNS["window-ann-scalar"]):
        assert np.array_equal(design.decoded(design.targets(levels)), levels)
