"""The window network of the scenes report, in numpy alone: one small network for each colour channel.

A window of grey values, 3 x 3 pixels say, goes in; a vote for the level of one channel at the window's
centre comes out.  All windows of a picture are answered at once; training goes window by window, as
the report's did, but for several networks side by side (three channels, several pictures).

Where the authors' script differs from a textbook the difference is one named option, of
:class:`Reduction` (how a picture becomes levels and grey) or of :class:`Design` (the network).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

GREY = np.array((0.2125, 0.7154, 0.0721))  # weights of R, G, B in scikit-image's rgb2gray
BAND = 1 << 17                             # windows answered at a time

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Weights = tuple[Array, Array]


@dataclass(frozen=True)
class Reduction:
    """How a picture is reduced to levels 0, ``step``, 2 ``step`` ... and to grey.

    ``rounding``: "floor" (the script) or "nearest" (Section 1.3).  ``grey``: of the "reduced" picture (the
    script) or of the "original" one (Section 1.5).
    """

    step: int = 64
    rounding: str = "floor"
    grey: str = "reduced"

    def levels(self, rgb: Bytes) -> Bytes:
        """The level of each channel, 0 .. 256 / step - 1, same shape."""
        half = self.step // 2 if self.rounding == "nearest" else 0
        return np.minimum((rgb.astype(int) + half) // self.step, 256 // self.step - 1).astype(np.uint8)

    def reduced(self, rgb: Bytes) -> Bytes:
        """The picture in levels times step, uint8."""
        return self.levels(rgb) * np.uint8(self.step)

    def greys(self, rgb: Bytes) -> Array:
        """What the network sees: (height, width, 3) in bytes to (height, width) in 0..1."""
        return grey(self.reduced(rgb) if self.grey == "reduced" else rgb)


def grey(rgb: Bytes) -> Array:
    """0.2125 R + 0.7154 G + 0.0721 B of bytes, in 0..1."""
    return rgb @ GREY / 255


REDUCTIONS = {
    "floor": Reduction(),
    "nearest": Reduction(rounding="nearest"),
    "grey-first": Reduction(grey="original"),
    "sixteen": Reduction(step=16),
}


@dataclass(frozen=True)
class Design:
    """A window network: tanh in both layers, no softmax.

    ``output_bias``: whether a constant reaches the outputs (not in the script, whose hidden layer has a
    tenth ordinary neuron there).  ``derivative``: "activated" takes 1 - tanh(v)^2 at v = tanh(u), the
    script's slip; "true" takes it at u.  ``decode``: "last" output above a half, level 0 if
    there is none (the script); "largest"; or "level" for the one output of a network that
    gives the level as a number.
    """

    window: int = 3
    hidden: int = 10
    outputs: int = 4
    output_bias: bool = False
    derivative: str = "activated"
    decode: str = "last"

    @property
    def shapes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Of the two layers' weights; the last row of the first belongs to the constant 1."""
        return ((self.window**2 + 1, self.hidden), (self.hidden + self.output_bias, self.outputs))

    @property
    def parameters(self) -> int:
        return sum(a * b for a, b in self.shapes)

    @property
    def macs(self) -> int:
        """Multiply-adds for one window; a textbook's biases, being additions, are not counted."""
        return self.parameters - (self.hidden + self.outputs if self.output_bias else 0)

    def start(self, seed: int, networks: int = 3) -> Weights:
        """Weights uniform in -0.25 .. 0.25, (networks, inputs, outputs) of each layer."""
        draw = np.random.default_rng(seed)
        first, last = (draw.uniform(-0.25, 0.25, (networks, *shape)) for shape in self.shapes)
        return first, last

    def targets(self, levels: NDArray) -> Array:
        """What the outputs are to be: one-hot codes (..., outputs), or the level over its largest."""
        if self.decode == "level":
            return levels[..., None] / 3.0
        return np.eye(self.outputs)[levels]

    def decoded(self, outputs: Array) -> Bytes:
        """Levels (...,) from outputs (..., outputs)."""
        if self.decode == "level":
            return np.clip(np.rint(3 * outputs[..., 0]), 0, 3).astype(np.uint8)
        if self.decode == "largest":
            return outputs.argmax(-1).astype(np.uint8)
        above = outputs[..., ::-1] > 0.5
        return np.where(above.any(-1), self.outputs - 1 - above.argmax(-1), 0).astype(np.uint8)


DESIGNS = {
    "window-ann": Design(),
    "window-ann-textbook": Design(hidden=9, output_bias=True, derivative="true", decode="largest"),
    "window-ann-w1": Design(window=1),
    "window-ann-w5": Design(window=5),
    "window-ann-w7": Design(window=7),
    "window-ann-w9": Design(window=9),
    "window-ann-16": Design(outputs=16),
    "window-ann-scalar": Design(outputs=1, decode="level"),
}


def windows(greys: Array, size: int) -> Array:
    """All windows of a picture row by row, a constant 1 behind each: (n, size^2 + 1).

    ``greys`` (height, width); there are (height - size + 1) (width - size + 1) windows.
    """
    if min(greys.shape) < size:
        raise ValueError(f"a picture of {greys.shape[1]} x {greys.shape[0]} has no window of {size}")
    seen = sliding_window_view(greys, (size, size)).reshape(-1, size * size)
    return np.concatenate([seen, np.ones((len(seen), 1))], 1)


def forward(design: Design, weights: Weights, x: Array) -> tuple[Array, Array]:
    """Hidden and output activations, (networks, n, .), of inputs (networks or 1, n, inputs)."""
    hidden = np.tanh(x @ weights[0])
    if design.output_bias:
        hidden = np.concatenate([hidden, np.ones((*hidden.shape[:-1], 1))], -1)
    return hidden, np.tanh(hidden @ weights[1])


def gradients(design: Design, weights: Weights, x: Array, wanted: Array) -> Weights:
    """Of E = 1/2 sum over n and outputs of (o - t)^2, for each network, by backpropagation.

    With delta_o = (o - t) g(o) and delta_h = delta_o W2^T g(h): dE/dW2 = h^T delta_o, dE/dW1 = x^T
    delta_h.  The true derivative of tanh is g(v) = 1 - v^2 of the activation v; the script takes
    g(v) = 1 - tanh(v)^2.
    """
    slope = (lambda v: 1 - v * v) if design.derivative == "true" else (lambda v: 1 - np.tanh(v) ** 2)
    hidden, out = forward(design, weights, x)
    at_output = (out - wanted) * slope(out)
    back = at_output @ weights[1].swapaxes(1, 2) * slope(hidden)
    if design.output_bias:
        back = back[..., :-1]
    return x.swapaxes(1, 2) @ back, hidden.swapaxes(1, 2) @ at_output


def descent(lr: float):
    """W <- W - lr g."""
    def step(weights, gradient):
        for w, g in zip(weights, gradient, strict=True):
            w -= lr * g

    return step


def momentum(lr: float, keep: float = 0.9):
    """v <- 0.9 v + g, W <- W - lr v (Polyak 1964)."""
    speed = []

    def step(weights, gradient):
        speed[:] = [keep * v + g for v, g in zip(speed, gradient, strict=True)] if speed else gradient
        for w, v in zip(weights, speed, strict=True):
            w -= lr * v

    return step


def rmsprop(lr: float, keep: float = 0.9, small: float = 1e-8):
    """s <- 0.9 s + 0.1 g^2, W <- W - lr g / (sqrt(s) + 1e-8) (Tieleman and Hinton 2012)."""
    size = []

    def step(weights, gradient):
        size[:] = size or [np.zeros_like(g) for g in gradient]
        for w, s, g in zip(weights, size, gradient, strict=True):
            s += (1 - keep) * (g * g - s)
            w -= lr * g / (np.sqrt(s) + small)

    return step


def adam(lr: float, first: float = 0.9, second: float = 0.999, small: float = 1e-8):
    """Kingma and Ba 2015, Algorithm 1."""
    moments, count = [], 0

    def step(weights, gradient):
        nonlocal count
        moments[:] = moments or [[np.zeros_like(g), np.zeros_like(g)] for g in gradient]
        count += 1
        for w, (m, v), g in zip(weights, moments, gradient, strict=True):
            m += (1 - first) * (g - m)
            v += (1 - second) * (g * g - v)
            w -= lr * (m / (1 - first**count)) / (np.sqrt(v / (1 - second**count)) + small)

    return step


OPTIMIZERS = {"sgd": descent, "momentum": momentum, "rmsprop": rmsprop, "adam": adam}


def train(design: Design, weights: Weights, rule, stream: Iterator[tuple[Array, Array]]) -> None:
    """One update of all networks for each element of ``stream``, in place.

    An element is each network's own window (networks, inputs) and its target (networks, outputs).
    """
    for x, wanted in stream:
        rule(weights, gradients(design, weights, x[:, None], wanted[:, None]))


def answers(design: Design, weights: Weights, greys: Array) -> Array:
    """Outputs for all windows of a picture, (networks, h - size + 1, w - size + 1, outputs)."""
    size, (height, width) = design.window, greys.shape
    rows, columns = height - size + 1, width - size + 1
    band = max(1, BAND // max(columns, 1))
    parts = [forward(design, weights, windows(greys[i:min(i + band, rows) + size - 1], size)[None])[1]
             for i in range(0, max(rows, 1), band)]
    return np.concatenate(parts, 1).reshape(len(weights[0]), rows, columns, design.outputs)


def colour(design: Design, weights: Weights, greys: Array) -> Bytes:
    """Levels (h, w, 3) that three networks give a picture; the border no window is centred on is 0."""
    out = np.zeros((*greys.shape, 3), np.uint8)
    edge = design.window // 2
    inside = out[edge:greys.shape[0] - edge, edge:greys.shape[1] - edge]
    inside[:] = np.moveaxis(design.decoded(answers(design, weights, greys)), 0, -1)
    return out
