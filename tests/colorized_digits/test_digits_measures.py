"""This chapter's measures on histories and answers worked out by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from lib import draws, experiments
from lib.loading import sibling

m = sibling(str(experiments.ROOT / "chapters/colorized_digits/experiments.py"), "measures")


# ---- curves

def run(**content):
    history = {k: content.pop(k) for k in list(content) if k not in (
        "arrays", "facts", "seed", "scale", "recipe", "measures", "point")}
    return SimpleNamespace(**({"history": history, "arrays": {}, "measures": {}, "seed": 0,
                               "scale": "full", "point": "", "facts": {}} | content))


@pytest.mark.parametrize(("curve", "spells", "dip"), [
    ([0.1, 0.5, 0.9], 0, 0),
    ([0.9, 0.8, 0.95], 1, 0.1),               # fell and was made good
    ([0.9, 0.8, 0.85], 0, 0.1),               # fell, not made good
    ([0.9, 0.8, 0.9], 0, 0.1),                # reached again, not exceeded
    ([0.9, 0.8, 0.85, 0.7, 0.91], 1, 0.2),    # one spell, not two
    ([0.5, 0.4, 0.6, 0.5, 0.7, 0.66, 0.8], 2, 0.1),
    ([0.9, 0.87, 0.95], 0, 0.03),             # less than 0.05
    ([0.4], 0, 0),
])
def test_spells_and_dips(curve, spells, dip):
    history = run(val_accuracy=curve)
    assert m.spells.function(history) == spells
    assert m.spells_any.function(history) == int(spells > 0)
    assert m.deepest_dip.function(history) == pytest.approx(dip)


def test_plain_readings_of_a_history():
    history = run(val_accuracy=[0.2, 0.7, 0.6], train_loss=[9.0, 5.0, 4.5], top_share=[1, 0.5, 0.25],
                  dead=[[], [1, 2], [3]], zero_rows=[4, 0, 3], val_loss=[3, 2, 1])
    found = {name: getattr(m, name).function(history) for name in (
        "val_accuracy", "val_loss", "best_epoch_val_accuracy", "val_accuracy_gain", "loss_fall",
        "dead_outputs", "top_class_share", "zero_rows", "val_accuracy_10")}
    assert found == {"val_accuracy": 0.6, "val_loss": 1, "best_epoch_val_accuracy": 0.7,
                     "val_accuracy_gain": pytest.approx(0.5), "loss_fall": 0.5, "dead_outputs": 1,
                     "top_class_share": 0.25, "zero_rows": 7, "val_accuracy_10": None}
    assert m.val_accuracy_10.function(run(val_accuracy=[i / 100 for i in range(1, 21)])) == 0.1
    assert m.loss_fall.function(run(train_loss=[1.0])) is None


COUNTS = {"train": [10, 30, 10, 10, 10, 10, 5, 5, 5, 5],
          "validation": [20, 20, 10, 10, 10, 10, 5, 5, 5, 5]}
CEILING = 7 * math.log(10)


def cost(part, dead):
    """The best constant answer with some outputs dead, by hand."""
    train, judged = np.array(COUNTS["train"]) / 100, np.array(COUNTS[part]) / 100
    live = [c for c in range(10) if c not in dead]
    return sum(-judged[c] * math.log(train[c] / train[live].sum()) for c in live) + CEILING * sum(
        judged[c] for c in dead)


def test_floors():
    history = run(dead=[[], [0, 1]], val_loss=[0, 8.0], train_loss=[0, 9.0],
                  facts={"class_counts": COUNTS})
    assert m.floor_loss.function(history) == pytest.approx(cost("validation", [0, 1]))
    assert m.excess_over_floor.function(history) == pytest.approx(8 - cost("validation", [0, 1]))
    assert m.train_excess_over_floor.function(history) == pytest.approx(9 - cost("train", [0, 1]))
    assert m.accuracy_ceiling.function(history) == pytest.approx(0.6)
    assert m.accuracy_ceiling.function(run(dead=[[]], facts={"class_counts": COUNTS})) == 1


@pytest.mark.parametrize(("curve", "epochs", "read"), [
    ([0.1, 0.1, 0.3, 0.1], 4, 3), ([0.5, 0.3], 0, None), ([0.2] * 8, 8, 4),
    ([0.1, 0.3, 0.1, 0.3, 0.3, 0.3, 0.3, 0.3, 0.1], 3, 2),
    ([0.1] * 6 + [0.9], 6, 4), ([0.1] * 5 + [0.9], 5, 4), ([0.1] * 4 + [0.9], 4, 3),
])
def test_plateaus(curve, epochs, read):
    dead = [[e % 10] for e in range(len(curve))]
    history = run(val_accuracy=curve, train_loss=[5 + e for e in range(len(curve))], dead=dead,
                  facts={"class_counts": COUNTS})
    assert m.plateau_epochs.function(history) == epochs
    assert m.plateau_loss.function(history) == (None if read is None else 5 + read)
    excess = None if read is None else pytest.approx(abs(5 + read - cost("train", dead[read])))
    assert m.plateau_excess.function(history) == excess


def collapsing(shares, classes, spread=None, dead=None, seed=0):
    return run(top_share=shares, top_class=classes, spread=spread or [0.0] * len(shares), seed=seed,
               dead=dead or [[]] * len(shares), facts={"class_counts": COUNTS})


def test_sole_classes_of_a_run():
    history = collapsing([1, 0.99, 0.989, 1, 0.5], [3, 7, 1, 3, 4], [0.1, 0.2, 0.3, 0.4, 0.5])
    assert m.distinct_sole_in_run.function(history) == 2     # 3 and 7
    assert m.output_spread.function(history) == 0.4          # after the last sole epoch
    assert m.sole_in_1479_epochs.function(history) == pytest.approx(1 / 3)
    never = collapsing([0.5], [2])
    assert m.distinct_sole_in_run.function(never) == 0
    assert m.output_spread.function(never) is None and m.sole_in_1479_epochs.function(never) is None


def test_how_outputs_died_and_what_the_report_would_not_have_seen():
    early = run(dead=[[3, 5], [3, 5], [3]], zero_rows=[0, 2, 0])
    late = run(dead=[[], [7]], zero_rows=[0, 0])
    assert m.died_at_once.function([], [early], [late], []) == 0.5 and m.keras_nan.function(
        [], [early], [late], []) == 0.5
    assert m.died_at_once.function([], [run(dead=[[]], zero_rows=[0])]) is None
    assert m.epochs_before_sole.function(collapsing([0.5, 1], [2, 3])) == 1
    assert m.epochs_before_sole.function(collapsing([0.5], [2])) is None


def test_bumps_that_training_shares():
    alone = run(train_accuracy=[0.8, 0.9, 0.95, 0.96], val_accuracy=[0.8, 0.9, 0.8, 0.9])
    shared = run(train_accuracy=[0.8, 0.9, 0.7, 0.96], val_accuracy=[0.8, 0.9, 0.8, 0.9])
    later = run(train_accuracy=[0.8, 0.9, 0.91, 0.7], val_accuracy=[0.8, 0.9, 0.8, 0.9])
    none = run(train_accuracy=[0.8, 0.7], val_accuracy=[0.8, 0.9])
    assert [m.dips_shared.function(r) for r in (alone, shared, later, none)] == [0, 1, 1, None]
    often = run(train_accuracy=[0.9, 0.7, 0.7, 0.7], val_accuracy=[0.8, 0.9, 0.8, 0.9])  # falls anyway
    assert [m.dips_lead.function(r) for r in (shared, often, none)] == [1 - 1 / 3, 0, None]


def test_a_late_rise_of_the_validation_loss():
    assert m.late_rise.function(run(val_loss=[1.0] * 10 + [2.0] * 10)) == pytest.approx(1)
    assert m.late_rise.function(run(val_loss=[2.0] * 10 + [1.0] * 10)) == 0
    assert m.late_rise.function(run(val_loss=[1.0] * 9)) is None


def test_what_far_hues_regain():
    far, two = run(val_accuracy=[0.9]), run(val_accuracy=[0.6])
    one = run(val_accuracy=[0.0] * 59 + [0.95, 0.99])
    assert m.regained.function({"": far}, {"": two}, {"": one}) == pytest.approx(0.3 / 0.35)
    assert m.regained.function({"": far}, {"": one}, {"": run(val_accuracy=[0.9] * 60)}) is None


def test_sole_classes_over_seeds():
    runs = [collapsing([1, 1], [0, 1]),                      # 1: the most frequent in training
            collapsing([1, 0.5], [7, 0]),                    # 7, then awake; 7 is rare
            collapsing([1], [2], dead=[[1]]),                # 2: as frequent as any but 1, which is dead
            collapsing([0.3], [1])]                          # never
    assert m.distinct_sole_classes.function(runs) == 3
    assert m.sole_in_1479.function(runs) == pytest.approx(2 / 3)
    assert m.sole_is_top_live.function(runs) == pytest.approx(2 / 3)
    assert m.collapsed_share.function(runs) == 0.5           # the first and the third end so
    assert m.sole_in_1479.function(runs[3:]) is None and m.sole_is_top_live.function(runs[3:]) is None
    assert m.distinct_sole_classes.function(runs[2:]) is None  # two of one are no two


# ---- answers

TRUE = np.array([0, 0, 1, 1, 2, 3, 4, 9, 9, 9], np.uint8)
GIVEN = np.array([0, 9, 1, 7, 2, 9, 9, 4, 9, 1], np.uint8)


def test_answers():
    answered = run(dead=[[3]], arrays={"test_labels": TRUE, "test_predicted": GIVEN})
    assert m.test_accuracy.function(answered) == 0.4
    assert m.never_predicted.function(answered) == 4        # 3, 5, 6, 8
    assert m.live_accuracy.function(answered) == pytest.approx(4 / 9)
    assert m.errors_predicted_nine.function(answered) == pytest.approx(3 / 6)
    assert m.greediest_share.function(answered) == pytest.approx(3 / 6)
    table = m.errors([answered, answered])
    assert table.sum() == 12 and table[0, 9] == table[9, 4] == 2 and not np.diag(table).any()
    assert m.within_1479(table) == pytest.approx(4 / 6)     # 1 as 7, 4 as 9, 9 as 4, 9 as 1


def test_error_profiles():
    def table(*cells):
        found = np.zeros((10, 10), int)
        for row, column, count in cells:
            found[row, column] = count
        return found

    assert m.within_1479(table((1, 7, 3), (9, 4, 1), (1, 2, 4), (0, 9, 2))) == 0.4
    a, b = table((0, 1, 5), (2, 3, 1)), table((0, 1, 10), (2, 3, 2))
    assert m.similarities([a, b]) == pytest.approx([1])
    c = table((5, 6, 4))
    off = ~np.eye(10, dtype=bool)
    by_hand = [stats.pearsonr(x[off], y[off]).statistic for x, y in ((b, a), (c, a), (c, b))]
    assert m.similarities([a, b, c]) == pytest.approx(by_hand)


def test_accuracy_by_hue():
    """Hues are drawn anew from the run's seed and the images' places, here 51,000 onwards."""
    n, seed = 9000, 3
    true = np.arange(n) % 10
    hue = draws.hues(seed, "train", 51_000 + np.arange(n), 1)[:, 0]
    yellow = (hue >= 45) & (hue <= 75)
    given = np.where(yellow, (true + 1) % 10, true)
    wrong_on_yellow = run(seed=seed, arrays={"val_labels": true, "val_predicted": given})
    assert m.accuracy_yellow.function(wrong_on_yellow) == 0
    assert m.accuracy_other_hues.function(wrong_on_yellow) == 1

    ink, paper = draws.hues(seed, "train", 51_000 + np.arange(n), 2).T
    apart = np.array([min((a - b) % 360, (b - a) % 360) for a, b in zip(ink, paper, strict=True)])
    given = np.where(apart <= 30, (true + 1) % 10, true)
    wrong_on_near = run(seed=seed, arrays={"val_labels": true, "val_predicted": given})
    assert m.accuracy_near_hues.function(wrong_on_near) == 0
    assert m.accuracy_far_hues.function(wrong_on_near) == 1
    given = np.where(apart >= 90, (true + 1) % 10, true)
    wrong_on_far = run(seed=seed, arrays={"val_labels": true, "val_predicted": given})
    assert m.accuracy_near_hues.function(wrong_on_far) == 1
    assert m.accuracy_far_hues.function(wrong_on_far) == 0


def test_accuracy_near_in_luma():
    import colorsys

    n, seed = 2000, 1
    pairs = draws.hues(seed, "train", 51_000 + np.arange(n), 2)
    table = np.array([[int(255 * c + 1e-9) for c in colorsys.hls_to_rgb(h / 360, 0.5, 1)]
                      for h in range(360)]) @ [0.299, 0.587, 0.114]
    near = np.abs(table[pairs[:, 0]] - table[pairs[:, 1]]) < 16
    true = np.zeros(n, np.uint8)
    right = run(seed=seed, arrays={"val_labels": true, "val_predicted": np.where(near, 0, 1)})
    assert 50 < near.sum() < 600 and m.accuracy_near_luma.function(right) == 1


def test_pooled_over_grids_and_models():
    def point(name, accuracy, test=None, seed=0):
        return run(point=name, seed=seed, val_accuracy=[accuracy],
                   arrays={"test_labels": np.zeros(1000), "test_predicted": (
                       np.arange(1000) >= round(1000 * (test or 0))).astype(int)})

    grid = [point("a", 0.1), point("b", 0.9), point("c", 0.2)]
    assert m.best_val_accuracy.function(grid) == 0.9 and m.median_val_accuracy.function(grid) == 0.2
    ladder = [point("first", 0, t, s) for s, t in enumerate((0.98, 0.999))]
    ladder += [point("second", 0, t, s) for s, t in enumerate((0.995, 0.989))]
    ladder += [point("falling-rate", 0, 0.994), point("falling-rate-grey", 0, 0.991)]
    assert m.rungs_to_99.function(ladder[:2]) == 10           # 0.9895 is not enough
    assert m.rungs_to_99.function(ladder) == 1
    assert m.last_rung_lowest.function(ladder) == pytest.approx(0.991)
    two, none = run(val_accuracy=[0.9, 0.8, 0.95, 0.8, 0.96]), run(val_accuracy=[0.5])
    assert m.standard_max_spells.function([], [none], [two, none], [none]) == 1


def test_gap_to_another_network():
    gap = m.gap_to("lenet-grey")
    assert (gap.name, gap.over, gap.companions) == ("gap_to_lenet", "paired", ("lenet-grey",))
    assert gap.function(run(val_accuracy=[0.9, 0.5]), run(val_accuracy=[0.75])) == 0.25
