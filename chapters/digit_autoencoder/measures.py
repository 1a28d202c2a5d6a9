"""Measures of a classifier trained in stages: of one run, or of a run and its companion."""

import numpy as np

from lib.definitions import Measure, at_point, measure, paired
from lib.experiments import chapter

NEEDED = 121  # epochs, in the report's own count


def reported():
    """The numbers of the report's tables, figures and logs."""
    return chapter("digit_autoencoder").reported


def _noted(key, doc, name=""):
    """A number that the trainer noted of the last pass."""
    return Measure(name or key, doc, "run", lambda run: run.facts["passes"][-1][key])


def _score(name, doc):
    return Measure(name, doc, "run", lambda run: run.facts["passes"][-1]["kept"][name])


val_accuracy = _score("val_accuracy", "Fraction right on the validation images, kept weights.")
val_loss = _score("val_loss", "Cross-entropy on the validation images, kept weights.")
test_accuracy = _score("test_accuracy", "Fraction right on the test images, kept weights, plain argmax.")
test_loss = _score("test_loss", "Cross-entropy on the test images, kept weights.")
KEPT = (val_accuracy, val_loss, test_accuracy, test_loss)


def at_rest(run):
    """Whether stage one (of the first pass) ended with every training digit right."""
    ends = [right for right, stage, turn in zip(*(run.history[k] for k in (
        "train_accuracy", "stage", "turn")), strict=True) if stage == turn == 1]
    return bool(ends) and ends[-1] >= 0.99995


@measure
def rests(run):
    """1 if stage one came to rest: every training digit right in its last epoch; else 0."""
    return float(at_rest(run))


@measure
def thrown_back(run):
    """1 if the wrong training digits ever doubled in an epoch, to over a thousandth of all; else 0."""
    wrong = 1 - np.array(run.history["train_accuracy"])
    return float((wrong[1:] > np.maximum(2 * wrong[:-1], 0.001)).any())


best_epoch = _noted("best_epoch", "Epoch of the training of all layers with the lowest validation loss.")
epochs = _noted("stage_two_epochs", "Epoch of the training of all layers in which early stopping ended it "
                "(all epochs if never).", "epochs")


# ---- two stages

@measure
def stage1_test_accuracy(run):
    """Fraction right on the test images after stage one."""
    return run.facts["passes"][-1]["stage_one"]["test_accuracy"]


@measure
def stage1_test_loss(run):
    """Cross-entropy on the test images after stage one."""
    return run.facts["passes"][-1]["stage_one"]["test_loss"]


@measure
def stage1_val_accuracy(run):
    """Fraction right on the validation images after stage one."""
    return run.facts["passes"][-1]["stage_one"]["val_accuracy"]


@measure
def stage1_loss_epoch20(run):
    """Training cross-entropy of epoch 20 (running mean, as Keras prints it)."""
    losses = run.history["train_loss"]
    return losses[19] if len(losses) > 19 else None


stage2_epochs = _noted("stage_two_epochs", "Epoch of stage two in which early stopping ended it (its "
                       "longest length if it never did).", "stage2_epochs")
stage2_best_epoch = _noted("best_epoch", "Epoch of stage two with the lowest validation loss.",
                           "stage2_best_epoch")


@measure
def thaw(run):
    """Validation loss after the first epoch of stage two, minus that at the end of stage one."""
    losses, frozen = run.history["val_loss"], run.recipe["frozen"]
    return losses[frozen] - losses[frozen - 1]


@measure
def lowest_loss_epoch(run):
    """Epoch with the lowest validation loss, counted through both stages."""
    return int(np.argmin(run.history["val_loss"])) + 1


@measure
def epochs_to_final(run):
    """First epoch, counted through both stages, whose validation accuracy is within 0.001 of the last."""
    accuracy = np.array(run.history["val_accuracy"])
    return int(np.argmax(np.abs(accuracy - accuracy[-1]) <= 0.001 + 1e-9)) + 1


@measure
def val_loss_last(run):
    """Validation loss of the last epoch of stage two, not of the kept weights."""
    return run.history["val_loss"][-1]


@measure
def val_accuracy_last(run):
    """Validation accuracy of the last epoch of stage two."""
    return run.history["val_accuracy"][-1]


@measure
def val_loss_rise(run):
    """val_loss_last divided by the lowest of all epochs."""
    return run.history["val_loss"][-1] / min(run.history["val_loss"])


@measure
def highest_train_accuracy(run):
    """Highest fraction right of any epoch of both stages, running mean, training mode."""
    return max(run.history["train_accuracy"])


@measure
def train_perfect_epoch(run):
    """First epoch from which on training accuracy (running mean) is at least 0.99995 to the end of stage
    one; one more than stage one has epochs where its last is below."""
    right = run.history["train_accuracy"][:run.recipe["frozen"]]
    return max((epoch for epoch, r in enumerate(right, 1) if r < 0.99995), default=0) + 1


@measure
def share_98_99(run):
    """Share of the epochs of both stages whose validation accuracy lies between 0.98 and 0.99."""
    accuracy = np.array(run.history["val_accuracy"])
    return float(((accuracy >= 0.98) & (accuracy <= 0.99)).mean())


def _curve_gap(run, column, figure, at):
    shown = reported()["figures"][figure]
    theirs = dict(zip(shown["x"], shown["val"], strict=True))
    ours = run.history[column]
    if len(ours) < NEEDED:
        return None
    return float(np.mean([abs(ours[x - 1] - theirs[x]) for x in at]))


@measure
def val_loss_gap(run):
    """Mean distance of the validation loss from Figure 7 at epochs 1, 2, 5, 8, 20, 50, 100 and 121."""
    return _curve_gap(run, "val_loss", "figure_7", (1, 2, 5, 8, 20, 50, 100, NEEDED))


@measure
def val_accuracy_gap(run):
    """Mean distance of the validation accuracy from Figure 8 at the same epochs."""
    return _curve_gap(run, "val_accuracy", "figure_8", (1, 2, 5, 8, 20, 50, 100, NEEDED))


STAGES = (*KEPT, thaw, stage1_test_accuracy, stage1_val_accuracy, stage1_loss_epoch20, stage2_epochs,
          stage2_best_epoch, lowest_loss_epoch, epochs_to_final, val_loss_last, val_accuracy_last,
          val_loss_rise, highest_train_accuracy, train_perfect_epoch, share_98_99, val_loss_gap,
          val_accuracy_gap)


# ---- beside the two stages

@measure
def loss_change(run):
    """Validation loss after one epoch in which only moving averages move, minus that before it."""
    return run.history["val_loss"][-1] - run.history["val_loss"][-2]


@paired("two-stage")
def stage1_lead(run, two_stage):
    """Test accuracy after stage one minus that with the trained encoder, same seed."""
    return stage1_test_accuracy.function(run) - stage1_test_accuracy.function(two_stage)


tested = test_accuracy.function


def tested_anew(run):
    """The same with batch normalisation's averages taken anew over the training images."""
    return run.facts["scores"]["averaged_anew"]


averaged_anew = Measure("averaged_anew", "Test accuracy with batch normalisation's averages taken anew over "
                        "the training images.", "run", tested_anew)
FEW = tuple(
    at_point(f"{n}-{encoder}", f"{name}_{n}_{short}", f"Test accuracy with {n:,} labels, {words}{how}.",
             function)
    for name, function, how in (
        ("test_accuracy", tested, ""), ("averaged_anew", tested_anew, ", batch normalisation's averages "
                                        "taken anew over the training images"))
    for n in (100, 500, 1000, 5000)
    for short, encoder, words in (("pretrained", "autoencoder", "encoder from the autoencoder"),
                                  ("random", "random", "encoder of random weights")))


@paired("cifar-scratch")
def scratch_test_accuracy(run, scratch):
    """Test accuracy of the same classifier from random weights, all layers at once, same seed."""
    return tested(scratch)
