"""How numbers are kept: the tiniest as 0, convolutions in bfloat16 where that is fast, else float32.

Never float16: gradients of a loss near 1e-9 would vanish in it.
"""

from contextlib import contextmanager, nullcontext
from functools import cache

import torch


@contextmanager
def tiny_is_zero():
    """Round numbers below 1e-38 to 0, as TensorFlow does; a dead unit's moments would crawl else."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


_exact = False


@cache
def _fast(kind: str) -> bool:
    """Whether bfloat16 was measured faster: on GPUs, and on CPUs that have instructions for it."""
    return kind == "cuda" or kind == "cpu" and torch.cpu._is_avx512_bf16_supported()


def in_half(device: torch.device) -> bool:
    """Whether :func:`convolutions` computes in bfloat16 on this device."""
    return not _exact and _fast(device.type)


def convolutions(device: torch.device):
    """A context in which convolutions compute in bfloat16 where that is faster."""
    return torch.autocast(device.type, torch.bfloat16) if in_half(device) else nullcontext()


@contextmanager
def exact():
    """A context in which everything is float32: first steps that other machines must repeat."""
    global _exact
    before, rounded = _exact, torch.backends.cudnn.allow_tf32
    _exact, torch.backends.cudnn.allow_tf32 = True, False  # by default GPUs round convolutions to 10 bits
    try:
        yield
    finally:
        _exact, torch.backends.cudnn.allow_tf32 = before, rounded


def name(device: torch.device) -> str:
    """What a record says of the precision of such a run."""
    return "float32, bfloat16 in convolutions" if in_half(device) else "float32"
