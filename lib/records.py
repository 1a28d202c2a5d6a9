"""Records: what a run gave, written once, checked whenever it is read.

``chapters/<slug>/records/<experiment>[/<point>]/<seed>[.reduced].json`` and, beside it, arrays in an
``.npz`` of the same stem.  A record is JSON with one line a key; it names the sha256 of its arrays,
of its weights and of itself.  Pages and verdicts read records and nothing else.
"""

import hashlib
import json
import math
import os
import tempfile
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import product
from pathlib import Path

import numpy as np

from lib.errors import BookError
from lib.experiments import Experiment, chapter, name_of, recipe_hash

FORMAT = 1
SUFFIX = {"full": "", "reduced": ".reduced", "smoke": ""}


class RecordError(BookError):
    """A record that is damaged, edited or another recipe's; the message names file and remedy."""


def unwritable(path: Path, error: OSError) -> RecordError:
    """What to say where a file cannot be written: a full disk, a folder that may only be read."""
    return RecordError(f"{path} could not be written ({error.strerror}): free some space, or let the "
                       "folder be written (BOOK_CACHE names another one for states and weights, BOOK_DATA "
                       "for data sets); what was there before is untouched.")


def atomic(path: Path, body: bytes) -> str:
    """Write a file in one piece (temporary file, then renamed); returns its sha256."""
    _together({path: body})
    return _sha256(body)


def _together(bodies: dict[Path, bytes]) -> None:
    """Write files, all to temporary ones before the first is renamed."""
    names = []
    try:
        for path, body in bodies.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            names.append(name)
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
        for path, name in zip(bodies, names, strict=True):
            os.replace(name, path)
    except OSError as error:
        for name in names:
            Path(name).unlink(missing_ok=True)
        raise unwritable(path, error) from error


def smoke_root() -> Path:
    """Where smoke runs write: a temporary folder of this user, outside the repository."""
    return Path(os.environ.get("BOOK_SMOKE") or Path(tempfile.gettempdir()) / f"book-smoke-{os.getuid()}")


def path_of(slug: str, experiment: str, point: str, seed: int, scale: str = "full") -> Path:
    """The JSON file of a run's record."""
    root = smoke_root() / slug if scale == "smoke" else chapter(slug).folder
    return root / "records" / experiment / point / f"{seed}{SUFFIX[scale]}.json"


@dataclass
class Record:
    """One run's record; ``arrays`` are lazy.

    ``history`` holds columns with one entry an epoch, or a look or some updates, as the trainer counts.
    """

    slug: str
    experiment: str
    point: str
    seed: int
    scale: str
    recipe: dict
    recipe_hash: str
    data: dict
    measures: dict
    history: dict[str, list] = field(default_factory=dict)
    facts: dict = field(default_factory=dict)
    probe: dict = field(default_factory=dict)
    needs: dict = field(default_factory=dict)
    cost: dict = field(default_factory=dict)
    machine: dict = field(default_factory=dict)
    commit: str = ""
    files: dict = field(default_factory=dict)
    path: Path | None = None
    given: dict | None = None  # arrays of a run that is not written yet

    @property
    def name(self) -> str:
        return name_of(self.slug, self.experiment, self.point, self.seed)

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays, checked against the record's sha256."""
        if self.given is not None or "arrays" not in self.files:
            return self.given or {}
        path = self.path.with_name(self.files["arrays"]["file"])
        if not path.is_file() or _sha256(path.read_bytes()) != self.files["arrays"]["sha256"]:
            raise RecordError(f"{path} is missing or not what {self.path.name} was written with: "
                              f"`git checkout {path}`, or delete both and run `make train`.")
        with np.load(path, allow_pickle=False) as file:
            return dict(file)


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


_KEYS = ("slug", "experiment", "point", "seed", "scale", "recipe", "recipe_hash", "data", "measures",
         "facts", "probe", "needs", "cost", "machine", "commit", "files", "history")


def _plain(value):
    """A number of NumPy's as one of Python's.  Raises TypeError for what JSON has no word for."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a record holds no {type(value).__name__}")


def _body(content: dict) -> bytes:
    lines = [f"{json.dumps(k)}: {json.dumps(v, allow_nan=False, default=_plain)}" for k, v in content.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _no_numbers(value, name: str = "") -> list[str]:
    """Where nan or an infinity lies within the content of a record, which JSON does not know."""
    if isinstance(value, (float, np.floating)) and not math.isfinite(value):
        return [f"{name} is {value}"]
    inner = value.items() if isinstance(value, dict) else enumerate(
        value if isinstance(value, (list, tuple)) else ())
    return [found for key, v in inner for found in _no_numbers(v, f"{name}.{key}".lstrip("."))]


def write(record: Record, path: Path) -> Record:
    """Write a record and its arrays, arrays first, so that a killed run leaves no half record.

    Raises RecordError where a value is nan or infinite, or the disk is full, TypeError where JSON cannot
    hold one; what was there stays.  Killed between the two, the old record refuses the new arrays.
    """
    bodies = {}
    if lost := _no_numbers({k: getattr(record, k) for k in _KEYS}):
        raise RecordError(f"{record.name} cannot be kept: {lost[0]}, and a record holds numbers only.")
    if record.given:
        from io import BytesIO

        buffer = BytesIO()
        np.savez_compressed(buffer, **record.given)
        arrays = path.with_suffix(".npz")
        bodies[arrays] = buffer.getvalue()
        record.files["arrays"] = {"file": arrays.name, "sha256": _sha256(bodies[arrays])}
    content = {"format": FORMAT} | {k: getattr(record, k) for k in _KEYS}
    content["sha256"] = _sha256(_body(content))
    _together(bodies | {path: _body(content)})
    return read(path)


def read(path: Path) -> Record:
    """Read and check a record.  Raises RecordError, naming the file and what to do."""
    return _read(path, path.stat().st_mtime_ns if path.is_file() else 0)


@cache
def _read(path: Path, _mtime: int) -> Record:
    try:
        content = json.loads(path.read_bytes())
        claimed = content.pop("sha256")
        kind = content.pop("format")
        record = Record(**content, path=path)
        whole = _sha256(_body({"format": kind} | content))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{path} is no record ({type(error).__name__}: {error}): `git checkout` "
                          "it, or delete it and run `make train`.") from error
    if kind != FORMAT or claimed != whole:
        raise RecordError(f"{path} was changed after it was written (sha256): `git checkout` it, or "
                          "delete it and run `make train`.")
    if recipe_hash(record.recipe) != record.recipe_hash:
        raise RecordError(f"{path} holds a recipe that is not its own: delete it and `make train`.")
    return record


def state_of(experiment: Experiment, slug: str, point: str, seed: int, scale: str = "full") -> str:
    """"ok", "missing" or "stale": its recipe, or that of a run it was built on, is not the declared one."""
    path = path_of(slug, experiment.name, point, seed, scale)
    if not path.is_file():
        return "missing"
    record = read(path)
    fresh = record.recipe_hash == recipe_hash(experiment.recipe(seed, point, scale))
    return "ok" if fresh and all(_declared(*need) for need in record.needs.items()) else "stale"


def _declared(name: str, made: str) -> bool:
    """Whether ``made`` is the recipe hash of the run called so, at any scale, as it is declared now."""
    place, _, seed = name.rpartition(" seed ")
    slug, experiment, *point = place.split("/")
    other = chapter(slug).experiments.get(experiment)
    if other is None or (point and point[0] not in other.points):
        return False
    return made in {recipe_hash(other.recipe(int(seed), *point, scale=scale))
                    for scale in ("full", "reduced", "smoke")}


def find(slug: str, experiment: str, scale: str | None = None) -> list[Record]:
    """The fresh records of an experiment, ordered by point and seed.

    ``scale`` "full", "reduced" or "smoke"; None gives for each run the full record where there is
    one, else the reduced.  Only declared seeds count; stale records are left out.
    """
    declared = chapter(slug)[experiment]
    found = []
    for point, seed in product(declared.points or ("",), range(declared.seeds)):
        for rung in (scale,) if scale else ("full", "reduced"):
            if state_of(declared, slug, point, seed, rung) == "ok":
                found.append(read(path_of(slug, experiment, point, seed, rung)))
                break
    return found
