"""Losses with Keras' meanings."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F

EPSILON = 1e-7  # Keras' backend epsilon


def normalise(outputs: torch.Tensor) -> torch.Tensor:
    """Outputs (n, classes) divided by their row sums; a row of zeros stays zeros."""
    total = outputs.sum(1, keepdim=True)
    return outputs / torch.where(total == 0, 1, total)


def keras_categorical_crossentropy(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Keras' categorical cross-entropy on outputs that need not be probabilities.

    p = o / sum(o), clipped to [1e-7, 1 - 1e-7]; the loss of an image is -ln p of its class.
    A class whose output is 0 costs 16.118 and sends no gradient.  Where all ten outputs are 0
    Keras divides 0 by 0; here the row costs 16.118, sends no gradient and is counted by the caller.

    Parameters
    ----------
    outputs : (n, classes), not negative.
    labels : int64 (n,).

    Returns
    -------
    (n,) losses in nats.
    """
    clipped = normalise(outputs).clamp(EPSILON, 1 - EPSILON)
    return -clipped.gather(1, labels[:, None])[:, 0].log()


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Softmax cross-entropy from logits (n, classes) and labels (n,): (n,) losses in nats."""
    return F.cross_entropy(logits, labels, reduction="none")


@dataclass(frozen=True)
class Loss:
    """A loss of each image, and the outputs as shares that sum to 1."""

    each: Callable
    shares: Callable


LOSSES = {
    "keras_categorical_crossentropy": Loss(keras_categorical_crossentropy, normalise),
    "cross_entropy": Loss(cross_entropy, lambda logits: logits.softmax(1)),
}
