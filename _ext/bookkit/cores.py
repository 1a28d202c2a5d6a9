"""Pages are read by several processes: their notebooks take nearly all of a build's time.

Jupyter Book has no option for the number of processes (Sphinx's ``-j``), so it is set here.
"""

import os
from pathlib import Path

from jupyter_cache import get_cache

from lib.pool import cores

MOST = 8  # a kernel with torch takes half a gigabyte
# safe, but they do not say so: one works when all pages are read, the other for PDF alone
SILENT = {"sphinx_multitoc_numbering", "sphinx_jupyterbook_latex"}


def spread(docnames: list[str], notebooks: set[str], processes: int) -> list[str]:
    """The same pages with notebooks at even distances: each process gets a run of neighbours."""
    pages = sorted(docnames, key=lambda name: (name not in notebooks, name))
    return [name for start in range(processes) for name in pages[start::processes]]


def _before_reading(app, env, docnames: list[str]) -> None:
    for name in SILENT & app.extensions.keys():
        app.extensions[name].parallel_read_safe = True
    notebooks = {name for name in docnames if str(env.doc2path(name)).endswith(".ipynb")}
    docnames[:] = spread(docnames, notebooks, app.parallel)


def _open_cache(app) -> None:
    """Make the cache's database before the processes do, all at once."""
    path = Path(app.env.mystnb_config.execution_cache_path)
    path.mkdir(parents=True, exist_ok=True)
    get_cache(path).db.dispose()


def setup(app) -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # kernels side by side: a core each
    app.parallel = max(app.parallel, min(cores(), MOST))
    if "myst_nb" in app.extensions:
        app.connect("builder-inited", _open_cache)
    app.connect("env-before-read-docs", _before_reading)
