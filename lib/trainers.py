"""What all trainers share: where a run stands, what it gives, how it ends early."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from lib.data import Dataset
from lib.errors import BookError

LAYOUT = torch.channels_last  # measured faster for both networks, see `make bench`


class Diverged(BookError):
    """The loss is no number any more; says in which epoch and batch."""


class OutOfTime(Exception):
    """The time given is over; the state is saved and the run goes on when started again."""


def device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass
class Progress:
    """Where a run stands: epochs (or steps, or updates) done of ``most``, and one value a look of all
    that is kept.

    ``notes`` (JSON) and ``tensors``, such as the best weights so far, are what else a trainer must
    remember; both are saved with the state.
    """

    epoch: int = 0
    seconds: float = 0.0
    history: dict[str, list] = field(default_factory=dict)
    notes: dict = field(default_factory=dict)
    tensors: dict[str, torch.Tensor] = field(default_factory=dict)
    most: int = 0

    def add(self, **row) -> None:
        for name, value in row.items():
            self.history.setdefault(name, []).append(value)


class Parts(NamedTuple):
    """The three parts of a set: 51,000 + 9,000 + 10,000 digits in the digits report."""

    train: Dataset
    validation: Dataset
    test: Dataset


@dataclass(frozen=True)
class Trained:
    """What a trainer gives: weights, history, arrays and facts for the record, what it cost."""

    weights: dict[str, torch.Tensor]
    progress: Progress
    arrays: dict[str, np.ndarray]
    facts: dict
    sets: tuple[Dataset, ...]  # all that was seen, for the fingerprint
    operations: int
    precision: str = "float32"


def gradient_norm(network: nn.Module) -> float:
    """Euclidean norm of all gradients together."""
    return float(torch.stack([p.grad.norm() for p in network.parameters() if p.grad is not None]).norm())
