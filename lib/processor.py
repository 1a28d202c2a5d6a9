"""The processor while it trains: one thread a run, and memory that stays."""

import ctypes
from contextlib import contextmanager
from functools import cache

import torch


@cache
def keep_memory() -> None:
    """Tell glibc to keep freed memory, which every step of a training asks for again.

    Given back to the kernel and fetched anew it took a tenth (LeNet up to a third) of a step on one core.
    Other C libraries are left as they are.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):  # none such: macOS, Windows
        return
    mallopt(-4, 0)               # M_MMAP_MAX: large blocks from the heap too
    mallopt(-1, 2**31 - 1)       # M_TRIM_THRESHOLD: the heap does not shrink


@contextmanager
def one_thread():
    """One thread on a CPU: another number of threads would give other bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(before if torch.cuda.is_available() else 1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
