"""torchvision over a PyTorch that lacks the operators compiled for it.

The torchvision wheel that pip takes on Linux is built for CUDA.  Over a CPU-only PyTorch its compiled
part does not load, and the import ends where Python code is registered for ``torchvision::nms``.
Naming that operator is enough: data sets, networks and transforms are plain Python.
"""

import sys
from functools import cache
from types import ModuleType

import torch

_NAMED = torch.library.Library("torchvision", "FRAGMENT")  # what is named lives as long as this


@cache
def torchvision() -> ModuleType:
    """The package torchvision; where it is whole it is imported as it is."""
    try:
        import torchvision as whole
        return whole
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    for name in ("nms", "qnms"):
        _NAMED.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision as mended
    return mended
