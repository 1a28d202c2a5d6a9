"""Every run of the chapter, declared: what is trained, on what, how long, and where each setting is from.

``stated``: in the report's text.  ``published``: in its author's notebook or figures (github vm-panag/
handwritten_digit_classification, commit b796125; cells counted from 0).  ``assumed``: ours, with the
reason.  Where nothing is said a control is like the run that it is compared with, but for one change.

Reduced forms, for machines without a GPU.  ``SHORT``: stage two at most 6 epochs (12 without a frozen
stage), the encoder of ``autoencoder`` seed 0 for all seeds.  As in the notebook's Keras the best weights
come back only where early stopping ended a training; a short run that reaches its last epoch keeps that
epoch's weights.  ``TWELVE``: 12,000 training images.
"""

from lib.definitions import Measure
from lib.experiments import Experiment
from lib.loading import later, sibling

a = sibling(__file__, "analyses")
auto = sibling(__file__, "autoencoders")
answers = sibling(__file__, "answers")
m = sibling(__file__, "measures")
s = sibling(__file__, "sweeps")

REPORT = {
    "title": "Image Processing: Handwritten Digit Classification",
    "short": "Digit autoencoder",
    "authors": ["Vasileios-Marios Panagakis"],
    "year": 2021,  # not printed: PDF of 1 June 2021, web references opened from 18 to 22 April 2021
    "question": "Does a digit classifier that is built on the encoder of a trained autoencoder, and trained "
    "in two stages, give the best attainable accuracy on MNIST, and with which dense size, number of "
    "epochs and batch size?",
}


def look(name):
    """A function of looks.py, which is read when a training ends: it loads torch."""
    return later(__file__, "looks", name)


def trainer(name):
    """A module that trains, read when a training starts: it loads torch."""
    return lambda: sibling(__file__, name)


SPLIT = {"split": 13, "validation": 12_000}
AE = {"optimizer": "rmsprop", "lr": 0.001, "batch": 64, "epochs": 40, **SPLIT}
STAGES = {"loss": "cross_entropy", "optimizer": "adam", "lr": 0.001, "batch": 256, "frozen": 100,
          "epochs": 100, "patience": 20, "encoder": "autoencoder", **SPLIT}
JOINT = STAGES | {"frozen": 0}
PIXELS = {"loss": "cross_entropy", "optimizer": "adam", "lr": 0.001, "batch": 256, "frozen": 0,
          "epochs": 30, "patience": None, **SPLIT}
SHORT = {"epochs": 6, "patience": 5, "encoder_seed": 0}
TWELVE = {"subset": 12_000}
SMALL = {"images": 160, "validation": 64, "epochs": 1}  # smoke runs
SPLIT_13 = {"split": "the first 12,000 of RandomState(13).permutation(60000) validate: cells 14 and 17"}


def autoencoder(name, purpose, **rest):
    """An autoencoder trained as cell 14 does."""
    train = AE | rest.pop("changes", {})
    return Experiment(**{"name": name, "purpose": purpose, "trainer": trainer("rebuilding"), "smoke": SMALL,
                         "data": "mnist", "transform": "digit", "model": "autoencoder", "train": train,
                         "tier": "control", "published": SPLIT_13} | rest)


def stages(name, purpose, base=STAGES, **rest):
    """A classifier trained as cell 17 does, or as ``base`` says."""
    train = base | rest.pop("changes", {})
    needs = tuple(n for n in (train.get("encoder"),) if n)
    smoke = SMALL | {"frozen": 2 * bool(train["frozen"])}
    return Experiment(**{"name": name, "purpose": purpose, "trainer": trainer("staging"), "smoke": smoke,
                         "data": "mnist", "transform": "digit", "model": "classifier-128", "needs": needs,
                         "train": train, "tier": "control", "seeds": 3, "published": SPLIT_13} | rest)


LOOP = {
    "split": "each pass splits, with seed 13, what the pass before left as training part: cell 17",
    "encoder": "one object, loaded once outside the loop; each pass starts from what the pass before left "
    "in it, weights and moving averages, after restoring: cell 17",
    "head": "new in each pass: cell 17"}
INDEPENDENT = {"independent": "each from the saved autoencoder on the same 48,000 images, as the text has "
               "it; the loop as it runs is a control"}

ANALYSES = [
    Experiment(
        name="data-facts", data="mnist", analysis=a.data_facts,
        purpose="what the report says of the MNIST files, and the author's split",
        stated={"counts": "60,000 and 10,000 images of 28 x 28, centred by centre of mass: Section 2"},
        published={"split": "seed 13, a fifth: cells 14 and 17; 750 and 188 steps an epoch in the log"},
        measures={
            "counts_match": "How many of the two image counts (60,000 and 10,000) the files have.",
            "centre_offset_max": "Largest distance in pixels, over all images and both axes, between centre "
            "of mass and pixel index 14.",
            "grey_levels": "Number of different pixel values in the training images.",
            "test_support_matches": "How many of the ten test-set class counts equal Table 2's supports.",
            "split_reproduced": "1 if the validation indices have the checksum of scikit-learn's split."}),
    Experiment(
        name="network-shapes", analysis=a.network_shapes, purpose="sizes of all networks of the chapter",
        stated={"layers": "Sections 3.1.1 and 3.2"},
        published={"padding, pooling, order": "cells 12 and 17, Figures 3 and 6"},
        measures={
            "code_values": "Values in the encoder's output for one image.",
            "code_over_pixels": "Values of the encoder's output divided by the 784 pixels.",
            "head_share": "Share of the classifier's parameters in its two dense layers.",
            "widest_decoder_share": "Share of the autoencoder's parameters in the decoder's first "
            "convolution, from 256 to 256 channels."}),
    Experiment(
        name="table-arithmetic", analysis=a.table_arithmetic, tier="control",
        purpose="what the printed numbers of Tables 1 and 2 imply by themselves",
        stated={"numbers": "Tables 1 and 2"},
        measures={
            "least_correct": "Fewest right answers, out of 10,000, that round to every precision, recall "
            "and F1 of Table 2's classes and to its accuracy.",
            "most_correct": "Most right answers that do; every number between does too.",
            "implied_wrong_nll": "Mean loss of a wrong image, in nats, if the right ones cost nothing.",
            "constant_confidence_loss": "Loss of a predictor that is right 98.67 % of the time, always gives "
            "its choice 0.9867 and shares the rest evenly."}),
    Experiment(
        name="untrained-baselines", data="mnist", analysis=a.untrained_baselines, tier="control",
        purpose="what no learning gets",
        measures={
            "majority_accuracy": "Test accuracy of always answering the commonest training class.",
            "mean_image_mse": "Validation mean squared error of the mean training image."}),
    Experiment(
        name="calibration", analysis=a.calibration, tier="control", seeds=5, needs=("two-stage",),
        reduced={"runs": "reduced"},
        purpose="split and repair the test loss of two-stage, from the logits that it keeps",
        assumed={"temperature": "one number, fitted on the validation images"},
        measures={
            "loss_before": "Test cross-entropy.",
            "loss_after": "Test cross-entropy after division of the logits by the fitted temperature.",
            "temperature": "The fitted temperature; above 1 means overconfident.",
            "share_of_wrong": "Part of the summed test loss that comes from wrongly classified images.",
            "wrong_nll": "Mean loss of a wrongly classified test image, in nats.",
            "constant_confidence_loss": "Loss of a predictor with the run's own accuracy that always gives "
            "its choice just that and shares the rest evenly.",
            "ece": "Expected calibration error, 15 equal bins of confidence."}),
]

REPORTED = [
    autoencoder(
        "autoencoder", "the report's autoencoder at its chosen settings", tier="report", seeds=5,
        stated={"batch": "64", "epochs": "40", "kernel": "3 x 3", "validation": "a fifth",
                "transform": "0..1, target = input"},
        published={"loss": "mean squared error a pixel: cell 14", **SPLIT_13,
                   "optimizer": "RMSprop by name, so Keras' defaults: cell 14",
                   "keep": "last epoch: cell 14 has patience 10, which stopped neither Figure 4 nor the log"},
        assumed={"stopping": "none, so that every seed trains 40 epochs; see would_stop"},
        finish=look("rebuilt"), played=True,
        measures=(auto.val_mse, auto.lowest_epoch, auto.would_stop,
                  auto.train_curve_factor, auto.noise_kept)),
    stages(
        "two-stage", "the report's classifier: the head on the frozen encoder, then everything",
        tier="report", seeds=5, reduced=SHORT, finish=look("keep_logits"), played=True,
        stated={"batch": "256", "epochs": "at most 100 in each stage", "validation": "a fifth",
                "early stopping": "in the second stage"},
        published={**SPLIT_13, "loss": "categorical cross-entropy on one-hot labels: cell 17",
                   "optimizer": "Adam by name, compiled anew for stage two: cell 17",
                   "frozen": "all encoder layers, so batch normalisation in inference mode: cell 17",
                   "early stopping": "patience 20, no least gain, best weights put back: cell 17",
                   "test": "restored weights: cell 22; counts by argmax of the ROUNDED softmax: cell 24"},
        measures=(*m.STAGES, *answers.TEST)),
    stages(
        "size-sweep", "Figures 10 and 11: the dense layer's size, every size a run of its own",
        tier="report", reduced=SHORT, assumed=INDEPENDENT,
        stated={"sizes": "64 and 128", "batch": "256"},
        published={"grid": "64, 128, 256: Figures 10 and 11", **SPLIT_13,
                   "value": "last epoch of stage two, neither best nor restored: cell 17"},
        points={"64": {"model": "classifier-64"}, "256": {"model": "classifier-256"}}, measures=s.SIZE,
        note="128 is two-stage's own run"),
    stages(
        "batch-sweep", "Figures 14 and 15: the batch size, every size a run of its own", tier="report",
        reduced=SHORT, assumed=INDEPENDENT, stated={"size": "128", "batch": "256"},
        published={"grid": "64 to 1024: Figures 14 and 15", "lr": "0.001 for all: cell 17", **SPLIT_13,
                   "value": "last epoch of stage two: cell 17"},
        points={str(b): {"batch": b} for b in (64, 128, 512, 1024)}, measures=s.BATCH,
        note="256 is two-stage's own run"),
    Experiment(
        name="stage-times", purpose="seconds of an epoch of both stages, by batch size; make it alone, with "
        "nothing beside it", tier="report", data="mnist", transform="digit", model="classifier-128",
        trainer=trainer("pace"), smoke={**SMALL, "timed": 256, "rounds": 1, "batches": [64, 256]},
        train={"loss": "cross_entropy", "optimizer": "adam", "lr": 0.001, "batches": list(s.BATCHES),
               "timed": 6144, "rounds": 3, **SPLIT},
        assumed={"timed": "6,144 images, six batches of 1,024, and from them an epoch of 48,000"},
        measures=(s.epoch_time_rank_correlation,)),
]

ORDERS = {"asc": [64, 128, 256, 512, 1024], "desc": [1024, 512, 256, 128, 64],
          "last": [64, 128, 1024, 512, 256]}
CHAINED = [
    stages(
        "chained", "the batch sweep as the notebook's loop runs it when several sizes are typed in one go",
        reduced=SHORT, published=LOOP, measures=s.CHAINED,
        assumed={"order": "not recorded. People type them in ascending order; `last` follows Figure 14's "
                 "losses downwards; descending is the test: if the order makes the winner, another wins"},
        points={name: {"passes": [{"batch": b} for b in order]} for name, order in ORDERS.items()}),
    stages(
        "chained-sizes", "the size sweep as the loop runs it, ascending", reduced=SHORT, published=LOOP,
        model="classifier-256", measures=s.CHAINED_SIZES,
        changes={"passes": [{"model": f"classifier-{n}"} for n in s.SIZES]},
        assumed={"order": "ascending, as people type them"}),
]

CONTROLS = [
    stages(
        "stage-one", "is it bfloat16 that keeps stage one from coming to rest? Stage one alone, on outputs "
        "of the encoder in float32", seeds=8, measures=(m.rests, m.thrown_back),
        changes={"frozen": 40, "epochs": 0, "patience": None, "encoder_seed": 0, "exact": True},
        assumed={"frozen": "40 epochs: the log is at rest from epoch 9 on",
                 "encoder_seed": "0, as in the reduced runs: from two-stage's run with the same seed it "
                 "differs in the rounding of the encoder's outputs alone, where that ran in bfloat16"}),
    stages(
        "epoch-sweep", "what the text says of more and fewer epochs, n for each stage", reduced=SHORT,
        stated={"batch": "256", "size": "128", "n": "100"},
        published={"grid": "none: Figures 12 and 13 are curves of single runs of 100 + 21", **SPLIT_13},
        assumed={"grid": "n up to the stated 100, which is two-stage's own run"},
        points={str(n): {"frozen": n, "epochs": n} for n in s.LENGTHS[:-1]}, measures=s.LENGTH,
        note="reduced runs have six epochs of stage two for every n, so they vary stage one alone"),
    stages(
        "stage-two-parts", "the first epoch of stage two when nothing learns: only the moving averages of "
        "batch normalisation move", seeds=5, reduced={"encoder_seed": 0}, measures=(m.loss_change,),
        changes={"epochs": 1, "patience": None, "joint_lr": 0.0},
        assumed={"stage one": "trained again from the same seed, which gives the same weights"}),
    stages("joint-only", "stage one left out: everything at once from the trained encoder", JOINT, seeds=5,
           reduced=SHORT | {"epochs": 12}, measures=(*m.KEPT, m.epochs, m.best_epoch)),
    stages("from-scratch", "the same classifier from random weights, all layers at once", JOINT, seeds=5,
           changes={"encoder": None}, reduced={"epochs": 12, "patience": 5},
           measures=(*m.KEPT, m.epochs)),
    stages("random-two-stage", "the two stages with an encoder of random weights", seeds=5,
           changes={"encoder": None}, reduced={"epochs": 6, "patience": 5},
           assumed={"frozen": "batch normalisation with its initial mean 0 and variance 1"},
           measures=(*m.KEPT, m.stage1_test_accuracy, m.stage1_test_loss, m.stage1_lead)),
    stages("few-labels", "where unsupervised pretraining should help if it helps at all", JOINT, seeds=5,
           needs=("autoencoder",), reduced={"encoder_seed": 0}, finish=look("averaged_anew"), measures=m.FEW,
           changes={"batch": 64, "epochs": 50, "patience": None, "judge_every": 50},
           assumed={"epochs": "50 for both, all layers, no stopping; labels drawn by seed"},
           points={f"{n}-{name}": {"subset": n, "encoder": encoder} for n in (100, 500, 1000, 5000)
                   for name, encoder in (("autoencoder", "autoencoder"), ("random", None))}),
    stages("raw-scale", "inputs left at 0..255", JOINT, transform="digit-bytes",
           changes={"encoder": None}, reduced={"epochs": 12, "patience": 5},
           measures=(*m.KEPT, m.epochs)),
]

PLAIN = [
    stages(name, purpose, PIXELS, model=model, measures=m.KEPT, **rest) for name, purpose, model, rest in (
        ("mlp-on-pixels", "the head alone, straight on the pixels", "mlp", {"seeds": 5}),
        ("linear-on-pixels", "how simple the task is", "linear-on-pixels", {}),
        ("plain-cnn-run", "what a plain small convolutional network of the time reaches in 12 epochs",
         "plain-cnn", {"seeds": 5, "changes": {"batch": 128, "epochs": 12}}),
        ("figure-9-run", "the network that Figure 9 draws, trained plainly", "figure-9-net",
         {"seeds": 5, "changes": {"epochs": 12}}))
]

KERNELS = {"32-3": {"batch": 32}, "128-3": {"batch": 128}, "256-3": {"batch": 256},
           "64-5": {"model": "autoencoder-k5"}}
AUTOENCODERS = [
    autoencoder("autoencoder-long", "is the autoencoder done after 40 epochs", seeds=2,
                changes={"epochs": 70}, needs=("autoencoder",), continues="autoencoder",
                measures=(auto.converged_epoch, auto.gain_after_40)),
    autoencoder("autoencoder-settings", "the comparison behind the settings called best, which the report "
                "does not show", seeds=2, changes={"epochs": 10}, points=KERNELS,
                stated={"batch": "64", "kernel": "3 x 3"}, measures=(auto.chosen_rank,),
                assumed={"grid": "neighbours of the chosen values; those are read off autoencoder's history",
                         "epochs": "10, to rank them"}),
    autoencoder("autoencoder-settings-small", "the same on 12,000 images, for machines without a GPU",
                changes={"epochs": 10, **TWELVE}, stands_in_for="autoencoder-settings",
                points={"64-3": {}} | KERNELS, measures=auto.SETTINGS_SMALL),
    autoencoder("no-batchnorm", "does batch normalisation save epochs, as the report says", seeds=3,
                model="autoencoder-plain", measures=(auto.epochs_with, auto.epochs_without)),
    autoencoder("no-batchnorm-small", "the same on 12,000 images and 20 epochs, both networks", seeds=3,
                changes={"epochs": 20, **TWELVE}, stands_in_for="no-batchnorm",
                points={"with": {}, "without": {"model": "autoencoder-plain"}},
                measures=auto.NORM_SMALL),
    autoencoder("tight-bottleneck", "what a code smaller than the image costs and brings", seeds=3,
                model="tight-autoencoder-32", changes={"epochs": 20}, reduced={"epochs": 10, **TWELVE},
                finish=look("tight"), measures=auto.TIGHT, played=True,
                assumed={"code": "32 values, a 25th of the 784 inputs"}),
    autoencoder("bottleneck-sizes", "the same with a code of 8 and of 128 values",
                model="tight-autoencoder-8", changes={"epochs": 20}, reduced={"epochs": 10, **TWELVE},
                finish=look("tight"), measures=(auto.val_mse, auto.noise_kept),
                points={"8": {}, "128": {"model": "tight-autoencoder-128"}}),
]

PHOTOS = {"data": "cifar10", "transform": "cifar", "published": {}}
CIFAR = {"validation": 10_000}
CIFAR_SPLIT = "seed 13: 40,000 training and 10,000 validation images"
BEYOND = [
    autoencoder("cifar-autoencoder", "the recipe on photographs: the autoencoder", tier="beyond",
                model="cifar-autoencoder", changes=CIFAR, **PHOTOS, measures=(auto.val_mse,),
                reduced={"epochs": 20, "subset": 10_000}, finish=look("rebuilt"),
                assumed={"all": "as for the digits", "split": CIFAR_SPLIT}),
    stages("cifar-recipe", "the recipe on photographs: two stages", tier="beyond", model="cifar-classifier",
           changes=CIFAR | {"encoder": "cifar-autoencoder"}, **PHOTOS, assumed={"split": CIFAR_SPLIT},
           reduced=SHORT | {"subset": 10_000},
           measures=(m.test_accuracy, m.stage1_test_accuracy, m.scratch_test_accuracy)),
    stages("cifar-scratch", "the same classifier from random weights", JOINT, tier="beyond",
           model="cifar-classifier", changes=CIFAR | {"encoder": None}, **PHOTOS,
           assumed={"split": CIFAR_SPLIT},
           reduced={"epochs": 12, "patience": None, "subset": 10_000}, finish=look("averaged_anew"),
           measures=(*m.KEPT, m.epochs, m.averaged_anew),
           note="reduced without stopping: with a patience of 5 a first run ended in epoch 6 with the "
           "weights of its first, at chance (0.100), because batch normalisation's averages had not arrived"),
    autoencoder("one-digit-out", "an autoencoder that never saw one digit: does it notice the stranger?",
                tier="beyond", model="tight-autoencoder-32", changes={"epochs": 10, **TWELVE},
                finish=look("left_out"), points={str(d): {"without": d} for d in range(10)},
                measures=(Measure("auc", "Area under the ROC curve of the reconstruction error: test digits "
                                  "never seen against all others.", "run",
                                  lambda run: run.facts["scores"]["auc"]),)),
]

EXPERIMENTS = [*ANALYSES, *REPORTED, *CHAINED, *CONTROLS, *PLAIN, *AUTOENCODERS, *BEYOND]
