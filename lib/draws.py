"""Random numbers that are functions of their address, not of the order in which they are drawn.

A hue must be the same whether an image is coloured alone, in a batch of 64 or with all 60,000
others, today or after an interrupted run was resumed.  So every draw is a hash of (seed, stream,
index): the same address gives the same number on every machine.
"""

import zlib

import numpy as np


def _mix(x: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014, Figure 17): uint64 to uint64."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def key(seed: int, *stream: object) -> int:
    """A 63-bit seed for one named stream, for generators that want a seed of their own.

    >>> key(0, "shuffle", 3) == key(0, "shuffle", 3) != key(0, "shuffle", 4)
    True
    """
    name = zlib.crc32("/".join(map(str, stream)).encode())
    mixed = _mix(_mix(np.array([seed], np.uint64)) ^ np.array([name], np.uint64))
    return int(mixed[0] >> np.uint64(1))


def integers(seed: int, stream: str, index, bound: int, columns: int = 1) -> np.ndarray:
    """Whole numbers 0 .. bound - 1, ``columns`` for each index.

    Parameters
    ----------
    seed : the run's seed.
    stream : what is drawn, e.g. ``"hue/train"``; other names give independent numbers.
    index : integer array (n,), the images' places in their set.
    bound : number of equally likely values (the bias is below bound / 2**64).

    Returns
    -------
    int64 array (n, columns).
    """
    start = np.array([key(seed, stream)], np.uint64)
    address = np.asarray(index, np.uint64)[:, None] * np.uint64(columns)
    address = address + np.arange(columns, dtype=np.uint64)
    return (_mix(_mix(address) ^ start) % np.uint64(bound)).astype(np.int64)


def hues(seed: int, part: str, index: np.ndarray, columns: int, epoch: int = 0) -> np.ndarray:
    """Whole-number hues 0..359 of images, int64 (n, columns); column 0 is the ink's.

    ``part`` is "train" or "test"; ``epoch`` is 0 where colours are drawn once and kept.
    """
    return integers(seed, f"hue/{part}/{epoch}", index, 360, columns)


def hues_apart(seed: int, part: str, index: np.ndarray, epoch: int = 0) -> np.ndarray:
    """Pairs of hues at least 90 degrees apart, uniform over all such pairs, int64 (n, 2)."""
    ink = hues(seed, part, index, 1, epoch)
    turn = 90 + integers(seed, f"turn/{part}/{epoch}", index, 181)
    return np.concatenate([ink, (ink + turn) % 360], axis=1)
