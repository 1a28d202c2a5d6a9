"""Early stopping as Keras does it: patience, and the best weights put back."""

import math
from dataclasses import dataclass


@dataclass
class EarlyStopping:
    """Watches a loss; ``stopped`` after ``patience`` epochs in a row that are not below the best.

    Whoever trains keeps the weights of the epoch that was better and puts them back where the
    training was stopped.  Where it never is, the last weights stay (Keras 2; Keras 3 would put the
    best back).  Epochs are counted from 1; a loss that is no number is never better.
    """

    patience: int
    best: float = math.inf
    best_epoch: int = 0
    epoch: int = 0

    def better(self, loss: float) -> bool:
        """Take the loss of the next epoch; whether it is the lowest so far."""
        self.epoch += 1
        if not loss < self.best:
            return False
        self.best, self.best_epoch = loss, self.epoch
        return True

    @property
    def stopped(self) -> bool:
        return self.epoch - self.best_epoch >= self.patience


def stopping_epoch(losses, patience: int) -> int | None:
    """The epoch in which ``patience`` would have ended a run with these losses; None if never."""
    watch = EarlyStopping(patience)
    for loss in losses:
        watch.better(loss)
        if watch.stopped:
            return watch.epoch
    return None
