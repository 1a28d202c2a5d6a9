"""Sizes of the networks that colour scenes, against those that the report's layers give."""

import pytest

from lib import models

SIZES = {"scene-cnn": (75_563_904, 131_203_072), "scene-cnn-tanh": (75_563_904, 131_203_072),
         "no-conv": (50_345_984, 50_331_648), "fcn": (207_444, 141_107_200), "fcn-64": (258_656, 350_617_600),
         "mnist-tutorial-cnn": (3_274_634, 13_883_904)}
LAYERS = {"conv1": (832, (32, 64, 64)), "pool1": (0, (32, 32, 32)), "conv2": (51_264, (64, 32, 32)),
          "pool2": (0, (64, 16, 16)), "flatten": (0, (16384,)), "fc1": (33_556_480, (2048,)),
          "fc2": (8_392_704, (4096,)), "fc3": (33_562_624, (8192,)), "out": (0, (2, 64, 64))}


@pytest.mark.parametrize("name", SIZES)
def test_sizes(name):
    assert tuple(models.size(name).values()) == SIZES[name]


def test_layers_of_the_reports_network():
    rows = {r.name: (r.parameters, r.shape) for r in models.layers("scene-cnn")}
    assert {name: rows[name] for name in LAYERS} == LAYERS
