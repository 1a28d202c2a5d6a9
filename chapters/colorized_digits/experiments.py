"""Every run of the chapter, declared: what is trained, on what, how long, and where each setting is from.

``stated``: in the report's text or its Figure 7.  ``published``: in its author's notebooks or figures
(github Jocelyn-Griser/CNN-Colorized-MNIST, commit 309277b).  ``assumed``: ours, with the reason.
Where nothing is said a control is like the run that it is compared with, but for the one change.
"""

from lib.experiments import Experiment
from lib.loading import sibling

a = sibling(__file__, "analyses")
m = sibling(__file__, "measures")

REPORT = {
    "title": "Convolutional Neural Networks on Randomly Colorized MNIST Data",
    "short": "Colorized digits",
    "authors": ["Jocelyn Griser"],
    "year": 2022,  # not printed; two of its references were opened early in that year
    "question": "How well do a small and a larger convolutional network, LeNet and a shrunken AlexNet, "
    "still classify handwritten digits when random, meaningless colour is laid over them?",
}

COMMON = {"optimizer": "adam", "lr": 0.001, "batch": 64, "validation": 9000}
KERAS = {"loss": "keras_categorical_crossentropy", **COMMON}
SOFTMAX = {"loss": "cross_entropy", **COMMON}
PUBLISHED = {
    "loss": "categorical cross-entropy on the outputs as they are: all four model notebooks",
    "optimizer": "Adam with Keras' defaults: the same lines",
    "validation": "the last 9,000: validation_split 0.15 in the LeNet notebook, and the levels of "
    "Figure 12 are class shares of just these labels",
}
ASSUMED = {
    "batch": "64, as in the only notebook that trains (LeNet, plain digits)",
    "scaling": "bytes 0..255: that notebook does not divide, and the report speaks of RGB in bytes",
}
FORMULA = {
    "transform": "pure hue on white: the published function, the README, the text's own example of red "
    "beside white and, above all, the speed of Figure 9; Figure 4 shows dark inks instead",
}


def training(name, purpose, transform, model, epochs, keras=True, data="mnist", **rest):
    """A training of the report's kind: Adam, batches of 64, the last 15 % for validation."""
    settings = {**(KERAS if keras else SOFTMAX), "epochs": epochs}
    if data == "cifar10":
        settings["validation"] = 7500
    return Experiment(name=name, purpose=purpose, data=data, transform=transform, model=model,
                      train=settings, **rest)


def control(name, purpose, transform, model, epochs, keras=True, **rest):
    """What the report lacks: one change, three seeds."""
    return training(name, purpose, transform, model, epochs, keras,
                    **({"tier": "control", "seeds": 3, "measures": m.SCORES} | rest))


ANALYSES = [
    Experiment(
        name="colour-math", data="mnist", analysis=a.colour_math,
        purpose="the report's two colour conversions as formulas: what colours they really give",
        stated={"formula": "rescaling to 55..254, S = 1, hues 0 to 359: Data and Figures 1 and 2"},
        published={"branch table": "Figure 1 of the PDF",
                   "lightness": "1/2 for two hues: colour notebook"},
        measures={
            "grey_max": "Largest byte in MNIST.",
            "fig3_in_order": "How many of the 49 digits of Figure 3 agree in place with the first 49 "
            "training labels.",
            "hsl_error": "Largest channel difference in bytes between Figure 1's formula, with the "
            "right branch table, and standard HSL.",
            "hsv_error": "The same against standard HSV.",
            "sextants_right": "How many of the six columns of Figure 1's branch table, as printed, give "
            "the right R, G and B.",
            "one_hue_channel_contrast": "Smallest over all hues, in bytes, of the largest difference of one "
            "channel between pure hue and white.",
            "one_hue_luma_contrast": "Smallest luma difference between ink and paper over all hues, in "
            "bytes, pure hue on white.",
            "one_hue_luma_contrast_hsl": "The same for the dark inks of Figure 4.",
            "one_hue_luma_contrast_hsv": "The same for true HSV.",
            "two_hue_close_share": "Share of the 360 x 360 pairs of hues whose largest channel "
            "difference is at most 64 bytes.",
            "two_hue_blank_share": "Share of the pairs with twice the same colour.",
        }),
    Experiment(
        name="network-shapes", analysis=a.network_shapes,
        purpose="sizes of the networks of text and Figure 7",
        stated={"layers": "Figure 7"}, published={"filters": "the four model notebooks"},
        measures={
            "lenet_changed_layers": "How many of LeNet's five layers with weights differ from LeNet-5 "
            "in kernel, stride, padding, width, activation or number of inputs.",
            "lenet_parameter_share": "Parameters of the report's LeNet divided by LeNet-5's.",
            "rgb_flat": "Flattened values of the colour AlexNet.",
            "rgb_flat_literal": "The same with one pixel of padding all round, as Figure 7 says.",
            "bw_flat_literal": "The same for the grey AlexNet.",
            "bw_parameter_share": "Parameters of the grey AlexNet divided by those of the original.",
        }),
    Experiment(
        name="report-figures", analysis=a.report_figures,
        purpose="what the counts of Figures 14 to 19 say by themselves",
        published={"counts": "Figures 14 to 19"},
        measures={
            "nine_share": "Share of Figure 18's errors in column 9.",
            "lowest_similarity": "Smallest of the ten Pearson correlations between the off-diagonal "
            "cells of Figures 14 to 18.",
            "mean_similarity": "Their mean.",
            "lowest_within_1479": "Smallest share, over Figures 14 to 18, of errors with true and "
            "predicted class in {1, 4, 7, 9}.",
            "empty_columns": "Columns of Figure 17 without a count.",
            "dead_share_of_errors": "Share of Figure 17's errors in rows 5 and 9.",
            "live_accuracy": "Accuracy of Figure 17 on the other eight classes.",
            "lenet_same_classes": "Accuracy of Figure 16 on the same eight.",
            "table_gap": "Largest difference between a validation accuracy of Table 1 and the test "
            "accuracy of the same model's figure.",
        }),
    Experiment(
        name="no-learning", data="mnist", analysis=a.no_learning, tier="control",
        purpose="the theory of constant answers, for every set of up to three dead outputs",
        published={"split": "LeNet notebook", "ceiling": "-ln(1e-7): the published loss"},
        assumed={"answer": "training class shares over the live outputs, the best constant answer"},
        measures={
            "val_accuracy": "Share of the most frequent training class in the validation part.",
            "val_share_sevens": "Share of sevens in the validation part.",
            "ceiling": "Cost of an image whose true class has output 0.",
            "floor_none_dead": "Training loss of the best constant answer with ten live outputs.",
            "floor_one_dead_min": "Smallest over the 10 sets of one dead output.",
            "floor_one_dead_max": "Largest over these.",
            "floor_two_dead_min": "Smallest over the 45 sets of two.",
            "floor_two_dead_max": "Largest over these.",
            "floor_three_dead_min": "Smallest over the 120 sets of three.",
            "fig13_gap": "Smallest distance, over all 176 sets, to Figure 13's 5.057 and 4.962 (the "
            "larger of the two differences).",
            "fig13_next_gap": "The same for the second nearest set.",
            "fig11_gap": "The same for Figure 11's plateau, 4.748 and 4.715.",
            "fig11_next_gap": "The same for the second nearest set.",
            "fig12_on_shares": "Share of the readings of Figure 12's validation curve that lie within "
            "0.0005 of a class share of the validation part.",
            "dead_5_9_floor_train": "Least possible training loss with outputs 5 and 9 dead.",
            "dead_5_9_floor_val": "Least possible validation loss then.",
            "dead_5_9_ceiling": "Highest possible validation accuracy then.",
        }),
    Experiment(
        name="published-colour-function", data="mnist", analysis=a.published_colour_function,
        tier="control", purpose="the colour function as published, on the first 1,000 digits",
        published={"function": "colour notebook"},
        measures={
            "flat_share": "Share of the digits, one hue and two together, that come out in one single "
            "colour when both ends of our gradient are the same, as in the published function.",
            "flat_white_share": "Share of the one-hue images that come out white all over.",
            "hue_error": "Largest channel difference in bytes between our hue table, which has all six "
            "columns as the published one, and standard HSL at lightness 1/2.",
            "hue_360_is_0": "1 if the extra hue 360 gives the colour of 0.",
        }),
    Experiment(
        name="error-profiles", needs=m.FIVE,
        purpose="Figures 14 to 18 from our own runs, summed over seeds",
        published={"test images": "row sums of Figures 14 to 19 are MNIST's test supports"},
        measures=(m.lowest_similarity, m.mean_similarity, m.lowest_within_1479, m.figure_match,
                  m.figure_match_gain, m.standard_max_spells)),
    Experiment(
        name="dead-outputs", needs=m.LARGE, purpose="dead outputs and rows of zeros of the large networks",
        tier="control", measures=(m.died_at_once, m.keras_nan)),
]

REPORTED = [
    training("lenet-grey", "Table 1 and Figure 14: LeNet on the plain digits", "grey", "lenet-bw", 10,
             published={**PUBLISHED, "batch": "64", "epochs": "10", "scaling": "bytes",
                        "all": "LeNet notebook, whose printed log ends in Table 1's column"},
             seeds=5, measures=(*m.HISTORY, *m.CURVES)),
    training("alexnet-grey", "Table 1 and Figure 15: modified AlexNet on the plain digits", "grey",
             "alexnet-bw", 40, published=PUBLISHED,
             assumed={**ASSUMED, "epochs": "40, not known: the first epoch whose training loss reaches "
                      "Table 1's in a pilot run of one seed (39), rounded up to a multiple of ten"},
             seeds=5, measures=(*m.HISTORY, *m.CURVES, *m.DEAD, m.gap_to("lenet-grey"))),
    training("lenet-1hue", "Table 1, Figures 8, 9 and 16: LeNet on the one-hue digits", "one-hue",
             "lenet-rgb", 100, published={**PUBLISHED, "epochs": "100: Figures 8 and 9"},
             assumed=ASSUMED | FORMULA, seeds=5,
             measures=(*m.HISTORY, *m.CURVES, m.val_accuracy_10, m.val_accuracy_60, m.dips_shared,
                       m.dips_lead, m.accuracy_yellow, m.accuracy_other_hues)),
    training("alexnet-1hue", "Table 1, Figures 10, 11 and 17: modified AlexNet on the one-hue digits",
             "one-hue", "alexnet-rgb", 100,
             published={**PUBLISHED, "epochs": "100: Figures 10 and 11"}, assumed=ASSUMED | FORMULA,
             seeds=5, measures=(*m.HISTORY, *m.CURVES, *m.DEAD, m.gap_to("lenet-1hue"),
                                m.never_predicted, m.accuracy_ceiling, m.live_accuracy,
                                m.plateau_epochs, m.plateau_like, m.plateau_loss, m.plateau_excess,
                                m.val_accuracy_40, m.late_rise, m.dips_shared, m.dips_lead)),
    training("lenet-2hue", "Table 1 and Figure 18: LeNet on the two-hue digits", "two-hue", "lenet-rgb",
             60, published=PUBLISHED,
             assumed={**ASSUMED, "epochs": "60, not known: the first epoch whose training loss reaches "
                      "Table 1's in a pilot run of one seed (58), rounded up to a multiple of ten"},
             seeds=5, measures=(*m.HISTORY, *m.CURVES, m.errors_predicted_nine, m.greediest_share,
                                m.accuracy_near_hues, m.accuracy_far_hues, m.accuracy_near_luma),
             played=True),
    training("alexnet-2hue", "Table 1, Figures 12, 13 and 19: modified AlexNet on the two-hue digits; "
             "ten seeds, for the collapse is the finding", "two-hue", "alexnet-rgb", 40,
             stated={"model": "the same network as for one hue"},
             published={**PUBLISHED, "epochs": "40: Figures 12 and 13"}, assumed=ASSUMED, seeds=10,
             measures=(*m.HISTORY, *m.DEAD, m.gap_to("lenet-2hue"), m.val_accuracy_gain, m.loss_fall,
                       m.train_excess_over_floor, m.output_spread, m.epochs_before_sole,
                       m.distinct_sole_in_run,
                       m.sole_in_1479_epochs, m.distinct_sole_classes, m.sole_in_1479,
                       m.sole_is_top_live, m.collapsed_share), played=True),
    training("alexnet-2hue-bw", "the grey architecture on the two-hue digits", "two-hue",
             "alexnet-bw-on-colour", 40, stated={"run": "that it was tried"}, published=PUBLISHED,
             assumed={**ASSUMED, "epochs": "40, as alexnet-2hue"}, seeds=5,
             measures=(*m.HISTORY, *m.DEAD, m.behind_colour)),
    training("alexnet-grey-rgb", "the colour architecture on the plain digits", "grey",
             "alexnet-rgb-on-grey", 40, stated={"run": "that it was tried"}, published=PUBLISHED,
             assumed={**ASSUMED, "epochs": "40, as alexnet-2hue"}, seeds=3,
             measures=(*m.HISTORY, *m.DEAD)),
    training("alexnet-1hue-bw", "the grey architecture on the one-hue digits", "one-hue",
             "alexnet-bw-on-colour", 100, stated={"run": "that it was tried"}, published=PUBLISHED,
             assumed={**ASSUMED, "epochs": "100, as alexnet-1hue"}, seeds=3,
             measures=(*m.HISTORY, *m.DEAD)),
]

BASELINES = [
    control(f"linear-{name}", f"softmax regression on {words}: what needs no convolution", transform,
            model, 10, keras=False,
            assumed={"scaling": "divided by 255: on bytes a linear network jumps"})
    for name, words, transform, model in (
        ("grey", "the plain digits", "grey-divided", "linear-grey"),
        ("1hue", "one hue", "one-hue-divided", "linear-rgb"),
        ("2hue", "two hues", "two-hue-divided", "linear-rgb"))
]

LENET_5 = {"scaling": "divided by 255: the 1998 paper scales its inputs, and tanh saturates on bytes"}
LENET = [
    control("lenet-grey-1998", "LeNet-5 as usually written, plain digits", "grey-divided", "lenet5", 10,
            keras=False, stated={"model": "LeNet-5, unmodified"}, assumed=LENET_5),
    control("lenet-1hue-1998", "LeNet-5 as usually written, one hue", "one-hue-divided", "lenet5-rgb", 10,
            keras=False, stated={"model": "LeNet-5, unmodified"}, assumed=LENET_5),
    control("lenet-2hue-1998", "LeNet-5 as usually written, two hues", "two-hue-divided", "lenet5-rgb", 40,
            keras=False, stated={"model": "LeNet-5, unmodified"}, assumed=LENET_5),
    control("lenet-grey-100", "100 epochs on the plain digits, as one hue had", "grey", "lenet-bw", 100,
            measures=(*m.HISTORY, *m.CURVES), assumed={"epochs": "those of Figures 8 and 9"}),
    control("lenet-2hue-divided", "inputs divided by 255", "two-hue-divided", "lenet-rgb", 60),
    control("lenet-2hue-softmax", "softmax for LeNet's ten sigmoids", "two-hue", "lenet-rgb-softmax", 60,
            keras=False),
    control("lenet-2hue-relu-output", "AlexNet's fault put into LeNet: ReLU output", "two-hue",
            "lenet-rgb-relu-output", 60, seeds=5, measures=(*m.HISTORY, *m.DEAD)),
    control("lenet-2hue-deep", "AlexNet's depth put into LeNet: two more convolutions", "two-hue",
            "lenet-rgb-deep", 60),
]

COLOUR = [
    control("lenet-1hue-hsl", "one hue by Figure 1's formula, dark ink as Figure 4 shows", "one-hue-hsl",
            "lenet-rgb", 100, measures=(*m.HISTORY, *m.CURVES), stated={"transform": "the formula"},
            published={"transform": "Figure 4: dark ink on nearly white paper"}),
    control("alexnet-1hue-hsl", "the same for AlexNet", "one-hue-hsl", "alexnet-rgb", 40,
            measures=(*m.HISTORY, *m.CURVES, *m.DEAD), stated={"transform": "the formula"},
            published={"transform": "Figure 4"}, assumed={"epochs": "40: plateau and rise"}),
    control("lenet-1hue-light-ink", "the text at its word: the byte is not turned round",
            "one-hue-light-ink", "lenet-rgb", 40, stated={"transform": "formula and rescaling"},
            assumed={"epochs": "40 show the speed"}),
    control("lenet-1hue-hsv", "true HSV, the name that the text gives its formula", "one-hue-hsv",
            "lenet-rgb", 40, stated={"transform": "HSV with S = 1"},
            assumed={"epochs": "40 show the speed"}),
    control("lenet-2hue-far", "hues at least 90 degrees apart: is it weak contrast?", "two-hue-far",
            "lenet-rgb", 60, measures=(*m.SCORES, m.regained)),
    control("lenet-2hue-ordered", "ink always the lighter: is it the changing polarity?",
            "two-hue-ordered", "lenet-rgb", 60),
    control("lenet-2hue-decoloured", "colour taken out first, the arm that the introduction asks about",
            "two-hue-decoloured", "lenet-bw", 10),
    control("lenet-2hue-redrawn", "new colours in every epoch: colour as augmentation",
            "two-hue-redrawn", "lenet-rgb", 60),
]

FULL = (*m.BEST, *m.DEAD)
SUSPECTS = [
    control("alexnet-grey-softmax", "softmax for the last ReLU", "grey", "alexnet-bw-softmax", 40,
            keras=False, measures=m.HISTORY),
    control("alexnet-1hue-softmax", "softmax for the last ReLU", "one-hue", "alexnet-rgb-softmax", 40,
            keras=False, measures=m.HISTORY,
            assumed={"epochs": "40: meant to be enough to pass 0.81, the ceiling with two outputs dead; seed "
                     "0 spent them all on the plateau, which the network as reported left for good "
                     "after epoch 85 only"}),
    control("alexnet-2hue-softmax", "softmax for the last ReLU: output or depth?", "two-hue",
            "alexnet-rgb-softmax", 40, keras=False, measures=m.BEST),
    control("alexnet-2hue-sigmoid-output", "LeNet's ten sigmoids for the last ReLU", "two-hue",
            "alexnet-rgb-sigmoid-output", 40, measures=m.BEST),
    control("alexnet-2hue-relu-convs", "ReLU for the two sigmoid convolutions, ReLU output kept",
            "two-hue", "alexnet-rgb-relu", 40, measures=FULL),
    control("alexnet-2hue-softmax-relu", "output and activations as AlexNet has them", "two-hue-divided",
            "alexnet-rgb-softmax-relu", 40, keras=False, measures=m.BEST,
            assumed={"scaling": "divided by 255: on bytes ReLU would meet very large values"}),
    control("alexnet-2hue-maxpool", "maximum pooling, AlexNet's own, for average", "two-hue",
            "alexnet-rgb-maxpool", 40, measures=FULL),
    control("alexnet-2hue-shallow", "two convolutions for four: the cause that the report names, alone",
            "two-hue", "alexnet-rgb-shallow", 40, seeds=5, measures=FULL),
    control("alexnet-2hue-divided", "inputs divided by 255", "two-hue-divided", "alexnet-rgb", 40,
            measures=(*m.HISTORY, *m.DEAD)),
    control("alexnet-grey-divided", "the grey network on inputs divided by 255", "grey-divided",
            "alexnet-bw", 40, measures=(*m.HISTORY, *m.DEAD)),
    control("alexnet-2hue-long", "100 epochs, as one hue had: does the network wake up?", "two-hue",
            "alexnet-rgb", 100, measures=FULL),
    control("alexnet-2hue-variants", "the kinds of change that the report says it tried, one at a time",
            "two-hue", "alexnet-rgb", 40, seeds=1, stated={"grid": "the kinds of change"},
            assumed={"grid": "which changes: the report lists none; kernel and stride of layer one"},
            points={name: {"model": f"alexnet-rgb-{name}"} for name in (
                "kernel-3", "kernel-11", "stride-1", "valid-padding", "three-convolutions",
                "dense-100", "dense-288", "no-dropout")},
            measures=(m.best_val_accuracy, m.median_val_accuracy)),
]

PHOTOGRAPHS = [
    training(f"cifar-{net}-{colour}", f"photographs in place of digits, {words}, {size}", transform,
             model, 20, keras=False, data="cifar10", tier="beyond", seeds=3, measures=m.HISTORY,
             assumed={"split": "the last 7,500 of 50,000, the report's 15 %", "epochs": "20",
                      "model": "softmax and ReLU: the question is colour, not a stalled network"})
    for net, size, model in (("lenet", "small network", "lenet5-rgb"),
                             ("alexnet", "larger network, repaired", "alexnet-rgb-softmax-relu"))
    for colour, words, transform in (("plain", "natural colours", "cifar"),
                                     ("grey", "no colour", "cifar-luma"),
                                     ("2hue", "misleading colour", "cifar-2hue"))
]

BEYOND = [
    training("lenet-2hue-edges", "edges in place of colours, small network", "two-hue-edges", "lenet-bw",
             60, tier="beyond", seeds=5, measures=(*m.HISTORY, m.accuracy_near_hues),
             assumed={"transform": "computed gradients for the learned detectors that the report cites"}),
    training("alexnet-2hue-edges", "edges in place of colours, the failing network", "two-hue-edges",
             "alexnet-rgb-on-grey", 40, tier="beyond", seeds=3, measures=(*m.HISTORY, *m.DEAD)),
    training("alexnet-2hue-edges-softmax", "the same with the network repaired", "two-hue-edges",
             "alexnet-rgb-on-grey-softmax-relu", 20, keras=False, tier="beyond", seeds=3,
             measures=m.HISTORY, assumed={"epochs": "20: the repaired network is quick"}),
    training("alexnet-ladder", "from the failing AlexNet to above 0.99, one change at a time", "two-hue",
             "alexnet-rgb", 10, keras=False, tier="beyond", seeds=3,
             assumed={"epochs": "10: the same time for every rung",
                      "falling-rate": "added after the rung below it had been run and fell short of 0.99 on "
                      "two of the three sets"},
             points={
                 "as-reported": {"loss": "keras_categorical_crossentropy"},
                 "softmax": {"model": "alexnet-rgb-softmax"},
                 "divided": {"model": "alexnet-rgb-softmax", "transform": "two-hue-divided"},
                 "relu-convs": {"model": "alexnet-rgb-softmax-relu", "transform": "two-hue-divided"},
                 "max-pooling": {"model": "alexnet-rgb-softmax-relu-max",
                                 "transform": "two-hue-divided"},
                 "wide": {"model": "alexnet-wide", "transform": "two-hue-divided"},
                 "batch-norm": {"model": "alexnet-wide-norm", "transform": "two-hue-divided"},
                 "redrawn": {"model": "alexnet-wide-norm", "transform": "two-hue-divided-redrawn"},
                 "standardised": {"model": "alexnet-wide-norm", "transform": "two-hue-standardised"},
                 "standardised-grey": {"model": "alexnet-wide-norm", "transform": "grey-standardised"},
                 "standardised-1hue": {"model": "alexnet-wide-norm",
                                       "transform": "one-hue-standardised"},
                 "falling-rate": {"model": "alexnet-wide-norm", "schedule": "cosine",
                                  "transform": "two-hue-standardised"},
                 "falling-rate-grey": {"model": "alexnet-wide-norm", "schedule": "cosine",
                                       "transform": "grey-standardised"},
                 "falling-rate-1hue": {"model": "alexnet-wide-norm", "schedule": "cosine",
                                       "transform": "one-hue-standardised"},
             },
             measures=(m.test_accuracy, m.rungs_to_99, m.last_rung_lowest)),
]

TABLE_1 = tuple(e.name for e in REPORTED[:6])
EXPERIMENTS = [*ANALYSES, *REPORTED, *BASELINES, *LENET, *COLOUR, *SUSPECTS, *PHOTOGRAPHS, *BEYOND]
