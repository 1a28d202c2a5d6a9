"""From a declared run to its record: locked, resumable, atomic.

While a run trains, its state (weights, optimizer, history) is saved at epoch boundaries, at most once
a minute, under ``$BOOK_CACHE`` (``.cache/`` of the repository).  The final weights go to
``checkpoints/`` (or ``$BOOK_CACHE/checkpoints``).
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from safetensors.torch import save
from torch import nn

from lib import data, trainers
from lib.experiments import ROOT, SMOKE, Chapter, Experiment, Findings, chapter, name_of, recipe_hash
from lib.precision import exact
from lib.processor import keep_memory, one_thread
from lib.provenance import commit, machine
from lib.records import Record, RecordError, atomic, find, path_of, smoke_root, write
from lib.states import LAST, load_state, lock, save_state
from lib.weights import keep, weights

SAVE_EVERY = 60  # seconds between two saved states


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
        return name_of(self.chapter.slug, self.experiment.name, self.point, self.seed)

    @property
    def command(self) -> str:
        """What makes this run, and the seeds before it, at a shell."""
        only = f"ONLY={self.chapter.slug}/{self.experiment.name}"
        return f"make smoke {only}" if self.scale == "smoke" else (
            f"make train {only} SEEDS={self.seed + 1}{' REDUCED=1' * (self.scale == 'reduced')}")

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


@dataclass
class Context:
    """What a trainer or an analysis is given: the recipe, data sets, and the runs that it needs."""

    run: Run
    deadline: float = float("inf")
    report: Callable = lambda progress: None
    saved: float = field(default_factory=lambda: time.monotonic())
    progress: trainers.Progress = field(default_factory=trainers.Progress)  # as last told

    @property
    def recipe(self) -> dict:
        return self.run.recipe

    def data(self, name: str = "") -> tuple[data.Dataset, data.Dataset]:
        """Training and test set, the recipe's where none is named; small ones in smoke runs."""
        return data.load(self.set(name or self.recipe["data"]))

    def set(self, name: str) -> str:
        """The name of a set at the scale of this run."""
        return SMOKE.get(name, name) if self.run.scale == "smoke" else name

    def runs(self, experiment: str) -> list[Record]:
        """The records of another experiment of this chapter, at the scale of this run."""
        return find(self.run.chapter.slug, experiment, _scale(self.run, experiment))

    def network(self, experiment: str, seed: int | None = None) -> nn.Module:
        """The trained network of another experiment's run of the same (or of a given) seed.

        Where the other has fewer seeds, of the seed modulo theirs.
        """
        other, scale = self.run.chapter[experiment], _scale(self.run, experiment)
        seed = (self.run.seed if seed is None else seed) % other.seeds
        return weights(Run(self.run.chapter, other, "", 0 if scale == "smoke" else seed, scale))

    def finish(self, *trained) -> Findings:
        """What the experiment's ``finish`` sees in what was trained; nothing where it has none."""
        look = self.run.experiment.finish
        return look(self, *trained) if look else Findings({})

    def resume(self, network: nn.Module, optimizer) -> trainers.Progress | None:
        """Put a saved state into network and optimizer; None where there is none."""
        found = load_state(self.run, network, optimizer)
        self.progress = found or self.progress
        return found

    def after_epoch(self, network: nn.Module, optimizer, progress: trainers.Progress,
                    last: int | None = None, unit: str = "epochs") -> None:
        """Save the state once a minute; past the deadline save it and raise OutOfTime.

        A trainer that counts something else than epochs names it, and how many there are.
        """
        self.progress = progress
        progress.most = last or self.recipe["epochs"]
        late = time.time() > self.deadline and progress.epoch < progress.most
        if late or time.monotonic() - self.saved >= SAVE_EVERY:
            save_state(self.run, network, optimizer, progress)
            self.saved = time.monotonic()
        self.report(progress)
        if late:
            raise trainers.OutOfTime(f"{self.run.name}: {progress.epoch} of {progress.most} {unit}; "
                                     "the state is saved")


def first_step(run: Run) -> dict[str, float]:
    """First loss and gradient norm of a run's network on made-up pictures, in float32."""
    with exact():
        return run.experiment.trainer().probe(run.recipe)


def _train(run: Run, deadline: float, report: Callable) -> Record:
    trainer = run.experiment.trainer()
    start, context = first_step(run), Context(run, deadline, report)
    try:
        trained = trainer.run(context)
    except trainers.Diverged as error:
        if not run.experiment.may_diverge:
            raise
        return _record(run, history=context.progress.history, probe=start, needs=_needs(run),
                       data=_seen(run, ()), facts={"diverged": str(error)},
                       cost={"seconds": round(context.progress.seconds, 1)})
    path = run.file("checkpoints", ".safetensors")
    body = save({k: v.cpu().contiguous() for k, v in trained.weights.items()})
    return _record(
        run, history=trained.progress.history, probe=start, given=trained.arrays,
        facts=trained.facts, needs=_needs(run), data=_seen(run, trained.sets),
        cost={"seconds": round(trained.progress.seconds, 1), "operations": trained.operations},
        machine=machine() | {"precision": trained.precision},
        files={"weights": {"file": path.name, "sha256": atomic(path, body)}})


def _seen(run: Run, sets: tuple[data.Dataset, ...]) -> dict:
    """Name, source and fingerprint of the data that a run saw."""
    seen = {"name": run.recipe["data"]}
    return seen | {"source": sets[0].source, "fingerprint": data.fingerprint(*sets)} if sets else seen


def _scale(run: Run, other: str) -> str:
    """The scale at which a run reads another experiment: its own; full where that has no reduced form."""
    return "full" if run.scale == "reduced" and not run.chapter[other].reduced else run.scale


def _needs(run: Run) -> dict:
    """The recipes of the runs that a run was built on."""
    return {r.name: r.recipe_hash for n in run.experiment.needs
            for r in find(run.chapter.slug, n, _scale(run, n))}


def _check_needs(run: Run) -> None:
    """Raises RecordError where an experiment that a run is built on has not been run."""
    for name in run.experiment.needs:
        other = Run(run.chapter, run.chapter[name], "", run.seed, _scale(run, name))
        if other.experiment.kind != "derived" and not find(run.chapter.slug, name, other.scale):
            raise RecordError(f"{run.name} needs runs of {name}, and none is there: `{other.command}` first.")


def _analyse(run: Run) -> Record:
    start = time.perf_counter()
    findings = run.experiment.analysis(Context(run))
    sets = data.load(run.recipe["data"]) if run.recipe["data"] else ()
    return _record(run, measures=findings.measures, facts=findings.facts, given=findings.arrays,
                   data=_seen(run, sets), needs=_needs(run),
                   cost={"seconds": round(time.perf_counter() - start, 1)})


def _record(run: Run, **content) -> Record:
    return Record(slug=run.chapter.slug, experiment=run.experiment.name, point=run.point,
                  seed=run.seed, scale=run.scale, recipe=run.recipe,
                  recipe_hash=recipe_hash(run.recipe), commit=commit(),
                  **({"measures": {}, "machine": machine()} | content))


def measured(experiment: Experiment, record: Record) -> dict[str, float | None]:
    """The measures of one training run, from its history, facts and arrays; None for all where it diverged,
    for such a run has only its way there."""
    ended = "diverged" in record.facts
    return {m.name: None if ended else m.function(record) for m in experiment.measures if m.over == "run"}


def execute(run: Run, deadline: float = float("inf"), report: Callable = lambda progress: None
            ) -> Record:
    """Make one run and write its record; goes on where a killed run stopped.

    ``deadline`` (seconds since 1970): past it the state is saved at the next epoch's end and
    OutOfTime raised.  ``report`` is called with the Progress after each epoch.
    Raises Locked, DataError, Diverged, RecordError.
    """
    keep_memory()
    commit()  # that of the code which trains, not of what lies there hours later
    _check_needs(run)
    with lock(run), one_thread():
        record = _analyse(run) if run.experiment.kind == "analysis" else _train(run, deadline, report)
        if run.experiment.kind == "training":
            record.measures = measured(run.experiment, record)
        written = write(record, run.record_path)
        state = run.file("states", ".safetensors")
        if state.is_file() and any(e.continues == run.experiment.name
                                   for e in run.chapter.experiments.values()):
            state.replace(run.file("states", LAST))
        state.unlink(missing_ok=True)
        if run.experiment.played and run.seed == 0 and run.scale == "full" and written.files:
            keep(run)
        return written


def declared(slug: str, names: tuple[str, ...] = (), scale: str = "full", seeds: int | None = None
             ) -> list[Run]:
    """The runs that a chapter declares: seed 0 of everything first, analyses before trainings."""
    home = chapter(slug)
    chosen = [home[n] for n in names] or list(home.experiments.values())
    runs = [Run(home, e, p, s, scale) for e in chosen for p, s in e.runs()
            if seeds is None or s < seeds]
    return sorted(runs, key=lambda r: (r.seed, bool(r.experiment.needs),
                                       r.experiment.kind != "analysis"))
