"""Part 2 of the report: one change at a time, and its future work.

Each run is like cnn-beach but for what is named.
"""

from lib.loading import sibling

m = sibling(__file__, "measures")
two = sibling(__file__, "part_two")
scene, REDUCED, SMOKE = two.scene, two.REDUCED, two.SMOKE

VALUE = m.LOOKED["value_accuracy"]
VIVID = m.pick("value_accuracy", "chroma_ratio")
EARLY = m.pick("early_train_mse")
SHARE = m.LOOKED["position_share"]
ADAM = {"optimizer": "adam", "lr": 0.001}
TEN = {"tests": [5], "trains": [3], "left_out": []}  # smoke sets have ten pictures

CONTROLS = [
    scene("cnn-beach-adam", "Adam at the same rate", train={"optimizer": "adam"}),
    scene("cnn-beach-output", "the text's output step (to 0..1 by minimum and maximum, times 255), and the "
          "script's with each picture's own maximum or with a fixed one (the first batch's before training)",
          points={"minmax": {"output": "minmax"}, "own": {"output": "own-max"},
                  "fixed": {"output": "fixed"}},
          stated={"output": "to 0..1, times 255: Section 2.5"},
          assumed={"output": "over each picture: the text does not say over what"},
          smoke=SMOKE, measures=(
              *(m.measured_at(f"{p}_accuracy", p, VALUE) for p in ("minmax", "own", "fixed")),
              *(m.measured_at(f"{p}_position_share", p, SHARE) for p in ("own", "fixed")))),
    scene("cnn-beach-direct", "no division, the linear outputs are the labels", train={"output": "linear"},
          note="First outputs of about 10,000 should run away at this rate; a run that leaves the "
          "numbers keeps its row of history and an error of 1000000."),
    scene("cnn-beach-sound", "today's scales and start, to see whether the network then looks at the picture",
          transform="sound", train={"optimizer": "adam", "output": "linear", "init": "he"},
          assumed={"all": "L / 100 - 0.5, labels a / 128 and b / 128, He normal, biases 0"},
          measures=(*VIVID, SHARE, m.with_twin, m.without_twin, m.median_ahead)),
    scene("cnn-beach-gamma", "Lab as it is defined, with sRGB's gamma", transform="script-gamma",
          measures=VIVID),
    scene("cnn-beach-tanh", "tanh in place of ReLU", model="scene-cnn-tanh"),
    scene("cnn-beach-dropout", "dropout of a half after the second dense layer", model="scene-cnn-dropout",
          stated={"dropout": "its place: Section 2.5"}, assumed={"dropout": "0.5, the tutorial's"},
          measures=m.pick("value_accuracy", "test_drop", "early_train_mse")),
    scene("cnn-beach-full", "all training pictures in each step, as many pictures shown; the maximum is then "
          "that of the whole training set", train={"batch": "all", "steps": None, "pictures": 24000},
          reduced={"pictures": 3000, "pick_from": 0}, smoke={"pictures": 14, "look_every": 7},
          measures=EARLY),
    scene("cnn-beach-single", "one picture a step, as many pictures shown",
          train={"batch": 1, "steps": 24000}, reduced={"steps": 3000, "pick_from": 0}, measures=EARLY),
    scene("cnn-beach-twin", "the photograph that is in the beach set twice, with its twin in training and "
          "without", points={"trains": {"tests": [16], "trains": [3]},
                             "left-out": {"tests": [16], "left_out": [3]}},
          assumed={"split": "beach/17 always tests; beach/04 trains, or is left out"}, smoke=SMOKE | TEN,
          measures=(m.measured_at("leaked", "trains", m.twin_accuracy),
                    m.measured_at("clean", "left-out", m.twin_accuracy))),
    scene("cnn-beach-epochs", "the word epoch as it reads, 8000 passes, about 40,000 steps",
          train={"steps": None, "passes": 8000, "look_every": 1500}, stated={"passes": "8000: Section 2.5"},
          reduced={"passes": 500}, smoke={"passes": 1, "look_every": 15, "pick_from": 0},
          note="The reduced form has one seed.",
          measures=(m.renamed("value_accuracy", m.highest_accuracy), m.best_pass, m.test_drop)),
    scene("cnn-forest-balanced", "the loss of cnn-forest weighted so that frequent and rare colours count "
          "alike", data="scenes_report/forest", train={"loss": "balanced"}, seeds=5,
          assumed={"loss": "each pixel weighted by one over the training share of its 10 x 10 (a, b) bin, "
                   "at most 20, scaled to mean 1"},
          measures=m.pick("value_accuracy", "brown_accuracy")),
    scene("noconv-beach", "the dense layers alone, to see what the convolutions add", model="no-conv",
          seeds=5, measures=(VALUE,)),
    scene("fcn-beach", "regression without dense layers", transform="plain", model="fcn", seeds=5,
          played=True, train=ADAM | {"output": "linear", "init": "he"},
          assumed={"lr": "Adam's default", "transform": "L / 100, labels a and b"},
          measures=(*VIVID, SHARE, m.with_twin, m.without_twin, m.median_ahead)),
    scene("fcn-class-beach", "the same body classifying into 64 colour bins", transform="plain",
          model="fcn-64", seeds=5,
          train=ADAM | {"output": "linear", "init": "he", "loss": "cross_entropy"},
          assumed={"bins": "8 x 8 over the (a, b) range of the training pictures: as many colours as the "
                   "window networks' 4 x 4 x 4; the centre of the likeliest is the answer"},
          measures=(*VIVID, m.with_twin, m.without_twin)),
]

BEYOND = [
    scene("cnn-more-pictures", "more training pictures, the same number of steps", data="scenes/beach",
          tier="beyond", train={"test_count": 10}, points={
              str(n): {"train_count": n} for n in (5, 10, 20)},
          assumed={"data": "the stand-ins: the recovered set is too small to vary its size; 10 of the 30 "
                   "test, the first 5, 10 or all 20 of the others train"},
          smoke=SMOKE | {"test_count": 4, "train_count": 5},
          measures=(m.measured_at("mse_5", "5", m.test_mse), m.measured_at("mse_20", "20", m.test_mse))),
]

ALL = [*CONTROLS, *BEYOND]
