"""Measures of this chapter: each a function of one run's record, or of several runs'."""

from itertools import combinations

import numpy as np

from lib.definitions import Measure, at_point, measure, paired, pooled

GOOD = 0.67                       # the report's difference on coffee
TWINS = (3, 16)                   # beach/04 and beach/17, one photograph: places in the set
TWIN = TWINS[1]
SCENES = ("cnn-forest", "cnn-beach", "cnn-sunrise")
EARLY = 3000                      # pictures shown, an eighth of a full run's
RANKED = 10                       # seeds below which a rank correlation says nothing
STOP = (5000, 8000)               # steps between which the report finds its best state


def score(name: str, doc: str) -> Measure:
    """A number that the trainer computed while pictures and networks were in memory."""
    return Measure(name, doc, "run", lambda run: run.facts["scores"].get(name))


def scores(**docs: str) -> tuple[Measure, ...]:
    return tuple(score(name, doc) for name, doc in docs.items())


# ---- window networks

FOUR = scores(
    distance="Coded score on the test half: differences in unsigned bytes, the black border counted.",
    printed="Printed score on the test half, the black border counted.",
    abs_distance="Sum over channels of absolute level differences, mean over inner pixels.",
    ciede="Mean CIEDE2000 (sRGB) between prediction and true levels, inner pixels.")
BY_NAME = {m.name: m for m in FOUR}
INNER = score("abs_inner9", "abs_distance over pixels at least 4 from the edge.")


@measure
def train_loss(run):
    """Mean squared error over 5,000 fixed training windows and the three networks at the end."""
    return run.history["loss"][-1]


@measure
def updates(run):
    """Updates trained."""
    return run.history["updates"][-1]


@pooled()
def kept_share_067(runs):
    """Share of seeds whose distance is at or below 0.67."""
    return float(np.mean([run.facts["scores"]["distance"] <= GOOD for run in runs]))


def _rank(name, column):
    def rank(runs):
        if len(runs) < RANKED:
            return None
        from scipy.stats import spearmanr

        columns = [[run.facts["scores"][c] for run in runs] for c in (column, "ciede")]
        return float(spearmanr(*columns).statistic)

    return Measure(name, f"Spearman correlation over seeds of {column} with ciede, from {RANKED} seeds on.",
                   "pooled", rank)


KEPT = (kept_share_067, _rank("kept_rank_coded", "distance"), _rank("kept_rank_printed", "printed"),
        _rank("kept_rank_abs", "abs_distance"))


@paired("ann-coffee")
def swap_gap(run, other):
    """distance with the halves exchanged minus that of ann-coffee of the same seed."""
    return run.facts["scores"]["distance"] - other.facts["scores"]["distance"]


@paired("ann-coffee")
def loss_ratio(run, other):
    """train_loss over that of ann-coffee of the same seed."""
    return run.history["loss"][-1] / other.history["loss"][-1]


# ---- the convolutional network: scores that the trainer computed are of the step that value_accuracy picks

def _looks(run):
    """History rows from the first step that may be picked on; the start is none of them."""
    first = max(run.recipe["pick_from"], 1)
    return [i for i, step in enumerate(run.history["step"]) if step >= first]


def _both(run):
    return np.minimum(run.history["train_accuracy"], run.history["test_accuracy"])


def _picked(run):
    """The history row of the step that value_accuracy picks."""
    return max(_looks(run), key=lambda i: _both(run)[i])


@measure
def value_accuracy(run):
    """Test accuracy (share of single a and b values within 10 of the truth) at the evaluated step,
    from 5000 on (reduced: from 600 on), where the smaller of training and test accuracy is highest."""
    return run.history["test_accuracy"][_picked(run)]


def split_twin(train, test):
    """The one of the two twins that tests while the other trains; None where no split parts them."""
    return next((one for one, other in (TWINS, TWINS[::-1]) if one in test and other in train), None)


def _by_twin(run):
    """Accuracies, at the picked step, of a test picture whose twin trains and of the others; or None."""
    tested = run.facts["test"]
    if (place := split_twin(run.facts["train"], tested)) is None:
        return None
    accuracy = list(run.history["test_pictures"][_picked(run)])
    twin = accuracy.pop(tested.index(place))
    return twin, float(np.mean(accuracy))


@paired("base-beach")
def with_twin(run, _):
    """Accuracy, at the picked step, of the test beach whose twin trains; no value where none does."""
    return found[0] if (found := _by_twin(run)) else None


@paired("base-beach")
def without_twin(run, _):
    """Accuracy, at the picked step, of the other test beaches of such a run."""
    return found[1] if (found := _by_twin(run)) else None


@paired("base-beach")
def median_ahead(run, base):
    """What the training pictures' median colour has on the test beaches of without_twin, minus that."""
    found = _by_twin(run)
    return base.facts["median_without_twin"] - found[1] if found else None


@measure
def last_accuracy(run):
    """Test accuracy after the last step, where the script ends."""
    return run.history["test_accuracy"][-1]


@measure
def start_accuracy(run):
    """Test accuracy before the first step."""
    return run.history["test_accuracy"][0]


@measure
def both_peak(run):
    """Highest over evaluated steps of the smaller of training and test accuracy."""
    return float(_both(run).max())


@measure
def best_step(run):
    """The evaluated step where the test accuracy is highest."""
    return run.history["step"][int(np.argmax(run.history["test_accuracy"]))]


@measure
def best_in_interval(run):
    """1 where best_step lies in the report's interval, 5000 to 8000, else 0."""
    return float(STOP[0] <= best_step.function(run) <= STOP[1])


@measure
def test_drop(run):
    """Highest test accuracy of any evaluated step minus that after the last step."""
    return max(run.history["test_accuracy"]) - run.history["test_accuracy"][-1]


@measure
def train_rise(run):
    """Training accuracy after the last step minus that at best_step."""
    best = int(np.argmax(run.history["test_accuracy"]))
    return run.history["train_accuracy"][-1] - run.history["train_accuracy"][best]


@measure
def early_train_mse(run):
    """Mean squared error on all training pictures, fed together: median of the looks at the first 3,000
    pictures shown; numbers that are infinite or none count as 1000000."""
    rows = zip(run.history["pictures"], run.history["train_mse"], strict=True)
    return float(np.median([mse for shown, mse in rows if 0 < shown <= EARLY]))


def _halved(run):
    """Accuracies of the half of the test pictures that helped to pick the step and of the other, (n, 2).

    Picked as value_accuracy is, but by the first half of each of all n halvings; the other has one picture
    more where their number is odd.
    """
    rows = _looks(run)
    table = np.array(run.history["test_pictures"])[rows]
    training, count, found = np.array(run.history["train_accuracy"])[rows], table.shape[1], []
    for half in combinations(range(count), count // 2) if count > 1 else ():
        rest = [place for place in range(count) if place not in half]
        chose, other = (table[:, list(part)].mean(1) for part in (half, rest))
        step = np.minimum(training, chose).argmax()
        found.append((chose[step], other[step]))
    return np.array(found).reshape(-1, 2)


@measure
def heldout_accuracy(run):
    """Accuracy on the half of the test pictures that had no part in picking the step, otherwise picked as
    for value_accuracy; mean over all halvings."""
    found = _halved(run)
    return float(found[:, 1].mean()) if len(found) else None


COMMON = (value_accuracy, heldout_accuracy, last_accuracy, *scores(
    pixel_accuracy="Share of test pixels with both a and b within 10, at the picked step.",
), start_accuracy, both_peak, *scores(
    picture_sd="Standard deviation of the accuracy over the test pictures.",
    chroma_ratio="Mean chroma of the predictions over that of the truth, test pictures.",
    position_share="Share of the variance of predicted a and b over test pictures and pixels that the "
    "position alone explains.",
    meanmap_gap="Mean absolute difference of a and b between the predictions and the mean map of the "
    "training pictures.",
    dead_share="Share of the 4096 units of the second dense layer that are zero for every picture."))
RARE = scores(
    common_accuracy="Accuracy on test pixels whose true (a, b) lies within 15 of the training mean of "
    "that third of the picture (top, middle, bottom).",
    rare_accuracy="Accuracy on the test pixels that lie farther.")
FOREST = scores(
    brown_accuracy="Accuracy on test pixels with true a > 2 and b > 5.",
    green_accuracy="Accuracy on test pixels with true a < -2 and b > 0.",
    pred_green_share="Share of test pixels predicted with a < -2.",
    true_green_share="Share of test pixels with true a < -2.")
BEACH = (with_twin, without_twin, best_step, best_in_interval, test_drop, train_rise, early_train_mse,
         *RARE, *scores(
    flipped_top_minus_bottom_b="Mean predicted b of the top third minus that of the bottom third, for the "
    "test pictures upside down (negative is a bluer top).",
    flipped_zones="Share of the test pictures that, upside down, get a blue top half (mean b below 0) and a "
    "yellow bottom half (above 0).",
    sand_as_blue="Share of test pixels of the bottom half with true b > 5 that are predicted with b < 0."))
LOOKED = {m.name: m for m in (*COMMON, *RARE, *FOREST, *BEACH)}


def pick(*names: str) -> tuple[Measure, ...]:
    return tuple(LOOKED[name] for name in names)


def measured_at(name: str, point: str, of: Measure) -> Measure:
    """A measure of one point of a grid: that of all points, there."""
    return at_point(point, name, f"{of.name} at the point {point}: {of.doc}", of.function)


@measure
def test_mse(run):
    """Mean squared error of a and b on the test pictures, fed together, at the picked step."""
    return run.history["test_mse"][_picked(run)]


@measure
def twin_accuracy(run):
    """Accuracy on beach/17 at the picked step; no value where it does not test."""
    tested = run.facts["test"]
    return run.history["test_pictures"][_picked(run)][tested.index(TWIN)] if TWIN in tested else None


@measure
def highest_accuracy(run):
    """Highest test accuracy at any evaluated step."""
    return max(run.history["test_accuracy"])


@measure
def best_pass(run):
    """The pass over the training pictures in which the test accuracy is highest."""
    best = int(np.argmax(run.history["test_accuracy"]))
    return run.history["pictures"][best] / len(run.facts["train"])


def renamed(name: str, of: Measure) -> Measure:
    return Measure(name, of.doc, of.over, of.function, of.companions)


# ---- over the runs of the three scenes

@pooled(*SCENES)
def optimism(_, *scenes):
    """Mean accuracy of the half of the test pictures that helped to pick the step minus that of the other;
    over all halvings, every run of the three scenes counting alike."""
    chose, other = np.mean([_halved(run).mean(0) for runs in scenes for run in runs], axis=0)
    return float(chose - other)


def fresh(name: str, scene: str, column: str, doc: str) -> Measure:
    """A mean over the runs of a scene of what was seen on other pictures of the kind."""
    return Measure(name, doc, "pooled", lambda _, runs: float(np.mean(
        [np.mean(run.facts["fresh"][column]) for run in runs])), (f"cnn-{scene}",))


def company(name: str, doc: str) -> Measure:
    """A mean size over the beach runs of what the pictures fed together do to each other."""
    return Measure(name, doc, "pooled", lambda _, runs: float(np.mean(
        [abs(run.facts["company"][name]) for run in runs])), ("cnn-beach",))
