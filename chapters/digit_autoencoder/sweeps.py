"""Measures of sweeps: of all points of one seed, or of all seeds; and of the loop as it runs.

Sweeps are read at the last epoch of stage two, as the notebook plots them, not at the kept weights.
A reduced run is cut after six epochs of stage two: where its stage one did not come to rest its last
epoch says nothing of a run of full length, and it gives no value.  Batches of 64 and 128 are let through in
comparisons, where none comes to rest, and five epochs of stage one.
"""

import numpy as np

from lib.definitions import Measure, across, at_point, measure, pooled
from lib.loading import sibling

m = sibling(__file__, "measures")
tested = m.tested
BATCHES, SIZES, LENGTHS = (64, 128, 256, 512, 1024), (64, 128, 256), (5, 10, 20, 50, 100)


def last(run, column="val_loss"):
    """A column's value in the last epoch."""
    return run.history[column][-1]


def rank(values, place):
    """The rank of one among values, 1 for the lowest; ties share the mean."""
    from scipy.stats import rankdata

    return float(rankdata(values)[place])


def correlation(x, y):
    """Spearman's rank correlation; None where one side is constant."""
    from scipy.stats import spearmanr

    return float(spearmanr(x, y).statistic) if len(set(y)) > 1 else None


def distances(runs, column, figure, kind="val"):
    """Distances of the runs' last values from the points of a figure."""
    return np.abs([last(r, column) for r in runs] - np.array(m.reported()["figures"][figure][kind]))


def log_distance(losses, figure):
    """Mean over a figure's points of |ln(ours / the figure's)|."""
    theirs = np.array(m.reported()["figures"][figure]["val"])
    return float(np.abs(np.log(np.array(losses) / theirs)).mean())


def in_order(points, two_stage, order, own):
    """The runs of one seed in the order of a figure; the point ``own`` is two-stage's run."""
    both = {**points, str(own): two_stage[""]}
    return [both[str(key)] for key in order]


def grid(order, own, strict=()):
    """How a sweep declares a measure: name, definition, function of one seed's runs in order.

    ``read``: the points whose runs, where reduced, must have come to rest; all of ``strict`` if not given.
    """
    def declare(name, doc, function, read=strict):
        def of_seed(points, two_stage):
            runs = in_order(points, two_stage, order, own)
            restless = any(r.scale == "reduced" and not m.at_rest(r)
                           for key, r in zip(order, runs, strict=True) if key in read)
            return None if restless else function(runs)

        words = f"{doc} Of reduced runs only those count whose stage one came to rest." if read else doc
        return Measure(name, words, "across", of_seed, ("two-stage",))

    return declare


def common(declare, figure, order, own):
    """What both sweeps that the report draws are asked."""
    def seed_spread(runs, two_stage):
        """Standard deviation over seeds of the last validation accuracy, mean over the grid."""
        seeds = {r.seed for r in runs}
        groups = [[last(r, "val_accuracy") for r in runs if r.point == str(key)] for key in order]
        groups[order.index(own)] = [last(r, "val_accuracy") for r in two_stage if r.seed in seeds]
        if min(map(len, groups)) < 2:
            return None
        return float(np.mean([np.std(group, ddof=1) for group in groups]))

    return (
        declare("accuracy_range", "Highest minus lowest last validation accuracy over the grid, restless "
                "runs too.", lambda runs: float(np.ptp([last(r, "val_accuracy") for r in runs])), ()),
        declare("points_gap", f"Mean over Figure {figure[-2:]}'s points of |ln(our validation loss / the "
                "figure's)|, restless runs too.", lambda runs: log_distance([last(r) for r in runs], figure),
                ()),
        pooled("two-stage")(seed_spread))


# ---- Figures 10 and 11: the size of the dense layer

size = grid(SIZES, own=128, strict=SIZES)
SIZE = (
    size("loss_gap", "Largest distance of the validation loss from the points of Figure 10.",
         lambda runs: float(distances(runs, "val_loss", "figure_10").max())),
    size("accuracy_gap", "Largest distance of the validation accuracy from the points of Figure 11.",
         lambda runs: float(distances(runs, "val_accuracy", "figure_11").max())),
    size("val_accuracy_64_128", "Mean of the validation accuracies at sizes 64 and 128.",
         lambda runs: float(np.mean([last(r, "val_accuracy") for r in runs[:2]]))),
    size("val_accuracy_256", "Validation accuracy at size 256.",
         lambda runs: last(runs[2], "val_accuracy")),
    size("loss_rank_128", "Rank of size 128 by validation loss, 1 = lowest.",
         lambda runs: rank([last(r) for r in runs], 1)),
    size("worst_train_accuracy", "Lowest training accuracy (running mean, last epoch) over the sizes.",
         lambda runs: min(last(r, "train_accuracy") for r in runs)),
    *common(size, "figure_10", SIZES, 128),
)

# ---- Figures 14 and 15: the batch size

batch = grid(BATCHES, own=256, strict=(256, 512, 1024))


def _gap(name, column, figure, part, words):
    return batch(name, f"Largest distance of the {words} from Figure {figure[-2:]}.",
                 lambda runs: float(distances(runs, column, figure)[part].max()),
                 set(BATCHES[part]) & {256, 512, 1024})


BATCH = (
    batch("val_loss_256", "Validation loss at batch 256.", lambda runs: last(runs[2]), (256,)),
    batch("val_accuracy_256", "Validation accuracy at batch 256.",
          lambda runs: last(runs[2], "val_accuracy"), (256,)),
    _gap("loss_gap_small", "val_loss", "figure_14", slice(0, 2), "validation losses at 64 and 128"),
    _gap("loss_gap_large", "val_loss", "figure_14", slice(3, 5), "validation losses at 512 and 1024"),
    _gap("accuracy_gap_small", "val_accuracy", "figure_15", slice(0, 2), "accuracies at 64 and 128"),
    _gap("accuracy_gap_large", "val_accuracy", "figure_15", slice(3, 5), "accuracies at 512 and 1024"),
    batch("train_loss_gap", "Largest distance of the training loss (running mean, last epoch) from "
          "Figure 14.", lambda runs: float(distances(runs, "train_loss", "figure_14", "train").max())),
    batch("train_loss_rank_correlation", "Spearman's correlation of the batch size with the training loss "
          "(running mean, last epoch).",
          lambda runs: correlation(BATCHES, [last(r, "train_loss") for r in runs])),
    batch("val_loss_rank_256", "Rank of batch 256 by validation loss, 1 = lowest.",
          lambda runs: rank([last(r) for r in runs], 2)),
    batch("val_accuracy_rank_256", "Rank of batch 256 by validation accuracy, 1 = highest.",
          lambda runs: rank([-last(r, "val_accuracy") for r in runs], 2)),
    *common(batch, "figure_14", BATCHES, 256),
)


@measure
def epoch_time_rank_correlation(run):
    """Spearman's correlation of the batch size with the seconds of an epoch of stage two."""
    whole = run.facts["whole"]
    return correlation([int(b) for b in whole], list(whole.values()))


# ---- the number of epochs, n for each stage

length = grid(LENGTHS, own=100, strict=LENGTHS[1:])


@across("two-stage", "stage-times")
def time_rank_correlation(points, two_stage, times):
    """Spearman's correlation of n with the seconds of both stages: n frozen epochs and as many whole
    ones as the run had, each at the seconds measured in stage-times at batch 256."""
    frozen, whole = (times[""].facts[kind]["256"] for kind in ("frozen", "whole"))
    runs = in_order(points, two_stage, LENGTHS, 100)
    return correlation(LENGTHS, [n * frozen + r.facts["passes"][-1]["stage_two_epochs"] * whole
                                 for n, r in zip(LENGTHS, runs, strict=True)])


LENGTH = (
    time_rank_correlation,
    length("train_loss_n5", "Training loss (running mean), last epoch, n = 5.",
           lambda runs: last(runs[0], "train_loss"), ()),
    length("train_loss_n100", "The same, n = 100.", lambda runs: last(runs[-1], "train_loss"), (100,)),
    length("val_loss_rank_correlation_abs", "Absolute Spearman's correlation of n with the last "
           "validation loss.", lambda runs: abs(correlation(LENGTHS, [last(r) for r in runs]) or 0)),
    length("val_loss_rank_n100", "Rank of n = 100 by the last validation loss, 1 = lowest.",
           lambda runs: rank([last(r) for r in runs], -1)),
    length("test_accuracy_n5", "Test accuracy, kept weights, n = 5.", lambda runs: tested(runs[0]), ()),
    length("test_accuracy_n100", "The same, n = 100.", lambda runs: tested(runs[-1]), (100,)),
    length("best_n_differs", "1 if the n with the highest test accuracy is not the n with the lowest "
           "validation loss, else 0.", lambda runs: int(np.argmax([tested(r) for r in runs])
                                                        != np.argmin([last(r) for r in runs]))),
)

# ---- the loop as it runs: several passes in one run


def turn_ends(run, column="val_loss"):
    """A column's value in the last epoch of every pass."""
    turns, values = run.history["turn"], run.history[column]
    return [value for value, turn, after in zip(values, turns, [*turns[1:], None], strict=True)
            if turn != after]


def by_batch(run, column="val_loss"):
    """Batch size -> value in the last epoch of its pass."""
    return dict(zip((p["batch"] for p in run.recipe["passes"]), turn_ends(run, column), strict=True))


def _best(run):
    losses = by_batch(run)
    return min(losses, key=losses.get)


def _points_gap(run):
    losses = by_batch(run)
    return log_distance([losses[b] for b in BATCHES], "figure_14")


def _leak(name, part, words):
    """How much less the validation images cost than the test images in the leaking passes."""
    return at_point("asc", name, f"Validation loss minus test loss {words}, mean over passes 2 to 5, "
                    "ascending order.", lambda run: float(np.mean(
                        [p[part]["val_loss"] - p[part]["test_loss"] for p in run.facts["passes"][1:]])))


def _test_gain(run):
    passes = run.facts["passes"]
    return passes[-1]["kept"]["test_accuracy"] - passes[0]["kept"]["test_accuracy"]


CHAINED = (
    Measure("seen_share", "Share of the validation images of passes 2 to 5 that were training images of the "
            "pass before.", "run",
            lambda run: float(np.mean([p["seen"] for p in run.facts["passes"][1:]]))),
    at_point("asc", "asc_val_loss_256", "Validation loss at batch 256, ascending order.",
        lambda run: by_batch(run)[256]),
    at_point("asc", "asc_val_accuracy_256", "Validation accuracy at batch 256, ascending order.",
        lambda run: by_batch(run, "val_accuracy")[256]),
    at_point("asc", "asc_points_gap", "Mean over Figure 14's points of |ln(our validation loss / the "
        "figure's)|, ascending order.", _points_gap),
    *(at_point(order, f"{order}_best", f"Batch size with the lowest validation loss, order {order}.", _best)
      for order in ("asc", "desc", "last")),
    at_point("desc", "desc_points_gap", "As asc_points_gap, descending order.", _points_gap),
    _leak("leak_stage1", "stage_one", "after stage one"), _leak("leak_kept", "kept", "of the kept weights"),
    *(at_point("asc", f"stage1_{part}_{column}_256", f"{words} {column} after stage one at batch 256, "
               "ascending order.", lambda run, key=f"{part}_{column}": next(
                   p["stage_one"][key] for rule, p in zip(
                       run.recipe["passes"], run.facts["passes"], strict=True) if rule["batch"] == 256))
      for part, words in (("val", "Validation"), ("test", "Test")) for column in ("loss", "accuracy")),
    at_point("asc", "test_gain", "Test accuracy after the last ascending pass minus that after the first, on "
        "images that no pass has seen.", _test_gain),
)
CHAINED_SIZES = (
    Measure("points_gap", "Mean over Figure 10's points of |ln(our validation loss / the figure's)|, sizes "
            "in one loop.", "run", lambda run: log_distance(turn_ends(run), "figure_10")),
    Measure("accuracy_fall", "Validation accuracy at size 64 minus that at 256, last epochs.", "run",
            lambda run: turn_ends(run, "val_accuracy")[0] - turn_ends(run, "val_accuracy")[-1]),
)
