"""A reader's own digit, made to look like MNIST's, painted in any two hues, and read by a network."""

import numpy as np
import torch
from PIL import Image
from torch import nn

from lib import color, pictures
from lib.losses import normalise
from lib.transforms import pad


class DigitError(pictures.PictureError):
    """A picture without a digit; the message says why."""


def digit(source) -> torch.Tensor:
    """A drawn or photographed digit in the form of MNIST's: uint8 (28, 28), ink high.

    ``source`` is anything that ``lib.pictures.load`` takes.  Paper is what most of the border shows;
    transparent parts are white.  The ink is cropped, scaled to 20 pixels along its longer side, and
    placed with its centre of mass in the middle (LeCun et al. 1998, Section III.A).  Raises PictureError.
    """
    picture = pictures.load(source, least=8)
    grey = np.asarray(Image.fromarray(picture.rgb).convert("L"), float)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = np.abs(grey - np.median(border))
    if ink.max() < 25:
        raise DigitError(f"nothing stands out from the paper ({picture}): draw with more contrast.")
    rows, columns = (np.flatnonzero((ink > ink.max() / 4).any(axis)) for axis in (1, 0))
    box = ink[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1] * (255 / ink.max())
    scale = 20 / max(box.shape)
    size = [max(1, round(n * scale)) for n in box.shape[::-1]]
    small = np.asarray(Image.fromarray(box.astype(np.uint8)).resize(size, Image.Resampling.LANCZOS))
    centre = [np.average(np.arange(n), weights=small.sum(1 - axis) + 1e-9)
              for axis, n in enumerate(small.shape)]
    top, left = (int(np.clip(round(13.5 - c), 0, 28 - n))
                 for c, n in zip(centre, small.shape, strict=True))
    out = np.zeros((28, 28), np.uint8)
    out[top:top + small.shape[0], left:left + small.shape[1]] = small
    return torch.from_numpy(out)


def paint(image: torch.Tensor, ink: int, paper: int) -> torch.Tensor:
    """A digit (28, 28) between two hues in degrees: uint8 (1, 3, 32, 32)."""
    colours = color.pure(torch.tensor([ink, paper]))
    return color.gradient(colours[:1], colours[1:], pad(image[None]))


@torch.no_grad()
def read(network: nn.Module, picture: torch.Tensor) -> torch.Tensor:
    """The ten outputs as shares of their sum (zeros where all are 0), float (10,).

    ``picture`` is uint8 (1, channels, height, width); the network is one that takes bytes, undivided, and
    whose outputs are not negative.
    """
    return normalise(network.eval()(picture.float()))[0]
