"""What several tests need: a book of one small chapter, and records that nobody trained."""

import sys

import hypothesis
import numpy as np
import pytest

from lib import experiments
from lib.experiments import Chapter, recipe_hash
from lib.records import Record, path_of, write


def given(*strategies, examples: int = 100):
    """Hypothesis' ``given`` with the same examples every time and no deadline (cores are busy)."""
    return lambda test: hypothesis.settings(
        deadline=None, derandomize=True, database=None, max_examples=examples)(
        hypothesis.given(*strategies)(test))


SOURCE = '''
from lib.definitions import at_point, measure, paired, pooled
from lib.experiments import Experiment, Findings

REPORT = {"title": "A demo", "authors": ["Nobody"], "year": 2000, "question": "Does it work?"}
TRAIN = {"loss": "keras_categorical_crossentropy", "optimizer": "adam", "lr": 0.001, "batch": 64,
         "images": 320, "validation": 64, "epochs": 3}


@measure
def val_accuracy(run):
    """Fraction right on the validation images."""
    return run.history["val_accuracy"][-1]


@measure
def test_accuracy(run):
    """Fraction right on the test images."""
    return float((run.arrays["test_predicted"] == run.arrays["test_labels"]).mean())


@measure
def sometimes(run):
    """The first validation accuracy, where it is above a half."""
    first = run.history["val_accuracy"][0]
    return first if first > 0.5 else None


@paired("big")
def behind(run, other):
    """How far the network lies behind the big one of the same seed."""
    return other.history["val_accuracy"][-1] - run.history["val_accuracy"][-1]


@pooled()
def best(runs):
    """Highest last validation accuracy of all runs."""
    return max(run.history["val_accuracy"][-1] for run in runs)


@pooled("small", "big")
def together(_, small, big):
    """Number of runs of both."""
    return len(small) + len(big)


def counting(context):
    train, test = context.data()
    return Findings({"images": len(train), "mean": float(train.images.float().mean())},
                    {"first": train.images[:2].numpy()}, {"tests": len(test)})


def network(name, model, seeds, *measures, **rest):
    return Experiment(name=name, purpose="a demo", seeds=seeds, data="mnist-sample",
                      **({"transform": "grey", "model": model, "train": TRAIN} | rest),
                      measures=measures)


EXPERIMENTS = [
    Experiment(name="count", purpose="count the digits", data="mnist-sample", analysis=counting,
               measures={"images": "Number of training digits.", "mean": "Mean byte."}),
    network("small", "linear-grey", 4, val_accuracy, test_accuracy, sometimes, behind, best),
    network("big", "lenet-bw", 2, val_accuracy, test_accuracy),
    network("choices", "linear-grey", 1, val_accuracy, best,
            at_point("fast", "fast_accuracy", "Accuracy of the fast.", val_accuracy.function),
            points={"slow": {"lr": 0.0001}, "fast": {"lr": 0.01}}),
    Experiment(name="both", purpose="two together", needs=("small", "big"), measures=(together,)),
]
'''


@pytest.fixture
def demo(tmp_path, monkeypatch) -> Chapter:
    """A book with the one chapter ``demo`` in a temporary folder; nothing is written elsewhere."""
    folder = tmp_path / "book" / "chapters" / "demo"
    folder.mkdir(parents=True)
    (folder / "experiments.py").write_text(SOURCE)
    (tmp_path / "book" / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nparts: [{chapters: [{file: chapters/demo/1_report}]}]\n")
    monkeypatch.setattr(experiments, "ROOT", tmp_path / "book")
    monkeypatch.delitem(sys.modules, "experiments_of_demo", raising=False)
    elsewhere(tmp_path, monkeypatch)
    return experiments.chapter("demo")


def elsewhere(tmp_path, monkeypatch) -> None:
    """States, checkpoints and smoke runs go to a temporary folder; full sets are not looked for."""
    monkeypatch.setenv("BOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BOOK_SMOKE", str(tmp_path / "smoke"))
    for name in ("BOOK_RUNS", "BOOK_DATA"):
        monkeypatch.delenv(name, raising=False)


def kept(home: Chapter, name: str, seed: int = 0, accuracy=(0.4, 0.6), point: str = "", right: int = 7,
         scale: str = "full", **changes) -> Record:
    """A record as a run would have written it, with made-up numbers: ``right`` of 10 tests right."""
    experiment = home[name]
    recipe = experiment.recipe(seed, point, scale)
    labels = np.arange(10, dtype=np.uint8)
    given = {"test_labels": labels, "test_predicted": np.where(labels < right, labels, 9 - labels)
             .astype(np.uint8)}
    content = {"history": {"val_accuracy": list(accuracy)}, "given": given,
               "data": {"name": "mnist-sample"}, "measures": {}} | changes
    record = Record(slug=home.slug, experiment=name, point=point, seed=seed, scale=scale,
                    recipe=recipe, recipe_hash=recipe_hash(recipe), **content)
    if "measures" not in changes and experiment.kind == "training":
        record.measures = {m.name: m.function(record) for m in experiment.measures
                           if m.over == "run"}
    return write(record, path_of(home.slug, name, point, seed, scale))


def stepped(optimizer, gradients):
    """Where an optimizer takes weights of 0 that meet these gradients one after the other, (n,)."""
    import torch
    from torch import nn

    weight = nn.Parameter(torch.zeros(len(gradients[0])))
    steps = optimizer([weight])
    for g in gradients:
        weight.grad = torch.tensor(g, dtype=torch.float32)
        steps.step()
    return weight.detach().double().numpy()
