"""The trainers: frozen means frozen, cached equals computed, stopped goes on with the same bits."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers import elsewhere

from lib import data, experiments, models, precision, runs
from lib.experiments import Experiment, Findings
from lib.loading import sibling
from lib.runs import Run, execute
from lib.trainers import Diverged, OutOfTime
from lib.transforms import TRANSFORMS

FILE = str(experiments.ROOT / "chapters/digit_autoencoder/experiments.py")
looks, rebuilding, staging, stopping = (sibling(FILE, name) for name in (
    "looks", "rebuilding", "staging", "stopping"))
mapped, parts_of, rows_of = rebuilding.mapped, rebuilding.parts_of, rebuilding.rows_of

BASE = {"data": "mnist-sample", "transform": "digit", "images": 200, "validation": 40, "split": 13,
        "seed": 0, "lr": 1e-3}
AE = {**BASE, "model": "autoencoder", "optimizer": "rmsprop", "batch": 64, "epochs": 2}
STAGES = {**BASE, "model": "classifier-64", "encoder": None, "optimizer": "adam", "batch": 64,
          "loss": "cross_entropy", "frozen": 2, "epochs": 2, "patience": 5}
MLP = STAGES | {"model": "mlp", "frozen": 0, "epochs": 12, "patience": None}


class Context:
    """What lib.runs gives a trainer, without files; ``look`` is called after every epoch."""

    def __init__(self, recipe, look=lambda network, progress: None):
        self.recipe, self.look = recipe, look

    def finish(self, network, parts):
        return Findings({})

    def resume(self, network, optimizer):
        return None

    def after_epoch(self, network, optimizer, progress, last=None):
        self.look(network, progress)

    def network(self, name, seed=None):
        return models.build(name, 99)


def state(module):
    return {k: v.clone() for k, v in module.state_dict().items()}


def equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(v, other[k]) for k, v in one.items())


# ---- data


def test_parts_do_not_overlap_and_are_all():
    labels = data.load("mnist-sample")[0].labels.numpy()[:200]
    fitted, judged = rows_of(AE, labels)
    assert sorted([*fitted, *judged]) == list(range(200)) and len(judged) == 40
    parts, (train, test) = parts_of(AE), data.load("mnist-sample")
    assert torch.equal(parts.train.images, train.images[fitted])
    assert torch.equal(parts.validation.labels, train.labels[judged])
    assert torch.equal(parts.test.images, test.images[:40])


def test_a_smaller_subset_lies_in_a_larger_and_is_drawn_by_seed():
    labels = data.load("mnist-sample")[0].labels.numpy()[:200]
    whole, judged = rows_of(AE, labels)
    drawn = {n: rows_of(AE | {"subset": n}, labels) for n in (10, 50)}
    assert set(drawn[10][0]) < set(drawn[50][0]) < set(whole) and len(drawn[50][0]) == 50
    assert all(np.array_equal(found[1], judged) for found in drawn.values())
    assert set(rows_of(AE | {"subset": 10, "seed": 1}, labels)[0]) != set(drawn[10][0])
    kept = rows_of(AE | {"without": 4}, labels)[0]
    assert 4 not in labels[kept] and len(kept) == (labels[whole] != 4).sum()


def test_the_passes_of_the_loop():
    """48,000 38,400 30,720 24,576 19,660 images to train; who validates was trained on before."""
    recipe = STAGES | {"validation": 12_000, "passes": [{"batch": b} for b in (64, 128, 256, 512, 1024)]}
    found = staging.shares(recipe, np.zeros(60_000, int))
    assert [len(f) for f, _ in found] == [48_000, 38_400, 30_720, 24_576, 19_660]
    assert [len(j) for _, j in found] == [12_000, 9_600, 7_680, 6_144, 4_916]
    for (before, _), (fitted, judged) in zip(found, found[1:], strict=False):
        assert set(judged) < set(before) and set(fitted) | set(judged) == set(before)
        assert not set(judged) & set(fitted)


# ---- autoencoder


def test_an_autoencoder_learns_and_is_judged_on_other_pictures():
    changed = []
    trained = rebuilding.run(Context(AE, lambda network, p: changed.append(state(network))))
    losses = trained.progress.history
    assert losses["train_loss"][1] < losses["train_loss"][0] and losses["epoch"] == [1, 2]
    network = models.build("autoencoder", 0)
    network.load_state_dict(trained.weights)
    images = parts_of(AE).validation.images[:, None]
    by_hand = (network.eval()(images / 255.0) - images / 255.0).square().mean().item()
    assert losses["val_loss"][-1] == pytest.approx(by_hand, rel=1e-4)
    assert trained.facts["code_values"] == 12_544 and trained.operations == 6 * 108_831_744 * 160 * 2
    assert not equal(changed[0], changed[1])


def test_noise_kept_is_1_for_a_copy_and_0_for_a_constant():
    class Copy(torch.nn.Module):
        def forward(self, x):
            return x

    class Constant(torch.nn.Module):
        def forward(self, x):
            return torch.zeros_like(x)

    images, scale = parts_of(AE).validation.images[:, None], TRANSFORMS["digit"].scale
    assert rebuilding.noise_kept(Copy(), scale, images, 0) == pytest.approx(1)
    assert rebuilding.noise_kept(Constant(), scale, images, 0) == 0


# ---- two stages


def test_stage_one_leaves_the_encoder_as_it_was_to_the_bit():
    seen = []
    trained = staging.run(Context(STAGES | {"encoder": "autoencoder"},
                                  lambda chain, p: seen.append((state(chain.encoder),
                                                                state(chain.heads)))))
    before = state(models.build("autoencoder", 99).encoder)
    assert trained.progress.history["stage"] == [1, 1, 2, 2]
    assert equal(seen[0][0], before) and equal(seen[1][0], before)  # weights and moving averages
    assert not equal(seen[0][1], seen[1][1])
    moved = [k for k, v in seen[2][0].items() if not torch.equal(v, before[k])]
    assert set(moved) == set(before)


def test_cached_outputs_are_those_that_would_be_computed_again():
    network, scale = models.build("classifier-64", 3), TRANSFORMS["digit"].scale
    images = parts_of(STAGES).train.images[:, None]
    cached = staging.encoded(network.train().encoder, scale, images)
    assert cached.shape == (160, 12_544, 1, 1) and cached.dtype == torch.float32
    assert not cached.requires_grad
    again = network.eval().encoder(scale(images[40:60])).flatten(1)
    assert torch.allclose(cached[40:60].flatten(1), again, atol=2e-2)  # other batches round otherwise
    rows = slice(500 * 0, 160)
    same = network.encoder(scale(images[rows]).contiguous(memory_format=torch.channels_last)).flatten(1)
    assert torch.equal(cached.flatten(1), same)
    assert torch.equal(network.head(cached), mapped(network, scale, images))


@pytest.mark.parametrize("exact", [True, False])
def test_an_exact_stage_one_does_not_know_of_bfloat16(monkeypatch, exact):
    """``exact`` gives a machine with bfloat16 the losses of one without."""
    recipe, losses = STAGES | {"epochs": 0, "patience": None, "exact": exact}, []
    for half in (False, True):
        monkeypatch.setattr(precision, "_fast", lambda kind, half=half: half)
        losses.append(staging.run(Context(recipe)).progress.history["train_loss"])
    assert (losses[0] == losses[1]) == exact


def test_stage_two_starts_with_a_new_optimizer():
    course = staging.Course(Context(STAGES | {"joint_lr": 0.0}))
    first = course.optimizer
    course.stage_one(course.recipe, course.parts(0))
    assert course.optimizer is not first and course.optimizer.steps == 0 and not course.optimizer.state
    before = state(course.chain)
    course.stage_two(course.recipe, course.parts(0))  # a learning rate of 0
    moved = {k for k, v in course.chain.state_dict().items() if not torch.equal(v, before[k])}
    assert moved and all("running" in k or "tracked" in k for k in moved)


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_early_stopping_puts_the_best_weights_back(patience):
    """A learning rate far too large makes the loss jump; the curve itself is the judge."""
    seen, recipe = [], MLP | {"lr": 0.3, "patience": patience, "batch": 32, "epochs": 30}
    trained = staging.run(Context(recipe, lambda chain, p: seen.append(state(chain))))
    losses = trained.progress.history["val_loss"]
    stop, best = stopping.stopping_epoch(losses, patience), int(np.argmin(losses))
    done = trained.facts["passes"][0]
    assert stop == len(losses) == done["stage_two_epochs"] and done["stopped"]
    assert best + 1 == done["best_epoch"] == stop - patience
    kept = {k.replace("heads.0", "head"): v for k, v in seen[best].items()}
    assert equal(kept, trained.weights)
    assert done["kept"]["val_loss"] == losses[best]


def test_without_a_stop_the_last_weights_stay():
    seen = []
    trained = staging.run(Context(MLP | {"epochs": 3, "patience": 20},
                                  lambda chain, p: seen.append(state(chain))))
    assert not trained.facts["passes"][0]["stopped"]
    assert equal({k.replace("heads.0", "head"): v for k, v in seen[-1].items()}, trained.weights)


def test_no_test_picture_has_a_say(monkeypatch):
    """Another test set changes neither weights nor history nor the epoch of the stop."""
    one = staging.run(Context(STAGES | {"patience": 1}))
    whole = staging.rebuilding.whole

    def blackened(recipe):
        train, test = whole(recipe)
        return train, dataclasses.replace(test, images=torch.zeros_like(test.images))

    monkeypatch.setattr(staging.rebuilding, "whole", blackened)
    other = staging.run(Context(STAGES | {"patience": 1}))
    assert equal(one.weights, other.weights) and one.progress.history == other.progress.history
    assert one.facts["passes"][0]["kept"]["test_loss"] != other.facts["passes"][0]["kept"]["test_loss"]


def test_loss_is_taken_from_logits():
    """Far below what probabilities clipped at 1e-7 could give."""
    logits = torch.tensor([[30.0, 0, 0], [0, 40.0, 0]])
    row = staging.scores(logits, torch.tensor([0, 1]), "val")
    assert 0 <= row["val_loss"] < 1e-12 and row["val_accuracy"] == 1
    wrong = staging.scores(logits, torch.tensor([1, 0]), "val")
    assert wrong["val_loss"] == pytest.approx(35)


def test_passes_share_one_encoder_and_have_new_heads():
    recipe = STAGES | {"frozen": 1, "epochs": 1, "passes": [{"model": "classifier-64"}, {"batch": 32}]}
    starts = [state(staging.Chain(recipe).heads[n]) for n in (0, 1)]
    assert not equal(*starts)
    seen = []
    trained = staging.run(Context(recipe, lambda chain, p: seen.append(state(chain.encoder))))
    assert trained.progress.history["turn"] == [1, 1, 2, 2]
    assert equal(seen[1], seen[2]) and not equal(seen[0], seen[1])  # pass 2 starts where pass 1 ended
    assert [p["seen"] for p in trained.facts["passes"]] == [0, 1]
    assert [p["images"] for p in trained.facts["passes"]] == [160, 128]


def test_operations_are_counted():
    trained = staging.run(Context(STAGES | {"frozen": 1, "epochs": 1}))
    head = 12_544 * 64 + 640
    encoder = 29_127_168
    assert trained.operations == 2 * 160 * (3 * head + encoder + 3 * (encoder + head))


@pytest.mark.parametrize("trainer, recipe", [(rebuilding, AE), (staging, STAGES | {"frozen": 0})])
def test_a_validation_loss_that_is_no_number_stops_the_run(trainer, recipe):
    def spoil(network, progress):
        if progress.epoch == 1:  # after training, where only evaluation mode meets it
            next(m for m in network.modules() if hasattr(m, "running_mean")).running_mean += float("inf")

    with pytest.raises(Diverged, match="the validation loss is no number after epoch 2"):
        trainer.run(Context(recipe, spoil))


# ---- killed and gone on with
def home_of(tmp_path, monkeypatch, recipe, trainer, continues=None, name="run"):
    """A chapter of one experiment (and one that it continues), its files in a temporary folder."""
    from lib import experiments

    elsewhere(tmp_path, monkeypatch)
    settings = {k: v for k, v in recipe.items() if k not in ("data", "transform", "model", "seed")}
    found = [Experiment(name=n, purpose="", data=recipe["data"], transform=recipe["transform"],
                        model=recipe["model"], train=settings | {"epochs": e}, trainer=lambda: trainer,
                        continues=c)
             for n, e, c in (("run", recipe["epochs"], None), ("longer", recipe["epochs"] + 1, "run"))
             if n == "run" or continues]
    home = experiments.Chapter("toy", tmp_path / "toy", {"title": "toy"}, {e.name: e for e in found})
    monkeypatch.setattr(runs, "path_of", lambda slug, experiment, point, seed, scale: (
        tmp_path / "toy/records" / experiment / f"{seed}.json"))
    return home


CHAINED = STAGES | {"frozen": 1, "epochs": 2, "patience": 1, "passes": [{"batch": 64}, {"batch": 32}]}


@pytest.mark.parametrize("recipe, trainer", [
    (AE | {"epochs": 3}, rebuilding),
    (STAGES | {"lr": 0.01, "patience": 1}, staging),
    (STAGES | {"lr": 0.01, "joint_lr": 0.001}, staging),
    (CHAINED, staging),
], ids=["autoencoder", "stages", "two rates", "chained"])
def test_stopped_after_every_epoch_ends_with_the_same_bits(tmp_path, monkeypatch, recipe, trainer):
    home = home_of(tmp_path, monkeypatch, recipe, trainer)
    run = Run(home, home["run"], "", 0)
    whole = execute(run)
    for path in (run.record_path, run.file("checkpoints", ".safetensors")):
        path.unlink()
    for _ in range(30):
        try:
            again = execute(run, deadline=0)
            break
        except OutOfTime:
            continue
    assert again.history == whole.history and again.facts == whole.facts
    assert again.files["weights"]["sha256"] == whole.files["weights"]["sha256"]


def test_a_run_goes_on_from_the_state_of_the_one_that_it_continues(tmp_path, monkeypatch):
    home = home_of(tmp_path, monkeypatch, AE, rebuilding, continues="run")
    monkeypatch.setattr(runs, "SAVE_EVERY", 0)
    alone = execute(Run(home, home["longer"], "", 0))
    alone.path.unlink()
    execute(Run(home, home["run"], "", 0))
    epochs = []
    longer = execute(Run(home, home["longer"], "", 0), report=lambda p: epochs.append(p.epoch))
    assert epochs == [3] and longer.history == alone.history
    assert longer.files["weights"]["sha256"] == alone.files["weights"]["sha256"]
    longer.path.unlink()  # as if it had been killed before its record was written
    again = execute(Run(home, home["longer"], "", 0))
    assert again.files["weights"]["sha256"] == alone.files["weights"]["sha256"]
    run, epochs = Run(home, home["run"], "", 0), []
    run.record_path.unlink()  # a record that was deleted is made anew, from the first epoch on
    execute(run, report=lambda p: epochs.append(p.epoch))
    assert epochs == [1, 2]


def test_first_steps_are_float32_everywhere(monkeypatch):
    """Also where the processor is fast in bfloat16, and on GPUs that round convolutions by default."""
    monkeypatch.setattr(precision, "_fast", lambda kind: True)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    found = []

    def probe(recipe):
        found.extend([torch.backends.cudnn.allow_tf32, precision.in_half(torch.device("cpu"))])

    home = experiments.chapter("digit_autoencoder")
    mine = dataclasses.replace(home["autoencoder"], trainer=lambda: SimpleNamespace(probe=probe))
    runs.first_step(Run(home, mine, "", 0))
    assert found == [False, False]
    assert torch.backends.cudnn.allow_tf32 and precision.in_half(torch.device("cpu"))


def test_probes_repeat_themselves():
    assert rebuilding.probe(AE) == rebuilding.probe(AE)
    first = staging.probe(STAGES)
    assert first == staging.probe(STAGES) and first["loss"] > 1
    assert first != staging.probe(STAGES | {"seed": 1})


def test_averages_taken_anew_are_those_of_the_training_images():
    """A network with wrong moving averages is judged as if they were right, and stays as it was."""
    parts, scale = parts_of(STAGES), TRANSFORMS["digit"].scale
    right, wrong = models.build("classifier-64", 0), models.build("classifier-64", 0)
    for layer in right.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0  # one pass over one batch leaves that batch's averages
    for layer in wrong.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean += 3
    before = {k: v.clone() for k, v in wrong.state_dict().items()}
    with torch.no_grad():
        right.train()(scale(parts.train.images[:, None]))
        given = [net.eval()(scale(parts.test.images[:, None])).argmax(1) for net in (right, wrong)]
    expected, spoiled = (float((g == parts.test.labels).double().mean()) for g in given)
    found = looks.averaged_anew(Context(STAGES), wrong, parts).measures["averaged_anew"]
    assert found == pytest.approx(expected, abs=0.01) and found != spoiled
    assert all(torch.equal(v, before[k]) for k, v in wrong.state_dict().items())
