"""The shared library of the book: data, colour, networks, training, records, verdicts.

Importing ``lib`` does not load torch.
"""

from lib.asking import reproduce

__all__ = ["reproduce"]
