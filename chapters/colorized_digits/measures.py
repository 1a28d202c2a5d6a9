"""Measures of this chapter: each a function of one run's record, or of several runs'."""

import numpy as np

from lib.definitions import Measure, across, measure, paired, pooled
from lib.draws import hues
from lib.experiments import chapter
from lib.loading import sibling

constant_answer = sibling(__file__, "theory").constant_answer

FIRST_VALIDATION = 51_000  # place of the first validation image in the training file
LIKE_NINE = (1, 4, 7, 9)
SOLE = 0.99                # an answer given to so many images is a sole class


def _last(column: str, doc: str) -> Measure:
    return Measure(column, doc, "run", lambda run: run.history[column][-1])


train_accuracy = _last("train_accuracy", "Fraction right, running mean over the last epoch, training "
                       "mode (what Keras prints).")
train_loss = _last("train_loss", "Loss, running mean over the last epoch, training mode.")
val_accuracy = _last("val_accuracy", "Fraction right on the validation images after the last epoch.")
val_loss = _last("val_loss", "Loss on the validation images after the last epoch.")


@measure
def test_accuracy(run):
    """Fraction right on the test images after the last epoch."""
    return float((run.arrays["test_predicted"] == run.arrays["test_labels"]).mean())


# ---- curves

def _falls(curve):
    """Falls below the highest value so far, and whether each was made good."""
    top, deepest, healed, fallen = -np.inf, 0.0, 0, False
    for value in curve:
        if value > top:
            healed, fallen, top = healed + fallen, False, value
        deepest = max(deepest, top - value)
        fallen = fallen or top - value >= 0.05 - 1e-9
    return healed, deepest


@measure
def spells(run):
    """Number of times that validation accuracy, after an epoch that set a new maximum, falls at
    least 0.05 below it and later exceeds it."""
    return _falls(run.history["val_accuracy"])[0]


@measure
def spells_any(run):
    """1 if there was at least one spell, else 0."""
    return int(_falls(run.history["val_accuracy"])[0] >= 1)


@measure
def deepest_dip(run):
    """Largest fall of validation accuracy below the highest value reached before."""
    return _falls(run.history["val_accuracy"])[1]


@measure
def best_epoch_val_accuracy(run):
    """Highest validation accuracy of any epoch."""
    return max(run.history["val_accuracy"])


def _after(epoch: int, why: str) -> Measure:
    return Measure(f"val_accuracy_{epoch}", f"Validation accuracy after epoch {epoch}, {why}.", "run",
                   lambda run: dict(enumerate(run.history["val_accuracy"], 1)).get(epoch))


val_accuracy_10 = _after(10, "as many as the grey LeNet had")
val_accuracy_40 = _after(40, "as many as AlexNet had on two hues")
val_accuracy_60 = _after(60, "as many as LeNet had on two hues")


@measure
def late_rise(run):
    """Mean validation loss of the last ten epochs divided by the lowest mean of ten epochs in a row,
    minus 1; overfitting makes it rise."""
    losses = np.array(run.history["val_loss"])
    if len(losses) < 10:
        return None
    means = np.convolve(losses, np.full(10, 0.1), "valid")
    return float(means[-1] / means.min() - 1)


def _dips(run):
    """Two arrays over the epochs: whether validation accuracy lies at least 0.05 below its highest before,
    and whether training accuracy, of that epoch or the next, more than 0.01 below its own."""
    train, val = (np.array(run.history[k]) for k in ("train_accuracy", "val_accuracy"))
    lower = np.maximum.accumulate(train) - train > 0.01
    return np.maximum.accumulate(val) - val >= 0.05, lower | np.append(lower[1:], False)


@measure
def dips_shared(run):
    """Of the epochs whose validation accuracy lies at least 0.05 below the highest before, the share in
    which training accuracy, of that epoch or the next, lies more than 0.01 below its own highest before."""
    fallen, lower = _dips(run)
    return float(lower[fallen].mean()) if fallen.any() else None


@measure
def dips_lead(run):
    """dips_shared minus the same share of all other epochs."""
    fallen, lower = _dips(run)
    return float(lower[fallen].mean() - lower[~fallen].mean()) if fallen.any() and not fallen.all() else None


@measure
def val_accuracy_gain(run):
    """Highest validation accuracy of any epoch minus that of the first."""
    return max(run.history["val_accuracy"]) - run.history["val_accuracy"][0]


@measure
def loss_fall(run):
    """Training loss of the second epoch minus that of the last."""
    losses = run.history["train_loss"]
    return losses[1] - losses[-1] if len(losses) > 1 else None


# ---- dead outputs and constant answers

def _shares(run, part):
    counts = np.array(run.facts["class_counts"][part], float)
    return counts / counts.sum()


def _floor(run, part, epoch=-1):
    judged = None if part == "train" else _shares(run, part)
    return constant_answer(_shares(run, "train"), run.history["dead"][epoch], judged)


@measure
def dead_outputs(run):
    """Number of outputs that are 0 for every validation image after the last epoch."""
    return len(run.history["dead"][-1])


@measure
def top_class_share(run):
    """Share of the validation images that get the most frequent answer."""
    return run.history["top_share"][-1]


@measure
def floor_loss(run):
    """Validation loss of the best constant answer with this run's dead outputs dead."""
    return _floor(run, "validation")


@measure
def excess_over_floor(run):
    """Validation loss minus floor_loss: about 0 when nothing but class shares was learned."""
    return run.history["val_loss"][-1] - _floor(run, "validation")


@measure
def train_excess_over_floor(run):
    """Training loss minus the theory's training loss for this run's dead outputs."""
    return run.history["train_loss"][-1] - _floor(run, "train")


@measure
def zero_rows(run):
    """Number of training images met, over the whole run, whose ten outputs were all 0 (Keras would
    have turned NaN at the first)."""
    return sum(run.history["zero_rows"])


@measure
def never_predicted(run):
    """Number of classes that no test image is given."""
    return int((np.bincount(run.arrays["test_predicted"], minlength=10) == 0).sum())


@measure
def accuracy_ceiling(run):
    """1 minus the validation share of the classes whose outputs are dead."""
    return float(1 - _shares(run, "validation")[run.history["dead"][-1]].sum())


@measure
def live_accuracy(run):
    """Test accuracy over the classes whose outputs live."""
    live = ~np.isin(run.arrays["test_labels"], run.history["dead"][-1])
    right = run.arrays["test_predicted"] == run.arrays["test_labels"]
    return float(right[live].mean()) if live.any() else None


@measure
def plateau_epochs(run):
    """Epochs, from the first, before validation accuracy exceeds 0.2 for five in a row or to the end."""
    above = [accuracy > 0.2 for accuracy in run.history["val_accuracy"]]
    return next((start for start in range(len(above)) if all(above[start : start + 5])), len(above))


@measure
def plateau_like(run):
    """1 if the plateau lasts 6 to 30 epochs, as Figure 10's 18 may have by chance, at least four in five of
    them with a sole class, else 0."""
    length = plateau_epochs.function(run)
    return int(6 <= length <= 30 and len([i for i, _ in _soles(run) if i < length]) >= 0.8 * length)


def _plateau_epoch(run):
    """Place of epoch 5 if it lies in the plateau, else of its last epoch; None without one."""
    length = plateau_epochs.function(run)
    return min(4, length - 1) if length else None


@measure
def plateau_loss(run):
    """Training loss of epoch 5 if it lies in the plateau, else of its last epoch (no plateau: left
    out)."""
    epoch = _plateau_epoch(run)
    return None if epoch is None else run.history["train_loss"][epoch]


@measure
def plateau_excess(run):
    """Distance of that loss from the theory for the outputs dead in that epoch."""
    epoch = _plateau_epoch(run)
    return None if epoch is None else abs(
        run.history["train_loss"][epoch] - _floor(run, "train", epoch))


# ---- sole classes

def _soles(run):
    """(epoch's place, class) of every epoch with a sole class."""
    shares = zip(run.history["top_share"], run.history["top_class"], strict=True)
    return [(i, c) for i, (share, c) in enumerate(shares) if share >= SOLE]


@measure
def output_spread(run):
    """Standard deviation over validation images of the outputs as shares, mean over live units,
    after the last epoch with a sole class; 0: the answer does not depend on the image."""
    soles = _soles(run)
    return run.history["spread"][soles[-1][0]] if soles else None


@measure
def epochs_before_sole(run):
    """Epochs before the first with a sole class; left out where there is none."""
    soles = _soles(run)
    return soles[0][0] if soles else None


@measure
def distinct_sole_in_run(run):
    """Number of classes that are sole after some epoch."""
    return len({c for _, c in _soles(run)})


@measure
def sole_in_1479_epochs(run):
    """Share of the epochs with a sole class in which it is 1, 4, 7 or 9."""
    soles = _soles(run)
    return sum(c in LIKE_NINE for _, c in soles) / len(soles) if soles else None


def _last_soles(runs):
    return [(run, *_soles(run)[-1]) for run in runs if _soles(run)]


@pooled()
def distinct_sole_classes(runs):
    """Number of different sole classes over the seeds, each read in its last epoch with one; left out
    where fewer than two seeds ever had one."""
    last = _last_soles(runs)
    return len({c for *_, c in last}) if len(last) > 1 else None


@pooled()
def sole_in_1479(runs):
    """Share of the seeds for which that class is 1, 4, 7 or 9; 0.4 if all classes were equally
    likely, but near 1 if the most frequent live class wins, for 1 and 7 are the two most frequent."""
    last = _last_soles(runs)
    return sum(c in LIKE_NINE for *_, c in last) / len(last) if last else None


@pooled()
def sole_is_top_live(runs):
    """Share of the seeds for which that class is the most frequent live one in training, or within
    5 % of it."""
    last = _last_soles(runs)
    good = 0
    for run, epoch, c in last:
        shares = _shares(run, "train")
        live = np.setdiff1d(np.arange(10), run.history["dead"][epoch])
        good += bool(shares[c] >= 0.95 * shares[live].max())
    return good / len(last) if last else None


@pooled()
def collapsed_share(runs):
    """Share of the seeds with a sole class after the last epoch."""
    return sum(run.history["top_share"][-1] >= SOLE for run in runs) / len(runs)


LARGE = ("alexnet-grey", "alexnet-1hue", "alexnet-2hue")


@pooled(*LARGE)
def died_at_once(_, *three):
    """Of the outputs dead after the last epoch, over all runs of the three large networks, the share that
    was dead after the first."""
    fates = [c in run.history["dead"][0] for runs in three for run in runs for c in run.history["dead"][-1]]
    return sum(fates) / len(fates) if fates else None


@pooled(*LARGE)
def keras_nan(_, *three):
    """Share of the runs of the three large networks that met a row of zeros, where Keras would have ended
    in NaN."""
    met = [sum(run.history["zero_rows"]) > 0 for runs in three for run in runs]
    return sum(met) / len(met)


# ---- hues

def _right_where(run, chosen):
    right = run.arrays["val_predicted"] == run.arrays["val_labels"]
    return float(right[chosen].mean()) if chosen.any() else None


def _val_hues(run, columns):
    n = len(run.arrays["val_labels"])
    first = FIRST_VALIDATION if run.scale != "smoke" else run.recipe["images"] - n
    return hues(run.seed, "train", np.arange(first, first + n), columns)


def _hue_distance(run):
    ink, paper = _val_hues(run, 2).T
    turn = np.abs(ink - paper)
    return np.minimum(turn, 360 - turn)


@measure
def accuracy_yellow(run):
    """Validation accuracy over images with hues 45 to 75."""
    hue = _val_hues(run, 1)[:, 0]
    return _right_where(run, (hue >= 45) & (hue <= 75))


@measure
def accuracy_other_hues(run):
    """Validation accuracy over images with any other hue."""
    hue = _val_hues(run, 1)[:, 0]
    return _right_where(run, (hue < 45) | (hue > 75))


@measure
def accuracy_near_hues(run):
    """Validation accuracy over images whose hues lie at most 30 degrees apart."""
    return _right_where(run, _hue_distance(run) <= 30)


@measure
def accuracy_far_hues(run):
    """Validation accuracy over images whose hues lie at least 90 degrees apart."""
    return _right_where(run, _hue_distance(run) >= 90)


@measure
def accuracy_near_luma(run):
    """Validation accuracy over images whose two colours differ by less than 16 bytes of luma."""
    import torch

    from lib.color import luma, pure

    ink, paper = luma(pure(torch.from_numpy(_val_hues(run, 2))), dim=2).numpy().T
    return _right_where(run, np.abs(ink - paper) < 16)


# ---- errors

def confusion(run):
    """Test images by true (rows) and predicted class, int (10, 10)."""
    pairs = 10 * run.arrays["test_labels"].astype(int) + run.arrays["test_predicted"]
    return np.bincount(pairs, minlength=100).reshape(10, 10)


def errors(runs):
    """Wrong answers of several runs together: confusion summed, the diagonal 0."""
    table = sum(confusion(run) for run in runs)
    return table - np.diag(np.diag(table))


@measure
def errors_predicted_nine(run):
    """Share of the test errors called 9; an even spread gives 0.1."""
    table = errors([run])
    return float(table[:, 9].sum() / table.sum()) if table.any() else None


@measure
def greediest_share(run):
    """Share of the test errors that the most frequent wrong answer takes."""
    table = errors([run])
    return float(table.sum(0).max() / table.sum()) if table.any() else None


OFF_DIAGONAL = ~np.eye(10, dtype=bool)
FIVE = ("lenet-grey", "alexnet-grey", "lenet-1hue", "alexnet-1hue", "lenet-2hue")
MATCHED = {"lenet-grey": "lenet_grey", "alexnet-grey": "alexnet_grey",
           "lenet-1hue": "lenet_one_hue", "lenet-2hue": "lenet_two_hue"}


def similarities(tables):
    """Pearson correlations of the off-diagonal cells of every pair of error tables."""
    return [float(np.corrcoef(a[OFF_DIAGONAL], b[OFF_DIAGONAL])[0, 1])
            for i, a in enumerate(tables) for b in tables[:i]]


def within_1479(table):
    """Share of the errors with true and predicted class in {1, 4, 7, 9}."""
    return float(table[np.ix_(LIKE_NINE, LIKE_NINE)].sum() / table.sum())


@pooled(*FIVE)
def lowest_similarity(_, *five):
    """Smallest Pearson correlation, over the ten pairs of models, between their 90 off-diagonal
    counts on the test images, summed over seeds."""
    return min(similarities([errors(runs) for runs in five]))


@pooled(*FIVE)
def mean_similarity(_, *five):
    """Mean of the ten correlations."""
    return float(np.mean(similarities([errors(runs) for runs in five])))


@pooled(*FIVE)
def lowest_within_1479(_, *five):
    """Smallest share, over the five models, of errors with true and predicted class in {1, 4, 7, 9};
    an even spread gives 12/90 = 0.133."""
    return min(within_1479(errors(runs)) for runs in five)


@pooled(*MATCHED)
def figure_match(_, *four):
    """Mean correlation between our error table and the report's over lenet-grey, alexnet-grey,
    lenet-1hue and lenet-2hue."""
    tables = chapter("colorized_digits").reported["errors_on_test_images"]
    return float(np.mean([similarities([errors(runs), np.array(tables[name])])[0]
                          for runs, name in zip(four, MATCHED.values(), strict=True)]))


@pooled(*MATCHED)
def figure_match_gain(_, *four):
    """figure_match minus the mean correlation of our tables with the report's of the three other models."""
    tables = [np.array(chapter("colorized_digits").reported["errors_on_test_images"][name])
              for name in MATCHED.values()]
    match = np.array([[similarities([errors(runs), table])[0] for table in tables] for runs in four])
    return float(np.diag(match).mean() - match[~np.eye(4, dtype=bool)].mean())


@pooled("lenet-grey", "alexnet-grey", "lenet-2hue")
def standard_max_spells(_, *three):
    """Largest of the mean numbers of spells in lenet-grey, alexnet-grey and lenet-2hue."""
    return float(max(np.mean([spells.function(r) for r in runs]) for runs in three))


# ---- comparisons with other runs

def gap_to(name: str) -> Measure:
    """Validation accuracy of another experiment's run of the same seed minus this run's."""
    def gap_to_lenet(run, lenet):
        return lenet.history["val_accuracy"][-1] - run.history["val_accuracy"][-1]

    gap_to_lenet.__doc__ = f"Validation accuracy of {name} of the same seed minus this run's."
    return paired(name)(gap_to_lenet)


@across("lenet-2hue", "lenet-1hue")
def regained(points, two, one):
    """Share of what LeNet loses from one hue to two, both after 60 epochs and with the same seed, that is not
    lost when it is trained and judged on pairs of hues at least 90 degrees apart."""
    far, both = points[""].history["val_accuracy"][-1], two[""].history["val_accuracy"][-1]
    lost = val_accuracy_60.function(one[""]) - both
    return (far - both) / lost if lost > 0 else None


@paired("alexnet-2hue")
def behind_colour(run, colour):
    """Validation accuracy of alexnet-2hue of the same seed minus this run's."""
    return colour.history["val_accuracy"][-1] - run.history["val_accuracy"][-1]


# ---- grids

def _points(runs):
    return {point: [r for r in runs if r.point == point] for point in dict.fromkeys(
        r.point for r in runs)}


@pooled()
def best_val_accuracy(runs):
    """Highest validation accuracy after the last epoch over the variants."""
    return max(run.history["val_accuracy"][-1] for run in runs)


@pooled()
def median_val_accuracy(runs):
    """Median of the variants' validation accuracies after the last epoch."""
    return float(np.median([run.history["val_accuracy"][-1] for run in runs]))


@pooled()
def rungs_to_99(runs):
    """First rung on two hues, counted from 0, whose mean test accuracy exceeds 0.99 (none: 10)."""
    means = [np.mean([test_accuracy.function(r) for r in rung]) for name, rung in _points(runs).items()
             if not name.endswith(("-grey", "-1hue"))]
    return next((i for i, m in enumerate(means) if m > 0.99), 10)


@pooled()
def last_rung_lowest(runs):
    """Lowest of the mean test accuracies of the last rung on the three sets."""
    rungs = _points(runs)
    return float(min(np.mean([test_accuracy.function(r) for r in rungs[name]])
                     for name in rungs if name.startswith("falling-rate")))


SCORES = (val_accuracy, val_loss, test_accuracy)
HISTORY = (train_accuracy, val_accuracy, train_loss, val_loss, test_accuracy)
CURVES = (spells, spells_any, deepest_dip)
DEAD = (dead_outputs, top_class_share, floor_loss, excess_over_floor, zero_rows)
BEST = (*HISTORY, best_epoch_val_accuracy)
