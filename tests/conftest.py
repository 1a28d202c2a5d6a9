"""Shared by all tests: the quick ones first, one build of the book, one browser."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip

os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items):
    """Unit tests, then notebooks, then the built book: a browser's event loop stays to the end."""

    def turn(item) -> int:
        if item.path.name == "test_book.py":
            return 2
        return int(item.path.suffix == ".ipynb")

    items.sort(key=turn)


@pytest.fixture(scope="session")
def build(tmp_path_factory) -> tuple[Path, int, str]:
    """The book built from nothing, warnings as errors: folder, exit status, what was said."""
    target = tmp_path_factory.mktemp("book")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ROOT]
    command += ["--path-output", target, "-W", "-n", "--keep-going"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return target / "_build" / "html", done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="session")
def html(build) -> Path:
    """The folder of the built book."""
    folder, status, _ = build
    if status:
        pytest.skip("the book could not be built")
    return folder


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def address(html):
    """The built book at an address of this machine."""
    handler = functools.partial(_Quiet, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Read by pytest-playwright: the browser of this machine in place of one to download."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(
            f"no browser: none of {', '.join(BROWSERS)} is on PATH; "
            "on Debian and Ubuntu: apt-get install chromium"
        )
    return {**browser_type_launch_args, "executable_path": found, "args": FLAGS}
