"""From a data set to what a network sees: padding, colours, scale.

A transform paints a whole set once as uint8 (``paint``); ``scale`` turns a batch of it into floats
on the device.  An image's colours are a function of (seed, part of the set, its place in the file).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from lib import color
from lib.data import Dataset
from lib.draws import hues, hues_apart


def pad(images: torch.Tensor) -> torch.Tensor:
    """28 x 28 digits to 32 x 32, two rows of paper (0) on each side."""
    return F.pad(images, (2, 2, 2, 2))


def _grey(images, seed, part, index, epoch):
    return pad(images)[:, None]


def _unpadded(images, seed, part, index, epoch):
    return images[:, None]


def _one_hue(images, seed, part, index, epoch):
    ink = color.pure(torch.from_numpy(hues(seed, part, index, 1, epoch)[:, 0]))
    return color.gradient(ink, torch.full_like(ink, 255), pad(images))


def _one_hue_table(kind):
    def paint(images, seed, part, index, epoch):
        hue = torch.from_numpy(hues(seed, part, index, 1, epoch)[:, 0])
        return color.lookup(color.table(kind), hue, pad(images))

    return paint


def _between(pairs: np.ndarray, images: torch.Tensor) -> torch.Tensor:
    """Pictures between the two pure hues of each row; ``images`` as they are, not padded."""
    ink, paper = color.pure(torch.from_numpy(pairs)).unbind(1)
    return color.gradient(ink, paper, images)


def _two_hue(images, seed, part, index, epoch):
    return _between(hues(seed, part, index, 2, epoch), pad(images))


def _two_hue_far(images, seed, part, index, epoch):
    return _between(hues_apart(seed, part, index, epoch), pad(images))


def _two_hue_ordered(images, seed, part, index, epoch):
    pairs = hues(seed, part, index, 2, epoch)
    ink, paper = color.luma(color.pure(torch.from_numpy(pairs)), dim=2).numpy().T
    pairs[ink < paper] = pairs[ink < paper, ::-1]
    return _between(pairs, pad(images))


def decolour(pictures: torch.Tensor) -> torch.Tensor:
    """Project each picture on its own main colour axis: uint8 (n, 3, h, w) to (n, 1, h, w).

    The axis is the first principal component of its pixels; the result is stretched to 0..255
    and turned so that the corner pixel, which is paper, is 0.  A flat picture becomes 0.
    """
    x = pictures.flatten(2).float()
    x = x - x[:, :, :1]  # paper is the origin
    spread = x - x.mean(2, keepdim=True)
    axis = torch.linalg.eigh(spread @ spread.mT)[1][:, :, -1:]
    along = (axis.mT @ x).abs()
    top = along.amax(2, keepdim=True)
    grey = torch.where(top > 0.5, along * 255 / top.clamp(min=0.5), 0)
    return grey.round().to(torch.uint8).reshape(len(x), 1, *pictures.shape[2:])


def edges(pictures: torch.Tensor) -> torch.Tensor:
    """Colour gradient magnitude, stretched to 0..255 in each picture: uint8 to (n, 1, h, w).

    The root of the larger eigenvalue of the colour structure tensor (Di Zenzo 1986), from Sobel
    filters; the frame is repeated outwards.
    """
    sobel = torch.tensor([[1.0, 2, 1]]).T @ torch.tensor([[-1.0, 0, 1]])
    x = F.pad(pictures.float(), (1, 1, 1, 1), mode="replicate")
    n, c, h, w = x.shape
    both = torch.stack([sobel, sobel.T])[:, None].to(x.device)
    gx, gy = F.conv2d(x.reshape(n * c, 1, h, w), both).reshape(n, c, 2, h - 2, w - 2).unbind(2)
    xx, yy, xy = (gx * gx).sum(1), (gy * gy).sum(1), (gx * gy).sum(1)
    root = ((xx - yy) ** 2 + 4 * xy**2).sqrt()
    size = ((xx + yy + root) / 2).clamp(min=0).sqrt()
    top = size.amax((1, 2), keepdim=True)
    return (size * 255 / top.clamp(min=1e-6)).round().to(torch.uint8)[:, None]


def _after(paint, step):
    def painted(images, seed, part, index, epoch):
        coloured = paint(images, seed, part, index, epoch)
        return torch.cat([step(rows) for rows in coloured.split(2048)])

    return painted


def _natural(images, seed, part, index, epoch):
    return images


def _luma(images, seed, part, index, epoch):
    return color.luma(images).round().to(torch.uint8)[:, None].expand(-1, 3, -1, -1).contiguous()


def _luma_two_hue(images, seed, part, index, epoch):
    grey = color.luma(images).round().to(torch.uint8)
    return _between(hues(seed, part, index, 2, epoch), grey)


def _three(images, seed, part, index, epoch):
    return pad(images)[:, None].expand(-1, 3, -1, -1).contiguous()


def bytes_(batch: torch.Tensor) -> torch.Tensor:
    """0..255 as floats."""
    return batch.float()


def divided(batch: torch.Tensor) -> torch.Tensor:
    """0..1 as floats."""
    return batch.float().div_(255)


def standardised(batch: torch.Tensor) -> torch.Tensor:
    """Each channel of each picture to mean 0 and deviation 1; a flat channel to 0."""
    x = batch.float()
    x = x - x.mean((2, 3), keepdim=True)
    return x / x.square().mean((2, 3), keepdim=True).sqrt().clamp(min=1e-3)


@dataclass(frozen=True)
class Transform:
    """``channels`` seen, ``paint`` (uint8 to uint8, whole set), ``scale`` (batch to floats)."""

    channels: int
    paint: Callable
    scale: Callable = bytes_
    redrawn: bool = False  # new colours in every epoch of training

    def __call__(self, part: Dataset, seed: int, epoch: int = 0) -> torch.Tensor:
        """The set painted: uint8 (n, channels, height, width), 32 x 32 but for plain digits' 28."""
        return self.paint(part.images, seed, part.part, part.index, epoch)


TRANSFORMS = {
    "digit": Transform(1, _unpadded, divided),
    "digit-bytes": Transform(1, _unpadded),
    "grey": Transform(1, _grey),
    "grey-divided": Transform(1, _grey, divided),
    "one-hue": Transform(3, _one_hue),
    "one-hue-divided": Transform(3, _one_hue, divided),
    "one-hue-hsl": Transform(3, _one_hue_table("dark-ink")),
    "one-hue-light-ink": Transform(3, _one_hue_table("light-ink")),
    "one-hue-hsv": Transform(3, _one_hue_table("hsv")),
    "two-hue": Transform(3, _two_hue),
    "two-hue-divided": Transform(3, _two_hue, divided),
    "two-hue-far": Transform(3, _two_hue_far),
    "two-hue-ordered": Transform(3, _two_hue_ordered),
    "two-hue-decoloured": Transform(1, _after(_two_hue, decolour)),
    "two-hue-redrawn": Transform(3, _two_hue, redrawn=True),
    "two-hue-divided-redrawn": Transform(3, _two_hue, divided, redrawn=True),
    "two-hue-edges": Transform(1, _after(_two_hue, edges)),
    "two-hue-standardised": Transform(3, _two_hue, standardised, redrawn=True),
    "one-hue-standardised": Transform(3, _one_hue, standardised, redrawn=True),
    "grey-standardised": Transform(3, _three, standardised),
    "cifar": Transform(3, _natural, divided),
    "cifar-luma": Transform(3, _luma, divided),
    "cifar-2hue": Transform(3, _luma_two_hue, divided),
}
