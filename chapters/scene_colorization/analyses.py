"""Analyses: facts that need no training, or only the networks of coffee, trained anew."""

from math import prod

import numpy as np
import torch

from lib import models
from lib.experiments import Findings
from lib.lab import chroma, rgb_to_lab
from lib.loading import sibling
from lib.picture_sets import KINDS, originals, small

scores, scenes, windows = (sibling(__file__, name) for name in ("scores", "scenes", "windows"))
window_runs = sibling(__file__, "window_runs")
Task, fit, halves = window_runs.Task, window_runs.fit, window_runs.halves
DESIGNS, REDUCTIONS, grey = windows.DESIGNS, windows.REDUCTIONS, windows.grey

FOUND = {"beach": 22, "forest": 17, "sunrise": 14}  # pictures in the public set; one beach was not stored
ALIKE = 0.95                                        # correlation of L above which two are one photograph
GIB = 2**30


# ---- scores, levels and grey of the window networks

def metric_facts(context):
    """What the score, the levels and the grey input can and cannot show."""
    floor, near = REDUCTIONS["floor"], REDUCTIONS["nearest"]
    every = np.arange(256, dtype=np.uint8)
    truth = floor.reduced(halves(originals("coffee")[0])[1])
    levels = truth // 64
    mean = np.repeat(levels.mean(-1, keepdims=True), 3, -1)
    red, green = (np.array([[c]], np.uint8) for c in ((192, 0, 0), (0, 192, 0)))
    flat = np.full((2, 2, 3), 64, np.uint8)
    low, high = (flat + np.array(d, np.uint8) for d in ((192, 0, 0), (64, 0, 0)))  # 192 is -64 in bytes
    colours = np.stack(np.meshgrid(*[np.arange(4, dtype=np.uint8) * 64] * 3), -1).reshape(1, -1, 3)
    return Findings({
        "levels": len(np.unique(floor.levels(every))),
        "worst_rounding_error": int(np.abs(near.levels(every) * 64 - every.astype(int)).max()),
        "floor_agrees": float((floor.levels(every) == near.levels(every)).mean()),
        "red_green_printed": scores.printed(red, green),
        "swapped_printed": scores.printed(truth, truth[..., ::-1]),
        "swapped_coded": scores.coded(truth, truth[..., ::-1]),
        "grey_mean_printed": float(np.abs((levels - mean).sum(-1)).mean().round(12)),
        "one_too_low": scores.coded(flat, low),
        "one_too_high": scores.coded(flat, high),
        "greys_of_64": len(np.unique(grey(colours).round(9))),
    }, {"truth": levels, "swapped": levels[..., ::-1].copy()})


def _table(train_grey, train_levels, grey_values):
    """For each grey value the likeliest level of each channel in training, nearest known grey.

    ``train_grey`` whole numbers (n,), ``train_levels`` (n, 3); returns levels (m, 3) of ``grey_values`` (m,).
    """
    known, place = np.unique(train_grey, return_inverse=True)
    votes = np.zeros((len(known), 3, 4), int)
    for channel in range(3):
        np.add.at(votes[:, channel], (place, train_levels[:, channel]), 1)
    nearest = np.abs(known[None] - np.unique(grey_values)[:, None]).argmin(1)
    lookup = dict(zip(np.unique(grey_values), votes.argmax(-1)[nearest], strict=True))
    return np.stack([lookup[g] for g in grey_values])


def _left_grey(rgb):
    """A picture with the level of its grey in all three channels, and the four scores of that."""
    floor = REDUCTIONS["floor"]
    truth, grey_levels = floor.reduced(rgb), np.rint(floor.greys(rgb) * 255).astype(np.uint8)
    uncoloured = np.repeat(floor.reduced(grey_levels[..., None]), 3, -1)
    four = (("", scores.coded), ("_printed", scores.printed), ("_abs", scores.absolute),
            ("_ciede", scores.ciede2000))
    return uncoloured, {f"grey_copy{name}": score(truth, uncoloured) for name, score in four}


def base_coffee(context):
    """Coffee left grey, and coloured by a table of grey values in place of networks."""
    floor = REDUCTIONS["floor"]
    left, rgb = halves(originals("coffee")[0])
    truth, arrays = floor.reduced(rgb), {}
    uncoloured, found = _left_grey(rgb)
    for name, sees in (("table", floor.greys), ("table_unrounded", grey)):
        scale = 1e6 if name == "table" else 255
        greys = [np.rint(sees(p) * scale).astype(int).ravel() for p in (left, rgb)]
        given = _table(greys[0], floor.levels(left).reshape(-1, 3), greys[1]).reshape(rgb.shape)
        given = given.astype(np.uint8) * np.uint8(64)
        found[name] = scores.coded(truth, given)
        arrays[name] = given // 64
        if name == "table":
            border = np.zeros_like(given)
            border[1:-1, 1:-1] = given[1:-1, 1:-1]
            found["table_border"] = scores.coded(truth, border)
        else:
            found["table_unrounded_printed"] = scores.printed(truth, given)
    return Findings(found, arrays | {"grey_copy": uncoloured // 64})


def base_stand_ins(context):
    """The right halves of the stand-ins for the report's sunset and beach, left grey."""
    halved = {kind: halves(originals(context.set(f"ann/{kind}"))[0])[1] for kind in ("sunset", "beach")}
    return Findings({f"{kind}_{name}": value for kind, rgb in halved.items()
                     for name, value in _left_grey(rgb)[1].items()})


def half_size(context):
    """The networks of ann-coffee on the test half at half the size."""
    trainee = _coffee(context)
    rgb = trainee.tasks[0].test[0]
    halved = small((rgb,), (rgb.shape[1] // 2, rgb.shape[0] // 2))[0].movedim(0, -1).numpy()
    score = [scores.coded(trainee.reduction.reduced(p), trainee.paint(p)) for p in (rgb, halved)]
    return Findings({"distance_change": score[1] - score[0]})


def _coffee(context, **changes):
    """ann-coffee of the same seed, trained anew: it takes a second."""
    run = context.run
    recipe = run.chapter["ann-coffee"].recipe(run.seed, scale=run.scale) | changes
    left, rgb = halves(originals("coffee")[0])
    return fit(recipe, [Task((left,), (rgb,))])


def optimizers(context):
    """Updates that each optimizer, at the best of four rates, needs to reach ann-coffee's loss.

    Plain descent, at the report's rate, reaches it at the latest at its end.
    """
    plain = _coffee(context).history
    target = plain["loss"][-1]
    found, curves = {}, {"plain descent": {"rate": 0.1, **plain}}
    for name, rates in (("momentum", (0.003, 0.01, 0.03, 0.1)), ("rmsprop", (0.001, 0.003, 0.01, 0.03)),
                        ("adam", (0.001, 0.003, 0.01, 0.03))):
        runs = {rate: _coffee(context, optimizer=name, lr=rate).history for rate in rates}
        best = min(runs, key=lambda rate: runs[rate]["loss"][-1])
        curves[name] = {"rate": best, **runs[best]}
    reached = {}
    for name, curve in curves.items():
        looks = zip(curve["updates"], curve["loss"], strict=True)
        reached[name] = next((u for u, loss in looks if loss <= target), None)
        found[name.split()[0]] = reached[name] or curve["updates"][-1]
    fastest = min(v for k, v in found.items() if k != "plain")
    return Findings(found | {"fastest": fastest},
                    facts={"curves": curves, "target": target, "reached": reached})


# ---- Lab, sizes, pictures

def _every_colour():
    """All 8-bit colours, 65,536 at a time: uint8 (1, 3, 256, 256)."""
    g, b = torch.meshgrid(torch.arange(256), torch.arange(256), indexing="ij")
    for r in range(256):
        yield torch.stack([torch.full_like(g, r), g, b])[None].to(torch.uint8)


def lab_facts(context):
    """Ranges, formulas and units of Lab."""
    low, high = torch.full((2,), 1e9), torch.full((2,), -1e9)
    for gamma in (False, True):
        for colours in _every_colour():
            ab = rgb_to_lab(colours, gamma)[0, 1:].flatten(1)
            low, high = torch.minimum(low, ab.amin(1)), torch.maximum(high, ab.amax(1))
    coffee = originals("coffee")[0]
    image = torch.from_numpy(coffee).movedim(-1, 0)[None]
    beach = context.data("scenes_report/beach")[0].images
    with_gamma, without = (rgb_to_lab(beach, g)[:, 1:] for g in (True, False))
    a, b = with_gamma.unbind(1)
    hue = torch.rad2deg(torch.atan2(b, a)) % 360
    visible = chroma(with_gamma) > 10
    gaps = [float(np.abs(2.55 * rgb_to_lab(image, g)[0, 0].numpy() - 255 * grey(coffee)).mean())
            for g in (False, True)]
    error = without - without.mean(0)
    return Findings({
        "used_share": float((high - low).max() / 255),
        "farthest": float(torch.maximum(high, -low).max()), "shifted_top": 127 + 128,
        "label_max": float(high.max() + 128), "l_gap": gaps[0], "l_gap_srgb": gaps[1],
        "formula_ratio": float(error.square().sum(1).double().mean() / error.square().double().mean()),
        "gamma_chroma": float(chroma(with_gamma).mean() / chroma(without).mean()),
        "beach_hues": float(((hue >= 50) & (hue <= 300))[visible].double().mean()),
    }, facts={"low": low.tolist(), "high": high.tolist()})


NETWORKS = ("scene-cnn", "scene-cnn-tanh", "no-conv", "fcn", "fcn-64", "mnist-tutorial-cnn")


def network_shapes(context):
    """Parameters and multiply-adds of every network of the chapter, and the layers of some."""
    sizes = {name: models.size(name) for name in NETWORKS}
    sizes |= {name: {"parameters": d.parameters, "macs": d.macs} for name, d in DESIGNS.items()}
    shown = {name: [list(row) for row in models.layers(name)] for name in ("scene-cnn", "fcn")}
    return Findings({"largest": max(s["parameters"] for s in sizes.values())},
                    facts={"networks": sizes, "layers": shown})


def _neurons(name):
    """Outputs of all layers that have weights."""
    return sum(prod(row.shape) for row in models.layers(name) if row.parameters)


def cost_facts(context):
    """Multiply-adds, weights and memory of the convolutional network."""
    rows, sizes = models.layers("scene-cnn"), {name: models.size(name) for name in NETWORKS}
    whole, by_name = sizes["scene-cnn"], {r.name: r for r in rows}
    activations = 4 * (64 * 64 + sum(prod(r.shape) for r in rows))  # bytes of one picture

    def gib(pictures):
        return 2 * (4 * whole["parameters"] + pictures * activations) / GIB

    convolutions = by_name["conv1"].macs + by_name["conv2"].macs
    windows = 3 * DESIGNS["window-ann"].macs * 64 * 64
    return Findings({
        "flat": by_name["flatten"].shape[0], "outputs": prod(by_name["out"].shape),
        "cnn_to_ann_macs": whole["macs"] / windows,
        "conv_to_ann_macs": convolutions / windows, "conv_mac_share": convolutions / whole["macs"],
        "to_mnist_neurons": _neurons("scene-cnn") / _neurons("mnist-tutorial-cnn"),
        "to_mnist_parameters": whole["parameters"] / sizes["mnist-tutorial-cnn"]["parameters"],
        "batch3_gib": gib(3), "full_batch_gib": gib(15),
        "class_to_regression_macs": sizes["fcn-64"]["macs"] / sizes["fcn"]["macs"],
    })


def init_facts(context):
    """The untrained network: one batch of three beaches, one gradient."""
    found, norms = {}, {}
    for model in ("scene-cnn", "scene-cnn-tanh"):
        recipe = context.run.chapter["cnn-beach"].recipe(context.run.seed, scale=context.run.scale)
        studio, _, _ = scenes.prepare(recipe | {"model": model, "optimizer": "adam"})
        rows = scenes._order(recipe, len(studio.train), 1)[0]
        studio.loss(rows).backward()
        first, last = studio.network.conv1.weight, studio.network.fc3.weight
        norms[model] = float(first.grad.norm() / last.grad.norm())
        if model == "scene-cnn":
            with torch.no_grad():
                out = studio.labels(studio.train.light[rows])
            found = {"output_bottom": float(out.min()), "negative_share": float((out < 0).double().mean()),
                     "first_step": float(recipe["lr"] * first.grad.norm() / first.detach().norm())}
    return Findings(found | {"relu_gradient_ratio": norms["scene-cnn"],
                             "tanh_gradient_ratio": norms["scene-cnn-tanh"]})


def scene_facts(context):
    """How many and how alike the pictures are."""
    means, owner, twins = [], [], []
    for k, kind in enumerate(KINDS["scenes_report"]):
        lab = rgb_to_lab(context.data(f"scenes_report/{kind}")[0].images, False)
        means.append(lab[:, 1:].mean((2, 3)))
        owner += [k] * len(lab)
        alike = torch.corrcoef(lab[:, 0].flatten(1))
        twins += [[kind, int(i) + 1, int(j) + 1] for i, j in (alike.triu(1) > ALIKE).nonzero()]
    means, owner = torch.cat(means).double(), torch.tensor(owner)
    between = torch.stack([means[owner == k].mean(0) for k in range(3)])[owner]
    share = (between - means.mean(0)).square().sum() / (means - means.mean(0)).square().sum()
    return Findings({"pictures_most": max(FOUND.values()), "twins": len(twins), "twin_split": 2 * 0.7 * 0.3,
                     "category_share": float(share)}, facts={"twins": twins})
