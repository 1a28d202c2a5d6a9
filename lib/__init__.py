"""The shared library of the book: data, colour, networks, training, records, verdicts.

Importing ``lib`` loads neither torch nor any other heavy package; a name below is fetched from its
module when it is first used.
"""

from importlib import import_module

_LAZY = {"reproduce": "lib.asking"}


def __getattr__(name: str):
    if name not in _LAZY:
        raise AttributeError(f"module 'lib' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
