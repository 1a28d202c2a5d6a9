"""The shared library of the book: data, colour, networks, training, records, verdicts.

Importing ``lib`` loads neither torch nor any other heavy package; the names below are
fetched when they are first used.
"""

from importlib import import_module

_LAZY = {
    "reproduce": "lib.asking",
    "claims": "lib.claims",
    "color": "lib.color",
    "data": "lib.data",
    "losses": "lib.losses",
    "measures": "lib.measures",
    "models": "lib.models",
    "plots": "lib.plots",
    "records": "lib.records",
    "training": "lib.training",
}


def __getattr__(name: str):
    if name not in _LAZY:
        raise AttributeError(f"module 'lib' has no attribute {name!r}")
    module = import_module(_LAZY[name])
    value = getattr(module, name) if hasattr(module, name) else module
    globals()[name] = value
    return value
