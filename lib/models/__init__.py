"""The networks of the book, by name; sizes are counted, never typed."""

from functools import cache, partial
from typing import NamedTuple

import torch
from torch import nn

from lib.errors import look_up
from lib.models.alexnet import alexnet, alexnet_bw, alexnet_original
from lib.models.autoencoder import NETWORKS as AUTOENCODERS
from lib.models.keras import initialise
from lib.models.lenet import lenet, lenet5, linear
from lib.models.scene_cnn import FullyConvolutional, mnist_tutorial, no_conv, scene_cnn

WIDE = {"filters": (32, 32, 32, 32), "hidden": "relu", "output": "softmax", "pool": "maximum"}

GREY, RGB, LIGHT = (1, 32, 32), (3, 32, 32), (1, 64, 64)

# name -> (how it is built, the shape of one picture)
MODELS = {
    "lenet-bw": (lenet, GREY),
    "lenet-rgb": (partial(lenet, 3), RGB),
    "lenet-rgb-softmax": (partial(lenet, 3, output="softmax"), RGB),
    "lenet-rgb-relu-output": (partial(lenet, 3, output="relu"), RGB),
    "lenet-rgb-deep": (partial(lenet, 3, deep=True), RGB),
    "lenet5": (lenet5, GREY),
    "lenet5-rgb": (partial(lenet5, 3), RGB),
    "linear-grey": (linear, GREY),
    "linear-rgb": (partial(linear, 3), RGB),
    "alexnet-bw": (alexnet_bw, GREY),
    "alexnet-bw-on-colour": (partial(alexnet_bw, 3), RGB),
    "alexnet-bw-softmax": (partial(alexnet_bw, output="softmax"), GREY),
    "alexnet-rgb": (alexnet, RGB),
    "alexnet-rgb-on-grey": (partial(alexnet, 1), GREY),
    "alexnet-rgb-on-grey-softmax-relu": (partial(alexnet, 1, hidden="relu", output="softmax"), GREY),
    "alexnet-rgb-softmax": (partial(alexnet, output="softmax"), RGB),
    "alexnet-rgb-sigmoid-output": (partial(alexnet, output="sigmoid"), RGB),
    "alexnet-rgb-relu": (partial(alexnet, hidden="relu"), RGB),
    "alexnet-rgb-softmax-relu": (partial(alexnet, hidden="relu", output="softmax"), RGB),
    "alexnet-rgb-softmax-relu-max": (partial(alexnet, hidden="relu", output="softmax", pool="maximum"), RGB),
    "alexnet-rgb-maxpool": (partial(alexnet, pool="maximum"), RGB),
    "alexnet-rgb-shallow": (partial(alexnet, filters=(6, 12)), RGB),
    "alexnet-rgb-kernel-3": (partial(alexnet, kernels=(3, 3)), RGB),
    "alexnet-rgb-kernel-11": (partial(alexnet, kernels=(11, 3)), RGB),
    "alexnet-rgb-stride-1": (partial(alexnet, stride=1), RGB),
    "alexnet-rgb-valid-padding": (partial(alexnet, padding="valid"), RGB),
    "alexnet-rgb-three-convolutions": (partial(alexnet, filters=(6, 12, 32)), RGB),
    "alexnet-rgb-dense-100": (partial(alexnet, dense=100), RGB),
    "alexnet-rgb-dense-288": (partial(alexnet, dense=288), RGB),
    "alexnet-rgb-no-dropout": (partial(alexnet, dropout=0), RGB),
    "alexnet-rgb-literal": (partial(alexnet, padding=1), RGB),
    "alexnet-wide": (partial(alexnet, **WIDE), RGB),
    "alexnet-wide-norm": (partial(alexnet, **WIDE, norm=True), RGB),
    "alexnet-original": (alexnet_original, (3, 224, 224)),
    "scene-cnn": (scene_cnn, LIGHT),
    "scene-cnn-tanh": (partial(scene_cnn, "tanh"), LIGHT),
    "scene-cnn-dropout": (partial(scene_cnn, dropout=0.5), LIGHT),
    "no-conv": (no_conv, LIGHT),
    "fcn": (FullyConvolutional, LIGHT),
    "fcn-64": (partial(FullyConvolutional, 64), LIGHT),
    "mnist-tutorial-cnn": (mnist_tutorial, (1, 28, 28)),
    **AUTOENCODERS,
}


def build(name: str, seed: int | None = None) -> nn.Module:
    """The network of that name with Keras' starting weights drawn from ``seed``.  Raises UnknownName."""
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    return initialise(look_up("network", MODELS, name)[0](), generator)


class Layer(NamedTuple):
    """One layer of a network: its name, what it is, the shape it gives, weights, multiply-adds."""

    name: str
    what: str
    shape: tuple[int, ...]
    parameters: int
    macs: int


def _words(layer: nn.Module) -> str:
    """What a layer is, in words."""
    k, s = getattr(layer, "kernel_size", 0), getattr(layer, "stride", 1)
    side, step = (v if isinstance(v, int) else v[0] for v in (k, s))
    if isinstance(layer, nn.Conv2d):
        pad = ", same" if getattr(layer, "same", False) else (
            f", padding {layer.padding[0]}" if layer.padding[0] else "")
        return f"convolution {side} × {side}" + (f", stride {step}" if step > 1 else "") + pad
    if isinstance(layer, (nn.AvgPool2d, nn.MaxPool2d)):
        kind = "average" if isinstance(layer, nn.AvgPool2d) else "maximum"
        return f"{kind} pooling {side} × {side}, stride {step}"
    if isinstance(layer, nn.Dropout):
        return f"dropout {layer.p}"
    return {"Linear": "dense", "ReLU": "ReLU", "Identity": "logits",
            "BatchNorm2d": "batch normalisation", "Upsample": "enlarged twice"}.get(
                type(layer).__name__, type(layer).__name__.lower())


def layers(name: str) -> list[Layer]:
    """What each layer of the network of that name does to one picture, in order.  Raises UnknownName."""
    make, shape = look_up("network", MODELS, name)
    rows: list[Layer] = []

    def note(name, layer):
        def hook(module, inputs, output):
            weights = sum(p.numel() for p in module.parameters())
            macs = 0
            if isinstance(module, nn.Conv2d):
                macs = module.weight[0].numel() * output[0].numel()
            elif isinstance(module, nn.Linear):
                macs = module.weight.numel() * (output[0].numel() // module.out_features)
            rows.append(Layer(name, _words(module), tuple(output.shape[1:]), weights, macs))

        layer.register_forward_hook(hook)

    with torch.device("meta"), torch.no_grad():  # shapes alone: some networks have 75 million weights
        network = make().eval()
        for part, layer in network.named_modules():
            if not list(layer.children()):
                note(part, layer)
        network(torch.zeros(1, *shape))
    return rows


@cache
def size(name: str) -> dict[str, int]:
    """``parameters`` and ``macs`` (multiply-adds of one picture's forward pass) of a network."""
    rows = layers(name)
    return {what: sum(getattr(row, what) for row in rows) for what in ("parameters", "macs")}
