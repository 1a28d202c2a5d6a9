"""A reader's own digit, made to look like MNIST's, painted in any two hues, and read by a network."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import nn

from lib import color
from lib.transforms import pad


class DigitError(ValueError):
    """What was given is no picture of a digit; the message says why."""


def digit(source) -> torch.Tensor:
    """A drawn or photographed digit in the form of MNIST's: uint8 (28, 28), ink high.

    ``source`` is a file name, a Pillow picture or an array (h, w) or (h, w, 3).  Paper is what most of
    the border shows.  The ink is cropped, scaled to 20 pixels along its longer side, and placed with
    its centre of mass in the middle (LeCun et al. 1998, Section III.A).  Raises DigitError.
    """
    grey = _grey(source)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = np.abs(grey - np.median(border))
    if ink.max() < 25:
        raise DigitError("nothing stands out from the paper: draw with more contrast.")
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


def _grey(source) -> np.ndarray:
    """Any picture as bytes (h, w), float."""
    if isinstance(source, (str, Path)):
        try:
            source = Image.open(source)
        except FileNotFoundError:
            raise DigitError(f"there is no file {source}.") from None
        except (UnidentifiedImageError, OSError) as error:
            raise DigitError(f"{source} is no picture that can be read ({error}).") from error
    if not isinstance(source, Image.Image):
        source = Image.fromarray(np.asarray(source).astype(np.uint8))
    grey = np.asarray(source.convert("L"), float)
    if min(grey.shape) < 8:
        raise DigitError(f"a picture of {grey.shape[1]} x {grey.shape[0]} pixels holds no digit.")
    return grey


def paint(image: torch.Tensor, ink: int, paper: int) -> torch.Tensor:
    """A digit (28, 28) between two hues in degrees: uint8 (1, 3, 32, 32)."""
    colours = color.pure(torch.tensor([ink, paper]))
    return color.gradient(colours[:1], colours[1:], pad(image[None]))


@torch.no_grad()
def read(network: nn.Module, picture: torch.Tensor, softmax: bool = False) -> torch.Tensor:
    """The ten outputs as shares of their sum (zeros where all are 0), float (10,)."""
    outputs = network.eval()(picture.float())[0]
    if softmax:
        return outputs.softmax(0)
    return outputs / outputs.sum() if outputs.sum() > 0 else outputs
