"""The digit autoencoder, the classifier on its encoder, and the small networks beside them.

Every classifier here is ``encoder`` and ``head``: what makes the values, and the dense layers on them.
"""

from collections import OrderedDict
from functools import partial

import torch
from torch import nn

from lib.models.keras import Conv2d, batch_norm
from lib.precision import convolutions

FILTERS = (32, 32, 64, 128, 256)  # of the five convolutions; pooling after the second and third
DIGIT, PHOTO = (1, 28, 28), (3, 32, 32)


class Convolutions(nn.Sequential):
    """Layers whose convolutions compute in bfloat16 where that is fast; gives float32."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with convolutions(x.device):
            x = super().forward(x)
        return x.float()


def _named(*pairs) -> OrderedDict:
    return OrderedDict(pairs)


def _convolution(number: int, inputs: int, filters: int, kernel: int, norm: bool) -> list:
    """Convolution, ReLU and, after it, batch normalisation (cell 12 of the notebook)."""
    layers = [(f"conv{number}", Conv2d(inputs, filters, kernel, padding="same")),
              (f"act{number}", nn.ReLU())]
    return layers + [(f"norm{number}", batch_norm(filters))] * norm


def encoder(channels: int = 1, kernel: int = 3, norm: bool = True) -> Convolutions:
    """The report's encoder (Panagakis 2021, Figure 3): (n, channels, h, w) to (n, 256, h/4, w/4).

    For a digit that are 7 x 7 x 256 = 12,544 values, where the digit has 784.
    """
    layers, width = [], channels
    for number, filters in enumerate(FILTERS, 1):
        layers += _convolution(number, width, filters, kernel, norm)
        if number in (2, 3):
            layers.append((f"pool{number - 1}", nn.MaxPool2d(2)))
        width = filters
    return Convolutions(_named(*layers))


def decoder(channels: int = 1, kernel: int = 3, norm: bool = True) -> nn.Sequential:
    """The encoder's list read backwards, each pooling an enlargement; then one channel, sigmoid.

    (n, 256, h/4, w/4) to (n, channels, h, w) between 0 and 1.
    """
    layers, width = [], FILTERS[-1]
    for number, filters in enumerate(reversed(FILTERS), 6):
        layers += _convolution(number, width, filters, kernel, norm)
        if number in (7, 8):
            layers.append((f"up{number - 6}", nn.Upsample(scale_factor=2)))
        width = filters
    layers.append(("output", Conv2d(width, channels, kernel, padding="same")))
    return nn.Sequential(_named(("body", Convolutions(_named(*layers))), ("out", nn.Sigmoid())))


def autoencoder(channels: int = 1, kernel: int = 3, norm: bool = True) -> nn.Sequential:
    """Encoder and decoder (Figures 2 and 3): (n, channels, h, w) to the same shape, between 0 and 1."""
    return nn.Sequential(_named(("encoder", encoder(channels, kernel, norm)),
                                ("decoder", decoder(channels, kernel, norm))))


def tight_autoencoder(code: int) -> nn.Sequential:
    """The same with a true bottleneck: ``code`` values, no activation, between encoder and decoder."""
    narrow = nn.Sequential(_named(("convolutions", encoder()), ("flatten", nn.Flatten()),
                                  ("code", nn.Linear(12_544, code))))
    wide = nn.Sequential(_named(
        ("dense", nn.Linear(code, 12_544)), ("act", nn.ReLU()),
        ("unflatten", nn.Unflatten(1, (256, 7, 7))), ("convolutions", decoder())))
    return nn.Sequential(_named(("encoder", narrow), ("decoder", wide)))


def head(values: int, dense: int = 128, dropout: float = 0) -> nn.Sequential:
    """Dense layers on ``values`` values: ``dense`` units with ReLU, then ten logits."""
    layers = [("flatten", nn.Flatten()), ("dense", nn.Linear(values, dense)), ("act", nn.ReLU())]
    layers += [("drop", nn.Dropout(dropout))] * bool(dropout)
    return nn.Sequential(_named(*layers, ("output", nn.Linear(dense, 10))))


def _classifier(body: nn.Module, top: nn.Module) -> nn.Sequential:
    return nn.Sequential(_named(("encoder", body), ("head", top)))


def classifier(dense: int = 128, channels: int = 1, side: int = 28) -> nn.Sequential:
    """The report's classifier (Figure 6): its encoder, a dense layer, ten logits (n, 10)."""
    return _classifier(encoder(channels), head(256 * (side // 4) ** 2, dense))


def mlp() -> nn.Sequential:
    """The report's head put straight on the pixels."""
    return _classifier(nn.Identity(), head(784))


def linear_on(values: int) -> nn.Sequential:
    """Multinomial logistic regression on ``values`` values."""
    return _classifier(nn.Identity(), nn.Sequential(_named(
        ("flatten", nn.Flatten()), ("output", nn.Linear(values, 10)))))


def plain_cnn() -> nn.Sequential:
    """A small network for MNIST as Keras' own examples of those years have it."""
    body = Convolutions(_named(
        ("conv1", Conv2d(1, 32, 3)), ("act1", nn.ReLU()), ("conv2", Conv2d(32, 64, 3)),
        ("act2", nn.ReLU()), ("pool1", nn.MaxPool2d(2)), ("drop1", nn.Dropout(0.25))))
    return _classifier(body, head(9216, dropout=0.5))


def figure_9_net() -> nn.Sequential:
    """The network that the report's Figure 9 draws and calls its total network."""
    body = Convolutions(_named(
        ("conv1", Conv2d(1, 32, 3, padding="same")), ("act1", nn.ReLU()), ("pool1", nn.MaxPool2d(2)),
        ("conv2", Conv2d(32, 64, 3, padding="same")), ("act2", nn.ReLU()),
        ("pool2", nn.MaxPool2d(2))))
    return _classifier(body, head(3136))


NETWORKS = {  # name -> (how it is built, the shape of one picture)
    "encoder": (encoder, DIGIT),
    "autoencoder": (autoencoder, DIGIT),
    "autoencoder-plain": (partial(autoencoder, norm=False), DIGIT),
    "autoencoder-k5": (partial(autoencoder, kernel=5), DIGIT),
    **{f"tight-autoencoder-{n}": (partial(tight_autoencoder, n), DIGIT) for n in (8, 32, 128)},
    **{f"classifier-{n}": (partial(classifier, n), DIGIT) for n in (64, 128, 256)},
    "mlp": (mlp, DIGIT),
    "linear-on-pixels": (partial(linear_on, 784), DIGIT),
    "plain-cnn": (plain_cnn, DIGIT),
    "figure-9-net": (figure_9_net, DIGIT),
    "cifar-autoencoder": (partial(autoencoder, 3), PHOTO),
    "cifar-classifier": (partial(classifier, 128, 3, 32), PHOTO),
}
