"""What is looked at while the networks of a run are in memory: scores, and pictures of seed 0.

Each function is called by its trainer at the end and gives Findings.  Nothing here trains, but for one
variant in ``window_scenes``.
"""

import numpy as np
import torch

from lib.experiments import Findings
from lib.lab import chroma, lab_to_rgb, rgb_to_lab
from lib.loading import sibling

scores, studio, window_runs = (sibling(__file__, name) for name in ("scores", "studio", "window_runs"))
part, right, by_position = studio.part, studio.right, studio.by_position
fit, halves = window_runs.fit, window_runs.halves


def _lab(rgb, gamma=True):
    """Lab (3, h, w) in float of a picture (h, w, 3) in bytes."""
    return rgb_to_lab(torch.from_numpy(np.ascontiguousarray(rgb)).movedim(-1, 0)[None], gamma)[0]


# ---- window networks

def picture(context, trainee):
    """The pictures of seed 0, reduced: the whole original, the true and the given half."""
    if context.recipe["seed"]:
        return Findings({})
    (task, *_), step = trainee.tasks, trainee.reduction.step
    truth, given = trainee.reduction.levels(task.test[0]), trainee.paint(task.test[0]) // step
    return Findings({}, {"original": trainee.reduction.levels(task.train[0]), "truth": truth,
                         "given": given.astype(np.uint8)})


def target(context, trainee):
    """As ``picture``, without the picture that was learned from."""
    return Findings({}, {k: v for k, v in picture(context, trainee).arrays.items() if k != "original"})


def _half(trainee):
    """The first task's test picture: unrounded, true levels, given levels (times step)."""
    rgb = trainee.tasks[0].test[0]
    return rgb, trainee.reduction.reduced(rgb), trainee.paint(rgb)


def coffee(context, trainee):
    """The border's part, the largest output in place of the last, both halves, chroma."""
    rgb, truth, given = _half(trainee)
    step, design = trainee.reduction.step, trainee.design
    edge, out = design.window // 2, trainee.outputs(rgb)
    largest = np.zeros_like(given)
    largest[edge:-edge, edge:-edge] = np.moveaxis(out.argmax(-1), 0, -1) * step
    left = trainee.tasks[0].train[0]
    own = scores.coded(trainee.reduction.reduced(left), trainee.paint(left), step)
    vivid, boldest, whole = (float(chroma(_lab(scores.inner(p, edge))[1:]).mean())
                             for p in (given, largest, rgb))
    return Findings({
        "inner_distance": scores.coded(scores.inner(truth, edge), scores.inner(given, edge), step),
        "argmax_distance": scores.coded(truth, largest, step),
        "no_vote": float((out.max(-1) <= 0.5).mean()),
        "test_minus_train": scores.coded(truth, given, step) - own,
        "chroma_ratio": vivid / whole, "argmax_chroma_ratio": boldest / whole,
    }, picture(context, trainee).arrays)


def _contrast(rgb):
    """Lab (a, b) distance between the mean colours of a picture's top and bottom thirds."""
    ab, third = _lab(rgb)[1:], rgb.shape[0] // 3
    return float((ab[:, :third].mean((1, 2)) - ab[:, -third:].mean((1, 2))).norm())


def inside(context, trainee):
    """The absolute score away from the edge, where windows of up to 9 x 9 answer too."""
    _, truth, given = _half(trainee)
    far = scores.inner(truth, 4), scores.inner(given, 4)
    return Findings({"abs_inner9": scores.absolute(*far, trainee.reduction.step)})


def beach(context, trainee):
    """The same, sky against sand, and the picture."""
    _, truth, given = _half(trainee)
    edge = trainee.design.window // 2
    contrast = _contrast(scores.inner(given, edge)) / _contrast(scores.inner(truth, edge))
    return Findings(inside(context, trainee).measures | {"region_contrast": contrast},
                    picture(context, trainee).arrays)


def transfer(context, trainee):
    """Networks of one picture on another: score on its right half, colours known from training."""
    _, truth, given = _half(trainee)
    right_half = [scores.inner(halves(p)[1]) for p in (truth, given)]
    known = {tuple(c) for c in trainee.reduction.reduced(trainee.tasks[0].train[0]).reshape(-1, 3).tolist()}
    inside = scores.inner(given).reshape(-1, 3).tolist()
    return Findings({
        "abs_right": scores.absolute(*right_half, trainee.reduction.step),
        "palette_overlap": float(np.mean([tuple(c) in known for c in inside])),
    }, picture(context, trainee).arrays)


def many(context, trainee):
    """The coded score of every picture, and their spread by kind."""
    found = {}
    for i, task in enumerate(trainee.tasks):
        truth = trainee.reduction.reduced(task.test[0])
        found.setdefault(task.name.split("/")[1], []).append(
            scores.coded(truth, trainee.paint(task.test[0], i), trainee.reduction.step))
    every = np.concatenate(list(found.values()))
    measures = {k: float(np.mean(v)) for k, v in found.items()}
    measures |= {f"{k}_sd": float(np.std(v, ddof=1)) for k, v in found.items()}
    return Findings(measures | {"below_080": float((every <= 0.8).mean())}, facts={"by_picture": found})


def window_scenes(context, trainee):
    """The measure of the convolutional network on the window networks' answers, by kind.

    The outermost pixels, which no window is centred on, are given the answer beside them.
    """
    found = {}
    for i, task in enumerate(trainee.tasks):
        kind = task.name.split("/")[1]
        found[f"accuracy_{kind}"], vivid = _within(trainee, i)
        if i == 0:  # beach
            found["chroma_beach"] = vivid
            leaky = fit(trainee.recipe | {"transform": "floor"}, [task])
            found["leaky_beach"], _ = _within(leaky, 0)
    return Findings(found)


def _within(trainee, task):
    """Share of single a and b values of the test pixels within 10, and the ratio of chroma."""
    edge = trainee.design.window // 2
    beside = ((edge, edge), (edge, edge), (0, 0))
    pairs = [(_lab(p, False)[1:],
              _lab(np.pad(scores.inner(trainee.paint(p, task), edge), beside, "edge"), False)[1:])
             for p in trainee.tasks[task].test]
    truth, given = (torch.stack(side) for side in zip(*pairs, strict=True))
    return (float(right(given, truth).double().mean()), float(chroma(given).mean() / chroma(truth).mean()))


# ---- networks that colour scenes

def scene(context, studio):
    """Scores of every colouring network, at the picked step, on its test pictures; these for seed 0 of runs
    of full length, but for grids, of which pages show none."""
    given, truth, ab = studio.colours(studio.test.light), studio.test.ab, studio.train.ab
    ok, mean = right(given, truth), ab.mean(0)
    found = {
        "pixel_accuracy": ok.all(1).double().mean(),
        "picture_sd": ok.double().mean((1, 2, 3)).std() if len(ok) > 1 else torch.zeros(()),
        "chroma_ratio": chroma(given).mean() / chroma(truth).mean(),
        "position_share": by_position(given),
        "meanmap_gap": (given - mean).abs().mean(),
        "dead_share": _dead(studio),
        **_common(given, studio), **_greens(given, truth), **_sand(given, truth),
        **_flipped(studio),
    }
    arrays = {} if context.recipe["seed"] or context.run.point or context.run.scale == "reduced" else {
        "truth": studio.test.rgb.cpu().numpy(), "given": painted(studio, given),
        "last": painted(studio, studio.last),
        "position": given.mean(0).half().cpu().numpy()}
    return Findings({k: _number(v) for k, v in found.items()}, arrays)


def _number(value):
    """A float, or None where there is no number."""
    return float(value) if value is not None and np.isfinite(float(value)) else None


def painted(studio, ab):
    """The test pictures with these colours, uint8 (n, 3, h, w)."""
    scale = studio.scale
    lab = torch.cat([(studio.test.light + scale.minus) * scale.light, ab], 1)
    rgb = lab_to_rgb(lab.nan_to_num(), scale.gamma)
    return (rgb * 255).round().to(torch.uint8).cpu().numpy()


def _dead(studio):
    """Share of second dense units that are 0 for all pictures; None where there is no such layer."""
    if not hasattr(studio.network, "fc_act2"):
        return None
    seen = []
    hook = studio.network.fc_act2.register_forward_hook(lambda m, i, o: seen.append(o))
    for pictures in (studio.train, studio.test):
        studio.colours(pictures.light)
    hook.remove()
    return (torch.cat(seen) == 0).all(0).double().mean()


def _common(given, studio):
    """Accuracy where the colour is near the training mean of its third of the picture, and elsewhere."""
    rows = torch.arange(given.shape[2], device=given.device) * 3 // given.shape[2]
    means = torch.stack([studio.train.ab[:, :, rows == k].mean((0, 2, 3)) for k in range(3)], 1)
    near = (studio.test.ab - means[:, rows, None]).square().sum(1).sqrt() <= 15
    ok = right(given, studio.test.ab).double().mean(1)
    return {"common_accuracy": ok[near].mean(), "rare_accuracy": ok[~near].mean()}


def _greens(given, truth):
    """Brown and green pixels of the truth, and how many are green."""
    (a, b), ok = truth.unbind(1), right(given, truth).double().mean(1)
    return {"brown_accuracy": ok[(a > 2) & (b > 5)].mean(), "green_accuracy": ok[(a < -2) & (b > 0)].mean(),
            "pred_green_share": (given[:, 0] < -2).double().mean(),
            "true_green_share": (a < -2).double().mean()}


def _sand(given, truth):
    """Sandy pixels of the bottom half that are given a blue."""
    low = given.shape[2] // 2
    sand = truth[:, 1, low:] > 5
    return {"sand_as_blue": (given[:, 1, low:][sand] < 0).double().mean()}


def _flipped(studio):
    """What pictures upside down get: is the top the bluer part, and is it blue above and yellow below?"""
    b, height = studio.colours(studio.test.light.flip(2))[:, 1], studio.test.light.shape[2]
    zones = (b[:, :height // 2].mean((1, 2)) < 0) & (b[:, height // 2:].mean((1, 2)) > 0)
    return {"flipped_top_minus_bottom_b": b[:, :height // 3].mean() - b[:, -(height // 3):].mean(),
            "flipped_zones": zones.double().mean()}


def report(context, studio):
    """The report's own runs are also shown other pictures of their kind."""
    kind = context.run.experiment.data.split("/")[1].replace("sunrise", "sunset")
    images, _ = context.data(f"scenes/{kind}")
    others = part(images.images, studio.scale, studio.train.ab.device)
    found, mean = scene(context, studio), studio.train.ab.mean(0)
    each = {"accuracy": studio.colours(others.light), "blind": mean.expand_as(others.ab)}
    fresh = {k: right(v, others.ab).double().mean((1, 2, 3)).tolist() for k, v in each.items()}
    return Findings(found.measures, found.arrays, {"fresh": fresh})


def beaches(context, studio):
    """As ``report``; and each test picture alone and in pairs, for the largest output is shared."""
    found, light, truth = report(context, studio), studio.test.light, studio.test.ab
    together = studio.colours(light)
    alone = torch.cat([studio.colours(one) for one in light.split(1)])
    count, ranges = len(light), []
    for i in range(count):
        pairs = [right(studio.colours(light[[i, j]])[:1], truth[[i]]).double().mean().item()
                 for j in range(count) if j != i]
        ranges += [max(pairs) - min(pairs)] if pairs else []
    gain = right(alone, truth).double().mean() - right(together, truth).double().mean()
    company = {"alone_minus_together": float(gain), "moved": _number((alone - together).abs().mean()),
               "pair_range": float(np.mean(ranges)) if ranges else 0.0}
    return Findings(found.measures, found.arrays, found.facts | {"company": company})


