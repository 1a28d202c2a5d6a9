"""Analyses of this chapter: what data, networks, printed numbers and kept answers say untrained."""

from hashlib import sha256

import numpy as np
from scipy.special import log_softmax

from lib.experiments import Findings
from lib.loading import sibling
from lib.records import RecordError

answers = sibling(__file__, "answers")
reported = sibling(__file__, "measures").reported
CHECKSUM = "4c2eb91a35f6d986"  # sha256 of the validation indices, little-endian int32, first digits


def centres(images):
    """Centres of mass (row, column) in pixels, counted from 0: uint8 (n, 28, 28) to float (n, 2)."""
    ink, place = images.double(), np.arange(images.shape[1], dtype=float)
    total = ink.sum((1, 2)).numpy()
    return np.stack([(ink.sum(axis).numpy() * place).sum(1) / total for axis in (2, 1)], 1)


def data_facts(context):
    """What the files hold, and whether the author's split comes out again."""
    from lib.data import shuffled_split

    train, test = context.data()
    off = np.concatenate([centres(part.images) for part in (train, test)]) - 14
    levels = train.images.flatten().bincount(minlength=256)
    support = test.labels.bincount(minlength=10).tolist()
    chosen = shuffled_split(60_000, 12_000, 13)[1].astype("<i4")
    return Findings({
        "counts_match": int(len(train) == 60_000) + int(len(test) == 10_000),
        "centre_offset_max": float(np.abs(off).max()),
        "grey_levels": int((levels > 0).sum()),
        "test_support_matches": sum(a == b for a, b in zip(
            support, reported()["table_2"]["support"], strict=True)),
        "split_reproduced": int(sha256(chosen.tobytes()).hexdigest().startswith(CHECKSUM)),
    }, {"digits": train.images[:40].numpy(), "test_digits": test.images[:1000].numpy(),
        "test_labels": test.labels[:1000].numpy().astype(np.uint8),
        "levels": levels.numpy(), "centres": off[:2000].astype(np.float32)},
        {"first_validation_places": chosen[:3].tolist()})


def network_shapes(context):
    """Sizes of all networks of the chapter, and the layers of those that the report draws."""
    from lib import models
    from lib.models.autoencoder import NETWORKS

    def layers(name):
        return [[row.name.rpartition(".")[2], *row[1:]] for row in models.layers(name)]

    sizes = {name: models.size(name) for name in NETWORKS}
    head = sizes["classifier-128"]["parameters"] - sizes["encoder"]["parameters"]
    code = int(np.prod(layers("encoder")[-1][2]))
    return Findings({
        "code_values": code,
        "code_over_pixels": code / 784,
        "head_share": head / sizes["classifier-128"]["parameters"],
        "widest_decoder_share": 590_592 / sizes["autoencoder"]["parameters"],
    }, facts={"networks": sizes, "layers": {n: layers(n) for n in (
        "encoder", "autoencoder", "classifier-128", "figure-9-net", "tight-autoencoder-32")}})


def _fitting(precision, recall, f1, support):
    """Pairs (right, answered) of a class that round to what Table 2 prints."""
    right = np.arange(support + 1)[:, None]
    said = np.arange(1, 2 * support)[None]
    with np.errstate(invalid="ignore"):
        good = ((np.round(right / support, 2) == recall) & (np.round(right / said, 2) == precision)
                & (np.round(2 * right / (support + said), 2) == f1) & (right <= said))
    return [(int(r), int(s) + 1) for r, s in zip(*np.nonzero(good), strict=True)]


def _possible(choices, total):
    """All numbers of right answers that the classes can have together when ``total`` are given.

    ``choices``: the pairs (right, answered) of each class.  Sets of numbers are bits of an integer.
    """
    reach = {0: 1}
    for pairs in choices:
        grown = {}
        for given, rights in reach.items():
            for right, said in pairs:
                grown[given + said] = grown.get(given + said, 0) | rights << right
        reach = grown
    return [right for right in range(total + 1) if reach.get(total, 0) >> right & 1]


def constant_confidence(accuracy):
    """Loss of a predictor that always gives its choice its accuracy and shares the rest evenly."""
    wrong = 1 - accuracy
    return float(-accuracy * np.log(accuracy) - wrong * np.log(wrong / 9)) if wrong else 0.0


def table_arithmetic(context):
    """What the printed numbers of Tables 1 and 2 imply by themselves."""
    one, two = reported()["table_1"], reported()["table_2"]
    choices = [_fitting(*column) for column in zip(
        two["precision"], two["recall"], two["f1"], two["support"], strict=True)]
    fit = [right for right in _possible(choices, 10_000) if round(right / 10_000, 2) == two["accuracy"]]
    assert fit == list(range(fit[0], fit[-1] + 1))
    return Findings({
        "least_correct": fit[0],
        "most_correct": fit[-1],
        "implied_wrong_nll": one["test_loss"] * 10_000 / one["wrong"],
        "constant_confidence_loss": constant_confidence(one["test_accuracy"]),
    })


def untrained_baselines(context):
    """What no learning gets: the commonest class, the mean image."""
    from lib.data import shuffled_split

    train, test = context.data()
    fitted, judged = shuffled_split(len(train), len(train) // 5, 13)
    pictures = train.images.float().div(255)
    mean = pictures[fitted].double().mean(0)
    common = train.labels[fitted].bincount(minlength=10).argmax()
    return Findings({
        "majority_accuracy": float((test.labels == common).double().mean()),
        "mean_image_mse": float((pictures[judged] - mean).square().mean()),
    }, {"mean_image": mean.mul(255).round().byte().numpy()})


# ---- how sure the classifier is

def cross_entropies(logits, labels):
    """Loss of every image in nats, from logits."""
    return -log_softmax(logits.astype(float), 1)[np.arange(len(labels)), labels]


def reliability(logits, labels, bins=15):
    """Count, mean confidence and accuracy in equal bins of confidence, (bins, 3)."""
    sure, right = answers.softmax(logits).max(1), logits.argmax(1) == labels
    place = np.minimum((sure * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    sums = [np.bincount(place, v, bins) / np.maximum(count, 1) for v in (sure, right)]
    return np.stack([count, *sums], 1)


def calibration(context):
    """Split and repair the test loss of two-stage, from the logits that its record keeps."""
    from scipy.optimize import minimize_scalar

    seed = context.run.seed
    found = [r for r in context.runs("two-stage") if r.seed == seed]
    if not found:
        raise RecordError(f"calibration needs two-stage seed {seed}: `make train ONLY=two-stage`.")
    kept = found[0].arrays
    logits, labels = kept["test_logits"].astype(np.float32), kept["test_labels"]
    fit = minimize_scalar(lambda t: cross_entropies(kept["val_logits"].astype(np.float32) / np.exp(t),
                                                    kept["val_labels"]).mean(),
                          bounds=(-3, 5), method="bounded", options={"xatol": 1e-6})
    warm = float(np.exp(fit.x))
    losses, cooled = (cross_entropies(logits / t, labels) for t in (1, warm))
    before, after = (reliability(logits / t, labels) for t in (1, warm))
    wrong = logits.argmax(1) != labels
    return Findings({
        "loss_before": float(losses.mean()),
        "loss_after": float(cooled.mean()),
        "temperature": warm,
        "share_of_wrong": float(losses[wrong].sum() / losses.sum()),
        "wrong_nll": float(losses[wrong].mean()),
        "constant_confidence_loss": constant_confidence(float(1 - wrong.mean())),
        "ece": float((before[:, 0] * np.abs(before[:, 1] - before[:, 2])).sum() / len(labels)),
    }, {"before": before, "after": after,
        "wrong_confidence": answers.softmax(logits)[wrong].max(1),
        "wrong_confidence_after": answers.softmax(logits / warm)[wrong].max(1)})
