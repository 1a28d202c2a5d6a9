"""torchvision works over the PyTorch that is installed, compiled operators or not."""

import subprocess
import sys

import torch

from lib.experiments import ROOT
from lib.vision import torchvision


def test_networks_transforms_and_sets_are_there():
    assert sum(p.numel() for p in torchvision().models.vgg16(weights=None).parameters()) == 138_357_544
    assert len(torchvision().datasets.FakeData(size=3)) == 3
    assert torchvision().transforms.CenterCrop(4)(torch.zeros(3, 9, 9)).shape == (3, 4, 4)


def test_the_plain_import_works_afterwards():
    """Where the wheel's operators do not load, the plain import fails before and works after."""
    code = "from lib.vision import torchvision; torchvision(); import torchvision.datasets.utils"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
