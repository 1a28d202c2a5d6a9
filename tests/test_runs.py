"""Runs: one owner at a time, killed and gone on with to the same bits, and the ways to ask for them."""

import dataclasses
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import torch
from helpers import demo, kept
from safetensors import safe_open
from safetensors.torch import load_file, save

import lib
from lib import data, experiments, measures, provenance, records, runs, trainers, training, verify
from lib.errors import BookError, UnknownName
from lib.loading import sibling
from lib.records import RecordError
from lib.runs import Run, execute, lock
from lib.states import Locked

__all__ = ["demo"]
DRIVER = """
import os, signal, sys
from pathlib import Path

import torch

from lib import experiments, runs

experiments.ROOT = Path(sys.argv[1])
runs.SAVE_EVERY = 0  # a state after every epoch
torch.set_num_threads(1)
home = experiments.chapter("demo")
run = runs.Run(home, home["big"], "", 0)
for line in sys.stdin:
    child = os.fork()  # a process of its own for every try, without importing torch again
    if not child:
        print(os.getpid(), flush=True)
        if line == "hold\\n":
            with runs.lock(run):
                print("held", flush=True)
                signal.pause()
        runs.execute(run, report=lambda progress: print(progress.epoch, flush=True))
        os._exit(0)
    print("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Driver:
    """Trains (or holds) seed 0 of the demo's big network, each time in a process of its own."""

    def __init__(self, home):
        command = [sys.executable, "-c", DRIVER,
                   str(home.folder.parents[1])]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, cwd=runs.ROOT)

    def start(self, word="train") -> int:
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        self.pid = int(self.line())
        return self.pid

    def line(self) -> str:
        return self.process.stdout.readline().strip()

    def rest(self) -> tuple[list[int], int]:
        """Epochs told until the process ended, and its exit code."""
        epochs = []
        while not (line := self.line()).startswith("ended"):
            assert line, "the driver itself has ended"
            epochs.append(int(line))
        return epochs, int(line.split()[1])

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


@pytest.fixture
def driver(demo):
    started = Driver(demo)
    yield started
    started.process.kill()
    started.process.communicate()


def lengthen(home, name, epochs, images, **rest):
    """Give an experiment of the demo other settings, also for the driver, which reads the file."""
    train = home[name].train | {"epochs": epochs, "images": images}
    home.experiments[name] = dataclasses.replace(home[name], train=train, **rest)
    settings = "".join(f", {k}={v!r}" for k, v in {"train": train, **rest}.items())
    path = home.folder / "experiments.py"
    path.write_text(f"{path.read_text()}\nimport dataclasses\nEXPERIMENTS = [dataclasses.replace(e"
                    f"{settings}) if e.name == {name!r} else e for e in EXPERIMENTS]\n")


def same(record, weights, other, others) -> bool:
    """Equal bits: history, measures, arrays, weights."""
    return (record.history == other.history and record.measures == other.measures
            and record.files["weights"]["sha256"] == other.files["weights"]["sha256"]
            and record.arrays.keys() == other.arrays.keys()
            and all(np.array_equal(v, other.arrays[k]) for k, v in record.arrays.items())
            and weights.keys() == others.keys()
            and all(torch.equal(v, others[k]) for k, v in weights.items()))


def test_a_run_from_scratch(demo, tmp_path):
    run = Run(demo, demo["big"], "", 1)
    seen = []
    record = execute(run, report=lambda progress: seen.append(progress.epoch))
    assert seen == [1, 2, 3] == record.history["epoch"]
    assert record.path == demo.folder / "records/big/1.json"
    assert records.find("demo", "big") == [record] and record.scale == "full"
    train, test = data.load("mnist-sample")
    fitted, validation = data.split(train[:320], 64)
    assert record.data["fingerprint"] == data.fingerprint(fitted, validation, test[:64])
    assert np.array_equal(record.arrays["val_labels"], validation.labels)
    right = (record.arrays["val_predicted"] == record.arrays["val_labels"]).mean()
    assert record.measures == {"val_accuracy": pytest.approx(right, abs=1e-6), "test_accuracy": (
        record.arrays["test_predicted"] == test.labels[:64].numpy()).mean()}
    assert record.facts["class_counts"]["train"] == fitted.labels.bincount(minlength=10).tolist()
    assert record.cost["operations"] == 6 * 95_400 * 256 * 3
    assert record.machine["precision"] == "float32" and "torch" in record.machine["versions"]
    assert not list((tmp_path / "cache/states").rglob("*.safetensors"))


def test_the_commit_is_read_before_the_run_and_git_may_fail(demo, monkeypatch):
    order = []
    said = subprocess.CompletedProcess([], 0, "1234abc+\n")
    monkeypatch.setattr(provenance.subprocess, "run", lambda *a, **k: order.append("git") or said)
    demo.experiments["count"] = dataclasses.replace(
        demo["count"], analysis=lambda context: order.append("run") or experiments.Findings({}))
    provenance.commit.cache_clear()
    assert execute(Run(demo, demo["count"], "", 0)).commit == "1234abc+" and order == ["git", "run"]
    for error in (OSError, subprocess.TimeoutExpired("git", 10)):
        def fails(*args, error=error, **rest):
            raise error

        monkeypatch.setattr(provenance.subprocess, "run", fails)
        provenance.commit.cache_clear()
        assert provenance.commit() == ""
    provenance.commit.cache_clear()


def test_the_weights_that_are_kept_give_the_answers_that_are_kept(demo, tmp_path):
    run = Run(demo, demo["big"], "", 0)
    record = execute(run)
    path = tmp_path / "cache/checkpoints/demo/big/0.safetensors"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == record.files["weights"]["sha256"]
    network = runs.weights(run)
    assert not network.training
    images = torch.nn.functional.pad(data.load("mnist-sample")[1].images[:64], (2, 2, 2, 2))
    given = network(images[:, None].float()).argmax(1)
    assert np.array_equal(given, record.arrays["test_predicted"])
    body = bytearray(path.read_bytes())
    body[-1] ^= 1
    path.write_bytes(body)
    with pytest.raises(RecordError, match="is not what the run's record was written with"):
        runs.weights(run)
    path.unlink()
    with pytest.raises(RecordError, match="make train ONLY=demo/big SEEDS=1"):
        runs.weights(run)


def test_weights_of_a_recipe_that_was_changed_since_are_refused(demo):
    execute(Run(demo, demo["big"], "", 0))
    demo.experiments["big"] = dataclasses.replace(demo["big"], train=demo["big"].train | {"lr": 0.01})
    with pytest.raises(RecordError, match="not the declared one: `make train ONLY=demo/big SEEDS=1`"):
        runs.weights(Run(demo, demo["big"], "", 0))


def test_weights_in_the_repository_stand_for_full_runs_of_seed_0_only(demo):
    run = Run(demo, dataclasses.replace(demo["big"], reduced={}), "", 0)
    execute(run)
    runs.keep(run)
    run.file("checkpoints", ".safetensors").unlink()
    kept = demo.folder / "weights/big.safetensors"
    given = [p.half().float() for p in runs.weights(run).parameters()]
    assert all(torch.equal(p, q) for p, q in zip(runs.weights(run).parameters(), given, strict=True))
    for seed, scale, command in ((1, "full", "train ONLY=demo/big SEEDS=2`"),
                                 (0, "smoke", "smoke ONLY=demo/big`"),
                                 (0, "reduced", "train ONLY=demo/big SEEDS=1 REDUCED=1`")):
        with pytest.raises(RecordError, match=f"not here: `make {command}"):
            runs.weights(dataclasses.replace(run, seed=seed, scale=scale))
    changed = dataclasses.replace(run.experiment, train=run.experiment.train | {"lr": 0.01})
    with pytest.raises(RecordError, match="not the declared one"):
        runs.weights(dataclasses.replace(run, experiment=changed))
    run.record_path.touch()  # with a record `make train` has nothing to do
    kept.rename(demo.folder / "weights/away.safetensors")
    with pytest.raises(RecordError, match=r"not here: delete .*/big/0.json first, then `make train"):
        runs.weights(run)
    (demo.folder / "weights/away.safetensors").rename(kept)
    whole = kept.read_bytes()
    for body in (whole[:-9], b"", save({"other": torch.zeros(3)})):
        kept.write_bytes(body)
        with pytest.raises(RecordError, match="is damaged or another network's .*: `git checkout` it"):
            runs.weights(run)
def test_an_analysis_is_a_run_too(demo):
    record = execute(Run(demo, demo["count"], "", 0))
    assert record.measures["images"] == 4000 and record.facts == {"tests": 1000}
    assert np.array_equal(record.arrays["first"], data.load("mnist-sample")[0].images[:2])
    assert record.data["fingerprint"] == data.fingerprint(*data.load("mnist-sample"))


def test_a_run_reads_others_at_its_own_scale(demo):
    demo.experiments["small"] = dataclasses.replace(demo["small"], reduced={"epochs": 1})
    needing = dataclasses.replace(demo["count"], needs=("small", "big"), reduced={})
    for name, seed, scale in (("small", 0, "full"), ("small", 0, "reduced"), ("small", 1, "reduced"),
                              ("small", 0, "smoke"), ("big", 0, "full")):
        kept(demo, name, seed, scale=scale)
    for scale, others in (("full", [(0, "full")]), ("reduced", [(0, "reduced"), (1, "reduced")]),
                          ("smoke", [(0, "smoke")])):
        context = runs.Context(Run(demo, needing, "", 0, scale))
        assert [(r.seed, r.scale) for r in context.runs("small")] == others
        assert [r.scale for r in context.runs("big")] == ["full"] * (scale != "smoke")  # never reduced
        if scale == "smoke":
            with pytest.raises(RecordError, match="count seed 0 needs runs of big, and none is there: "
                                                  "`make smoke ONLY=demo/big` first"):
                execute(context.run)
            assert not context.run.record_path.exists()
        else:
            assert len(execute(context.run).needs) == len(others) + 1


@pytest.mark.parametrize("change", [
    {"model": "alexnet-bw"},                                                       # dropout
    {"model": "alexnet-wide-norm", "transform": "two-hue-divided-redrawn"},  # statistics, new colours
])
def test_stopped_after_every_epoch_ends_with_the_same_bits(demo, change):
    demo.experiments["big"] = dataclasses.replace(demo["big"], **change)
    run = Run(demo, demo["big"], "", 0)
    whole, weights = execute(run), load_file(run.file("checkpoints", ".safetensors"))
    for path in (run.record_path, run.file("checkpoints", ".safetensors")):
        path.unlink()
    for epochs in (1, 2):
        with pytest.raises(trainers.OutOfTime, match=f"{epochs} of 3 epochs; the state is saved"):
            execute(run, deadline=0)
    again = execute(run, deadline=0)  # the last epoch ends the run, whatever the time
    assert same(again, load_file(run.file("checkpoints", ".safetensors")), whole, weights)


@pytest.fixture
def long(demo):
    """The demo's big network with dropout and more images; a test says how many epochs."""
    def last(epochs):
        lengthen(demo, "big", epochs, 1000, model="alexnet-bw")
        return Run(demo, demo["big"], "", 0)
    return last


def killed_and_whole(run, driver, kills: int):
    """SIGKILL in one of every two epochs; an uninterrupted run of the same recipe is the judge."""
    chance, story, epochs = random.Random(), [], 2 * kills + 2
    for first in range(1, 2 * kills, 2):  # so that each process finds something to go on from
        driver.start()
        stop, seen = chance.randint(first, first + 1), []
        while not seen or seen[-1] < stop:
            seen.append(int(driver.line()))
        story.append((stop, chance.uniform(0, 0.2)))
        time.sleep(story[-1][1])
        driver.kill()
        more, code = driver.rest()
        assert code == -signal.SIGKILL and not run.record_path.exists(), story
        assert (seen[0] == 1) == (first == 1), f"did not go on from the saved state: {story}"
        assert [*seen, *more][-1] < epochs, story
    driver.start()
    left, code = driver.rest()
    assert code == 0 and left[0] > 2 * kills - 1 and left[-1] == epochs, story
    killed, weights = records.read(run.record_path), load_file(run.file("checkpoints", ".safetensors"))
    assert not run.file("states", ".safetensors").exists()
    for path in (run.record_path, run.file("checkpoints", ".safetensors")):
        path.unlink()
    driver.start()
    assert driver.rest() == (list(range(1, epochs + 1)), 0)
    whole, others = records.read(run.record_path), load_file(run.file("checkpoints", ".safetensors"))
    assert killed.history["epoch"] == list(range(1, epochs + 1))
    assert same(killed, weights, whole, others), story


def test_killed_three_times_ends_with_the_same_bits(long, driver):
    killed_and_whole(long(8), driver, 3)


@pytest.mark.stress
def test_killed_twenty_times_ends_with_the_same_bits(long, driver):
    killed_and_whole(long(42), driver, 20)


def test_states_are_saved_at_most_once_a_minute(demo, monkeypatch):
    assert runs.SAVE_EVERY == 60
    saved, clock = [], iter(range(0, 10_000, 25))
    monkeypatch.setattr(runs, "save_state", lambda run, n, o, progress: saved.append(progress.epoch))
    monkeypatch.setattr(runs.time, "monotonic", lambda: next(clock))
    demo.experiments["big"] = dataclasses.replace(
        demo["big"], train=demo["big"].train | {"epochs": 7})
    execute(Run(demo, demo["big"], "", 0))
    assert saved == [3, 6]


def test_a_damaged_state_says_what_to_do(demo):
    run = Run(demo, demo["big"], "", 0)
    with pytest.raises(trainers.OutOfTime):
        execute(run, deadline=0)
    path = run.file("states", ".safetensors")
    whole, tensors = path.read_bytes(), load_file(path)
    with safe_open(path, "pt") as file:
        meta = file.metadata()
    other = {k: torch.zeros(3, 3) for k in tensors if k.startswith(("network.", "optimizer.0.exp"))}
    for body in (whole[:-100], b"nothing", b"", save(tensors), save(tensors, {"recipe": meta["recipe"]}),
                 *(save(tensors | {k: v}, meta) for k, v in other.items()),
                 save({k: v for k, v in tensors.items() if k != next(iter(other))}, meta)):
        path.write_bytes(body)
        with pytest.raises(RecordError, match="saved state .* is damaged .*: delete it"):
            execute(run)
    path.unlink()
    assert execute(run).history["epoch"] == [1, 2, 3]


def test_the_state_of_another_recipe_is_not_used(demo):
    run = Run(demo, demo["big"], "", 0)
    with pytest.raises(trainers.OutOfTime):
        execute(run, deadline=0)
    changed = dataclasses.replace(demo["big"], train=demo["big"].train | {"lr": 0.01})
    other = Run(demo, changed, "", 0)
    seen = []
    execute(other, report=lambda progress: seen.append(progress.epoch))
    assert seen == [1, 2, 3]
    demo.experiments["big"] = changed
    assert records.state_of(changed, "demo", "", 0) == "ok"


# ---- locks

def test_two_processes_never_train_the_same_run(demo, driver):
    owner, run = driver.start("hold"), Run(demo, demo["big"], "", 0)
    assert driver.line() == "held"
    with pytest.raises(Locked) as error:
        execute(run)
    assert f"process {owner} on " in str(error.value) and run.name in str(error.value)
    with lock(Run(demo, demo["big"], "", 1)):  # another seed is free
        pass
    driver.kill()
    assert driver.rest() == ([], -signal.SIGKILL)
    with lock(run):  # a dead owner's lock is free at once
        with pytest.raises(Locked, match=f"process {os.getpid()} on "), lock(run):
            pass
    with lock(run):
        pass


def test_a_failed_run_gives_its_lock_back(demo, monkeypatch):
    run = Run(demo, demo["big"], "", 0)

    def fails(*args, **rest):
        raise trainers.Diverged("the loss is no number in epoch 1, batch 1")

    with monkeypatch.context() as patch:
        patch.setattr(training, "train_epoch", fails)
        with pytest.raises(trainers.Diverged):
            execute(run)
    assert not run.record_path.exists()
    execute(run)


# ---- a disk that is full, a folder that may only be read

ON_A_SMALL_DISK = """
import os, subprocess, sys
from pathlib import Path

import torch

from lib import experiments, records, runs, trainers

root, disk, trouble = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
experiments.ROOT, runs.SAVE_EVERY = root, 0
torch.set_num_threads(1)
home = experiments.chapter("demo")
run = runs.Run(home, home["big"], "", 0)
filler = disk / "filler"

def mount(*options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", disk], check=True)

mount("size=2m")
try:
    runs.execute(run, deadline=0)
except trainers.OutOfTime:
    state = run.file("states", ".safetensors")
before = state.read_bytes()
if trouble == "full":
    try:
        filler.write_bytes(bytes(4 << 20))
    except OSError:
        pass
else:
    mount("remount", "ro")
try:
    runs.execute(run)
except records.RecordError as error:
    print(error)
assert state.read_bytes() == before
filler.unlink() if trouble == "full" else mount("remount", "rw")
seen = []
record = runs.execute(run, report=lambda progress: seen.append(progress.epoch))
print(seen, record.history["epoch"])
"""


@pytest.mark.parametrize("trouble, words", [
    ("full", "No space left on device"), ("read-only", "Read-only file system")])
def test_on_a_small_disk_of_its_own_nothing_is_lost(demo, tmp_path, trouble, words):
    """A real disk of 2 MB that fills up or turns read-only after the first epoch."""
    own = ["unshare", "--map-root-user", "--mount"]
    (tmp_path / "cache").mkdir()
    trial = [*own, "mount", "-t", "tmpfs", "tmpfs", str(tmp_path / "cache")]
    if not shutil.which("unshare") or subprocess.run(trial, capture_output=True).returncode:
        pytest.skip("a disk of its own cannot be mounted here: run this test on Linux as root, or where "
                    "users may make namespaces (sysctl kernel.unprivileged_userns_clone=1)")
    done = subprocess.run(
        [*own, sys.executable, "-c", ON_A_SMALL_DISK, str(demo.folder.parents[1]),
         str(tmp_path / "cache"), trouble], cwd=runs.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said, end = done.stdout.splitlines()
    assert words in said and "could not be written" in said and "BOOK_CACHE" in said
    assert end == "[2, 3] [1, 2, 3]"


# ---- a loss that is no number

def test_where_it_may_a_run_that_diverges_gives_a_record(demo, tmp_path):
    lengthen(demo, "big", 3, 320, may_diverge=True)
    run, real, seen = Run(demo, demo["big"], "", 0), training.train_epoch, []

    def second_fails(*args):
        seen.append(args[-1])
        if len(seen) == 2:
            raise trainers.Diverged("the loss is no number in epoch 2, batch 1")
        return real(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "train_epoch", second_fails)
        record = execute(run)
    assert record.facts == {"diverged": "the loss is no number in epoch 2, batch 1"}
    assert record.history["epoch"] == [1] and record.probe and not record.files
    assert record.measures == {"val_accuracy": None, "test_accuracy": None}
    assert measures.sample("demo", "big.test_accuracy").nulls == 1
    assert verify.chapter("demo") == []


# ---- the ways to ask for runs

def test_read_from_records(demo, capsys):
    kept(demo, "big", 0)
    kept(demo, "big", 1)
    found = lib.reproduce("demo/big", "demo/small", "demo/both")
    assert [r.seed for r in found["big"]] == [0, 1] and found["small"] == []
    assert list(found) == ["big", "small", "both"]
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["big: 2 seeds read from records",
                     "small: not run yet, `make train ONLY=demo/small` makes it",
                     "both: computed from small, big; it has no record"]


def test_train_what_is_missing(demo, monkeypatch, capsys):
    monkeypatch.setenv("BOOK_RUNS", "train")
    before = kept(demo, "big", 0).path.read_bytes()
    found = lib.reproduce("demo/big")
    assert [r.seed for r in found["big"]] == [0, 1]
    assert found["big"][0].path.read_bytes() == before and found["big"][1].cost["operations"]
    made = capsys.readouterr().out
    assert "there now" in made
    again = lib.reproduce("demo/big")["big"]
    assert [r.path.stat().st_mtime_ns for r in again] == [
        r.path.stat().st_mtime_ns for r in found["big"]]
    assert [r.history for r in again] == [r.history for r in found["big"]]


def test_smoke_trains_everything_anew_outside_the_repository(demo, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("BOOK_RUNS", "smoke")
    kept(demo, "big", 0)
    before = sorted(p for p in demo.folder.rglob("*") if p.is_file())
    found = lib.reproduce("demo/big", "demo/choices", "demo/count")
    assert {name: len(r) for name, r in found.items()} == {"big": 1, "choices": 2, "count": 1}
    every = [r for group in found.values() for r in group]
    assert all(r.scale == "smoke" and tmp_path / "smoke" in r.path.parents for r in every)
    assert found["big"][0].history["epoch"] == [1]
    assert "made now, tiny" in capsys.readouterr().out
    assert sorted(p for p in demo.folder.rglob("*") if p.is_file()) == before
    assert not (tmp_path / "cache").exists()


def test_pages_made_side_by_side_keep_their_smoke_runs_apart(demo, monkeypatch):
    monkeypatch.delenv("BOOK_SMOKE")
    monkeypatch.setenv("BOOK_RUNS", "smoke")
    with lock(Run(demo, demo["count"], "", 0, "smoke")):  # another page makes it
        (record,) = lib.reproduce("demo/count")["count"]
    assert str(record.path).startswith(os.environ["BOOK_SMOKE"])


def test_a_page_waits_for_a_run_that_another_process_trains(demo, monkeypatch):
    monkeypatch.setenv("BOOK_RUNS", "train")
    said, told = [], threading.Event()
    monkeypatch.setattr("lib.asking.print", lambda x: (said.append(str(x)), told.set()), raising=False)
    page = threading.Thread(target=lib.reproduce, args=("demo/count",))
    with lock(Run(demo, demo["count"], "", 0)):
        page.start()
        assert told.wait(60)
        whole = kept(demo, "count", measures={"images": 7}).path.read_bytes()
    page.join(60)
    assert "count seed 0 is being trained by process" in said[0] and said[1:] == ["count: 1 seed there now"]
    assert records.find("demo", "count")[0].path.read_bytes() == whole


@pytest.mark.parametrize("mode", ["smoke", "train"])
def test_what_an_experiment_needs_is_made_before_it_and_once(demo, monkeypatch, mode):
    monkeypatch.setenv("BOOK_RUNS", mode)
    real, made = runs.execute, []
    monkeypatch.setattr(runs, "execute", lambda run: made.append(run.name) or real(run))
    demo.experiments["choices"] = dataclasses.replace(demo["choices"], needs=("count",))
    demo.experiments["both"] = dataclasses.replace(demo["both"], needs=("choices", "count"))
    found = lib.reproduce("demo/choices", "demo/count", "demo/both")
    assert list(found) == ["choices", "count", "both"] and len(found["choices"]) == 2
    assert made == ["demo/count seed 0", "demo/choices/slow seed 0", "demo/choices/fast seed 0"]


def test_unknown_names_and_modes(demo, monkeypatch):
    with pytest.raises(UnknownName, match="'bigg'; did you mean big"):
        lib.reproduce("demo/bigg")
    with pytest.raises(UnknownName, match="'dem'; did you mean demo"):
        lib.reproduce("dem/big")
    monkeypatch.setenv("BOOK_RUNS", "trian")
    with pytest.raises(ValueError, match="'trian' means nothing; it is one of records, smoke, train"):
        lib.reproduce("demo/big")


@pytest.mark.parametrize("changes, said", [
    ({"needs": ("choices",)}, "experiments need each other in a circle: .*small, choices"),
    ({"continues": "bigg"}, "'bigg'; did you mean big"),
    ({"stands_in_for": "bigg"}, "'bigg'; did you mean big"),
    ({"name": "big"}, "two experiments are called big: rename one in experiments.py")])
def test_declarations_that_do_not_fit_together_are_refused(demo, changes, said):
    some = [dataclasses.replace(demo["small"], **{"measures": ()} | changes), demo["big"],
            dataclasses.replace(demo["choices"], measures=(), needs=("small",))]
    with pytest.raises(BookError, match=said):
        experiments._collect(some)


def test_a_module_that_fails_while_it_loads_is_read_again_once_mended(demo):
    path = demo.folder / "later.py"
    path.write_text("early = 1\nlate = early / 0\n")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            sibling(str(demo.folder / "experiments.py"), "later")
    path.write_text("late = 2\n" + "#" * 99)
    assert sibling(str(demo.folder / "experiments.py"), "later").late == 2
    del sys.modules["later_of_demo"]


def test_a_page_finds_its_own_chapter(demo, monkeypatch):
    monkeypatch.chdir(demo.folder)
    assert experiments.here() == "demo"
    kept(demo, "big", 0)
    assert len(lib.reproduce("big")["big"]) == 1
    monkeypatch.chdir(demo.folder.parents[1])
    assert experiments.here() is None
    assert len(lib.reproduce("big")["big"]) == 1  # only one chapter has it


def test_the_books_order_is_read_once_for_all_chapters(demo, monkeypatch):
    read, real = [], experiments.read_yaml
    monkeypatch.setattr(experiments, "read_yaml", lambda path: read.append(path) or real(path))
    unlisted = demo.folder.with_name("unlisted")
    unlisted.mkdir()
    (unlisted / "experiments.py").write_text("REPORT, EXPERIMENTS = {}, []\n")
    assert [c.slug for c in experiments.chapters()] == ["demo"] and len(read) == 1
    assert experiments.slugs() == ["demo", "unlisted"]


def test_runs_are_declared_seed_0_of_everything_first(demo):
    names = [run.name for run in runs.declared("demo")]
    assert names[0] == "demo/count seed 0"
    seeds = [int(name.split()[-1]) for name in names]
    assert seeds == sorted(seeds) and len(names) == len(set(names)) == 1 + 4 + 2 + 2
    assert [r.name for r in runs.declared("demo", ("choices",))] == [
        "demo/choices/slow seed 0", "demo/choices/fast seed 0"]
    assert len(runs.declared("demo", ("small",), seeds=2)) == 2
