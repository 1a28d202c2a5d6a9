"""Analyses of this chapter: what data, networks and the report's own figures say without training."""

from itertools import combinations

import numpy as np

from lib.experiments import Findings
from lib.loading import sibling

measures = sibling(__file__, "measures")
theory = sibling(__file__, "theory")
CEILING, constant_answer = theory.CEILING, theory.constant_answer

# Labels of the 49 digits shown in Figures 3 to 5, row by row.
FIGURE_3 = [1, 0, 1, 4, 0, 0, 7, 3, 5, 3, 8, 9, 1, 3, 3, 1, 2, 0, 7, 5, 8, 6, 2, 0, 2, 3, 6, 9, 9, 7, 8,
            9, 4, 9, 2, 1, 3, 1, 1, 4, 9, 1, 4, 4, 2, 6, 3, 7, 7]
# Figure 1's branch table as printed: R, G, B for the six ranges of hue.
PRINTED = ("CXX", "XCX", "0C0", "0XC", "X0C", "C00")
STANDARD = ("CX0", "XC0", "0CX", "0XC", "X0C", "C0X")


def _bytes_apart(a, b):
    return float((a - b).abs().max() * 255)


def _table_contrast(kind):
    """Smallest luma difference, over hues, between full ink (255) and paper (0) of a colour table."""
    from lib.color import luma, table

    light = luma(table(kind), dim=2)
    return float((light[:, 255] - light[:, 0]).abs().min())


def colour_math(context):
    """The report's colour formulas beside the standard ones, and what contrast they leave."""
    import colorsys

    import torch

    from lib.color import hsl_to_rgb, luma, pure

    train, test = context.data()
    hue = torch.arange(360, dtype=torch.float64)[:, None]
    level = torch.linspace(0, 1, 256, dtype=torch.float64)[None]
    ours = hsl_to_rgb(hue, torch.ones_like(hue), level)
    hsl, hsv = (torch.tensor([[f(h, v) for v in level[0].tolist()] for h in range(360)])
                for f in (lambda h, v: colorsys.hls_to_rgb(h / 360, v, 1),
                          lambda h, v: colorsys.hsv_to_rgb(h / 360, 1, v)))
    ink = pure(hue[:, 0])
    apart = (ink[:, None] - ink[None]).abs().amax(2)
    order = train.labels[:49].tolist()
    return Findings({
        "grey_max": int(max(train.images.max(), test.images.max())),
        "fig3_in_order": sum(a == b for a, b in zip(FIGURE_3, order, strict=True)),
        "hsl_error": _bytes_apart(ours, hsl),
        "hsv_error": _bytes_apart(ours, hsv),
        "sextants_right": sum(a == b for a, b in zip(PRINTED, STANDARD, strict=True)),
        "one_hue_channel_contrast": float((255 - ink).amax(1).min()),
        "one_hue_luma_contrast": float((luma(torch.full((1, 3), 255.0)) - luma(ink)).min()),
        "one_hue_luma_contrast_hsl": _table_contrast("dark-ink"),
        "one_hue_luma_contrast_hsv": _table_contrast("hsv"),
        "two_hue_close_share": float((apart <= 64).double().mean()),
        "two_hue_blank_share": float((apart == 0).double().mean()),
    }, {"first_49": train.images[:49].numpy(), "first_49_labels": train.labels[:49].numpy()
        .astype(np.uint8)})


def _differs(a, b):
    """Whether two layers differ in kernel, stride, padding, width or number of inputs."""
    keys = ("kernel_size", "stride", "same", "out_channels", "in_features", "out_features")
    return any(getattr(a, k, None) != getattr(b, k, None) for k in keys)


def network_shapes(context):
    """Sizes of all networks of the chapter, and of Figure 7 taken literally."""
    import torch

    from lib import models
    from lib.models.keras import Conv2d

    def flat(name):
        return next(r.shape[0] for r in models.layers(name) if r.name == "flatten")

    lenet, lenet5 = models.build("lenet-bw"), models.build("lenet5")
    # both activations differ in every layer: sigmoid here, tanh and a softmax there
    names = ("conv1", "conv2", "fc1", "fc2", "fc3")
    changed = sum(_differs(getattr(lenet, n), getattr(lenet5, n)) or
                  not isinstance(lenet[list(lenet._modules).index(n) + 1],
                                 type(lenet5[list(lenet5._modules).index(n) + 1])) for n in names)
    literal = models.alexnet(1, kernels=(11, 5), filters=(6, 16, 32, 32), dense=288, padding="same")
    for name in ("conv3", "conv4"):  # Figure 7 gives one pixel of padding to kernels of 2
        old = getattr(literal, name)
        setattr(literal, name, Conv2d(old.in_channels, old.out_channels, 2, padding=1))
    literal.conv2 = Conv2d(6, 16, 5, padding=1)
    with torch.no_grad():
        cut = list(literal._modules).index("flatten") + 1
        bw_literal = literal[:cut](torch.zeros(1, 1, 32, 32)).shape[1]
    sizes = {n: models.size(n) for n in models.MODELS}
    shown = {n: [list(row) for row in models.layers(n)]
             for n in ("lenet-bw", "lenet-rgb", "alexnet-bw", "alexnet-rgb")}
    return Findings({
        "lenet_changed_layers": changed,
        "lenet_parameter_share": sizes["lenet-bw"]["parameters"] / sizes["lenet5"]["parameters"],
        "rgb_flat": flat("alexnet-rgb"),
        "rgb_flat_literal": flat("alexnet-rgb-literal"),
        "bw_flat_literal": bw_literal,
        "bw_parameter_share": sizes["alexnet-bw"]["parameters"]
        / sizes["alexnet-original"]["parameters"],
    }, facts={"networks": sizes, "layers": shown})


def report_figures(context):
    """What the counts of Figures 14 to 19 say by themselves."""
    reported = context.run.chapter.reported
    tables = {k: np.array(v) for k, v in reported["errors_on_test_images"].items()}
    five = [tables[k] for k in ("lenet_grey", "alexnet_grey", "lenet_one_hue", "alexnet_one_hue",
                                "lenet_two_hue")]
    # MNIST's test supports: Figure 19's column 7 holds them, and sevens are the rest of 10,000
    supports = tables["alexnet_two_hue"].sum(1)
    supports[7] = 10_000 - supports.sum()
    dead, live = [5, 9], [0, 1, 2, 3, 4, 6, 7, 8]
    one_hue = tables["alexnet_one_hue"]
    alike = measures.similarities(five)
    gaps = [abs(reported["table_1"][k]["val_accuracy"] - (1 - t.sum() / 10_000))
            for k, t in tables.items()]

    def accuracy(table, classes):
        return float(1 - table[classes].sum() / supports[classes].sum())

    return Findings({
        "nine_share": float(tables["lenet_two_hue"][:, 9].sum() / tables["lenet_two_hue"].sum()),
        "lowest_similarity": min(alike),
        "mean_similarity": float(np.mean(alike)),
        "lowest_within_1479": min(map(measures.within_1479, five)),
        "empty_columns": int((one_hue.sum(0) == 0).sum()),
        "dead_share_of_errors": float(one_hue[dead].sum() / one_hue.sum()),
        "live_accuracy": accuracy(one_hue, live),
        "lenet_same_classes": accuracy(tables["lenet_one_hue"], live),
        "table_gap": max(gaps),
    })


def _sets(count):
    return [dead for n in range(count + 1) for dead in combinations(range(10), n)]


def no_learning(context):
    """The theory of constant answers: loss and accuracy that need no look at the image."""
    train, _ = context.data()
    validation = train.labels[-(len(train) * 3 // 20):]  # the last 15 %
    fitted = train.labels[: len(train) - len(validation)]
    shares, judged = (labels.bincount(minlength=10).double().div(len(labels)).numpy()
                      for labels in (fitted, validation))
    floors = {d: (constant_answer(shares, d), constant_answer(shares, d, judged)) for d in _sets(3)}

    def floor(count, pick):
        return pick(f[0] for d, f in floors.items() if len(d) == count)

    def nearest(train_loss, val_loss):
        return sorted((max(abs(f[0] - train_loss), abs(f[1] - val_loss)), d)
                      for d, f in floors.items())[:2]

    (gap13, dead13), (next13, _) = nearest(5.057, 4.962)
    (gap11, dead11), (next11, _) = nearest(4.748, 4.715)
    curve = context.run.chapter.reported["curves"]["figure_12"]["validation"]
    readings = np.array([value for value in curve if value is not None])
    return Findings({
        "val_accuracy": float(judged[shares.argmax()]),
        "val_share_sevens": float(judged[7]),
        "ceiling": CEILING,
        "floor_none_dead": floor(0, min),
        "floor_one_dead_min": floor(1, min), "floor_one_dead_max": floor(1, max),
        "floor_two_dead_min": floor(2, min), "floor_two_dead_max": floor(2, max),
        "floor_three_dead_min": floor(3, min),
        "fig13_gap": gap13, "fig13_next_gap": next13,
        "fig11_gap": gap11, "fig11_next_gap": next11,
        "fig12_on_shares": float((np.abs(readings[:, None] - judged).min(1) <= 0.0005).mean()),
        "dead_5_9_floor_train": CEILING * float(shares[5] + shares[9]),
        "dead_5_9_floor_val": CEILING * float(judged[5] + judged[9]),
        "dead_5_9_ceiling": float(1 - judged[5] - judged[9]),
    }, facts={"train_shares": shares.tolist(), "val_shares": judged.tolist(),
              "fig13_dead": list(dead13), "fig11_dead": list(dead11)},
        arrays={"dead": np.array([list(d) + [-1] * (3 - len(d)) for d in floors], np.int8),
                "train_loss": np.array([f[0] for f in floors.values()]),
                "val_loss": np.array([f[1] for f in floors.values()])})


def published_colour_function(context):
    """The colour function as published: both ends of its gradient are one variable."""
    import colorsys

    import torch

    from lib.color import gradient, pure
    from lib.draws import hues

    train, _ = context.data()
    digits = train[:1000]
    second = pure(torch.from_numpy(hues(0, "train", digits.index, 2)[:, 1]))
    white = torch.full_like(second, 255)
    one, two = (gradient(end, end, digits.images) for end in (white, second))

    def flat(pictures):
        return (pictures.flatten(2) == pictures.flatten(2)[:, :, :1]).all(2).all(1)

    standard = torch.tensor([colorsys.hls_to_rgb(h / 360, 0.5, 1) for h in range(360)]) * 255
    table = pure(torch.arange(360))
    return Findings({
        "flat_share": float(torch.cat([flat(one), flat(two)]).double().mean()),
        "flat_white_share": float((one == 255).flatten(1).all(1).double().mean()),
        "hue_error": float((table - standard).abs().max()),
        "hue_360_is_0": int(torch.equal(pure(torch.tensor([360])), pure(torch.tensor([0])))),
    })
