"""Functions that are looked up when they are called: declarations load no torch."""

from lib.experiments import sibling


def later(module: str, name: str):
    """The function ``name`` of this chapter's ``module``, loaded at its first call."""
    def call(*arguments):
        return getattr(sibling(__file__, module), name)(*arguments)

    call.__name__ = name
    return call
