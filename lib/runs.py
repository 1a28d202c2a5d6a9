"""From a declared run to its record: locked, resumable, atomic.

While a run trains, its state (weights, optimizer, history) is saved at epoch boundaries, at most once
a minute, under ``$BOOK_CACHE`` (``.cache/`` of the repository).  The final weights go to
``checkpoints/`` (or ``$BOOK_CACHE/checkpoints``).
"""

import json
import os
import platform
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import nn

from lib import data, draws, models, training
from lib.experiments import ROOT, Chapter, Experiment, chapter, recipe_hash
from lib.records import Record, RecordError, atomic, find, path_of, read, smoke_root, write

SAVE_EVERY = 60  # seconds between two saved states


class Locked(Exception):
    """Another process is training this run."""


@dataclass(frozen=True)
class Run:
    """One run to be made: chapter, experiment, point of its grid, seed, scale."""

    chapter: Chapter
    experiment: Experiment
    point: str
    seed: int
    scale: str = "full"

    @property
    def name(self) -> str:
        point = f"/{self.point}" if self.point else ""
        return f"{self.chapter.slug}/{self.experiment.name}{point} seed {self.seed}"

    @cached_property
    def recipe(self) -> dict:
        return self.experiment.recipe(self.seed, self.point, self.scale)

    @property
    def record_path(self) -> Path:
        return path_of(self.chapter.slug, self.experiment.name, self.point, self.seed, self.scale)

    def file(self, kind: str, suffix: str) -> Path:
        """Where this run keeps its ``kind``: "states" or "checkpoints"."""
        cache = os.environ.get("BOOK_CACHE")
        if self.scale == "smoke":
            root = smoke_root() / kind
        elif kind == "states":
            root = Path(cache or ROOT / ".cache") / kind
        else:
            root = Path(cache) / kind if cache else ROOT / kind
        middle = "" if self.scale != "reduced" else ".reduced"
        return (root / self.chapter.slug / self.experiment.name / self.point
                / f"{self.seed}{middle}{suffix}")


@contextmanager
def lock(run: Run):
    """Hold a run; the owner's pid and host lie in the file.  A dead owner's lock is free at once."""
    import fcntl

    path = run.file("states", ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise Locked(f"{run.name} is being trained by {file.read().strip() or 'another process'}"
                         ": wait for it, or stop that process.") from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}")
        file.flush()
        yield


def _tensors(network: nn.Module, optimizer) -> dict[str, torch.Tensor]:
    tensors = {f"network.{k}": v for k, v in network.state_dict().items()}
    for i, entry in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{i}.{k}": v for k, v in entry.items()}
    return {k: v.detach().cpu().contiguous() for k, v in tensors.items()}


def save_state(run: Run, network: nn.Module, optimizer, progress: training.Progress) -> None:
    """Write weights, moments and history in one file, atomically."""
    meta = {"recipe": recipe_hash(run.recipe), "epoch": str(progress.epoch),
            "seconds": str(progress.seconds), "history": json.dumps(progress.history)}
    atomic(run.file("states", ".safetensors"), save(_tensors(network, optimizer), meta))


def load_state(run: Run, network: nn.Module, optimizer) -> training.Progress | None:
    """Put a saved state into network and optimizer; None where there is none of this recipe."""
    path = run.file("states", ".safetensors")
    if not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            meta = file.metadata()
        tensors = load(path.read_bytes())
    except (SafetensorError, OSError) as error:
        raise RecordError(f"the saved state {path} is damaged ({error}): delete it; the run then "
                          "starts again from its first epoch.") from error
    if meta["recipe"] != recipe_hash(run.recipe):
        return None
    network.load_state_dict({k.removeprefix("network."): v for k, v in tensors.items()
                             if k.startswith("network.")})
    weights = [p for group in optimizer.param_groups for p in group["params"]]
    for name, value in tensors.items():
        if name.startswith("optimizer."):
            _, i, key = name.split(".")
            like = weights[int(i)]
            own = torch.empty_like(like).copy_(value) if value.shape == like.shape else value
            optimizer.state[like][key] = own
            if key == "step":
                optimizer.steps = int(value)
    return training.Progress(int(meta["epoch"]), float(meta["seconds"]), json.loads(meta["history"]))


def machine() -> dict:
    """Device, threads and versions that a run was made with."""
    gpu = torch.cuda.is_available()
    return {"device": torch.cuda.get_device_name() if gpu else _processor(),
            "precision": "float32", "threads": torch.get_num_threads(),
            "versions": {"python": platform.python_version()}
            | {p: version(p) for p in ("torch", "numpy")}}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(": ")[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):
        return platform.processor() or platform.machine()


def commit() -> str:
    """The commit that the code stands at, with a + where files differ from it; "" outside git."""
    try:
        said = subprocess.run(["git", "describe", "--always", "--dirty=+", "--exclude=*"],
                              cwd=ROOT, capture_output=True, text=True, timeout=10)
        return said.stdout.strip()
    except OSError:
        return ""


@dataclass(frozen=True)
class Context:
    """What an analysis may look at: data sets, and the records of the runs it needs."""

    run: Run

    def data(self, name: str = "") -> tuple[data.Dataset, data.Dataset]:
        return data.load(name or self.run.recipe["data"])

    def runs(self, experiment: str) -> list[Record]:
        return find(self.run.chapter.slug, experiment)


def _parts(recipe: dict) -> training.Parts:
    train, test = data.load(recipe["data"])
    if "images" in recipe:
        train, test = train[: recipe["images"]], test[: recipe["validation"]]
    return training.Parts(*data.split(train, recipe["validation"]), test)


def _train(run: Run, deadline: float, report: Callable) -> Record:
    recipe, parts = run.recipe, _parts(run.recipe)
    saved = [time.monotonic()]

    def after_epoch(network, optimizer, progress):
        late = time.time() > deadline and progress.epoch < recipe["epochs"]
        if late or time.monotonic() - saved[0] >= SAVE_EVERY:
            save_state(run, network, optimizer, progress)
            saved[0] = time.monotonic()
        report(progress)
        if late:
            raise training.OutOfTime(f"{run.name}: {progress.epoch} of {recipe['epochs']} epochs; "
                                     "the state is saved")

    start = training.probe(recipe)
    network, progress, arrays = training.fit(
        recipe, parts, resume=lambda n, o: load_state(run, n, o), after_epoch=after_epoch)
    weights = save({k: v.cpu().contiguous() for k, v in network.state_dict().items()})
    path = run.file("checkpoints", ".safetensors")
    counts = {name: part.labels.bincount(minlength=10).tolist()
              for name, part in vars(parts).items()}
    macs = models.size(recipe["model"])["macs"]
    return _record(
        run, history=progress.history, probe=start, given=arrays,
        facts={"class_counts": counts, "network": models.size(recipe["model"])},
        data={"name": recipe["data"], "source": parts.train.source,
              "fingerprint": data.fingerprint(*vars(parts).values())},
        cost={"seconds": round(progress.seconds, 1),
              "operations": 6 * macs * len(parts.train) * recipe["epochs"]},
        files={"weights": {"file": path.name, "sha256": atomic(path, weights)}})


def _analyse(run: Run) -> Record:
    start = time.perf_counter()
    findings = run.experiment.analysis(Context(run))
    name = run.recipe["data"]
    seen = {"name": name} if name is None else {
        "name": name, "source": data.load(name)[0].source,
        "fingerprint": data.fingerprint(*data.load(name))}
    needs = {r.name: r.recipe_hash for n in run.experiment.needs for r in find(run.chapter.slug, n)}
    return _record(run, measures=findings.measures, facts=findings.facts, given=findings.arrays,
                   data=seen, needs=needs, cost={"seconds": round(time.perf_counter() - start, 1)})


def _record(run: Run, **content) -> Record:
    return Record(slug=run.chapter.slug, experiment=run.experiment.name, point=run.point,
                  seed=run.seed, scale=run.scale, recipe=run.recipe,
                  recipe_hash=recipe_hash(run.recipe), machine=machine(), commit=commit(),
                  **({"measures": {}} | content))


def execute(run: Run, deadline: float = float("inf"), report: Callable = lambda progress: None
            ) -> Record:
    """Make one run and write its record; goes on where a killed run stopped.

    ``deadline`` (seconds since 1970): past it the state is saved at the next epoch's end and
    OutOfTime raised.  ``report`` is called with the Progress after each epoch.
    Raises Locked, DataError, Diverged, RecordError.
    """
    with lock(run):
        record = _analyse(run) if run.experiment.kind == "analysis" else _train(run, deadline, report)
        if run.experiment.kind == "training":
            for measure in run.experiment.measures:
                if measure.over == "run":
                    record.measures[measure.name] = measure.function(record)
        written = write(record, run.record_path)
        run.file("states", ".safetensors").unlink(missing_ok=True)
        return written


def weights(run: Run) -> nn.Module:
    """The trained network of a run, from ``checkpoints/`` or the chapter's ``weights/``.

    Raises RecordError where they are missing, or not those that the run's record names.
    """
    network = models.build(run.recipe["model"], draws.key(run.seed, "weights"))
    full = run.file("checkpoints", ".safetensors")
    kept = run.chapter.folder / "weights" / f"{run.experiment.name}.safetensors"
    for path in (full, kept if run.seed == 0 else None):
        if path and path.is_file():
            body = path.read_bytes()
            if path is full and sha256(body).hexdigest() != read(
                    run.record_path).files["weights"]["sha256"]:
                raise RecordError(f"{path} is not what the run's record was written with: delete it.")
            network.load_state_dict(load(body))
            return network.eval()
    raise RecordError(f"the weights of {run.name} are not here: `make train ONLY="
                      f"{run.experiment.name} SEEDS={run.seed + 1}` makes them.")


def declared(slug: str, names: tuple[str, ...] = (), scale: str = "full", seeds: int | None = None
             ) -> list[Run]:
    """The runs that a chapter declares: seed 0 of everything first, analyses before trainings."""
    home = chapter(slug)
    chosen = [home[n] for n in names] or list(home.experiments.values())
    runs = [Run(home, e, p, s, scale) for e in chosen for p, s in e.runs()
            if seeds is None or s < seeds]
    return sorted(runs, key=lambda r: (bool(r.experiment.needs), r.experiment.kind != "analysis",
                                       r.seed))
