"""The networks of the autoencoder chapter: sizes and shapes as the ledger of the report counts them."""

from collections import OrderedDict

import pytest
import torch
from torch import nn

from lib import models, precision
from lib.models.autoencoder import NETWORKS, Convolutions

SIZES = {  # network -> parameters, multiply-adds of one picture
    "encoder": (398_112, 29_127_168),
    "autoencoder": (1_386_049, 108_831_744),
    "autoencoder-plain": (1_384_001, 108_831_744),
    "autoencoder-k5": (3_844_673, 302_310_400),
    "tight-autoencoder-8": (1_599_305, 109_032_448),
    "tight-autoencoder-32": (2_201_441, 109_634_560),
    "tight-autoencoder-128": (4_609_985, 112_043_008),
    "classifier-64": (1_201_642, 29_930_624),
    "classifier-128": (2_005_162, 30_734_080),
    "classifier-256": (3_612_202, 32_340_992),
    "mlp": (101_770, 101_632),
    "linear-on-pixels": (7_850, 7_840),
    "plain-cnn": (1_199_882, 11_992_448),
    "figure-9-net": (421_642, 4_241_152),
    "cifar-autoencoder": (1_387_203, 143_327_232),
    "cifar-classifier": (2_497_258, 40_731_904),
}
LAYERS = {  # layer -> shape it gives, parameters with those of its batch normalisation
    "conv1": ((32, 28, 28), 384), "conv2": ((32, 28, 28), 9_312), "pool1": ((32, 14, 14), 0),
    "conv3": ((64, 14, 14), 18_624), "pool2": ((64, 7, 7), 0), "conv4": ((128, 7, 7), 74_112),
    "conv5": ((256, 7, 7), 295_680), "conv6": ((256, 7, 7), 590_592), "conv7": ((128, 7, 7), 295_296),
    "up1": ((128, 14, 14), 0), "conv8": ((64, 14, 14), 73_920), "up2": ((64, 28, 28), 0),
    "conv9": ((32, 28, 28), 18_528), "conv10": ((32, 28, 28), 9_312), "output": ((1, 28, 28), 289),
}
CLASSIFIERS = [n for n in SIZES if "autoencoder" not in n and n != "encoder"]


def test_every_network_of_the_chapter_is_listed_here():
    assert set(NETWORKS) == set(SIZES)


@pytest.mark.parametrize("name", SIZES)
def test_sizes(name):
    parameters, macs = SIZES[name]
    assert models.size(name) == {"parameters": parameters, "macs": macs}


def test_the_autoencoder_layer_by_layer():
    rows = models.layers("autoencoder")
    found = {}
    for row in rows:
        name = row.name.rpartition(".")[2]
        if name.startswith("norm"):
            found[f"conv{name[4:]}"][1] += row.parameters
        elif not name.startswith(("act", "out")) or name == "output":
            found[name] = [row.shape, row.parameters]
    assert {name: tuple(values) for name, values in found.items()} == LAYERS


def test_normalisation_comes_after_the_activation():
    order = [type(layer).__name__ for layer in models.build("encoder")]
    assert order[:7] == ["Conv2d", "ReLU", "BatchNorm2d"] * 2 + ["MaxPool2d"]
    plain = models.build("autoencoder-plain").modules()
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in plain)


def test_keras_counts_the_moving_averages_too():
    for name, count in (("encoder", 399_136), ("autoencoder", 1_388_097), ("classifier-128", 2_006_186)):
        state = models.build(name).state_dict()
        assert sum(v.numel() for k, v in state.items() if not k.endswith("tracked")) == count


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_is_an_encoder_and_a_head(name):
    network, shape = models.build(name, seed=0).eval(), NETWORKS[name][1]
    x = torch.rand(3, *shape)
    assert torch.equal(network(x), network.head(network.encoder(x)))
    assert network(x).shape == (3, 10) and network(x).dtype == torch.float32
    assert network.head(network.encoder(x).flatten(1)[:, :, None, None]).shape == (3, 10)


@pytest.mark.parametrize("name", ["autoencoder", "autoencoder-plain", "tight-autoencoder-8",
                                  "cifar-autoencoder"])
def test_an_autoencoder_gives_a_picture(name):
    network, shape = models.build(name, seed=0), NETWORKS[name][1]
    out = network(torch.rand(2, *shape))
    assert out.shape == (2, *shape) and 0 < out.min() and out.max() < 1


def test_the_code_of_a_tight_autoencoder_is_all_that_passes():
    network = models.build("tight-autoencoder-8", seed=0).eval()
    x = torch.rand(2, 1, 28, 28)
    code = network.encoder(x)
    assert code.shape == (2, 8) and code.min() < 0  # linear
    assert torch.equal(network.decoder(code), network(x))


def test_enlargement_copies_pixels():
    up = models.build("autoencoder").decoder.body.up1
    assert up(torch.tensor([[[[1.0, 2], [3, 4]]]])).tolist() == [
        [[[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]]]


def test_an_encoder_fits_into_a_classifier():
    trained, network = models.build("autoencoder", seed=1), models.build("classifier-64", seed=2)
    network.encoder.load_state_dict(trained.encoder.state_dict())
    x = torch.rand(1, 1, 28, 28)
    assert torch.equal(network.eval().encoder(x), trained.eval().encoder(x))


def test_convolutions_are_float32_where_first_steps_are_compared(monkeypatch):
    seen = []

    class Look(nn.Conv2d):
        def forward(self, x):
            out = super().forward(x)
            seen.append(out.dtype)
            return out

    monkeypatch.setattr(precision, "_fast", lambda kind: True)
    layers = Convolutions(OrderedDict(conv=Look(1, 2, 3)))
    given = layers(torch.rand(1, 1, 5, 5))
    with precision.exact():
        exact = layers(torch.rand(1, 1, 5, 5))
        assert precision.name(torch.device("cpu")) == "float32"
    assert seen == [torch.bfloat16, torch.float32]
    assert given.dtype == exact.dtype == torch.float32
    assert precision.name(torch.device("cpu")) == "float32, bfloat16 in convolutions"
