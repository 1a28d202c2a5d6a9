"""Measures of autoencoders: of one run, of a run and its companion, of a grid."""

import numpy as np

from lib.definitions import Measure, across, measure, paired
from lib.loading import sibling

sweeps = sibling(__file__, "sweeps")
stopping_epoch = sibling(__file__, "stopping").stopping_epoch
rank, last, reported = sweeps.rank, sweeps.last, sweeps.m.reported


@measure
def val_mse(run):
    """Mean squared error a pixel on the validation images, last epoch."""
    return run.history["val_loss"][-1]


@measure
def lowest_epoch(run):
    """Epoch with the lowest validation error."""
    return int(np.argmin(run.history["val_loss"])) + 1


@measure
def would_stop(run):
    """1 if a patience of 10 would have ended the run before its last epoch, else 0."""
    losses = run.history["val_loss"]
    return int((stopping_epoch(losses, 10) or len(losses)) < len(losses))


@measure
def train_curve_factor(run):
    """Largest of ours / figure and figure / ours for the training loss after 1, 2, 5, 10 and 40 epochs,
    where Figure 4 has .0120, .0030, .0014, .0008 and .0003."""
    figure = reported()["figures"]["figure_4"]
    losses = run.history["train_loss"]
    theirs = {x: y for x, y in zip(figure["x"], figure["train"], strict=True) if x in (1, 2, 5, 10, 40)}
    if len(losses) < max(theirs):
        return None
    return float(np.exp(max(abs(np.log(losses[x - 1] / y)) for x, y in theirs.items())))


@measure
def noise_kept(run):
    """Validation images plus Gaussian noise (0.2), clipped to 0..1: mean squared difference between the
    outputs for noisy and clean input, divided by that between the inputs; 1 = noise copied, 0 = removed."""
    return run.facts["noise_kept"]


@measure
def converged_epoch(run):
    """First epoch whose validation loss is within 5 % of the lowest of all epochs."""
    losses = np.array(run.history["val_loss"])
    return int(np.argmax(losses <= 1.05 * losses.min())) + 1


@measure
def gain_after_40(run):
    """Relative fall of the lowest validation loss from epochs 1 to 40 to all epochs."""
    losses = run.history["val_loss"]
    return 1 - min(losses) / min(losses[:40]) if len(losses) > 40 else None


def reached(losses, level):
    """The first epoch whose loss is not above a level."""
    return int(np.argmax(np.array(losses) <= level)) + 1


@paired("autoencoder")
def epochs_with(run, normalised):
    """Epochs that the autoencoder with batch normalisation, same seed, needs to reach the validation
    loss that the slower of the two ends with."""
    return reached(normalised.history["val_loss"], slower(run, normalised))


@paired("autoencoder")
def epochs_without(run, normalised):
    """The same for the one without."""
    return reached(run.history["val_loss"], slower(run, normalised))


def slower(*runs):
    """The higher of the last validation losses."""
    return max(run.history["val_loss"][-1] for run in runs)


@paired("linear-on-pixels")
def code_gain(run, linear):
    """What a classifier gains by a code of 32 instead of the pixels, the larger of two gains: of the
    nearest neighbour's accuracy on 1,000 test digits, of logistic regression's on validation images."""
    scores = run.facts["scores"]
    return max(scores["same_by_code"] - scores["same_by_pixels"],
               scores["probe_accuracy_32"] - sweeps.m.val_accuracy.function(linear))


def scored(name, doc) -> Measure:
    """A number that was measured at the end of a training, with the network in memory."""
    return Measure(name, doc, "run", lambda run: run.facts["scores"].get(name))


TIGHT = (
    scored("mse_32", "Validation mean squared error with a code of 32 values."),
    scored("pca_mse_32", "The same for the 32 first principal components of the same training images."),
    scored("probe_accuracy_32", "Validation accuracy of logistic regression on the frozen code of 32, "
           "trained on all labels as linear-on-pixels is."),
    scored("same_by_code", "Share of 1,000 test digits whose nearest training digit, by code of 32, is of "
           "the same kind."),
    scored("same_by_pixels", "The same by pixels."),
    code_gain,
    Measure("noise_kept_32", "As noise_kept, with a code of 32.", "run", noise_kept.function),
)


@across("autoencoder")
def chosen_rank(points, chosen):
    """Rank of batch 64 with kernel 3 by validation error after epoch 10, 1 = lowest."""
    losses = chosen[""].history["val_loss"]
    return rank([losses[9], *(last(r) for r in points.values())], 0) if len(losses) > 9 else None


SETTINGS_SMALL = (
    Measure("chosen_rank", "The same on 12,000 images, batch 64 with kernel 3 trained like the others.",
            "across", lambda points: rank([last(r) for r in points.values()],
                                          list(points).index("64-3"))),)
NORM_SMALL = tuple(
    Measure(f"epochs_{name}", f"Epochs that the autoencoder {name} batch normalisation needs to reach the "
            "validation loss that the slower of the two ends with; 12,000 images, 20 epochs.", "across",
            lambda points, name=name: reached(points[name].history["val_loss"],
                                                slower(*points.values())))
    for name in ("with", "without"))
