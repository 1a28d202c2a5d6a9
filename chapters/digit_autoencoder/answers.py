"""Measures of the answers on the test images: Tables 1 and 2, Figures 16 and 17."""

import numpy as np
from scipy import special

from lib.definitions import measure
from lib.loading import sibling

reported = sibling(__file__, "measures").reported
FIGURE_16 = (0, 1, 2, 3, 4, 5, 6, 7, 9)
FIGURE_17 = (8, 149, 247, 321, 340, 358, 381, 445, 495)


def softmax(logits):
    """Logits (n, 10) as probabilities, float32 as Keras gives them."""
    return special.softmax(logits.astype(np.float32), 1)  # kept as halves


def rounded(run):
    """The notebook's answers (cell 24): argmax of the ROUNDED softmax, so no majority means class 0."""
    return np.round(softmax(run.arrays["test_logits"])).argmax(1)


def class_report(run):
    """Precision, recall and F1 of classes 0 to 9, from the notebook's answers."""
    true, given = run.arrays["test_labels"], rounded(run)
    right = np.array([((true == c) & (given == c)).sum() for c in range(10)])
    said, there = (np.bincount(x, minlength=10) for x in (given, true))
    return {"precision": right / np.maximum(said, 1), "recall": right / np.maximum(there, 1),
            "f1": 2 * right / np.maximum(said + there, 1), "support": there}


def _from_table(run, column):
    return np.abs(class_report(run)[column] - np.array(reported()["table_2"][column]))


@measure
def rounded_minus_plain(run):
    """Test images right after rounding the softmax minus those right by plain argmax."""
    true = run.arrays["test_labels"]
    return int((rounded(run) == true).sum() - (run.arrays["test_predicted"] == true).sum())


@measure
def no_majority(run):
    """Test images with no class above one half; the notebook calls them 0."""
    return int((softmax(run.arrays["test_logits"]).max(1) <= 0.5).sum())


@measure
def precision_gap(run):
    """Largest distance of a class's precision from Table 2's, answers of the rounded softmax."""
    return float(_from_table(run, "precision").max())


@measure
def recall_gap(run):
    """Largest distance of a class's recall from Table 2's, answers of the rounded softmax."""
    return float(_from_table(run, "recall").max())


@measure
def f1_column_gap(run):
    """Mean distance of a class's F1 from Table 2's, answers of the rounded softmax."""
    return float(_from_table(run, "f1").mean())


@measure
def average_rows_gap(run):
    """Largest distance from 0.99 among the macro and weighted averages of precision, recall and F1."""
    table = class_report(run)
    weights = table.pop("support")
    means = [f(column) for column in table.values()
             for f in (np.mean, lambda c: np.average(c, weights=weights))]
    return float(max(abs(mean - 0.99) for mean in means))


def _answers(run, places):
    places = [p for p in places if p < len(run.arrays["test_labels"])]
    return run.arrays["test_predicted"][places], run.arrays["test_labels"][places]


@measure
def figure16_right(run):
    """How many of test images 0 to 7 and 9 are right."""
    given, true = _answers(run, FIGURE_16)
    return int((given == true).sum())


@measure
def figure17_wrong(run):
    """How many of test images 8, 149, 247, 321, 340, 358, 381, 445 and 495 are wrong."""
    given, true = _answers(run, FIGURE_17)
    return int((given != true).sum())


@measure
def figure17_same(run):
    """How many of those get the class that Figure 17 prints."""
    given, _ = _answers(run, FIGURE_17)
    return int((given == reported()["figures"]["figure_17"]["predicted"][: len(given)]).sum())


TEST = (rounded_minus_plain, no_majority, precision_gap, recall_gap, f1_column_gap, average_rows_gap,
        figure16_right, figure17_wrong, figure17_same)
