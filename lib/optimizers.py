"""Optimizers with Keras' meanings."""

import torch


class Adam(torch.optim.Adam):
    """Adam with epsilon where Keras has it (Kingma and Ba 2015, the form before Section 2.1).

    Keras' step is lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps); PyTorch's adds epsilon to
    the corrected root.  Both are equal when PyTorch's epsilon is eps / sqrt(1 - b2^t).
    """

    def __init__(self, parameters, lr: float = 1e-3, eps: float = 1e-7):
        super().__init__(parameters, lr, fused=True)
        self.keras_eps, self.steps = eps, 0

    def step(self, closure=None):
        self.steps += 1
        for group in self.param_groups:
            group["eps"] = self.keras_eps / (1 - group["betas"][1] ** self.steps) ** 0.5
        return super().step(closure)


class RMSprop(torch.optim.RMSprop):
    """RMSprop (Tieleman and Hinton 2012, Lecture 6.5) with Keras' defaults, rho 0.9 and epsilon 1e-7.

    v <- rho v + (1 - rho) g^2, then w <- w - lr g / (sqrt(v) + eps): no momentum, not centred.
    """

    def __init__(self, parameters, lr: float = 1e-3):
        super().__init__(parameters, lr, alpha=0.9, eps=1e-7, foreach=torch.cuda.is_available())


OPTIMIZERS = {"adam": Adam, "rmsprop": RMSprop}
