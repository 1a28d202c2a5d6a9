"""Four ways to say how far one picture's colours are from another's.

Pictures are uint8 (..., height, width, 3), their channels multiples of ``step``; a score is a mean over
pixels, smaller is nearer.  The first two are the scenes report's, once as its script computes them and
once as its Section 1.4 prints them.
"""

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def _same(truth: Bytes, given: Bytes) -> None:
    for picture in (truth, given):
        if picture.dtype != np.uint8 or picture.shape[-1:] != (3,):
            raise ValueError(f"a picture is uint8 with R, G, B last, not {picture.dtype} "
                             f"{picture.shape}")
    if truth.shape != given.shape:
        raise ValueError(f"pictures of two sizes: {truth.shape} and {given.shape}")


def coded(truth: Bytes, given: Bytes, step: int = 64) -> float:
    """Differences taken in unsigned bytes, so that they wrap at 256; their sum over channels / step.

    A channel one level too dark costs 1; one level too bright costs 256 / step - 1.
    """
    _same(truth, given)
    return float(np.subtract(truth, given).sum(-1, dtype=np.int64).mean() / step)


def printed(truth: Bytes, given: Bytes, step: int = 64) -> float:
    """|(R1 - R2) + (G1 - G2) + (B1 - B2)| / step: errors of opposite sign cancel in a pixel."""
    _same(truth, given)
    return float(np.abs((truth.astype(int) - given).sum(-1)).mean() / step)


def absolute(truth: Bytes, given: Bytes, step: int = 64) -> float:
    """|R1 - R2| + |G1 - G2| + |B1 - B2|, in levels."""
    _same(truth, given)
    return float(np.abs(truth.astype(int) - given).sum(-1).mean() / step)


def ciede2000(truth: Bytes, given: Bytes) -> float:
    """Mean CIEDE2000 colour difference (Sharma, Wu and Dalal 2005) of pictures in sRGB.

    Each pair of colours that occurs is compared once: pictures in levels have few.
    """
    from skimage.color import deltaE_ciede2000, rgb2lab

    _same(truth, given)
    both = np.concatenate([truth.reshape(-1, 3), given.reshape(-1, 3)], 1)
    pairs, count = np.unique(both @ (256 ** np.arange(6)), return_counts=True)
    colours = (pairs[:, None] >> (8 * np.arange(6)) & 255).reshape(-1, 1, 6) / 255
    each = deltaE_ciede2000(rgb2lab(colours[..., :3]), rgb2lab(colours[..., 3:]))[:, 0]
    return float(each @ count / count.sum())


def inner(picture: Bytes, border: int = 1) -> Bytes:
    """A picture without its ``border`` outermost pixels."""
    return picture[..., border:picture.shape[-3] - border, border:picture.shape[-2] - border, :]
