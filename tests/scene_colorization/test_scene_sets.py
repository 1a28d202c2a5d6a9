"""The sets of photographs: found, checked, read; and the trainer of the window networks on them."""

import numpy as np
import pytest
import torch
from PIL import Image

from lib import data, picture_sets
from lib.data import DataError
from lib.errors import UnknownName
from lib.experiments import ROOT, SMOKE, chapter
from lib.loading import sibling
from lib.runs import Context, Run

window_runs = sibling(str(ROOT / "chapters/scene_colorization/experiments.py"), "window_runs")

WINDOW = ("ann-coffee", "ann-many", "ann-beach-other", "ann-sunset-to-beach", "ann-scenes")


def test_sets_that_a_package_carries():
    coffee, none = data.load("coffee")
    assert coffee.images.shape == (1, 3, 400, 600) and len(none) == 0
    crops, _ = data.load("crops")
    assert crops.images.shape == (30, 3, 64, 64) and crops.labels.bincount().tolist() == [10, 10, 10]
    assert torch.equal(data.load("crops/coffee")[0].images, crops.images[:10])
    assert all(SMOKE[name] in picture_sets.SETS for name in picture_sets.SETS if "crops" not in name)


def test_missing_or_exchanged_pictures_are_one_clear_error(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_DATA", str(tmp_path))
    picture_sets.originals.cache_clear()
    with pytest.raises(DataError, match="ann/beach.png are not here .* set BOOK_DATA"):
        picture_sets.originals("ann/beach")
    with pytest.raises(DataError, match="scenes/forest are not here"):
        picture_sets.originals("scenes/forest")
    (tmp_path / "ann").mkdir()
    Image.new("RGB", (600, 400)).save(tmp_path / "ann/beach.png")
    with pytest.raises(DataError, match="not the ones of this book"):
        picture_sets.originals("ann/beach")
    with pytest.raises(UnknownName, match="no set of pictures is called 'rome'"):
        picture_sets.originals("rome")
    picture_sets.originals.cache_clear()


def test_sizes():
    wide = np.zeros((30, 90, 3), np.uint8)
    assert picture_sets.narrow(wide, 40).shape == (13, 40, 3)
    assert picture_sets.narrow(wide, 90) is wide
    assert picture_sets.small((wide, wide[:5])).shape == (2, 3, 64, 64)
    assert picture_sets.small((wide,), (45, 15)).shape == (1, 3, 15, 45)


def test_splits_are_functions_of_seed_and_name():
    for count in (2, 14, 17, 21):
        for seed in range(30):
            train, test = picture_sets.split("scenes_report/beach", count, seed)
            assert len(train) and len(test) and sorted([*train, *test]) == list(range(count))
    one, again, other = (picture_sets.split("a", 21, s)[0].tolist() for s in (1, 1, 2))
    assert one == again != other
    sizes = [len(picture_sets.split("a", 20, s)[0]) / 20 for s in range(200)]
    assert abs(np.mean(sizes) - 0.7) < 0.03
    with pytest.raises(ValueError, match="cannot be split"):
        picture_sets.split("a", 1, 0)


# ---- the trainer of the window networks

def trained(name, **changes):
    home = chapter("scene_colorization")
    run = Run(home, home[name], "", 0, "smoke")
    run.recipe.update(changes)
    return window_runs.run(Context(run)), run.recipe


@pytest.mark.parametrize("name", WINDOW)
def test_a_run_gives_the_same_twice(name):
    first, recipe = trained(name)
    second, _ = trained(name)
    assert first.facts == second.facts and first.progress.history == second.progress.history
    assert all(torch.equal(v, second.weights[k]) for k, v in first.weights.items())
    assert first.progress.history["updates"] == [0, 100, 200, 300]
    assert first.progress.history["loss"][-1] < first.progress.history["loss"][0]
    networks, design = first.facts["networks"], recipe["model"]
    assert first.operations == 6 * window_runs.w.DESIGNS[design].macs * networks * 300


def test_scores_are_those_of_the_pictures_that_are_kept():
    found, _ = trained("ann-coffee")
    truth, given = (found.arrays[k] * np.uint8(64) for k in ("truth", "given"))
    assert found.facts["scores"]["distance"] == pytest.approx(window_runs.scores.coded(truth, given))
    inside = [window_runs.scores.inner(p) for p in (truth, given)]
    assert found.facts["scores"]["abs_distance"] == pytest.approx(window_runs.scores.absolute(*inside))


def test_passes_meet_every_window_once():
    order = window_runs._order({"seed": 0, "sampling": "passes", "updates": 250}, 0, 100)
    assert order.shape == (250, 3)
    for channel in order.T:
        assert sorted(channel[:100]) == sorted(channel[100:200]) == list(range(100))
        assert len(set(channel[200:])) == 50


def test_no_test_pixel_trains():
    home = chapter("scene_colorization")
    context = Context(Run(home, home["ann-coffee"], "", 0, "smoke"))
    (task,) = window_runs.LAYOUTS["halves"](context)
    whole = picture_sets.originals("coffee")[0]
    assert np.array_equal(np.hstack([task.train[0], task.test[0]]), whole)
    (swapped,) = window_runs.LAYOUTS["swapped"](context)
    assert np.array_equal(np.hstack([swapped.test[0], swapped.train[0]]), whole)
