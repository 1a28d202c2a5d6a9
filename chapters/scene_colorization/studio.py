"""A colouring network at work: pictures in Lab, the report's output step, errors and accuracy.

Pictures are 64 x 64 in the scenes report; L is the input, a and b are what the network is to give.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from lib.lab import lab_to_rgb, rgb_to_lab

NEAR = 10        # what counts as right, in units of a and b
BINS = 8         # of a and of b, where a colour is a class


@dataclass(frozen=True)
class Scale:
    """How Lab becomes input and labels: L / ``light`` - ``minus``, (ab + ``shift``) / ``colour``."""

    gamma: bool = False
    light: float = 1.0
    minus: float = 0.0
    shift: float = 0.0
    colour: float = 1.0


SCALES = {
    "script": Scale(shift=128),             # L 0..100, labels 0..256, Lab without gamma
    "script-gamma": Scale(gamma=True, shift=128),
    "sound": Scale(light=100, minus=0.5, colour=128),
    "plain": Scale(light=100),
}


@dataclass(frozen=True)
class Part:
    """Pictures: ``rgb`` uint8 (n, 3, h, w), ``light`` as the network sees it (n, 1, h, w), ``ab``
    (n, 2, h, w)."""

    rgb: torch.Tensor
    light: torch.Tensor
    ab: torch.Tensor

    def __len__(self) -> int:
        return len(self.rgb)


def part(rgb: torch.Tensor, scale: Scale, where: torch.device) -> Part:
    """Pictures on the device, in the Lab and scale that a network is trained in."""
    lab = rgb_to_lab(rgb.to(where), scale.gamma)
    return Part(rgb, lab[:, :1] / scale.light - scale.minus, lab[:, 1:])


def normalised(out: torch.Tensor, how: str, fixed: float = 0.0) -> torch.Tensor:
    """The report's output step: raw outputs (n, 2, h, w) to labels.

    "batch-max": divided by the largest output of all pictures fed together, times 256 (the
    script); "own-max": of each picture; "fixed": by a given number; "minmax": each picture's range to
    0..255 (Section 2.5); "linear": as they are.
    """
    if how == "batch-max":
        return out / out.max() * 256
    if how == "own-max":
        return out / out.amax((1, 2, 3), keepdim=True) * 256
    if how == "fixed":
        return out / fixed * 256
    if how == "minmax":
        low, high = out.amin((1, 2, 3), keepdim=True), out.amax((1, 2, 3), keepdim=True)
        return (out - low) / (high - low) * 255
    return out


@dataclass
class Studio:
    """A network at work: pictures, scale, and how its numbers become colours.

    ``last`` holds a and b of the test pictures after the last step, where ``network`` has the weights of
    a step picked before it.
    """

    recipe: dict
    network: nn.Module
    train: Part
    test: Part
    places: tuple[np.ndarray, np.ndarray]  # of the training and test pictures in their set
    notes: dict = field(default_factory=dict)
    last: torch.Tensor | None = None

    @property
    def scale(self) -> Scale:
        return SCALES[self.recipe["transform"]]

    def __post_init__(self):
        ab = self.train.ab.movedim(1, 0).flatten(1)
        self.low, high = ab.amin(1), ab.amax(1)
        self.width = (high - self.low) / BINS

    def bins(self, ab: torch.Tensor) -> torch.Tensor:
        """The class of each pixel's colour, 0..63: (n, 2, h, w) to (n, h, w)."""
        low, width = (x[:, None, None] for x in (self.low, self.width))
        place = ((ab - low) / width).long().clamp(0, BINS - 1)
        return place[:, 0] * BINS + place[:, 1]

    def labels(self, light: torch.Tensor) -> torch.Tensor:
        """What the network says, as labels, for pictures that are fed together."""
        return normalised(self.network(light), self.recipe["output"], self.notes.get("fixed", 0.0))

    @torch.no_grad()
    def colours(self, light: torch.Tensor) -> torch.Tensor:
        """a and b (n, 2, h, w) of pictures fed together, evaluation mode."""
        self.network.eval()
        if self.recipe["loss"] == "cross_entropy":
            best = self.network(light).argmax(1)
            place = torch.stack([best // BINS, best % BINS], 1) + 0.5
            return place * self.width[:, None, None] + self.low[:, None, None]
        return self.labels(light) * self.scale.colour - self.scale.shift

    def weights_of_pixels(self) -> torch.Tensor:
        """For each training pixel 1 / the share of its 10 x 10 colour bin, at most 20, mean 1."""
        place = (self.train.ab / 10).floor().long() + 20
        code = place[:, 0] * 40 + place[:, 1]
        share = code.flatten().bincount(minlength=1600).double() / code.numel()
        weight = (1 / share[code]).clamp(max=20)
        return (weight / weight.mean()).float()[:, None]

    def loss(self, rows: torch.Tensor) -> torch.Tensor:
        """The loss on some training pictures, fed together."""
        light, ab = self.train.light[rows], self.train.ab[rows]
        if self.recipe["loss"] == "cross_entropy":
            return F.cross_entropy(self.network(light), self.bins(ab))
        error = (self.labels(light) - (ab + self.scale.shift) / self.scale.colour).square()
        if self.recipe["loss"] == "balanced":
            error = error * self.weights[rows]
        return error.mean()


def right(given: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Which single values lie within 10 of the truth, a boolean tensor of their shape."""
    return (given - truth).abs() < NEAR


def by_position(ab: torch.Tensor) -> torch.Tensor | None:
    """Share of the variance of a and b (n, 2, h, w), over pictures and places, that the place explains."""
    whole = ab.double().var((0, 2, 3), correction=0).sum()
    return ab.double().mean(0).var((1, 2), correction=0).sum() / whole if whole > 0 else None


@torch.no_grad()
def recolour(network: nn.Module, rgb: np.ndarray) -> np.ndarray:
    """A picture of any size, uint8 (h, w, 3), with the colours that a fully convolutional network gives.

    Its lightness stays (Lab without gamma, L / 100 for input); up to three rows and columns are cut,
    so that both sides can be halved twice.
    """
    height, width = (n - n % 4 for n in rgb.shape[:2])
    image = torch.from_numpy(rgb[:height, :width].copy()).movedim(-1, 0)[None]
    lightness = rgb_to_lab(image, gamma=False)[:, :1]
    lab = torch.cat([lightness, network.eval()(lightness / 100)], 1)
    return (lab_to_rgb(lab, gamma=False)[0].movedim(0, -1) * 255).round().to(torch.uint8).numpy()
