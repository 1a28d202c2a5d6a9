"""Part 1 of the report: window networks in numpy, their facts, controls and future work."""

from lib.experiments import Experiment
from lib.loading import later, sibling

m = sibling(__file__, "measures")

TRAIN = {"layout": "halves", "optimizer": "sgd", "lr": 0.1, "updates": 20000,
         "sampling": "with replacement", "look_every": 500}
SMOKE = {"updates": 300, "look_every": 100}
STATED = {"window": "3 x 3: Section 1.3", "layout": "left half trains, right half tests: 1.5",
          "loss": "one-hot codes of four levels: 1.3", "optimizer": "gradient descent: 1.6"}
PUBLISHED = {
    "lr": "0.1: the script, whose stored version is set to coffee",
    "updates": "20,000, called epochs: the script; that each is one update is inferred from a later team's "
    "reworked class",
    "model": "sizes and decoding (the last output above a half): the script; the tenth hidden neuron, no "
    "constant at the outputs and 1 - tanh(v)^2 at the activated v: inferred from the same class",
    "loss": "squared error, no softmax: inferred from the same class",
    "transform": "floor, and the grey of the picture already reduced: the script (the text says nearest, "
    "and grey first); weights are scikit-image's",
    "border": "left black and counted in the score: the script",
    "score": "unsigned 8-bit differences / 64, summed over channels, per pixel of the half: the script",
}
AS_COFFEE = {"all": "as ann-coffee but for what the purpose names"}


def facts(name, purpose, analysis, measures, data=None, tier="control", seeds=1, **rest):
    return Experiment(name=name, purpose=purpose, data=data, tier=tier, seeds=seeds,
                      analysis=later(__file__, "analyses", analysis), measures=measures, **rest)


def window(name, purpose, data="coffee", transform="floor", model="window-ann", look="picture",
           measures=m.FOUR, tier="control", seeds=10, assumed=AS_COFFEE, train=None, **rest):
    """Window networks as the script has them, but for what is named."""
    return Experiment(name=name, purpose=purpose, data=data, transform=transform, model=model,
                      train=TRAIN | (train or {}), trainer=lambda: sibling(__file__, "window_runs"),
                      smoke=SMOKE, tier=tier,
                      seeds=seeds, finish=later(__file__, "looks", look), measures=measures, assumed=assumed,
                      **({"published": PUBLISHED} | rest))


FACTS = [
    facts("metric-facts", "what the score, the levels and the grey input can and cannot show, by "
          "computation alone", "metric_facts", data="coffee", measures={
              "levels": "Number of distinct levels that the quantising gives over 0..255.",
              "worst_rounding_error": "Largest absolute difference between a value 0..255 and its nearest "
              "level.",
              "floor_agrees": "Share of the values 0..255 whose floor level is the nearest one.",
              "red_green_printed": "Printed score between (192, 0, 0) and (0, 192, 0).",
              "swapped_printed": "Printed score between the right half of coffee in levels and itself with "
              "R and B exchanged.",
              "swapped_coded": "The same by the coded score.",
              "grey_mean_printed": "Printed score when each channel is replaced by the mean of the pixel's "
              "three true levels.",
              "one_too_low": "Coded score of a channel one level too low.",
              "one_too_high": "The same one level too high.",
              "greys_of_64": "Number of distinct grey values that the 64 colours of four levels give.",
          }),
    facts("base-coffee", "coffee left grey, and coloured by a table of grey values in place of networks",
          "base_coffee", data="coffee", measures={
              "grey_copy": "Coded score of the uncoloured picture, the grey's level in all three channels.",
              "grey_copy_printed": "The same by the printed formula.",
              "grey_copy_abs": "The same by absolute values.",
              "grey_copy_ciede": "The same by CIEDE2000.",
              "table": "Coded score of the likeliest level of each channel for each grey value of the "
              "training half, nearest known grey.",
              "table_border": "The same with the border left black.",
              "table_unrounded": "The same from the grey of the unrounded picture in 256 steps.",
              "table_unrounded_printed": "That by the printed formula.",
          }),
    facts("base-stand-ins", "the stand-ins for the report's sunset and beach left grey", "base_stand_ins",
          data="ann", measures={
              f"{kind}_grey_copy{score}": f"{words} score of the uncoloured right half of the {kind}."
              for kind in ("sunset", "beach") for score, words in (
                  ("", "Coded"), ("_printed", "Printed"), ("_abs", "Absolute"), ("_ciede", "CIEDE2000"))}),
]

SUNSET = {"picture": "a stand-in, 600 x 400, alike left and right; the script names the report's, "
          "sun01.jpeg, which was not found", "updates": "rate and updates of the stored coffee setting"}
BEACH = {"picture": "a stand-in; the report's, beach01.jpg, was not found", "updates": "as ann-sunset"}
SIZES = (1, 3, 5, 7, 9)  # of windows
DISTANCES = (m.BY_NAME["distance"], m.BY_NAME["abs_distance"])
LARGER = (m.INNER, *m.scores(
    region_contrast="sRGB Lab (a, b) distance between the mean colours of the top and bottom thirds in the "
    "prediction, over the same in the truth."))
CHROMA = m.scores(
    chroma_ratio="Mean sRGB Lab chroma of the prediction over that of the unrounded test half.",
    argmax_chroma_ratio="The same when the largest output decides.")

REPORTED = [
    window("ann-coffee", "the three window networks on coffee, as the script has them; thirty draws in "
           "place of one", look="coffee", seeds=30, tier="report", stated=STATED, assumed={},
           measures=(*m.FOUR, *m.scores(
               inner_distance="Coded score without the border.",
               argmax_distance="Coded score of the same networks when the largest output decides.",
               no_vote="Share of decisions in which no output exceeds 0.5.",
               test_minus_train="distance on the right half minus distance on the left half.",
           ), *CHROMA, m.train_loss, m.updates, *m.KEPT)),
    window("ann-sunset", "the window networks on a sunset picture", data="ann/sunset", tier="report",
           stated=STATED, assumed=SUNSET),
    window("ann-beach", "the window networks on a beach picture", data="ann/beach", look="beach",
           tier="report", stated=STATED, assumed=BEACH, measures=(*DISTANCES, *LARGER)),
    window("ann-sunset-to-beach", "networks trained on the sunset colour the beach", data="ann",
           look="transfer", tier="report", train={"layout": "transfer"}, stated=STATED,
           published=PUBLISHED | {"layout": "the whole sunset trains and the whole beach is coloured: a "
                                  "block of the script that is switched off"},
           assumed={"picture": "stand-ins as above"},
           measures=(m.BY_NAME["distance"], *m.scores(
               abs_right="abs_distance on the beach's right half, the pixels of ann-beach.",
               palette_overlap="Share of predicted inner pixels whose colour in levels occurs in the "
               "sunset."))),
]

CONTROLS = [
    window("ann-many", "how far the score varies from picture to picture", data="scenes_report/sunrise",
           look="many", seeds=3, train={"kinds": ["scenes_report/sunrise", "scenes_report/beach"]},
           assumed={"pictures": "each sunrise and each beach; those wider than 400 reduced to 400"},
           measures=m.scores(
               sunrise="Mean distance over the 14 sunrises.", beach="Mean distance over the 21 beaches.",
               sunrise_sd="Standard deviation over the 14.", beach_sd="The same over the 21.",
               below_080="Share of the 35 pictures with a distance of at most 0.80.")),
    window("ann-coffee-swapped", "the right half trains, the left half is coloured",
           train={"layout": "swapped"}, measures=(*m.FOUR, m.swap_gap)),
    window("ann-coffee-nearest", "rounding as the text has it, to the nearest level", transform="nearest",
           stated={"transform": "nearest level: Section 1.3"}),
    window("ann-coffee-unrounded", "the text's order, grey before rounding, so that the input does not "
           "name the answer", transform="grey-first", stated={"transform": "order of the steps: 1.5"}),
    window("ann-coffee-textbook", "9-9-4 as a textbook has it, constant biases, the true derivative of "
           "tanh, the largest output decides", model="window-ann-textbook"),
    window("ann-coffee-long", "true epochs, ten passes over all 118,604 windows in random order", seeds=3,
           train={"updates": 1186040, "sampling": "passes", "look_every": 118604},
           assumed={"updates": "10 passes; 20,000 true epochs would be 2.4 billion updates a channel"},
           measures=(*m.FOUR, m.train_loss, m.loss_ratio)),
    window("ann-coffee-w1", "the same without neighbours", model="window-ann-w1"),
    window("ann-coffee-scalar", "the level as one number in place of the one-hot code", seeds=30,
           model="window-ann-scalar", assumed=AS_COFFEE | {"loss": "squared error on level / 3"}),
    facts("ann-coffee-half-size", "the networks of ann-coffee on the test half at half the size",
          "half_size", seeds=10, data="coffee", assumed={
              "networks": "those of ann-coffee's seed, trained anew; the original test half is halved by "
              "Lanczos, then reduced to levels"},
          measures={"distance_change": "distance at half size minus distance at full size."}),
    window("ann-scenes", "the window networks on the convolutional network's pictures, splits and measure",
           data="scenes_report", transform="grey-first", look="window_scenes", seeds=5,
           train={"layout": "split"},
           assumed={"transform": "the text's order: with the script's the input names the answer "
                    "(leaky_beach); 64 x 64, all windows of the training pictures",
                    "border": "the outermost pixels, left black by the script, take the answer beside them, "
                    "so that both networks are asked for all pixels"},
           measures=m.scores(
               accuracy_forest="Share of single a and b values of the test pixels within 10, forest.",
               accuracy_beach="The same, beach.", accuracy_sunrise="The same, sunrise.",
               leaky_beach="accuracy_beach with the grey of the rounded picture.",
               chroma_beach="Mean chroma of the predictions over that of the truth, beach.")),
]

BEYOND = [
    facts("ann-coffee-optimizers", "momentum, RMSprop and Adam in place of plain descent", "optimizers",
          seeds=5, data="coffee", tier="beyond", stated={"optimizer": "named: Section 1.6"},
          assumed={"lr": "the best of 0.003, 0.01, 0.03, 0.1 for momentum and of 0.001, 0.003, 0.01, 0.03 "
                   "for the others, by the loss after 20,000 updates: none is given, and one fixed rate "
                   "would be unfair to some"},
          measures={"momentum": "Updates until the loss over the 5,000 fixed windows, looked at every 500, "
                    "is for the first time at or below ann-coffee's train_loss of the same seed (20000 if "
                    "never), momentum.",
                    "rmsprop": "The same, RMSprop.", "adam": "The same, Adam.",
                    "plain": "The same, plain descent itself, whose loss goes up and down.",
                    "fastest": "The smallest of momentum, RMSprop and Adam."}),
    window("ann-beach-w9", "a larger window", data="ann/beach", model="window-ann-w9", look="beach",
           tier="beyond", assumed=AS_COFFEE | {"window": "9; the report only says larger"},
           measures=LARGER),
    window("ann-beach-sizes", "windows of five sizes on one picture, with the script's grey and with the "
           "text's", data="ann/beach", look="inside", tier="beyond", seeds=5, points={
               f"{word}-{n}": {"model": f"window-ann-w{n}".removesuffix("-w3"), "transform": transform}
               for word, transform in (("script", "floor"), ("text", "grey-first")) for n in SIZES},
           stated={"transform": "grey before rounding: Section 1.5"},
           assumed=AS_COFFEE | {"window": "1 to 9; the report only says larger"},
           measures=tuple(m.measured_at(f"{word}_{n}", f"{word}-{n}", m.INNER)
                          for word in ("script", "text") for n in SIZES)),
    window("ann-coffee-16", "sixteen levels a channel", transform="sixteen", model="window-ann-16",
           look="coffee", tier="beyond", assumed=AS_COFFEE | {
               "transform": "16 levels of step 16; the report only says a wider range of values"},
           measures=CHROMA),
    window("ann-beach-other", "train on one beach picture, colour another", data="scenes_report/beach",
           look="target", tier="beyond", train={"layout": "other", "coloured": "ann/beach"},
           assumed={"pictures": "each seed another of the recovered beaches, whole, trains; the right half "
                    "of the stand-in beach is coloured"}, measures=DISTANCES),
]

ALL = [*FACTS, *REPORTED, *CONTROLS, *BEYOND]
