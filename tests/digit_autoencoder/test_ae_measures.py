"""Measures against the log that the report's author printed, and against hand-made runs."""

import math

import numpy as np
import pytest

from lib.experiments import chapter
from lib.loading import sibling
from lib.records import Record

HOME = chapter("digit_autoencoder")
FILE = str(HOME.folder / "experiments.py")
answers, analyses, auto, m, sweeps = (sibling(FILE, name) for name in (
    "answers", "analyses", "autoencoders", "measures", "sweeps"))
LOG = HOME.reported["log"]


def run(history=None, facts=None, experiment="two-stage", point="", seed=0, **arrays):
    recipe = HOME[experiment].recipe(seed, point)
    return Record(slug=HOME.slug, experiment=experiment, point=point, seed=seed, scale="full",
                  recipe=recipe, recipe_hash="", data={}, measures={}, history=history or {},
                  facts=facts or {}, given=arrays)


def value(measure, *runs):
    return measure.function(*runs)


@pytest.fixture
def logged():
    """The 122 epochs of the notebook's log as a run would have kept them."""
    one, two = LOG["stage_one"], LOG["stage_two"]
    accuracy = one["accuracy"] + [1.0] * (100 - len(one["accuracy"])) + [1.0] * 22
    history = {"train_loss": one["loss"] + two["loss"], "train_accuracy": accuracy,
               "val_loss": one["val_loss"] + two["val_loss"],
               "val_accuracy": one["val_accuracy"] + two["val_accuracy"]}
    return run(history, {"passes": [{"stage_two_epochs": 22, "best_epoch": 2}]})


@pytest.mark.parametrize("measure, expected", [
    (m.lowest_loss_epoch, 8), (m.epochs_to_final, 26), (m.stage2_epochs, 22), (m.stage2_best_epoch, 2),
    (m.train_perfect_epoch, 9), (m.stage1_loss_epoch20, 4.4968e-5), (m.highest_train_accuracy, 1),
    (m.share_98_99, 119 / 122), (m.val_loss_last, 0.1182), (m.val_loss_rise, 0.1182 / 0.0741)])
def test_the_logs_numbers(logged, measure, expected):
    assert value(measure, logged) == pytest.approx(expected)


@pytest.mark.parametrize("wrong, thrown, calm", [
    ([700, 300, 40, 0, 0], 0, 1), ([700, 40, 130, 300, 20], 1, 0), ([700, 0, 30, 0], 0, 1),
    ([700, 20, 60, 0], 1, 1)])
def test_a_stage_one_is_thrown_back_and_comes_to_rest(wrong, thrown, calm):
    accuracy = [1 - n / 48_000 for n in wrong]
    ended = run({"train_accuracy": accuracy, "stage": [1] * len(wrong), "turn": [1] * len(wrong)})
    assert (value(m.thrown_back, ended), value(m.rests, ended)) == (thrown, calm)


@pytest.mark.parametrize("imperfect, epoch", [
    ([], 1), ([1, 2], 3), ([1, 9], 10), ([1, 100], 101), ([1, 103], 2)])
def test_perfect_to_the_end_of_stage_one(imperfect, epoch):
    accuracy = [0.9999 if n in imperfect else 1.0 for n in range(1, 107)]
    assert value(m.train_perfect_epoch, run({"train_accuracy": accuracy})) == epoch


def test_the_log_lies_near_figures_7_and_8(logged):
    assert value(m.val_loss_gap, logged) == pytest.approx(0.002, abs=0.001)
    assert value(m.val_accuracy_gap, logged) == pytest.approx(0.001, abs=0.0005)


def test_a_run_cut_short_says_nothing_of_the_end_of_curves(logged):
    for name in logged.history:
        logged.history[name] = logged.history[name][:106]
    assert value(m.val_loss_gap, logged) is None and value(m.val_accuracy_gap, logged) is None


def test_the_logs_autoencoder():
    log = run({"train_loss": LOG["autoencoder"]["train"], "val_loss": LOG["autoencoder"]["val"]},
              experiment="autoencoder")
    assert value(auto.lowest_epoch, log) == 35
    assert value(auto.would_stop, log) == 0
    assert value(auto.train_curve_factor, log) == pytest.approx(0.0127 / 0.0120)
    assert value(auto.val_mse, log) == 4.1515e-4
    assert value(auto.gain_after_40, log) is None
    log.history["val_loss"] = [0.01, *[0.02] * 20]
    assert value(auto.would_stop, log) == 1


def test_converged_and_gained():
    long = run({"val_loss": [1.0] * 39 + [0.5] + [0.4] * 20 + [0.38] * 10})
    assert value(auto.converged_epoch, long) == 61
    long.history["val_loss"][50] = 0.399  # 0.38 x 1.05
    assert value(auto.converged_epoch, long) == 51
    assert value(auto.gain_after_40, long) == pytest.approx(1 - 0.38 / 0.5)


def test_epochs_to_a_common_loss():
    slow, quick = run({"val_loss": [9, 5, 4, 3]}), run({"val_loss": [6, 3, 2, 1]})
    assert value(auto.epochs_with, slow, quick) == 2 and value(auto.epochs_without, slow, quick) == 4


# ---- answers

CERTAIN = np.full((12, 10), -9.0, np.float32)
CERTAIN[np.arange(12), np.arange(12) % 10] = 9
LABELS = (np.arange(12) % 10).astype(np.uint8)


def answering(logits, labels=LABELS):
    return run(test_logits=logits, test_labels=labels,
               test_predicted=logits.argmax(1).astype(np.uint8))


def test_rounding_takes_answers_without_a_majority_for_zero():
    logits = CERTAIN.copy()
    logits[3] = 0
    logits[3, 3] = 1.0      # right, share 0.23: rounded to all zeros, so 0
    logits[10] = 0
    logits[10, 5] = 1.0     # wrong, but a 0: won by rounding
    found = answering(logits)
    assert answers.rounded(found)[[3, 10]].tolist() == [0, 0]
    assert value(answers.no_majority, found) == 2
    assert value(answers.rounded_minus_plain, found) == 0
    found.given["test_labels"][10] = 5
    assert value(answers.rounded_minus_plain, found) == -2


def test_class_report_is_scikit_learns():
    metrics = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(500, 10)).astype(np.float32) * 4
    found = answering(logits, generator.integers(0, 10, 500).astype(np.uint8))
    report = metrics.classification_report(found.arrays["test_labels"], answers.rounded(found),
                                           output_dict=True, zero_division=0)
    ours = answers.class_report(found)
    for name, key in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
        assert ours[name] == pytest.approx([report[str(c)][key] for c in range(10)])
    rows = [report[kind][key] for kind in ("macro avg", "weighted avg")
            for key in ("precision", "recall", "f1-score")]
    assert value(answers.average_rows_gap, found) == pytest.approx(max(abs(r - 0.99) for r in rows))


def test_the_digits_of_figures_16_and_17():
    theirs = HOME.reported["figures"]
    assert answers.FIGURE_16 == tuple(theirs["figure_16"]["test_indices"])
    assert answers.FIGURE_17 == tuple(theirs["figure_17"]["test_indices"])
    labels = np.zeros(600, np.uint8)
    labels[list(answers.FIGURE_17)] = theirs["figure_17"]["classes"]
    given = labels.copy()
    given[list(answers.FIGURE_17)] = theirs["figure_17"]["predicted"]
    found = run(test_labels=labels, test_predicted=given)
    assert [value(f, found) for f in (answers.figure16_right, answers.figure17_wrong,
                                      answers.figure17_same)] == [9, 9, 9]
    found.given["test_predicted"] = labels
    assert [value(f, found) for f in (answers.figure17_wrong, answers.figure17_same)] == [0, 0]


# ---- sweeps


def ended(loss, accuracy=0.98, point="", train=0.0, test=0.9, experiment="two-stage"):
    return run({"val_loss": [0.2, loss], "val_accuracy": [0.9, accuracy], "train_loss": [1, train],
                "train_accuracy": [0.9, 1.0]}, {"passes": [{"kept": {"test_accuracy": test},
                                                            "stage_two_epochs": 21}]}, experiment, point)


def named(measures, name):
    return next(f for f in measures if f.name == name)


def test_the_reports_own_points_have_no_distance():
    figures = HOME.reported["figures"]
    loss, accuracy = figures["figure_14"], figures["figure_15"]["val"]
    runs = {str(b): ended(v, a, str(b) if b != 256 else "", t, experiment="batch-sweep" if b != 256
                          else "two-stage")
            for b, v, a, t in zip(sweeps.BATCHES, loss["val"], accuracy, loss["train"], strict=True)}
    own = {"": runs.pop("256")}

    def of(name):
        return value(named(sweeps.BATCH, name), runs, own)

    for name in ("loss_gap_small", "loss_gap_large", "train_loss_gap", "points_gap"):
        assert of(name) == 0
    assert of("val_loss_256") == 0.0286 and of("val_accuracy_256") == 0.9957
    assert of("val_loss_rank_256") == of("val_accuracy_rank_256") == 1
    assert of("accuracy_range") == pytest.approx(0.9957 - 0.98935)
    assert of("train_loss_rank_correlation") < -0.8  # Figure 14 itself: it falls
    own[""].history["val_loss"][-1] = 0.12
    assert of("points_gap") == pytest.approx(math.log(0.12 / 0.0286) / 5)
    assert of("val_loss_rank_256") == 3


@pytest.mark.parametrize("scale, batch, counts", [
    ("reduced", "512", False), ("reduced", "64", True), ("full", "512", True)])
def test_a_short_run_that_did_not_come_to_rest_gives_no_rank(scale, batch, counts):
    runs = {str(b): ended(0.1, 0.98, str(b), experiment="batch-sweep") for b in sweeps.BATCHES if b != 256}
    own = {"": ended(0.05)}
    for r in (*runs.values(), own[""]):
        r.history |= {"stage": [1, 2], "turn": [1, 1], "train_accuracy": [1.0, 1.0]}
        r.scale = scale
    runs[batch].history["train_accuracy"] = [0.999, 1.0]
    found = value(named(sweeps.BATCH, "val_loss_rank_256"), runs, own)
    assert found == (1 if counts else None)
    assert value(named(sweeps.BATCH, "points_gap"), runs, own) > 0


def test_sizes_rank_and_spread():
    points = {"64": ended(0.14, 0.985, "64", experiment="size-sweep"),
              "256": ended(0.13, 0.983, "256", experiment="size-sweep")}
    own = {"": ended(0.12, 0.984)}
    of = {f.name: f for f in sweeps.SIZE}
    assert value(of["loss_rank_128"], points, own) == 1
    assert value(of["val_accuracy_64_128"], points, own) == pytest.approx(0.9845)
    assert value(of["val_accuracy_256"], points, own) == 0.983
    runs, others = list(points.values()), [own[""]]
    assert of["seed_spread"].function(runs, others) is None
    for r in [*runs, *others]:
        copy = ended(0.1, r.history["val_accuracy"][-1] + 0.002, r.point, experiment=r.experiment)
        copy.seed = 1
        (runs if r.point else others).append(copy)
    assert of["seed_spread"].function(runs, others) == pytest.approx(0.002 / math.sqrt(2))


def chained(order, losses, experiment="chained"):
    turns = [t for t in range(1, len(losses) + 1) for _ in range(2)]
    doubled = [v for loss in losses for v in (9.0, loss)]
    facts = {"passes": [{"seen": float(i > 0), "kept": {"test_accuracy": 0.98 + i / 1000}}
                        for i in range(len(losses))]}
    return run({"turn": turns, "val_loss": doubled, "val_accuracy": doubled}, facts, experiment, order)


def test_the_loop_is_read_at_the_end_of_every_pass():
    asc = chained("asc", [0.5, 0.4, 0.3, 0.2, 0.1])
    desc = chained("desc", [0.5, 0.4, 0.3, 0.2, 0.1])
    of = {f.name: f for f in sweeps.CHAINED}
    assert sweeps.by_batch(asc) == {64: 0.5, 128: 0.4, 256: 0.3, 512: 0.2, 1024: 0.1}
    assert value(of["asc_val_loss_256"], asc) == 0.3 and value(of["asc_val_loss_256"], desc) is None
    assert value(of["asc_best"], asc) == 1024 and value(of["desc_best"], desc) == 64
    assert value(of["seen_share"], asc) == 1
    assert value(of["test_gain"], asc) == pytest.approx(0.004)
    sizes = chained("", [0.1408, 0.1205, 0.1367], "chained-sizes")
    assert value(named(sweeps.CHAINED_SIZES, "points_gap"), sizes) == pytest.approx(0)


def test_numbers_of_epochs():
    points = {str(n): ended(0.1 + n / 1000, test=0.98 - n / 1000, point=str(n), train=1 / n,
                            experiment="epoch-sweep") for n in (5, 10, 20, 50)}
    own = {"": ended(0.05, test=0.9)}
    times = {"": run(facts={"frozen": {"256": 6.0}, "whole": {"256": 100.0}}, experiment="stage-times")}
    of = {f.name: f for f in sweeps.LENGTH}
    assert value(of["val_loss_rank_n100"], points, own) == 1
    assert value(of["val_loss_rank_correlation_abs"], points, own) == pytest.approx(0)
    assert value(of["best_n_differs"], points, own) == 1
    assert value(of["time_rank_correlation"], points, own, times) == pytest.approx(1)
    assert value(sweeps.epoch_time_rank_correlation, run(facts={
        "whole": {"64": 9.0, "128": 8.0, "256": 7.0, "512": 7.5, "1024": 6.0}})) == pytest.approx(-0.9)


# ---- analyses


def test_what_table_2_can_mean():
    found = analyses.table_arithmetic(None).measures
    assert (found["least_correct"], found["most_correct"]) == (9851, 9892)  # 9,850 prints as 0.98
    assert found["implied_wrong_nll"] == pytest.approx(6.79, abs=0.005)
    assert found["constant_confidence_loss"] == pytest.approx(0.0999, abs=5e-5)


def test_pairs_that_fit_a_row_of_the_table():
    for right, said in analyses._fitting(0.5, 0.67, 0.57, 3):
        assert round(right / 3, 2) == 0.67 and round(right / said, 2) == 0.5
    assert analyses._fitting(0.5, 0.67, 0.57, 3) == [(2, 4)]


class Asked:
    """A context with one two-stage record, whose logits are twice as sure as they should be."""

    def __init__(self, heat):
        generator = np.random.default_rng(0)
        logits = generator.normal(size=(40_000, 10)) * 2
        chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        labels = (chances.cumsum(1) > generator.random((len(chances), 1))).argmax(1).astype(np.uint8)
        both = {"logits": (heat * logits).astype(np.float32), "labels": labels}
        halves = {f"{part}_{k}": v[rows] for k, v in both.items()
                  for part, rows in (("val", slice(0, 20_000)), ("test", slice(20_000, None)))}
        self.run = run(experiment="two-stage")
        self.found = [run(**halves)]

    def runs(self, name):
        return self.found if name == "two-stage" else []


@pytest.mark.parametrize("heat", [0.5, 1.0, 2.0])
def test_the_temperature_undoes_too_much_confidence(heat):
    found = analyses.calibration(Asked(heat)).measures
    assert found["temperature"] == pytest.approx(heat, rel=0.03)
    assert found["loss_after"] <= found["loss_before"] + 1e-4
    assert (found["ece"] < 0.015) == (heat == 1.0)
    assert 0 < found["share_of_wrong"] < 1


def test_calibration_says_what_it_needs():
    from lib.records import RecordError

    asked = Asked(1.0)
    asked.found = []
    with pytest.raises(RecordError, match="needs two-stage seed 0: `make train ONLY=two-stage`"):
        analyses.calibration(asked)


def test_centres_of_mass():
    import torch

    picture = torch.zeros(1, 28, 28, dtype=torch.uint8)
    picture[0, 10, 5], picture[0, 12, 5] = 100, 100
    assert analyses.centres(picture).tolist() == [[11, 5]]
