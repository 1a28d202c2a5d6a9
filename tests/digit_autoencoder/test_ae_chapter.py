"""The chapter as declared: claims load, settings are the published ones, every experiment runs in small."""

import dataclasses
import math

import pytest
import safetensors.torch
import torch
from helpers import demo, elsewhere, kept

from lib import claims, measures, models, records, runs, weights
from lib.claims.ledger import contradictions
from lib.experiments import SMOKE, chapter
from lib.pool import depth
from lib.records import path_of

__all__ = ["demo"]
HOME = chapter("digit_autoencoder")
TRAINED = [e for e in HOME.experiments.values() if e.kind == "training"]


def test_all_claims_and_contradictions_are_there():
    assert len(claims.load(HOME)) == 81 and len(contradictions(HOME)) == 26
    assert sum(c.headline for c in claims.load(HOME)) == 9
    assert sum(bool(c.amended) for c in claims.load(HOME)) == 25  # each says how and why
    assert [c.id for c in claims.load(HOME) if c.by_construction] == ["time-grows-with-epochs"]


def test_settings_are_those_of_the_notebook():
    ae, two = HOME["autoencoder"].recipe(0), HOME["two-stage"].recipe(0)
    assert {k: ae[k] for k in ("optimizer", "lr", "batch", "epochs", "validation", "split")} == {
        "optimizer": "rmsprop", "lr": 0.001, "batch": 64, "epochs": 40, "validation": 12_000, "split": 13}
    assert {k: two[k] for k in ("optimizer", "batch", "frozen", "epochs", "patience", "encoder")} == {
        "optimizer": "adam", "batch": 256, "frozen": 100, "epochs": 100, "patience": 20,
        "encoder": "autoencoder"}
    assert [p["batch"] for p in HOME["chained"].recipe(0, "last")["passes"]] == [64, 128, 1024, 512, 256]


def test_an_encoder_that_others_start_from_is_kept_whole(monkeypatch, tmp_path):
    home = dataclasses.replace(HOME, folder=tmp_path)
    monkeypatch.setattr(weights, "weights", lambda run: models.build(run.experiment.model, run.seed))
    for name, whole in (("autoencoder", {"encoder"}), ("tight-bottleneck", set())):
        run = runs.Run(home, HOME[name], "", 0)
        runs.keep(run)
        found = safetensors.torch.load_file(tmp_path / f"weights/{name}.safetensors")
        assert {k.split(".")[0] for k, v in found.items() if v.dtype == torch.float32} == whole
        rest = {v.dtype for k, v in found.items() if not k.startswith("encoder.")}
        assert rest == {torch.float16, torch.int64}  # weights, and batches counted
        built = models.build(run.experiment.model, 0).state_dict()
        assert all(torch.equal(v, built[k]) for k, v in found.items() if v.dtype != torch.float16)


def test_the_autoencoder_in_the_repository_gives_what_its_record_shows(monkeypatch, tmp_path):
    elsewhere(tmp_path, monkeypatch)
    run = runs.Run(HOME, HOME["autoencoder"], "", 0)
    kept = records.read(run.record_path).arrays
    with torch.no_grad():
        given = runs.weights(run)(torch.from_numpy(kept["pictures"]).float() / 255)
    assert (255 * given - torch.from_numpy(kept["rebuilt"])).abs().max() < 2  # grey levels


@pytest.mark.parametrize("experiment", [e for e in TRAINED if e.tier == "control" and "frozen" in e.train
                                        and "few" not in e.name], ids=lambda e: e.name)
def test_controls_use_the_same_images_and_optimizer(experiment):
    for point, seed in experiment.runs():
        recipe = experiment.recipe(seed, point)
        assert recipe["optimizer"] == "adam" and recipe["lr"] == 0.001 and "subset" not in recipe
        assert (recipe["split"], recipe["validation"]) == (13, 12_000)


def test_a_run_comes_after_those_that_it_builds_on():
    depths = {name: depth(HOME, e) for name, e in HOME.experiments.items()}
    assert depths["autoencoder"] == 0 and depths["two-stage"] == 1 and depths["calibration"] == 2
    assert all(depths[name] > depths[need] for name, e in HOME.experiments.items() for need in e.needs)


def test_the_reduced_forms_share_one_encoder():
    for experiment in TRAINED:
        if experiment.reduced and experiment.recipe(0).get("encoder"):
            recipe = experiment.recipe(2, next(iter(experiment.points), ""), "reduced")
            if recipe["encoder"] == "autoencoder":
                assert recipe["encoder_seed"] == 0, experiment.name


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The first point of every experiment, trained once on a few real digits."""
    patch = pytest.MonkeyPatch()
    elsewhere(tmp_path_factory.mktemp("small"), patch)
    made = {}
    for experiment in sorted(HOME.experiments.values(), key=lambda e: depth(HOME, e)):
        point = next(iter(experiment.points), "")
        made[experiment.name] = runs.execute(runs.Run(HOME, experiment, point, 0, "smoke"))
    yield made
    patch.undo()


@pytest.mark.parametrize("name", HOME.experiments)
def test_every_experiment_runs_in_small(small, name):
    record, experiment = small[name], HOME[name]
    assert record.recipe["data"] in (None, *SMOKE.values())
    assert record.path == path_of(HOME.slug, name, record.point, 0, "smoke")
    assert records.read(record.path).measures == record.measures
    stored = {n for n in experiment.definitions} if experiment.kind == "analysis" else {
        f.name for f in experiment.measures if f.over == "run"}
    assert set(record.measures) == stored
    assert all(v is None or math.isfinite(v) for v in record.measures.values())
    if "frozen" in (experiment.train or {}):
        images = {len(record.arrays[f"{part}_labels"]) for part in ("val", "test")}
        assert record.facts["passes"][-1]["kept"].keys() == {"val_loss", "val_accuracy", "test_loss",
                                                             "test_accuracy"}
        assert min(images) > 0


def test_logits_are_kept_where_they_are_read(small):
    kept = small["two-stage"].arrays
    assert (kept["test_logits"].argmax(1) == kept["test_predicted"]).all()
    assert kept["val_logits"].shape == (64, 10)
    assert "test_logits" not in small["joint-only"].arrays


# ---- measures across the points of one seed


def test_a_measure_across_points_reads_one_seed_at_a_time(demo):
    from lib.definitions import across

    @across("small")
    def best_minus_small(points, small):
        """Best of the two choices minus the companion's accuracy, same seed."""
        return max(r.history["val_accuracy"][-1] for r in points.values()) - (
            small[""].history["val_accuracy"][-1])

    demo.experiments["choices"] = dataclasses.replace(demo["choices"], seeds=3,
                                                      measures=(best_minus_small,))
    name = "choices.best_minus_small"
    for seed, (slow, fast, small) in enumerate([(0.5, 0.6, 0.5), (0.9, 0.7, 0.8)]):
        kept(demo, "choices", seed, (slow,), "slow")
        if seed == 0:
            with pytest.raises(measures.Missing, match="demo/choices/fast seed 0"):
                measures.sample("demo", name)
        kept(demo, "choices", seed, (fast,), "fast")
        if seed == 0:
            with pytest.raises(measures.Missing, match="demo/small seed 0"):
                measures.sample("demo", name)
        kept(demo, "small", seed, (small,))
    kept(demo, "choices", 2, (0.1,), "slow")  # a seed that lacks a point does not count
    found = measures.sample("demo", name)
    assert found.values == pytest.approx({0: 0.1, 1: 0.1}) and not found.exact and not found.pooled
    assert "demo/choices/fast seed 2" in found.missing
