"""Networks: sizes as published, layers as Keras means them."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from lib import models
from lib.errors import UnknownName
from lib.experiments import chapter
from lib.models.keras import Conv2d, batch_norm

SIZES = {  # network -> (input, parameters, multiply-adds of one picture)
    "lenet-bw": ((1, 32, 32), 21_386, 95_400),
    "lenet-rgb": ((3, 32, 32), 21_686, 172_200),
    "lenet-rgb-softmax": ((3, 32, 32), 21_686, 172_200),
    "lenet-rgb-relu-output": ((3, 32, 32), 21_686, 172_200),
    "lenet-rgb-deep": ((3, 32, 32), 23_766, 204_968),
    "lenet5": ((1, 32, 32), 61_706, 416_520),
    "lenet5-rgb": ((3, 32, 32), 62_006, 651_720),
    "linear-grey": ((1, 32, 32), 10_250, 10_240),
    "linear-rgb": ((3, 32, 32), 30_730, 30_720),
    "alexnet-bw": ((1, 32, 32), 205_730, 778_990),
    "alexnet-bw-on-colour": ((3, 32, 32), 207_182, 954_682),
    "alexnet-bw-softmax": ((1, 32, 32), 205_730, 778_990),
    "alexnet-rgb": ((3, 32, 32), 1_369_522, 2_105_712),
    "alexnet-rgb-on-grey": ((1, 32, 32), 1_369_222, 2_046_912),
    "alexnet-rgb-on-grey-softmax-relu": ((1, 32, 32), 1_369_222, 2_046_912),
    "alexnet-rgb-softmax": ((3, 32, 32), 1_369_522, 2_105_712),
    "alexnet-rgb-sigmoid-output": ((3, 32, 32), 1_369_522, 2_105_712),
    "alexnet-rgb-relu": ((3, 32, 32), 1_369_522, 2_105_712),
    "alexnet-rgb-softmax-relu": ((3, 32, 32), 1_369_522, 2_105_712),
    "alexnet-rgb-softmax-relu-max": ((3, 32, 32), 1_369_522, 2_105_712),
    "alexnet-rgb-maxpool": ((3, 32, 32), 1_369_522, 2_105_712),
    "alexnet-rgb-shallow": ((3, 32, 32), 963_826, 1_142_512),
    "alexnet-rgb-kernel-3": ((3, 32, 32), 1_369_234, 2_188_434),
    "alexnet-rgb-kernel-11": ((3, 32, 32), 961_650, 1_543_394),
    "alexnet-rgb-stride-1": ((3, 32, 32), 4_415_922, 8_442_280),
    "alexnet-rgb-valid-padding": ((3, 32, 32), 959_922, 1_327_120),
    "alexnet-rgb-three-convolutions": ((3, 32, 32), 1_365_394, 1_696_112),
    "alexnet-rgb-dense-100": ((3, 32, 32), 108_122, 845_712),
    "alexnet-rgb-dense-288": ((3, 32, 32), 350_642, 1_087_856),
    "alexnet-rgb-no-dropout": ((3, 32, 32), 1_369_522, 2_105_712),
    "alexnet-wide": ((3, 32, 32), 1_382_646, 3_977_704),
    "alexnet-wide-norm": ((3, 32, 32), 1_382_902, 3_977_704),
    "alexnet-original": ((3, 224, 224), 50_844_008, 1_009_945_728),
}
SHAPES = {  # of every layer that changes the shape or has weights
    "lenet-bw": {"conv1": (6, 16, 16), "pool1": (6, 8, 8), "conv2": (16, 4, 4), "pool2": (16, 2, 2),
                 "flatten": (64,), "fc1": (120,), "fc2": (84,), "fc3": (10,)},
    "alexnet-bw": {"conv1": (6, 11, 11), "pool1": (6, 9, 9), "conv2": (16, 9, 9),
                   "pool2": (16, 7, 7), "conv3": (32, 7, 7), "conv4": (32, 7, 7),
                   "pool3": (32, 3, 3), "flatten": (288,), "fc1": (288,), "fc2": (288,),
                   "fc3": (100,), "fc4": (10,)},
    "alexnet-rgb": {"conv1": (6, 14, 14), "pool1": (6, 12, 12), "conv2": (12, 12, 12),
                    "pool2": (12, 10, 10), "conv3": (32, 10, 10), "conv4": (32, 10, 10),
                    "pool3": (32, 5, 5), "flatten": (800,), "fc1": (800,), "fc2": (800,),
                    "fc3": (100,), "fc4": (10,)},
    "lenet5": {"conv1": (6, 28, 28), "pool1": (6, 14, 14), "conv2": (16, 10, 10),
               "pool2": (16, 5, 5), "flatten": (400,), "fc1": (120,), "fc2": (84,), "fc3": (10,)},
    "alexnet-original": {"conv1": (96, 54, 54), "pool1": (96, 26, 26), "conv2": (256, 26, 26),
                         "pool2": (256, 12, 12), "conv3": (384, 12, 12), "conv4": (384, 12, 12),
                         "conv5": (256, 12, 12), "pool3": (256, 5, 5), "flatten": (6400,),
                         "fc1": (4096,), "fc2": (4096,), "fc3": (1000,)},
    "alexnet-rgb-literal": {"conv3": (32, 11, 11), "conv4": (32, 12, 12), "flatten": (1152,)},
    "alexnet-rgb-shallow": {"flatten": (300,)},
}
PARAMETERS = {  # layer by layer, as the published notebooks print them
    "lenet-bw": [156, 2416, 7800, 10164, 850],
    "alexnet-bw": [732, 2416, 2080, 4128, 83232, 83232, 28900, 1010],
    "alexnet-rgb": [456, 660, 1568, 4128, 640800, 640800, 80100, 1010],
}


def test_every_network_of_the_digits_chapter_is_listed_here():
    home = chapter("colorized_digits")
    used = {e.recipe(0, point)["model"] for e in home.experiments.values() if e.kind == "training"
            for point in (e.points or ("",))}
    assert len(used) > 20 and used <= set(SIZES)


@pytest.mark.parametrize("name", SIZES)
def test_sizes(name):
    shape, parameters, macs = SIZES[name]
    assert models.size(name) == {"parameters": parameters, "macs": macs}
    if name != "alexnet-original":
        network = models.build(name, seed=0)
        assert models.MODELS[name][1] == shape
        assert network(torch.zeros(2, *shape)).shape == (2, 10)


@pytest.mark.parametrize("name", SHAPES)
def test_shapes(name):
    rows = models.layers(name)
    given = {row.name: row.shape for row in rows}
    assert {layer: given[layer] for layer in SHAPES[name]} == SHAPES[name]
    if name in PARAMETERS:
        assert [row.parameters for row in rows if row.parameters] == PARAMETERS[name]


def test_unknown_network():
    for ask in (models.build, models.layers):
        with pytest.raises(UnknownName, match="no network is called 'lenet-7'; did you mean lenet"):
            ask("lenet-7")


def ones(kernel, stride, padding):
    layer = Conv2d(1, 1, kernel, stride, padding)
    nn.init.ones_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def test_same_padding_by_hand():
    """Of an odd number of rows of padding Keras puts the larger half below and to the right."""
    picture = torch.arange(1.0, 17).reshape(1, 1, 4, 4)
    by_hand = [[1 + 2 + 3 + 5 + 6 + 7 + 9 + 10 + 11, 3 + 4 + 7 + 8 + 11 + 12],
               [9 + 10 + 11 + 13 + 14 + 15, 11 + 12 + 15 + 16]]
    assert ones(3, 2, "same")(picture)[0, 0].tolist() == by_hand
    assert ones(2, 1, "same")(torch.tensor([[[[1.0, 2], [3, 4]]]]))[0, 0].tolist() == [[10, 6], [7, 4]]
    assert ones(2, 1, 1)(torch.tensor([[[[1.0, 2], [3, 4]]]]))[0, 0].tolist() == [
        [1, 3, 2], [4, 10, 6], [3, 7, 4]]
    assert ones(2, 1, "valid")(torch.tensor([[[[1.0, 2], [3, 4]]]])).tolist() == [[[[10]]]]


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5, 11])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_padding_against_a_loop(kernel, stride):
    torch.manual_seed(0)
    layer = Conv2d(2, 3, kernel, stride, "same")
    picture = torch.randn(1, 2, 7, 12)
    found = layer(picture)[0].detach().numpy()
    high, wide = math.ceil(7 / stride), math.ceil(12 / stride)
    assert found.shape == (3, high, wide)
    top = max((high - 1) * stride + kernel - 7, 0) // 2
    left = max((wide - 1) * stride + kernel - 12, 0) // 2
    weight, bias = (p.detach().numpy() for p in (layer.weight, layer.bias))
    for f, y, x in np.ndindex(found.shape):
        total = bias[f]
        for c, i, j in np.ndindex(2, kernel, kernel):
            row, column = y * stride + i - top, x * stride + j - left
            if 0 <= row < 7 and 0 <= column < 12:
                total += weight[f, c, i, j] * picture[0, c, row, column].item()
        assert found[f, y, x] == pytest.approx(total, abs=1e-4)


GLOROT = {  # sqrt(6 / (fan_in + fan_out)) by hand
    "conv1": math.sqrt(6 / (25 * 3 + 25 * 6)), "conv2": math.sqrt(6 / (9 * 6 + 9 * 12)),
    "conv3": math.sqrt(6 / (4 * 12 + 4 * 32)), "conv4": math.sqrt(6 / (4 * 32 + 4 * 32)),
    "fc1": math.sqrt(6 / 1600), "fc2": math.sqrt(6 / 1600), "fc3": math.sqrt(6 / 900),
    "fc4": math.sqrt(6 / 110)}


def test_starting_weights_are_glorots():
    network = models.build("alexnet-rgb", seed=1)
    for name, bound in GLOROT.items():
        weight = getattr(network, name).weight.detach()
        assert weight.abs().max() <= bound
        assert weight.abs().max() > 0.98 * bound
        assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.07)  # uniform
        assert abs(weight.mean().item()) < bound / 6
        assert getattr(network, name).bias.eq(0).all()
    lenet = models.build("lenet-bw", seed=0)
    assert 0.17 < lenet.conv1.weight.abs().max() <= math.sqrt(6 / 175)


def test_a_seed_is_a_network():
    one, same, other = (models.build("lenet-rgb", seed=s).state_dict() for s in (3, 3, 4))
    assert all(torch.equal(one[k], same[k]) for k in one)
    assert not any(torch.equal(one[k], other[k]) for k in one if k.endswith("weight"))
    torch.manual_seed(99)
    again = models.build("lenet-rgb", seed=3).state_dict()
    assert all(torch.equal(one[k], again[k]) for k in one)


def test_batch_normalisation_counts_as_keras_does():
    """Momentum 0.99: after one batch 0.99 of the start and 0.01 of the batch; epsilon 1e-3."""
    layer = batch_norm(1).train()
    batch = torch.tensor([1.0, 3.0, 5.0, 7.0]).reshape(4, 1, 1, 1)  # mean 4, variance 5
    given = layer(batch).flatten().tolist()
    assert given == pytest.approx([(x - 4) / math.sqrt(5 + 1e-3) for x in (1, 3, 5, 7)])
    assert layer.running_mean.item() == pytest.approx(0.04)
    assert layer.eval()(torch.full((1, 1, 1, 1), 0.04)).item() == pytest.approx(0, abs=1e-6)
    norms = [m for m in models.build("alexnet-wide-norm").modules() if isinstance(m, nn.BatchNorm2d)]
    assert [(n.num_features, n.eps, n.momentum) for n in norms] == [(32, 1e-3, 0.01)] * 4


def test_last_layers():
    torch.manual_seed(0)
    noise = torch.randn(64, 3, 32, 32) * 50

    def outputs(name):
        return models.build(name, seed=0).eval()(noise).detach()

    sigmoid = outputs("lenet-rgb")
    assert 0 < sigmoid.min() and sigmoid.max() < 1
    relu = outputs("alexnet-rgb-relu")
    assert relu.min() == 0 and relu.max() > 0
    for logits in ("lenet-rgb-softmax", "alexnet-rgb-softmax-relu"):
        assert outputs(logits).min() < 0
    same = models.build("alexnet-rgb-sigmoid-output", seed=0).eval()(noise)
    assert torch.allclose(same, outputs("alexnet-rgb-softmax").sigmoid())


def test_variants_change_what_they_say():
    def kinds(name, *which):
        return [type(m) for m in models.build(name).modules() if isinstance(m, which)]

    plain = kinds("alexnet-rgb", nn.Sigmoid, nn.ReLU)
    assert plain == [nn.Sigmoid] * 2 + [nn.ReLU] * 6
    assert kinds("alexnet-rgb-relu", nn.Sigmoid, nn.ReLU) == [nn.ReLU] * 8
    assert kinds("alexnet-rgb-softmax", nn.Sigmoid, nn.ReLU) == plain[:-1]
    assert kinds("alexnet-rgb", nn.AvgPool2d, nn.MaxPool2d) == [nn.AvgPool2d] * 3
    assert kinds("alexnet-rgb-maxpool", nn.AvgPool2d, nn.MaxPool2d) == [nn.MaxPool2d] * 3
    assert [m.p for m in models.build("alexnet-rgb").modules() if isinstance(m, nn.Dropout)] == [.5, .5]
    assert not kinds("alexnet-rgb-no-dropout", nn.Dropout)
    order = list(models.build("alexnet-wide-norm")._modules)
    assert order[:8] == ["conv1", "norm1", "act1", "pool1", "conv2", "norm2", "act2", "pool2"]
    assert kinds("lenet-bw", nn.Sigmoid, nn.ReLU, nn.Tanh) == [nn.Sigmoid] * 5
    assert kinds("lenet5", nn.Sigmoid, nn.ReLU, nn.Tanh) == [nn.Tanh] * 4
