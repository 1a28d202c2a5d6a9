"""Mistakes that are made on purpose, each caught by name."""

import dataclasses

import pytest
import torch

from lib import experiments, runs, training, verify

SLUG = "colorized_digits"


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """Make one smoke run of an experiment in a folder of its own; returns its record."""
    home, patch = experiments.chapter(SLUG), pytest.MonkeyPatch()

    def run(name, seed=0):
        patch.setenv("BOOK_SMOKE", str(tmp_path_factory.mktemp("smoke")))
        return runs.execute(runs.Run(home, home[name], "", seed, "smoke"))

    yield run
    patch.undo()


@pytest.fixture(scope="module")
def honest(smoke):
    return [smoke("lenet-grey"), smoke("lenet-2hue"), smoke("lenet-grey", 1)]


def test_nothing_is_said_of_honest_runs(honest):
    assert verify.same_data(honest) == verify.own_history(honest) == []


def shuffled(parts):
    order = torch.randperm(len(parts.train), generator=torch.Generator().manual_seed(0))
    labels = parts.train.labels[order]
    return parts._replace(train=dataclasses.replace(parts.train, labels=labels))


def test_pictures_in_training(parts):
    return parts._replace(train=dataclasses.replace(
        parts.train, images=torch.cat([parts.train.images, parts.test.images]),
        labels=torch.cat([parts.train.labels, parts.test.labels])))


def validation_trained_on(parts):
    return parts._replace(train=dataclasses.replace(
        parts.train, images=torch.cat([parts.train.images, parts.validation.images]),
        labels=torch.cat([parts.train.labels, parts.validation.labels])))


test_pictures_in_training.__test__ = False


@pytest.mark.parametrize("mistake", [shuffled, test_pictures_in_training, validation_trained_on],
                         ids=lambda f: f.__name__)
def test_wrong_data_is_caught(honest, smoke, monkeypatch, mistake):
    usual = training.parts_of
    monkeypatch.setattr(training, "parts_of", lambda recipe: mistake(usual(recipe)))
    wrong = smoke("lenet-2hue", 1)
    (line,) = verify.same_data([*honest, wrong])
    assert "colorized_digits/lenet-2hue seed 1 saw other data" in line


def test_seeds_that_change_nothing_are_caught(honest, smoke, monkeypatch):
    monkeypatch.setattr(training.draws, "key", lambda seed, *stream: hash(stream) % 2**62)
    same = [smoke("lenet-grey", seed) for seed in (0, 1)]
    (line,) = verify.own_history(same)
    assert "lenet-grey seed 1 has the history of seed 0" in line
