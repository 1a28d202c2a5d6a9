"""The book's own Sphinx extension: verdicts and runs in pages, a cache that knows lib and data.

cache       what a page depends on beside its own words
book        what is read from lib, and how numbers are written
roles       {measure}, {percent} and {claim}
scoreboard  {scoreboard} and {verdict-counts}
runs        {runs}
nodes       badges, tables, links by label
cores       pages read by several processes
repair      accessible HTML where the theme falls short; MathJax from its package
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # lib beside this very book


def setup(app) -> dict:
    from . import book, cache, cores, nodes, repair, roles, runs, scoreboard

    app.connect("builder-inited", lambda app: book.forget())
    for part in (cache, cores, nodes, roles, scoreboard, runs, repair):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
