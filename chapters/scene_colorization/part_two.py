"""Part 2 of the report: the convolutional network on 64 x 64 scenes, predictors that never look, controls."""

from lib.experiments import Experiment
from lib.loading import later, sibling

m = sibling(__file__, "measures")
one = sibling(__file__, "part_one")

TRAIN = {"loss": "mse", "optimizer": "sgd", "lr": 0.0001, "batch": 3, "steps": 8000, "look_every": 300,
         "init": "script", "output": "batch-max", "pick_from": 5000}
REDUCED = {"steps": 1000, "pick_from": 600}
SMOKE = {"steps": 2, "look_every": 6, "pick_from": 0}
STATED = {"loss": "mean squared error: Section 2.4", "optimizer": "gradient descent: 2.5",
          "lr": "0.0001: 2.5", "batch": "3: 2.5", "steps": "8000, called epochs: 2.5",
          "split": "7 to 3 of about 15: 2.3", "data": "three scenes, 64 x 64: 2.3"}
PUBLISHED = {
    "optimizer": "plain gradient descent: the script", "batch": "3 with replacement: the script",
    "steps": "8,000 steps, no stop, last weights: the script",
    "split": "each picture by its own draw at 0.70, no seed: the script",
    "transform": "Lab without gamma, white 0.95047, 1, 1.08883, and 1.0883 on the way back; L from 0 to "
    "100 as it is; a + 128 and b + 128 as labels; Pillow's Lanczos to 64 x 64: the script",
    "init": "normal of deviation 0.1, cut at two, biases 0.1, every layer: the script",
    "output": "linear, divided by the largest number of all pictures fed together, times 256; the "
    "gradient passes through the maximum: the script",
    "accuracy": "single channel values within 10, all test pictures fed as one batch: the script",
    "dropout": "keeps everything: the script",
}
PICKED = {"picked": "how 57, 64 and 54 % were picked is in no file; value_accuracy follows the text, both "
          "accuracies high between 5000 and 8000",
          "data": "the recovered pictures, very likely the report's own; beaches stored at a width of at "
          "most 512"}
AS_BEACH = {"all": "as cnn-beach but for what the purpose names"}
CONTROL = m.pick("value_accuracy", "early_train_mse", "position_share")


def scene(name, purpose, data="scenes_report/beach", transform="script", model="scene-cnn", look="scene",
          measures=CONTROL, tier="control", seeds=3, assumed=AS_BEACH, train=None, reduced=REDUCED,
          smoke=SMOKE, **rest):
    """A colouring network as the script has it, but for what is named."""
    settings = {k: v for k, v in (TRAIN | (train or {})).items() if v is not None}
    return Experiment(name=name, purpose=purpose, data=data, transform=transform, model=model,
                      train=settings, trainer=lambda: sibling(__file__, "scenes"),
                      tier=tier, seeds=seeds, reduced=reduced, smoke=smoke,
                      finish=later(__file__, "looks", look), measures=measures, assumed=assumed, **rest)


FACTS = [
    one.facts("lab-facts", "ranges, formulas and units of Lab, by computation alone", "lab_facts",
              data="coffee", measures={
                  "used_share": "The larger of the two channels' spans over all 8-bit colours, with and "
                  "without gamma, over 255.",
                  "farthest": "Largest size of a or b of any 8-bit colour, with or without gamma.",
                  "shifted_top": "127 + 128.",
                  "label_max": "Largest shifted a or b of any colour.",
                  "l_gap": "Mean absolute difference between 2.55 L and the grey value of coffee in 0..255.",
                  "l_gap_srgb": "The same with gamma.",
                  "formula_ratio": "The report's pixel mean of the squared (a, b) distance over the mean "
                  "square of the 8192 values.",
                  "gamma_chroma": "Mean chroma of the recovered beach pictures with gamma over that without.",
                  "beach_hues": "Share of the recovered beach pixels of sRGB chroma above 10 whose hue is "
                  "yellow, green or blue, 50 to 300 degrees.",
              }),
    one.facts("network-shapes", "sizes of all networks of the chapter", "network_shapes", tier="report",
              stated={"layers": "Sections 1.3 and 2.5"},
              measures={"largest": "Parameters of the largest network."}),
    one.facts("cost-facts", "multiply-adds, weights and memory, by computation alone", "cost_facts",
              measures={
                  "flat": "Values that enter the first dense layer.",
                  "outputs": "Values that leave the last.",
                  "cnn_to_ann_macs": "Multiply-adds of scene-cnn over three window-ann on 4096 pixels.",
                  "conv_to_ann_macs": "The same of its two convolutions alone.",
                  "conv_mac_share": "Share of scene-cnn's multiply-adds in its two convolutions.",
                  "to_mnist_neurons": "Outputs of convolutions and dense layers of scene-cnn over those of "
                  "mnist-tutorial-cnn.",
                  "to_mnist_parameters": "Weights of scene-cnn over those of mnist-tutorial-cnn.",
                  "batch3_gib": "Weights and gradient in float32 plus activations and their gradients for "
                  "3 pictures, in GiB.",
                  "full_batch_gib": "The same for 15 pictures, a whole training set.",
                  "class_to_regression_macs": "Multiply-adds of fcn-64 over those of fcn.",
              }),
    one.facts("init-facts", "the untrained network, one batch of 3 beach pictures, one gradient",
              "init_facts", data="scenes_report/beach", seeds=5, measures={
                  "output_bottom": "Smallest normalised output.",
                  "negative_share": "Share of the outputs below 0.",
                  "first_step": "Norm of rate times gradient over norm of the weights, first convolution.",
                  "relu_gradient_ratio": "Gradient norm of the first convolution over that of the output "
                  "layer.",
                  "tanh_gradient_ratio": "The same with scene-cnn-tanh.",
              }),
    one.facts("scene-facts", "how many and how alike the recovered pictures are", "scene_facts",
              data="scenes_report", measures={
                  "pictures_most": "Pictures in the largest of the three sets as found.",
                  "twins": "Pairs of the same photograph within a set.",
                  "twin_split": "Chance that a 0.7 split puts a pair on both sides.",
                  "category_share": "Share of the variance of the pictures' mean (a, b) that the category "
                  "explains.",
              }),
]
BLIND = {
    "grey_accuracy": "Share of the single a and b values of the test pictures within 10 of the truth when "
    "a = b = 0.",
    "grey_pixel_accuracy": "Share of their pixels with both values within 10 when a = b = 0.",
    "median_accuracy": "As grey_accuracy when every pixel has the training pictures' median a and b.",
    "meanmap_accuracy": "The same when each position has its mean a and b over the training pictures.",
    "lut_accuracy": "The same when each whole L has the training pictures' median a and b of that L.",
    "best_blind_accuracy": "Test value of whichever of grey, median and mean map is best on the training "
    "pictures.",
    "srgb_best_blind": "best_blind_accuracy in Lab with gamma.",
    "levels_accuracy": "As grey_accuracy when every pixel has its own true colour, in four levels a channel.",
    "place_share": "Share of the variance of the test pictures' true a and b, over pictures and pixels, that "
    "the position alone explains.",
}
BASES = [Experiment(name=f"base-{kind}", purpose=f"predictors without a network, {kind}", tier="control",
                    data=f"scenes_report/{kind}", seeds=30, analysis=later(__file__, "baselines", "blind"),
                    measures=BLIND, assumed={"split": f"as cnn-{kind}, the splits of the same seeds"})
         for kind in ("forest", "beach", "sunrise")]


def reported(kind, more, look="report"):
    return scene(f"cnn-{kind}", f"the convolutional network on {kind} pictures, as the script has it",
                 data=f"scenes_report/{kind}", look=look, measures=(*m.COMMON, *more), tier="report",
                 seeds=5, stated=STATED, published=PUBLISHED, assumed=PICKED)


REPORTED = [reported("forest", m.FOREST), reported("beach", m.BEACH, "beaches"),
            reported("sunrise", m.RARE)]

LOOKED_AT_AGAIN = [
    Experiment(name="cnn-heldout", needs=m.SCENES, tier="control", seeds=5,
               purpose="choose the step on one half of the test pictures, measure on the other; all "
               "halvings of every run of the three scenes",
               measures=(m.optimism,)),
    Experiment(name="cnn-fresh", needs=m.SCENES, tier="control", seeds=5,
               purpose="the trained networks on 30 other pictures of each kind",
               assumed={"data": "stand-ins: public photographs; sunsets stand for sunrises"},
               measures=tuple(m.fresh(f"{word}_{kind}", kind, word, doc) for word, doc in (
                   ("accuracy", "Accuracy on 30 other pictures of the kind."),
                   ("blind", "Accuracy there of the mean map of the network's training pictures."))
                   for kind in ("forest", "beach", "sunrise"))),
    Experiment(name="cnn-test-batches", needs=("cnn-beach",), tier="control", seeds=5,
               purpose="what a picture's colours owe to the pictures fed beside it",
               measures=(m.company("alone_minus_together", "Accuracy when each test picture is fed alone "
                                   "minus the accuracy fed together, size of the difference, mean over "
                                   "runs."),
                         m.company("moved", "Mean absolute change of a test picture's a and b between the "
                                   "two."),
                         m.company("pair_range", "Largest minus smallest accuracy of a test picture over all "
                                   "partners fed with it, mean over test pictures."))),
]

ALL = [*FACTS, *BASES, *REPORTED, *LOOKED_AT_AGAIN]
