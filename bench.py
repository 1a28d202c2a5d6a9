"""How much faster this book's ways are than what people would write otherwise: ratios of one run.

``make bench`` runs it; nothing else needs it.
"""

import colorsys
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as PerSample

from lib import data, draws, models, trainers, training
from lib.experiments import ROOT
from lib.loading import sibling
from lib.picture_sets import originals
from lib.transforms import TRANSFORMS, pad

windows = sibling(str(ROOT / "chapters/scene_colorization/experiments.py"), "windows")

IMAGES = 60_000  # digits coloured at once
LOOPED = 20      # digits coloured pixel by pixel
STEPS = 30       # training steps timed together
REPEATS = 5
BATCH = 64
RECIPE = {"seed": 0, "transform": "two-hue", "optimizer": "adam", "lr": 1e-3,
          "loss": "keras_categorical_crossentropy"}


def _digits() -> data.Dataset:
    """MNIST's training digits, or the small set repeated to as many."""
    try:
        train, _ = data.load("mnist")
    except data.DataError:
        train, _ = data.load("mnist-sample")
    rows = torch.arange(IMAGES) % len(train)
    return data.Dataset("mnist", train.source, train.images[rows], train.labels[rows])


def colour_loop(digit: np.ndarray, ink: int, paper: int) -> np.ndarray:
    """A digit (h, w) between two hues, pixel by pixel: bytes (h, w, 3)."""
    ends = [[int(255 * c) for c in colorsys.hls_to_rgb(hue / 360, 0.5, 1)] for hue in (ink, paper)]
    out = np.zeros((*digit.shape, 3), np.uint8)
    for place, v in np.ndenumerate(digit):
        out[place] = [int(b + v / 255 * (a - b)) for a, b in zip(*ends, strict=True)]
    return out


def colour_pillow(digit: np.ndarray, ink: int, paper: int) -> np.ndarray:
    """The same with Pillow."""
    ends = (f"hsl({hue}, 100%, 50%)" for hue in (paper, ink))
    return np.asarray(ImageOps.colorize(Image.fromarray(digit), *ends))


class Coloured(PerSample):
    """Digits coloured one by one when they are asked for, as a tutorial would have it."""

    def __init__(self, digits: data.Dataset, hues: np.ndarray):
        self.images, self.labels, self.hues = pad(digits.images).numpy(), digits.labels, hues

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int):
        picture = colour_loop(self.images[i], *self.hues[i])
        return torch.from_numpy(picture).permute(2, 0, 1).float(), self.labels[i]


def timed(ways: dict) -> dict[str, float]:
    """Median seconds for one item of each way, taken in turns; a way returns how many it did."""
    seconds = {name: [] for name in ways}
    for turn in range(REPEATS + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            items = way()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if turn:  # the first turn warms up
                seconds[name].append((time.perf_counter() - start) / items)
    return {name: statistics.median(s) for name, s in seconds.items()}


def colouring(digits: data.Dataset) -> list[tuple[str, str, float, float]]:
    """Two hues on whole sets, against a loop and against Pillow, for one image."""
    padded, hues = pad(digits.images[:1000]).numpy(), draws.hues(0, "train", digits.index, 2)

    def each(colour, count):
        return lambda: len([colour(padded[i], *hues[i].tolist()) for i in range(count)])

    cost = timed({"ours": lambda: len(TRANSFORMS["two-hue"](digits, 0)),
                  "loop": each(colour_loop, LOOPED), "pillow": each(colour_pillow, len(padded))})
    return [("two hues on a digit", other, cost[key], cost["ours"]) for key, other in (
        ("loop", "pixel loop with colorsys"), ("pillow", "PIL.ImageOps.colorize"))]


def stepping(digits: data.Dataset, name: str) -> list[tuple[str, str, float, float]]:
    """A training step of this book, against usual ones: plain Adam, plain memory layout."""
    few = digits[: BATCH * STEPS]
    network, optimizer, transform, loss = training.prepare(RECIPE | {"model": name})
    painted, labels = (t.to(trainers.device()) for t in (transform(few, 0), few.labels))
    usual = models.build(name, seed=0).to(painted.device)
    adam = torch.optim.Adam(usual.parameters(), 1e-3, eps=1e-7)

    def step(batch, truth):
        adam.zero_grad()
        loss.each(usual(batch.to(painted.device)), truth.to(painted.device)).mean().backward()
        adam.step()

    def ours():
        training.train_epoch(network, optimizer, loss, transform.scale, painted, labels, BATCH, 0, 0)
        return STEPS

    def plain():
        return len([step(transform.scale(painted[rows]), labels[rows])
                    for rows in torch.randperm(len(few)).split(BATCH)])

    def loader():
        two = Coloured(few[: 2 * BATCH], draws.hues(0, "train", few.index, 2))
        return len([step(*rows) for rows in DataLoader(two, BATCH, shuffle=True)])

    cost = timed({"ours": ours, "plain": plain, "loader": loader})
    return [(f"training step, {name}", other, cost[key], cost["ours"]) for key, other in (
        ("loader", "DataLoader that colours in a loop"), ("plain", "plain Adam and layout"))]


def reading(digits: data.Dataset) -> list[tuple[str, str, float, float]]:
    """A set read whole, against one small file for each image."""
    few = digits.images[:1000].numpy()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{i}.png" for i in range(len(few))]
        for digit, file in zip(few, files, strict=True):
            Image.fromarray(digit).save(file)
        np.save(whole := Path(folder) / "whole.npy", few)
        cost = timed({"ours": lambda: len(np.load(whole)),
                      "files": lambda: len(np.stack([np.asarray(Image.open(f)) for f in files]))})
    return [("reading a digit", "a file for each image", cost["files"], cost["ours"])]


def windowing() -> list[tuple[str, str, float, float]]:
    """Window networks on a whole picture at once, against window by window; microseconds a window."""
    design, greys = windows.DESIGNS["window-ann"], windows.grey(originals("coffee")[0])
    weights, few = design.start(0), windows.windows(greys, design.window)[: 100 * LOOPED]

    def whole():
        return windows.answers(design, weights, greys)[0, ..., 0].size

    def loop():
        return len([windows.forward(design, weights, x[None, None]) for x in few])

    cost = timed({"ours": whole, "loop": loop})
    return [("predicting a window's pixel", "a loop over windows", cost["loop"], cost["ours"])]


def main() -> None:
    """Print the table of ratios."""
    from rich.console import Console
    from rich.table import Table

    digits = _digits()
    table = Table("what", "instead of", "theirs, µs", "ours, µs", "times faster",
                  title=f"{torch.get_num_threads()} threads, {IMAGES:,} digits")
    rows = [*colouring(digits), *stepping(digits, "lenet-rgb"), *stepping(digits, "alexnet-rgb"),
            *reading(digits), *windowing()]
    for *words, theirs, ours in rows:
        table.add_row(*words, f"{theirs * 1e6:,.1f}", f"{ours * 1e6:,.2f}", f"{theirs / ours:,.1f} x")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
