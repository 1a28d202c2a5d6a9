"""When a page must be made anew: digests of what it depends on beside its own words.

Jupyter Book's cache knows the cells of a notebook and nothing else.  Here a digest of the
chapter's data, of the project's modules that the cells import and of the pinned packages is put
into the notebook's kernelspec, which that cache hashes.  A changed prose line leaves it as it is.
"""

import ast
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

DATA = {".json", ".npz", ".yml", ".yaml", ".csv", ".safetensors", ".png", ".jpg"}
READERS = {"lib.claims", "lib.measures", "lib.records", "lib.experiments"}  # behind the roles
EVERY = "*"  # a page that reads all chapters


def imported(tree: ast.Module, package: str = "") -> set[str]:
    """Dotted names that code imports anywhere; relative ones are completed with its package."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


@cache
def _imports(path: Path, mtime_ns: int, package: str) -> set[str]:
    return imported(ast.parse(path.read_text("utf8"), str(path)), package)


def modules(names: Iterable[str], roots: Iterable[Path]) -> set[Path]:
    """Files of the project's own modules among dotted names, with what they import in turn."""
    tops = {root: {path.stem for path in root.iterdir()} for root in roots}
    todo, done, files = set(names), set(), set()
    while todo:
        name = todo.pop()
        done.add(name)
        parts = name.split(".")
        for root in (root for root, own in tops.items() if parts[0] in own):
            for n in range(1, len(parts) + 1):
                stem = root.joinpath(*parts[:n])
                module, init = stem.with_suffix(".py"), stem / "__init__.py"
                for path in {path for path in (module, init) if path.is_file()} - files:
                    files.add(path)
                    package = parts[:n] if path == init else parts[: n - 1]
                    todo |= _imports(path, path.stat().st_mtime_ns, ".".join(package)) - done
    return files


@cache
def _content(path: Path, mtime_ns: int, size: int) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def _hash(root: Path, files: Iterable[Path], start: str = "") -> str:
    h = hashlib.sha256(start.encode())
    for path in sorted(files):
        stat = path.stat()
        h.update(f"\0{path.relative_to(root)}\0".encode())
        h.update(_content(path, stat.st_mtime_ns, stat.st_size))
    return h.hexdigest()[:16]


def declarations(folder: Path) -> set[Path]:
    """The chapter's own modules: experiments.py and what stands beside it, pages aside."""
    return set(folder.glob("*.py")) - set(folder.glob("[0-9]_*.py"))


def chapter_files(folder: Path) -> set[Path]:
    """What a chapter's pages are made from: declarations, claims, records, other data."""
    found = {path for path in folder.rglob("*") if path.suffix in DATA}
    shown = {p for p in found if not any(x[0] == "." for x in p.relative_to(folder).parts)}
    return shown | declarations(folder)


def chapter_digest(root: Path, slug: str) -> str:
    """Digest of all that roles and directives read of one chapter, or of every chapter."""
    pattern = "*/experiments.py" if slug == EVERY else f"{slug}/experiments.py"
    files = set((root / "_ext").rglob("*.py")) | modules(READERS, [root])
    for experiments in (root / "chapters").glob(pattern):
        folder = experiments.parent
        own = {path.stem for path in declarations(folder)}
        files |= chapter_files(folder) | modules(own, [root, folder])
    return _hash(root, files, slug)


_chapter_digest = cache(chapter_digest)  # once a build


def notebook_digest(root: Path, notebook: Path, text: str) -> str:
    """Digest of everything beside its own cells that a notebook's outputs depend on."""
    lines = [
        line
        for cell in json.loads(text)["cells"]
        if cell["cell_type"] == "code"
        for line in "".join(cell["source"]).splitlines()
        if not line.lstrip().startswith(("%", "!"))
    ]
    folder = notebook.parent
    own = {path.stem for path in declarations(folder)}
    files = modules(imported(ast.parse("\n".join(lines))) | own, [root, folder])
    files |= chapter_files(folder) | {p for p in [root / "requirements.txt"] if p.is_file()}
    # with its own name: equal cells elsewhere are not equal
    return _hash(root, files, notebook.relative_to(root).as_posix())


def depend(env, slug: str) -> None:
    """Note that the page being read shows something of a chapter (or of ``EVERY`` one)."""
    digests = env.bookkit_digests.setdefault(env.docname, {})
    if slug not in digests:
        digests[slug] = _chapter_digest(Path(env.srcdir), slug)


def _source_read(app, docname: str, source: list[str]) -> None:
    """Put the digest where jupyter-cache hashes it: the kernelspec of the notebook just read."""
    path = Path(app.env.doc2path(docname))
    if path.suffix == ".ipynb":
        value = notebook_digest(Path(app.srcdir), path, source[0])
        notebook = json.loads(source[0])
        kernel = {"name": "python3", "display_name": "Python 3"}
        notebook["metadata"].setdefault("kernelspec", kernel)["dependencies"] = value
        source[0] = json.dumps(notebook)
        app.env.bookkit_digests.setdefault(docname, {})["cells"] = value


def _outdated(app, env, added, changed, removed) -> list[str]:
    """Pages whose dependencies changed since they were last read."""
    root, pages = Path(app.srcdir), []
    for docname in env.found_docs & env.bookkit_digests.keys():
        path = Path(env.doc2path(docname))
        for key, old in env.bookkit_digests[docname].items():
            if key == "cells":
                new = notebook_digest(root, path, path.read_text("utf8"))
            else:
                new = _chapter_digest(root, key)
            if new != old:
                pages.append(docname)
                break
    return pages


def _merge(app, env, docnames, other) -> None:
    """Take over what a process that read some of the pages noted."""
    env.bookkit_digests |= {name: other.bookkit_digests[name] for name in docnames
                            if name in other.bookkit_digests}


def _forget(app, error) -> None:
    """After a build with warnings the next one reads every page again, or it would not see them."""
    if error or app._warncount:
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)


def setup(app) -> None:
    def start(app) -> None:
        _chapter_digest.cache_clear()
        app.env.bookkit_digests = getattr(app.env, "bookkit_digests", {})

    app.connect("builder-inited", start)
    app.connect("env-purge-doc", lambda app, env, name: env.bookkit_digests.pop(name, None))
    app.connect("env-merge-info", _merge)
    app.connect("source-read", _source_read)
    app.connect("env-get-outdated", _outdated)
    app.connect("build-finished", _forget)
