"""The digits report's two cut-down AlexNets, their variants, and AlexNet itself for its sizes."""

from collections import OrderedDict

import torch
from torch import nn

from lib.models.keras import ACTIVATIONS, Conv2d, batch_norm


def alexnet(
    channels: int = 3,
    kernels: tuple[int, int] = (5, 3),
    filters: tuple[int, ...] = (6, 12, 32, 32),
    stride: int = 2,
    padding: str | int = "same",
    hidden: str = "sigmoid",
    output: str = "relu",
    pool: str = "average",
    dense: int = 800,
    dropout: float = 0.5,
    norm: bool = False,
) -> nn.Sequential:
    """The report's AlexNet for colour (Griser 2022, Figure 7 and notebook AlexNet_colorized).

    Two convolutions with ``hidden`` activation, each followed by 3 x 3 pooling with stride 1, then
    2 x 2 convolutions with ReLU, pooling, and four dense layers.  Its last layer is ReLU, though the
    loss reads it as probabilities.  Input (n, channels, 32, 32), output (n, 10); 1,369,522
    parameters.  ``kernels`` are the first two layers', ``stride`` the first's, ``padding`` that of
    the others; ``filters`` holds one number a convolution; ``dense`` is the width of the first
    two dense layers; ``norm`` puts batch normalisation before the activation of every convolution.
    """
    average = pool == "average"
    pooling = nn.AvgPool2d if average else nn.MaxPool2d
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    width = channels
    for i, count in enumerate(filters, 1):
        kernel = kernels[i - 1] if i <= 2 else 2
        layers[f"conv{i}"] = (Conv2d(width, count, kernel, stride) if i == 1
                              else Conv2d(width, count, kernel, padding=padding))
        if norm:
            layers[f"norm{i}"] = batch_norm(count)
        layers[f"act{i}"] = ACTIVATIONS[hidden]() if i <= 2 else nn.ReLU()
        if i <= 2:
            layers[f"pool{i}"] = pooling(3, 1)
        width = count
    layers["pool3"] = pooling(2)
    layers["flatten"] = nn.Flatten()
    with torch.no_grad():
        body = nn.Sequential(OrderedDict(layers)).eval()
        flat = body(torch.zeros(1, channels, 32, 32)).shape[1]
    for i, (a, b) in enumerate(((flat, dense), (dense, dense)), 1):
        layers[f"fc{i}"] = nn.Linear(a, b)
        layers[f"fc_act{i}"] = nn.ReLU()
        if dropout:
            layers[f"drop{i}"] = nn.Dropout(dropout)
    layers["fc3"], layers["fc_act3"] = nn.Linear(dense, 100), nn.ReLU()
    layers["fc4"], layers["out"] = nn.Linear(100, 10), ACTIVATIONS[output]()
    return nn.Sequential(layers)


def alexnet_bw(channels: int = 1, output: str = "relu") -> nn.Sequential:
    """The report's AlexNet for plain digits (Figure 7, notebook AlexNet_BW): 205,730 parameters."""
    return alexnet(channels, kernels=(11, 5), filters=(6, 16, 32, 32), dense=288,
                   output=output)


def alexnet_original() -> nn.Sequential:
    """AlexNet as Figure 7 lists it, filters of Krizhevsky et al. 2012 undivided; for its sizes only.

    Input (n, 3, 224, 224), output (n, 1000); 50,844,008 parameters.
    """
    relu, pool = nn.ReLU, lambda: nn.MaxPool2d(3, 2)
    return nn.Sequential(OrderedDict(
        conv1=Conv2d(3, 96, 11, 4), act1=relu(), pool1=pool(),
        conv2=Conv2d(96, 256, 5, padding=2), act2=relu(), pool2=pool(),
        conv3=Conv2d(256, 384, 3, padding=1), act3=relu(),
        conv4=Conv2d(384, 384, 3, padding=1), act4=relu(),
        conv5=Conv2d(384, 256, 3, padding=1), act5=relu(), pool3=pool(),
        flatten=nn.Flatten(),
        fc1=nn.Linear(6400, 4096), fc_act1=relu(), drop1=nn.Dropout(),
        fc2=nn.Linear(4096, 4096), fc_act2=relu(), drop2=nn.Dropout(),
        fc3=nn.Linear(4096, 1000), out=relu(),
    ))
