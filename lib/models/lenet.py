"""LeNet as the digits report trained it, and LeNet-5 as its inventors described it."""

from collections import OrderedDict

from torch import nn

from lib.models.keras import ACTIVATIONS, Conv2d


def lenet(channels: int = 1, output: str = "sigmoid", deep: bool = False):
    """The report's LeNet (Griser 2022; notebooks LeNet_BW, LeNet_colorized).

    Input (n, channels, 32, 32), output (n, 10): ten sigmoids, or ``output``.
    ``deep`` adds two convolutions as the report's AlexNet has them.  21,386
    parameters for one channel.
    """
    more = {}
    if deep:
        more = dict(conv3=Conv2d(16, 16, 2, padding="same"), act3=nn.ReLU(),
                    conv4=Conv2d(16, 16, 2, padding="same"), act4=nn.ReLU())
    return nn.Sequential(OrderedDict(
        conv1=Conv2d(channels, 6, 5, stride=2, padding="same"), act1=nn.Sigmoid(),
        pool1=nn.AvgPool2d(2),                       # 6 x 8 x 8
        conv2=Conv2d(6, 16, 5), act2=nn.Sigmoid(),   # 16 x 4 x 4
        **more,
        pool2=nn.AvgPool2d(2),                       # 16 x 2 x 2
        flatten=nn.Flatten(),                        # 64
        fc1=nn.Linear(64, 120), act5=nn.Sigmoid(),
        fc2=nn.Linear(120, 84), act6=nn.Sigmoid(),
        fc3=nn.Linear(84, 10), out=ACTIVATIONS[output](),
    ))


def lenet5(channels: int = 1) -> nn.Sequential:
    """LeNet-5 (LeCun et al. 1998, Figure 2) in its usual form: full connections, softmax output.

    Input (n, channels, 32, 32), output (n, 10) logits.  61,706 parameters for one channel.
    """
    return nn.Sequential(OrderedDict(
        conv1=Conv2d(channels, 6, 5), act1=nn.Tanh(),  # 6 x 28 x 28
        pool1=nn.AvgPool2d(2),                         # 6 x 14 x 14
        conv2=Conv2d(6, 16, 5), act2=nn.Tanh(),        # 16 x 10 x 10
        pool2=nn.AvgPool2d(2),                         # 16 x 5 x 5
        flatten=nn.Flatten(),                          # 400
        fc1=nn.Linear(400, 120), act3=nn.Tanh(),
        fc2=nn.Linear(120, 84), act4=nn.Tanh(),
        fc3=nn.Linear(84, 10), out=nn.Identity(),
    ))


def linear(channels: int = 1) -> nn.Sequential:
    """Softmax regression on all pixels: (n, channels, 32, 32) to (n, 10) logits."""
    return nn.Sequential(OrderedDict(flatten=nn.Flatten(), fc=nn.Linear(channels * 1024, 10)))
