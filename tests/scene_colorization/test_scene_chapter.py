"""The chapter on scenes: declarations, claims, every experiment in small."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import elsewhere

from lib import claims, estimates, experiments, measures, models, runs
from lib.loading import sibling
from lib.records import RecordError
from lib.runs import Run, execute

HOME = experiments.chapter("scene_colorization")
# what the report's scripts and the arithmetic of its sizes give, known before the runs
KNOWN = {
    "metric-facts": {"levels": 4, "worst_rounding_error": 63, "floor_agrees": 0.625, "red_green_printed": 0,
                     "swapped_printed": 0, "grey_mean_printed": 0, "one_too_low": 1, "one_too_high": 3,
                     "greys_of_64": 64},
    "base-coffee": {"grey_copy": 2.686, "grey_copy_printed": 0.746, "grey_copy_abs": 1.734,
                    "grey_copy_ciede": 23.4, "table": 0.0, "table_border": 0.042, "table_unrounded": 0.529,
                    "table_unrounded_printed": 0.242},
    "cost-facts": {"flat": 16384, "outputs": 8192, "cnn_to_ann_macs": 76.3, "conv_to_ann_macs": 32.4,
                   "conv_mac_share": 0.4246,
                   "to_mnist_parameters": 23.1, "batch3_gib": 0.574, "full_batch_gib": 0.618,
                   "class_to_regression_macs": 2.485},
}


def test_claims_and_contradictions_load():
    assert len(claims.load(HOME)) == 79 and len(claims.contradictions(HOME)) == 26
    # 48; sizes of networks, halves exchanged, stand-ins left grey, sizes of windows
    assert len(HOME.experiments) == 52


def test_disagreements_tell_numbers_of_records(monkeypatch):
    monkeypatch.chdir(HOME.folder)
    told = {entry["id"]: entry["about"] for entry in claims.disagreements().entries}
    assert not [about for about in told.values() if "{" in about]
    found = measures.sample(HOME.slug, "ann-coffee.argmax_distance").values.values()
    e = estimates.estimate(list(found))
    assert f"{estimates.text(e.mean, e.half)} (n = {e.n})" in told["c5"]


def scene_run(test_pictures, train=1.0, **more):
    """What measures read of a run: looks every 100 steps from the start on, all pictures as given."""
    steps = [100 * i for i in range(len(test_pictures))]
    history = {"step": steps, "test_pictures": test_pictures,
               "train_accuracy": [train] * len(steps), "test_accuracy": np.mean(test_pictures, 1).tolist()}
    return SimpleNamespace(seed=0, experiment="cnn-beach", recipe={"pick_from": 100}, history=history, **more)


def test_the_half_that_helps_to_pick_looks_better():
    m = sibling(str(HOME.folder / "experiments.py"), "measures")
    noise = np.random.default_rng(0).random((80, 6)).round(3).tolist()
    assert m.optimism.function([], [scene_run(noise)], [], []) > 0.1   # nothing but luck
    alike = [[0.9] * 4, [0.2] * 4, [0.5] * 4, [0.4] * 4]               # the start, 0.9, may not be picked
    assert m.optimism.function([], [scene_run(alike)], [], []) == 0
    assert m.heldout_accuracy.function(scene_run(alike)) == m.value_accuracy.function(scene_run(alike)) == 0.5
    assert m.heldout_accuracy.function(scene_run([[0.1], [0.2]])) is None  # one picture has no halves


def test_a_twin_that_trains_is_told_from_the_other_test_pictures():
    m = sibling(str(HOME.folder / "experiments.py"), "measures")
    looks = [[0.0] * 3, [0.9, 0.5, 0.7], [0.2, 0.1, 0.0]]
    base = SimpleNamespace(facts={"median_without_twin": 0.75})
    split = scene_run(looks, facts={"train": [0, 16], "test": [3, 8, 9]})
    assert m.with_twin.function(split, base) == 0.9
    assert m.without_twin.function(split, base) == pytest.approx(0.6)
    assert m.median_ahead.function(split, base) == pytest.approx(0.15)
    for train, test in (([0, 3, 16], [5, 8, 9]), ([0, 1], [3, 16, 9])):
        together = scene_run(looks, facts={"train": train, "test": test})
        assert m.with_twin.function(together, base) is m.median_ahead.function(together, base) is None


def test_errors_are_read_over_the_first_pictures_and_at_the_picked_step():
    m = sibling(str(HOME.folder / "experiments.py"), "measures")
    run = scene_run([[0.0, 0.0], [0.3, 0.1], [0.6, 0.4], [0.1, 0.2]], facts={"test": [3, m.TWIN]})
    run.history |= {"pictures": [0, 1500, 3000, 4500], "train_mse": [1, 50, 900, 70],
                    "test_mse": [9, 8, 7, 6]}
    assert m.early_train_mse.function(run) == 475
    assert (m.test_mse.function(run), m.twin_accuracy.function(run)) == (7, 0.4)
    run.facts["test"] = [3, 5]
    assert m.twin_accuracy.function(run) is None


def test_best_step_inside_the_reports_interval():
    m = sibling(str(HOME.folder / "experiments.py"), "measures")
    for best, inside in ((49, 0), (50, 1), (80, 1)):
        looks = [[0.1]] * 81
        looks[best] = [0.6]
        assert m.best_in_interval.function(scene_run(looks)) == inside


@pytest.mark.parametrize("name", KNOWN)
def test_facts(name, tmp_path, monkeypatch):
    elsewhere(tmp_path, monkeypatch)
    found = execute(Run(HOME, HOME[name], "", 0, "smoke")).measures
    for measure, value in KNOWN[name].items():
        assert found[measure] == pytest.approx(value, rel=0.01, abs=6e-4), measure


def test_everything_in_small(tmp_path, monkeypatch):
    """Each experiment once, on pieces of scikit-image's photographs; records, measures, probes.

    One run has the report's network, the others one with two thin dense layers.
    """
    elsewhere(tmp_path, monkeypatch)
    assert execute(Run(HOME, HOME["cnn-beach"], "", 0, "smoke")).facts["network"]["parameters"] > 75e6
    for name in ("scene-cnn", "scene-cnn-tanh", "scene-cnn-dropout", "no-conv"):
        models.size(name)  # kept by name
        build, shape = models.MODELS[name]
        monkeypatch.setitem(models.MODELS, name, (partial(build, dense=(8, 16)), shape))
    for run in runs.declared("scene_colorization", scale="smoke", seeds=1):
        record = execute(run)
        assert tmp_path in record.path.parents
        assert all(v is None or np.isfinite(v) for v in record.measures.values()), run.name
        assert record.data["fingerprint"] if run.recipe["data"] else True
        if run.experiment.kind == "training":
            assert run.experiment.definitions.keys() >= record.measures.keys()
            assert any(v is not None for v in record.measures.values()) or run.point or "early" in str(
                run.experiment.definitions), run.name


def test_records_hold_no_photograph_of_unknown_terms():
    """Of the recovered scenes only 64 x 64 pictures may lie in a record."""
    for path in HOME.folder.glob("records/**/*.npz"):
        seen = path.relative_to(HOME.folder / "records").parts[0]
        if "scenes_report" not in str(HOME[seen].data):
            continue
        with np.load(path) as arrays:
            for name in arrays.files:
                shape = arrays[name].shape
                photograph = arrays[name].ndim >= 3 and min(shape[-3:]) == 3 and max(shape) > 64
                if photograph and name != "hidden":
                    assert seen == "ann-beach-other" and name in ("truth", "given"), (path, name)


def test_the_smaller_network_is_there_to_play_with(tmp_path, monkeypatch):
    elsewhere(tmp_path, monkeypatch)
    assert runs.weights(Run(HOME, HOME["fcn-beach"], "", 0)) is not None
    with pytest.raises(RecordError, match="make train ONLY=scene_colorization/fcn-beach SEEDS=2"):
        runs.weights(Run(HOME, HOME["fcn-beach"], "", 1))
