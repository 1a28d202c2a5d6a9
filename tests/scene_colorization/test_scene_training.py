"""Networks that colour scenes: the output step, descent, and runs that were killed."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import elsewhere, given
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import nn

from lib import experiments, models, records, runs, trainers
from lib.loading import sibling
from lib.models.scene_cnn import Dense, start, truncated_normal
from lib.runs import Run, execute

FILE = str(experiments.ROOT / "chapters/scene_colorization/experiments.py")
scenes, studio = sibling(FILE, "scenes"), sibling(FILE, "studio")

TRAIN = {"loss": "mse", "optimizer": "sgd", "lr": 1e-4, "batch": 3, "steps": 8, "look_every": 6,
         "init": "script", "output": "batch-max", "pick_from": 0}


def tiny(dropout=0.0):
    """The report's network with few units, for tests of what does not depend on its size."""
    return nn.Sequential(nn.Flatten(), Dense(4096, 20), nn.ReLU(), nn.Dropout(dropout), Dense(20, 8192),
                         nn.Unflatten(1, (2, 64, 64)))


@pytest.fixture
def small(monkeypatch):
    for name, dropout in (("tiny", 0.0), ("tiny-dropout", 0.5)):
        monkeypatch.setitem(models.MODELS, name, (lambda d=dropout: tiny(d), (1, 64, 64)))


def recipe(**changes):
    return {"data": "crops/coffee", "transform": "script", "model": "tiny", "seed": 0, **TRAIN, **changes}


# ---- start and descent

def test_the_scripts_start():
    weight = torch.empty(400, 500)
    truncated_normal(weight, 0.1, torch.Generator().manual_seed(0))
    assert weight.abs().max() <= 0.2 and abs(weight.std() - 0.088) < 0.001 and abs(weight.mean()) < 0.001
    network = start(tiny(), "script", torch.Generator().manual_seed(0))
    assert all((p == 0.1).all() for n, p in network.named_parameters() if n.endswith("bias"))


@pytest.mark.parametrize("first", [True, False])
def test_layers_that_descend_by_themselves_end_where_torchs_sgd_does(first):
    """In double, three steps; the first dense layer with and without anything to learn before it."""
    torch.manual_seed(0)
    before = [] if first else [nn.Linear(6, 6)]
    ours = nn.Sequential(*before, Dense(6, 5), nn.ReLU(), Dense(5, 4)).double()
    theirs = nn.Sequential(*([nn.Linear(6, 6)] * len(before)), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4))
    theirs.double().load_state_dict(ours.state_dict())
    for layer in ours:
        if isinstance(layer, Dense):
            layer.rate = 0.1
    optimizers = [torch.optim.SGD(n.parameters(), 0.1) for n in (ours, theirs)]
    for _ in range(3):
        x, wanted = torch.randn(3, 6).double(), torch.randn(3, 4).double()
        for network, optimizer in zip((ours, theirs), optimizers, strict=True):
            optimizer.zero_grad()
            (network(x) - wanted).square().mean().backward()
            optimizer.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert (a - b).abs().max() < 1e-12


# ---- the output step

OUTPUTS = st.integers(0, 10**6).map(lambda s: torch.randn(
    3, 2, 4, 4, generator=torch.Generator().manual_seed(s), dtype=torch.float64) + 0.5)


@given(OUTPUTS)
def test_output_steps(out):
    together = studio.normalised(out, "batch-max")
    assert together.max() == 256 and torch.allclose(together / 256 * out.max(), out)
    alone = studio.normalised(out, "own-max")
    assert torch.allclose(alone.amax((1, 2, 3)), torch.full((3,), 256.0).double())
    assert torch.allclose(alone[:1], studio.normalised(out[:1], "batch-max"))
    ranged = studio.normalised(out, "minmax")
    assert ranged.min() == 0 and torch.allclose(ranged.amax((1, 2, 3)), torch.full((3,), 255.0).double())
    assert torch.equal(studio.normalised(out, "linear"), out)
    assert torch.equal(studio.normalised(out, "fixed", 256.0), out)


def test_pictures_fed_together_share_the_largest_output(small):
    room, _, _ = scenes.prepare(recipe())
    light = room.train.light
    alone = torch.cat([room.colours(one) for one in light.split(1)])
    assert not torch.allclose(room.colours(light), alone, atol=1)
    own, _, _ = scenes.prepare(recipe(output="own-max"))
    assert torch.allclose(own.colours(light), alone, atol=1e-3)


def test_accuracy_and_error_by_hand(small):
    room, _, _ = scenes.prepare(recipe())
    row = scenes.look(room)
    given_ = room.colours(room.test.light).numpy()
    truth = room.test.ab.numpy()
    each = (np.abs(given_ - truth) < 10).mean((1, 2, 3))
    assert row["test_pictures"] == pytest.approx(each, abs=1e-5)
    assert row["test_accuracy"] == pytest.approx(each.mean(), abs=1e-5)
    assert row["test_mse"] == pytest.approx(np.square(given_ - truth).mean(), rel=1e-4)


def test_labels_are_shifted_colours_and_come_back(small):
    for name, scale in studio.SCALES.items():
        part = studio.part(torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8), scale,
                           torch.device("cpu"))
        labels = (part.ab + scale.shift) / scale.colour
        assert torch.allclose(labels * scale.colour - scale.shift, part.ab, atol=1e-4), name
        lightness = (part.light + scale.minus) * scale.light
        assert lightness.min() >= -1e-3 and lightness.max() <= 100.001


def test_bins_and_weights(small):
    room, _, _ = scenes.prepare(recipe(transform="plain", loss="cross_entropy", model="fcn-64", init="he"))
    place = room.bins(room.train.ab)
    assert place.min() >= 0 and place.max() <= 63
    centre = torch.stack([place // 8, place % 8], 1) + 0.5
    back = centre * room.width[:, None, None] + room.low[:, None, None]
    assert ((back - room.train.ab).abs() <= room.width[:, None, None] / 2 + 1e-3).all()
    weights = room.weights_of_pixels()
    assert weights.mean() == pytest.approx(1, abs=1e-4) and weights.max() / weights.min() <= 20


# ---- which pictures

def test_parts_of_a_set():
    train, test = scenes.chosen({"data": "scenes_report/beach", "seed": 3}, 21)
    assert sorted([*train, *test]) == list(range(21))
    again = scenes.chosen({"data": "scenes_report/beach", "seed": 3, "tests": [16], "trains": [3]}, 21)
    assert 16 in again[1] and 3 in again[0] and sorted(np.concatenate(again)) == list(range(21))
    without = scenes.chosen({"data": "scenes_report/beach", "seed": 3, "tests": [16], "left_out": [3]}, 21)
    assert 3 not in np.concatenate(without)
    growing = [scenes.chosen({"data": "scenes/beach", "seed": 3, "test_count": 10, "train_count": n}, 30)
               for n in (5, 10, 20)]
    assert all(np.array_equal(g[1], growing[0][1]) for g in growing)
    assert set(growing[0][0]) < set(growing[1][0]) < set(growing[2][0])
    assert not set(growing[2][0]) & set(growing[2][1])


# ---- runs that stop and go on

EXPERIMENT = '''
from lib.experiments import Experiment
from lib.loading import sibling
REPORT = {{"title": "A demo", "authors": ["Nobody"], "year": 2000, "question": "?"}}
EXPERIMENTS = [Experiment(name="colour", purpose="a demo", trainer=lambda: sibling("{file}", "scenes"),
                          **{settings})]
'''
DRIVER = """
import sys
from pathlib import Path

import torch

from lib import experiments, runs

experiments.ROOT = Path(sys.argv[1])
runs.SAVE_EVERY = 0
torch.set_num_threads(1)
home = experiments.chapter("demo")
runs.execute(runs.Run(home, home["colour"], "", 0), report=lambda p: print(p.epoch, flush=True))
"""


def demo(tmp_path, monkeypatch, **changes) -> Run:
    """The one run of a book in a temporary folder, its experiment declared in a file."""
    elsewhere(tmp_path, monkeypatch)
    folder = tmp_path / "book/chapters/demo"
    folder.mkdir(parents=True)
    settings = {k: v for k, v in recipe(**changes).items() if v is not None and k != "seed"}
    parts = {k: settings.pop(k) for k in ("data", "transform", "model")}
    text = EXPERIMENT.format(file=FILE, settings={**parts, "train": settings})
    (folder / "experiments.py").write_text(text)
    (tmp_path / "book/_toc.yml").write_text("format: jb-book\nroot: index\n")
    monkeypatch.setattr(experiments, "ROOT", tmp_path / "book")
    monkeypatch.delitem(sys.modules, "experiments_of_demo", raising=False)
    home = experiments.chapter("demo")
    return Run(home, home["colour"], "", 0)


@pytest.mark.parametrize("change", [
    {}, {"model": "tiny-dropout"}, {"optimizer": "adam"}, {"batch": "all", "steps": None, "pictures": 50},
    {"output": "fixed"}, {"model": "fcn", "transform": "plain", "output": "linear", "init": "he"}])
def test_stopped_at_every_look_ends_with_the_same_bits(change, small, tmp_path, monkeypatch):
    run = demo(tmp_path, monkeypatch, **change)
    whole, weights = execute(run), load_file(run.file("checkpoints", ".safetensors"))
    run.record_path.unlink()
    again, stops = None, 0
    while again is None:
        try:
            again = execute(run, deadline=0)
        except trainers.OutOfTime as error:
            assert "steps; the state is saved" in str(error)
            stops += 1
    assert stops == len(whole.history["step"]) - 2 > 1
    assert again.history == whole.history
    others = load_file(run.file("checkpoints", ".safetensors"))
    assert weights.keys() == others.keys() and weights
    assert all(torch.equal(v, others[k]) for k, v in weights.items())


def test_the_network_of_the_picked_step_is_kept(small, tmp_path, monkeypatch):
    accuracies = iter([(0.0, 0.0), (0.9, 0.9), (0.8, 0.3), (0.6, 0.7), (0.5, 0.9)])  # steps 0, 2, 4, 6, 8
    weights, look, keep = {}, scenes.look, scenes._pick

    def canned(room):
        train, test = next(accuracies)
        return look(room) | {"train_accuracy": train, "test_accuracy": test}

    def watched(room, progress):
        weights[progress.epoch] = {k: v.clone() for k, v in room.network.state_dict().items()}
        keep(room, progress)

    monkeypatch.setattr(scenes, "look", canned)
    monkeypatch.setattr(scenes, "_pick", watched)
    run = demo(tmp_path, monkeypatch, pick_from=3)
    assert execute(run).facts["picked"] == 6
    kept = load_file(run.file("checkpoints", ".safetensors"))
    assert all(torch.equal(v, weights[6][k]) for k, v in kept.items())
    assert not torch.equal(kept["1.weight"], weights[8]["1.weight"])


def test_killed_and_started_again_ends_with_the_same_bits(tmp_path, monkeypatch):
    run = demo(tmp_path, monkeypatch, model="fcn", transform="plain", output="linear", init="he",
               optimizer="adam", lr=1e-3, steps=12)

    def process():
        return subprocess.Popen([sys.executable, "-c", DRIVER, str(tmp_path / "book")], text=True,
                                stdout=subprocess.PIPE, cwd=Path(runs.__file__).parents[1])

    first = process()
    seen = [int(first.stdout.readline()) for _ in range(2)]
    first.kill()
    told, _ = first.communicate()
    assert first.returncode == -signal.SIGKILL and not run.record_path.exists()
    rest = [int(line) for line in process().communicate()[0].split()]
    assert rest[0] > seen[-1] and rest[-1] == 12, (seen, told, rest)
    killed, path = run.record_path, run.file("checkpoints", ".safetensors")
    history, weights = records.read(killed).history, path.read_bytes()
    killed.unlink()
    assert [int(line) for line in process().communicate()[0].split()] == [2, 4, 6, 8, 10, 12]
    assert records.read(killed).history == history and path.read_bytes() == weights


def test_a_run_that_leaves_the_numbers_ends_with_a_record(small, tmp_path, monkeypatch):
    history = execute(demo(tmp_path, monkeypatch, output="linear", lr=1e9)).history
    assert history["train_mse"][-1] == scenes.LOST and history["test_accuracy"][-1] == 0
    assert history["step"] == [0, 2, 4, 6, 8]


def test_an_error_too_large_to_write_down_does_not_end_a_training(small, tmp_path, monkeypatch):
    usual = execute(demo(tmp_path / "usual", monkeypatch)).history
    monkeypatch.setattr(scenes, "LOST", 1.0)
    capped = execute(demo(tmp_path / "capped", monkeypatch)).history
    assert set(capped["train_mse"]) == {1.0} and capped["test_pictures"] == usual["test_pictures"]


def test_the_first_step_is_probed(small):
    first = scenes.probe(recipe())
    assert first == scenes.probe(recipe()) and all(np.isfinite(v) for v in first.values())
    assert first != scenes.probe(recipe(transform="script-gamma")) != scenes.probe(recipe(seed=1))
