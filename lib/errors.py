"""What a person can mend: errors whose message names the fix, told in one line."""

import difflib


class BookError(Exception):
    """What is wrong, and what to do about it."""


class UnknownName(BookError, KeyError):
    """A name that nothing has; the message offers the nearest ones."""

    def __init__(self, kind: str, name: str, known):
        near = difflib.get_close_matches(name, list(known), 3) or sorted(known)[:12]
        super().__init__(f"no {kind} is called {name!r}; did you mean {', '.join(near)}?")

    def __str__(self) -> str:
        return self.args[0]


def look_up(kind: str, table: dict, name: str):
    """The entry of that name.  Raises UnknownName."""
    if name not in table:
        raise UnknownName(kind, name, table)
    return table[name]
