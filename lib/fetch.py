"""Downloads of the full sets, for ``python -m lib data``: checked, quick to give up.  Whole files stay.

A folder that cannot be written is a RecordError, and says so: another server would not help.
"""

import hashlib
import socket
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path

from lib import data
from lib.data import CIFAR_FILES, CIFAR_FOLDER, DataError, folders
from lib.records import atomic
from lib.vision import torchvision

MNIST_URLS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
CIFAR_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
CIFAR_MD5 = "c32a1d4ab5d03f1284b67883e8d87530"
TIMEOUT = 7  # seconds without an answer before a server is given up; there are two


@contextmanager
def _downloaded(url: str, md5: str):
    """The path of a file that was fetched and is what it should be, gone afterwards.  Raises OSError."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        with tempfile.TemporaryDirectory() as folder:
            name = url.rpartition("/")[2]
            torchvision().datasets.utils.download_url(url, folder, name, md5)
            yield Path(folder, name)
    except RuntimeError as error:  # what torchvision says of a wrong checksum
        raise OSError(f"what it sends is another file ({error})") from error
    finally:
        socket.setdefaulttimeout(before)


def _whole(path: Path, digest: str, kind: str) -> bool:
    return path.is_file() and hashlib.new(kind, path.read_bytes()).hexdigest() == digest


def mnist(folder: Path | None = None) -> Path:
    """Fetch MNIST's files that are missing, checked by md5.  Raises DataError within 15 s offline."""
    folder = (folder or folders()[0]) / "MNIST/raw"
    for name, (md5, *_) in data.MNIST_FILES.items():
        if _whole(folder / name, md5, "md5"):
            continue
        reasons = []
        for base in MNIST_URLS:
            try:
                with _downloaded(base + name, md5) as path:
                    atomic(folder / name, path.read_bytes())
                break
            except OSError as error:
                reasons.append(f"{base}: {error}")
        else:
            raise DataError(f"could not download {name} ({'; '.join(reasons)}). Put the file into "
                            f"{folder} by hand, or set BOOK_DATA to a folder that has it.")
    return folder


def cifar10(folder: Path | None = None) -> Path:
    """Fetch CIFAR-10's binary version where a file of it is missing, each checked by sha256."""
    folder = (folder or folders()[0]) / CIFAR_FOLDER
    wanted = {f"{name}.bin": sha for name, sha in CIFAR_FILES.items()
              if not _whole(folder / f"{name}.bin", sha, "sha256")}
    if not wanted:
        return folder
    try:
        with _downloaded(CIFAR_URL, CIFAR_MD5) as path, tarfile.open(path, "r:gz") as archive:
            for member in archive:
                name = Path(member.name).name
                if name in wanted:
                    body = archive.extractfile(member).read()
                    if hashlib.sha256(body).hexdigest() == wanted.pop(name):
                        atomic(folder / name, body)
    except (OSError, tarfile.TarError) as error:
        raise DataError(f"could not download CIFAR-10 ({CIFAR_URL}: {error}). Put its .bin files "
                        f"into {folder} by hand, or set BOOK_DATA to a folder that has them.") from error
    return folder
