"""Layers with Keras' meanings, on PyTorch: padding, starting weights, batch normalisation.

The reports' networks were written in Keras.  Where PyTorch differs, its meaning is written out here.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn


class Conv2d(nn.Conv2d):
    """A convolution that pads as Keras does: ``"valid"`` not at all, ``"same"`` to ceil(n / stride).

    A number pads so many rows of zeros on every side.  For "same" the whole padding
    max((ceil(n/s) - 1) s + k - n, 0) is split with the larger half below and to the right, also
    for even kernels and strides above 1, where PyTorch has no such padding.
    Input (n, c_in, h, w), output (n, c_out, h', w').
    """

    def __init__(self, channels: int, filters: int, kernel: int, stride: int = 1,
                 padding: str | int = "valid"):
        self.same = padding == "same"
        super().__init__(channels, filters, kernel, stride,
                         padding if isinstance(padding, int) else 0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.same:
            (k, _), (s, _) = self.kernel_size, self.stride
            sides = []
            for n in (x.shape[3], x.shape[2]):
                whole = max((-(-n // s) - 1) * s + k - n, 0)
                sides += [whole // 2, whole - whole // 2]
            if sides[0] == sides[1] == sides[2] == sides[3]:
                return F.conv2d(x, self.weight, self.bias, s, sides[0])
            x = F.pad(x, sides)
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding)


def batch_norm(channels: int) -> nn.BatchNorm2d:
    """Batch normalisation with Keras' momentum 0.99 (0.01 as PyTorch counts) and epsilon 1e-3."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


@torch.no_grad()
def initialise(network: nn.Module, generator: torch.Generator | None = None) -> nn.Module:
    """Keras' starting weights: Glorot uniform (Glorot and Bengio 2010, Eq. 16), biases zero.

    W ~ U(-a, a) with a = sqrt(6 / (fan_in + fan_out)); for a k x k convolution fan_in is
    k k c_in and fan_out k k c_out.  Layers are filled in their order, so that one generator gives
    one network.  Returns the network.
    """
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            nn.init.zeros_(layer.bias)
    return network


ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "sigmoid": nn.Sigmoid, "relu": nn.ReLU, "tanh": nn.Tanh,
    "linear": nn.Identity, "softmax": nn.Identity,  # softmax belongs to the loss, on logits
}
