"""The networks of the scenes report and its controls: lightness (n, 1, 64, 64) to colour.

They give raw numbers; how these become a and b is the trainer's.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn

from lib.models.keras import ACTIVATIONS, Conv2d

SIDE = 64


class _Descend(torch.autograd.Function):
    """A dense layer whose backward pass takes its own step of plain gradient descent."""

    @staticmethod
    def forward(ctx, x, weight, bias, rate):
        ctx.save_for_backward(x)
        ctx.weight, ctx.bias, ctx.rate = weight, bias, rate
        return F.linear(x, weight, bias)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        back = gradient @ ctx.weight if ctx.needs_input_grad[0] else None
        ctx.weight.data.addmm_(gradient.T, x, alpha=-ctx.rate)
        ctx.bias.data.add_(gradient.sum(0), alpha=-ctx.rate)
        return back, None, None, None


class Dense(nn.Linear):
    """A dense layer; with ``rate`` set it descends by itself, W <- W - rate dE/dW, and has no gradient.

    For batches of 3 a step is bound by memory: this way 75 million weights are read twice and written
    once, with no gradient of their size in between.
    """

    rate: float | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.rate is None or not torch.is_grad_enabled():
            return super().forward(x)
        return _Descend.apply(x, self.weight, self.bias, self.rate)


def _same(inputs: int, filters: int) -> Conv2d:
    return Conv2d(inputs, filters, 5, padding="same")


DENSE = (2048, 4096)


def scene_cnn(activation: str = "relu", dropout: float = 0.0, dense: tuple[int, int] = DENSE
              ) -> nn.Sequential:
    """The report's network (Yang and Li 2018, Section 2.5): 75,563,904 parameters.

    Two 5 x 5 convolutions with pooling, dense layers of 2048 and 4096 (``dense``), 8192 linear
    outputs: all a, then all b.  The report's dropout layer keeps everything.
    """
    act = ACTIVATIONS[activation]
    return nn.Sequential(OrderedDict(
        conv1=_same(1, 32), act1=act(), pool1=nn.MaxPool2d(2),         # 32 x 32 x 32
        conv2=_same(32, 64), act2=act(), pool2=nn.MaxPool2d(2),        # 64 x 16 x 16
        flatten=nn.Flatten(),                                          # 16384
        fc1=Dense(16384, dense[0]), fc_act1=act(),
        fc2=Dense(*dense), fc_act2=act(), drop=nn.Dropout(dropout),
        fc3=Dense(dense[1], 2 * SIDE * SIDE), out=nn.Unflatten(1, (2, SIDE, SIDE)),
    ))


def no_conv(dense: tuple[int, int] = DENSE) -> nn.Sequential:
    """The dense part of :func:`scene_cnn` on the bare pixels: 50,345,984 parameters."""
    return nn.Sequential(OrderedDict(
        flatten=nn.Flatten(), fc1=Dense(SIDE * SIDE, dense[0]), fc_act1=nn.ReLU(),
        fc2=Dense(*dense), fc_act2=nn.ReLU(),
        fc3=Dense(dense[1], 2 * SIDE * SIDE), out=nn.Unflatten(1, (2, SIDE, SIDE)),
    ))


class FullyConvolutional(nn.Module):
    """No dense layer, so no weights for single places (zero padding still shows the border); sides are
    multiples of 4.

    Five 5 x 5 convolutions, down to a quarter of the side and up again, the input joined before the last.
    ``outputs`` 2 gives a and b (the last layer times 128), 64 a score for each colour bin.
    """

    def __init__(self, outputs: int = 2):
        super().__init__()
        self.down = nn.Sequential(OrderedDict(
            conv1=_same(1, 32), act1=nn.ReLU(), pool1=nn.MaxPool2d(2),
            conv2=_same(32, 64), act2=nn.ReLU(), pool2=nn.MaxPool2d(2),
            conv3=_same(64, 64), act3=nn.ReLU(), up1=nn.Upsample(scale_factor=2),
            conv4=_same(64, 32), act4=nn.ReLU(), up2=nn.Upsample(scale_factor=2)))
        self.conv5 = _same(33, outputs)
        self.scale = 128.0 if outputs == 2 else 1.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, 1, h, w) with h and w multiples of 4 to (n, outputs, h, w)."""
        return self.conv5(torch.cat([self.down(x), x], 1)) * self.scale


def mnist_tutorial() -> nn.Sequential:
    """TensorFlow's tutorial network for MNIST of that time, for its size: 3,274,634 parameters."""
    return nn.Sequential(OrderedDict(
        conv1=_same(1, 32), act1=nn.ReLU(), pool1=nn.MaxPool2d(2),
        conv2=_same(32, 64), act2=nn.ReLU(), pool2=nn.MaxPool2d(2), flatten=nn.Flatten(),
        fc1=nn.Linear(3136, 1024), fc_act1=nn.ReLU(), fc2=nn.Linear(1024, 10)))


def truncated_normal(weight: torch.Tensor, deviation: float, generator: torch.Generator) -> None:
    """Fill with normal numbers, those beyond two deviations drawn again, as TensorFlow does."""
    flat = weight.normal_(0, deviation, generator=generator).view(-1)
    places = (flat.abs() > 2 * deviation).nonzero()[:, 0]
    while len(places):
        again = torch.empty(len(places)).normal_(0, deviation, generator=generator)
        flat[places] = again
        places = places[again.abs() > 2 * deviation]


@torch.no_grad()
def start(network: nn.Module, how: str, generator: torch.Generator) -> nn.Module:
    """Draw starting weights: "script" (as the report's authors') or "he".

    script: normal of deviation 0.1, cut at two deviations, biases 0.1, every layer.  he: normal of
    variance 2 / fan in (He et al. 2015, Eq. 10), biases 0.
    """
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            if how == "script":
                truncated_normal(layer.weight, 0.1, generator)
                nn.init.constant_(layer.bias, 0.1)
            else:
                nn.init.kaiming_normal_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
    return network
