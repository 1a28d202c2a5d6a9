"""The sets of photographs: found, checked, read at their own size or as the 64 x 64 that a network sees.

``coffee`` and the ``crops`` of smoke runs lie in the package scikit-image; ``ann/``, ``scenes/`` and
``scenes_report/`` in a folder that BOOK_DATA names.  None can be downloaded by this book.
"""

import hashlib
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from lib import draws
from lib.data import DataError, Dataset, folders, pieces
from lib.errors import UnknownName

SIDE = 64
KINDS = {"scenes_report": ("beach", "forest", "sunrise"), "scenes": ("beach", "forest", "sunset"),
         "crops": ("coffee", "chelsea", "astronaut")}
FOLDERS = {  # first 16 hex digits of the sha256 of all files in order
    "scenes_report/beach": "597665fdb8c8d4f7",     # 21 pictures
    "scenes_report/forest": "15697cd2c0dfac9a",    # 17
    "scenes_report/sunrise": "650e6d9c3df67d54",   # 14
    "scenes/beach": "0b3d5ec326053419",            # 30, as are the next two
    "scenes/forest": "99d197789c4bbe17",
    "scenes/sunset": "0932cba7f67d6d83",
}
FILES = {"ann/sunset": "87bfd21197d45be6", "ann/beach": "de080f4d2fb8ab74"}
SETS = ("coffee", "ann", *FILES, *FOLDERS, *KINDS, *(f"crops/{k}" for k in KINDS["crops"]))

Pictures = tuple[np.ndarray, ...]


def _folder(relative: str) -> Path:
    for base in folders():
        if (base / relative).exists():
            return base / relative
    looked = " and ".join(map(str, folders()))
    raise DataError(f"the pictures {relative} are not here (looked in {looked}). They cannot be "
                    "downloaded: set BOOK_DATA to a folder that holds them. BOOK_RUNS=smoke needs none.")


def _read(files: list[Path], expected: str, what: str) -> Pictures:
    found = hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:16]
    if found != expected:
        raise DataError(f"{what}: {len(files)} file(s) that are not the ones of this book (sha256 "
                        f"{found}, not {expected}): copy them again.")
    return tuple(np.array(Image.open(f).convert("RGB")) for f in files)


@cache
def originals(name: str) -> Pictures:
    """The pictures of a set at their own size, uint8 (h, w, 3) each, in the order of their files.

    Raises UnknownName, and DataError where they are missing or damaged.
    """
    if name == "coffee":
        from skimage.data import coffee

        return (np.array(coffee()),)
    if name in FILES:
        return _read([_folder(f"{name}.png")], FILES[name], name)
    if name in FOLDERS:
        files = sorted(f for f in _folder(name).iterdir() if f.suffix in (".png", ".jpg"))
        return _read(files, FOLDERS[name], name)
    if name.startswith("crops/"):
        return tuple(pieces(name.removeprefix("crops/"), "crop", 10, 96))
    if name == "ann":
        return tuple(originals(n)[0] for n in FILES)
    if name in KINDS:
        return tuple(p for kind in KINDS[name] for p in originals(f"{name}/{kind}"))
    raise UnknownName("set of pictures", name, SETS)


def kinds(name: str) -> tuple[str, ...]:
    """The sets of one kind that a set is made of, itself where it has one kind."""
    return tuple(f"{name}/{kind}" for kind in KINDS[name]) if name in KINDS else (name,)


def small(pictures: Pictures, size: tuple[int, int] = (SIDE, SIDE)) -> torch.Tensor:
    """Pictures as uint8 (n, 3, h, w) of one ``size`` (w, h), by Pillow's Lanczos whatever their shape."""
    rows = [np.asarray(Image.fromarray(p).resize(size, Image.LANCZOS)) for p in pictures]
    return torch.from_numpy(np.stack(rows)).movedim(-1, 1).contiguous()


def narrow(picture: np.ndarray, width: int) -> np.ndarray:
    """A picture reduced to ``width`` pixels, its shape kept; as it is where it is no wider."""
    height, own = picture.shape[:2]
    if own <= width:
        return picture
    return np.array(Image.fromarray(picture).resize((width, round(height * width / own)), Image.LANCZOS))


@cache
def load(name: str) -> tuple[Dataset, Dataset]:
    """A set as the networks see it, and an empty test set: these sets are split by seed.

    Scenes and crops are 64 x 64, labels their kind; ``coffee`` and ``ann`` keep their size.
    """
    parts = [originals(kind) for kind in kinds(name)]
    pictures = tuple(p for part in parts for p in part)
    whole = name.split("/")[0] in KINDS
    images = small(pictures) if whole else torch.from_numpy(np.stack(pictures)).movedim(-1, 1)
    labels = torch.tensor([i for i, part in enumerate(parts) for _ in part])
    where = "inside scikit-image" if name.startswith(("coffee", "crops")) else "photographs, see the chapter"
    both = Dataset(name, where, images, labels)
    return both, both[len(both):]


def as_dataset(name: str, picture: np.ndarray, part: str = "train") -> Dataset:
    """One picture (h, w, 3) as a set, for a record's fingerprint."""
    image = torch.from_numpy(picture.copy()).movedim(-1, 0)[None]
    return Dataset(name, "photographs, see the chapter", image, torch.zeros(1, dtype=torch.long), part)


def split(name: str, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of the training and of the test pictures of a set: each to training with a chance of 0.7.

    The draws are a function of (seed, name); drawn again where a part would be empty.
    """
    for attempt in range(100):
        draw = draws.integers(seed, f"split/{name}/{attempt}", np.arange(count), 1 << 20)[:, 0]
        trains = draw < 0.7 * (1 << 20)
        if 0 < trains.sum() < count:
            return np.flatnonzero(trains), np.flatnonzero(~trains)
    raise ValueError(f"{count} picture(s) of {name} cannot be split")
