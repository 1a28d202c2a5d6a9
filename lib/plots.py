"""The book's one style: its figures and tables.

Figures have a white ground of their own, so that they read the same in the light and the dark theme;
colours are those of Okabe and Ito (2008), safe for colour-blind readers.
"""

import inspect
import textwrap

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from lib.estimates import estimate
from lib.records import Record

BLUE, ORANGE, GREEN, PINK, SKY, RED, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#222222")

plt.rcParams.update({
    "figure.dpi": 144, "figure.facecolor": "white", "savefig.facecolor": "white",
    "figure.constrained_layout.use": True, "font.size": 9.5, "axes.titlesize": 10,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.color": "#e6e6e6", "grid.linewidth": 0.7, "axes.axisbelow": True, "legend.frameon": False,
    "axes.prop_cycle": plt.cycler(color=[BLUE, ORANGE, GREEN, PINK, SKY, RED]),
    "image.cmap": "gray", "image.interpolation": "nearest",
})


def figure(rows: int = 1, columns: int = 1, height: float = 2.9, width: float = 7.6, **options):
    """A figure of the book's width (inches) with a grid of axes: (figure, axes)."""
    return plt.subplots(rows, columns, figsize=(width, height * rows), **options)


def waiting(ax, names, why: str = "not run yet:") -> None:
    """Say in an empty plot which run it waits for."""
    ax.text(0.5, 0.5, f"{why}\n" + "\n".join(names), ha="center", va="center",
            transform=ax.transAxes, color="#555555")
    ax.set(xticks=[], yticks=[])


def curves(ax, runs: list[Record], column: str, color: str, label: str) -> None:
    """A column of the history over epochs: the mean over seeds, a band from lowest to highest.

    With one seed there is no band; with more each seed is a thin line too.  Where runs stopped
    early, the mean goes on over those that did not.
    """
    if not runs:
        return
    columns = [np.array(run.history[column], float) for run in runs]
    table = np.full((len(runs), max(map(len, columns))), np.nan)
    for row, values in zip(table, columns, strict=True):
        row[:len(values)] = values
    epochs = np.arange(1, table.shape[1] + 1)
    if len(runs) > 1:
        low, high = np.nanmin(table, 0), np.nanmax(table, 0)
        ax.fill_between(epochs, low, high, color=color, alpha=0.18, linewidth=0)
        ax.plot(epochs, table.T, color=color, alpha=0.35, linewidth=0.5)
    mean = np.nanmean(table, 0)
    short = sum(run.scale == "reduced" for run in runs)
    ax.plot(epochs, mean, color=color, linewidth=1.6,
            label=f"{label}, ours (n = {len(runs)}{f', {short} reduced' * bool(short)})")


def reported_curve(ax, values, color: str, label: str) -> None:
    """A curve read off a figure of the report, dashed, with gaps where it could not be read."""
    y = np.array([np.nan if v is None else v for v in values], float)
    seen = np.isfinite(y)
    x = np.arange(1, len(y) + 1)
    ax.plot(x[seen], y[seen], "--", color=color, linewidth=1.0, label=f"{label}, the report")


def pictures(images, columns: int = 7, title: str = "", width: float = 2.4, ax=None):
    """A sheet of small pictures in one axes: (n, h, w) grey or (n, 3, h, w), bytes."""
    x = np.asarray(images)
    x = x[:, None] if x.ndim == 3 else x
    n, c, h, w = x.shape
    rows = -(-n // columns)
    sheet = np.full((rows * (h + 1) - 1, columns * (w + 1) - 1, c), 255, np.uint8)
    for i, picture in enumerate(x):
        r, k = divmod(i, columns)
        sheet[r * (h + 1):r * (h + 1) + h, k * (w + 1):k * (w + 1) + w] = picture.transpose(1, 2, 0)
    ax = ax or plt.subplots(figsize=(width, width * sheet.shape[0] / sheet.shape[1]))[1]
    ax.imshow(sheet if c == 3 else sheet[..., 0], vmin=0, vmax=255)
    ax.set(xticks=[], yticks=[], title=title)
    ax.spines[:].set_visible(False)
    ax.grid(False)
    return ax


def photograph(ax, picture, title: str = "") -> None:
    """One picture, (h, w, 3) or grey (h, w), in an axes without frame or ticks."""
    ax.imshow(picture)
    ax.set_title(title, fontsize=9)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.grid(False)


def error_table(ax, table, title: str, top: float) -> None:
    """Wrong answers by true class (rows) and answer (columns): counts, or their means over seeds.

    Printed are those that round to 1 or more; ``top`` is where the darkest blue lies.
    """
    shown = np.array(table, float)
    ax.imshow(shown, cmap="Blues", vmin=0, vmax=top)
    for (r, c), value in np.ndenumerate(shown):
        if value >= 0.5:
            ax.text(c, r, f"{value:.0f}", ha="center", va="center", fontsize=5.5,
                    color="white" if value > 0.6 * top else "#333333")
    ax.set(xticks=range(10), yticks=range(10), title=title)
    ax.tick_params(length=0, labelsize=7)
    ax.grid(False)
    ax.spines[:].set_visible(False)


def dots(ax, groups: dict[str, list[float]], baseline: float | None = None, label: str = "") -> None:
    """One row a group: a dot for each seed, the mean and its 95 % interval as a bar."""
    for row, values in enumerate(groups.values()):
        if not values:
            ax.text(0.02, row, "not run yet", transform=ax.get_yaxis_transform(), va="center",
                    color="#555555", fontsize=8)
            continue
        e = estimate(values)
        if e.half is not None:
            ax.plot([e.mean - e.half, e.mean + e.half], [row, row], color=BLUE, linewidth=5, alpha=0.25)
        ax.plot(values, [row] * len(values), "o", color=BLUE, markersize=4, alpha=0.8)
        ax.plot(e.mean, row, "|", color=BLACK, markersize=12)
    if baseline is not None:
        ax.axvline(baseline, color=RED, linewidth=1, linestyle=":", label=label)
    ax.set(yticks=range(len(groups)), yticklabels=list(groups), ylim=(len(groups) - 0.5, -0.5))


def network(rows: list, title: str = ""):
    """A drawing of a network: one block a layer, as tall as its side, as wide as its channels.

    ``rows``: (name, what, shape, parameters, multiply-adds) of each layer, as
    ``lib.models.layers`` counts them.
    """
    shown = ("conv", "pool", "up", "fc", "dense", "code", "output")
    kept = [r for r in rows if r[0].startswith(shown) and "act" not in r[0]]
    fig, ax = plt.subplots(figsize=(7.6, 2.2))
    x = 0.0
    for name, _, shape, parameters, _ in kept:
        flat = len(shape) == 1
        height = min(26, 3 + shape[0] / 40) if flat else shape[1]
        width = 1.6 if flat else 1.2 + shape[0] / 12
        color = SKY if name.startswith("conv") else ORANGE if flat else "#d0d0d0"
        ax.add_patch(Rectangle((x, -height / 2), width, height, fc=color, ec=BLACK, lw=0.6))
        words = {"ha": "center", "fontsize": 7.5}
        above = f"{shape[0]} ×\n{' × '.join(map(str, shape[1:]))}" if len(shape) > 1 else str(shape[0])
        ax.text(x + width / 2, height / 2 + 0.8, above, va="bottom", **words)
        below = name + (f"\n{parameters:,}" if parameters else "")
        ax.text(x + width / 2, -height / 2 - 0.8, below, va="top", **words)
        x += width + 3.6
    ax.set(xlim=(-2.5, x), ylim=(-18, 19), title=title)
    ax.axis("off")
    return fig


def layer_table(rows: list):
    """The layers of a network as a table: what each is, what it gives, weights, multiply-adds."""
    import pandas as pd

    lines = []
    for name, what, shape, weights, macs in rows:
        if name.startswith(("act", "fc_act", "norm", "drop")) or name == "out":
            lines[-1][1] += f", {what}"
            lines[-1][3] = (lines[-1][3] or 0) + weights or None
        else:
            lines.append([name, what, " × ".join(map(str, shape)), weights or None, macs or None])
    columns = ["layer", "what it is", "gives", "parameters", "multiply-adds"]
    lines.append(["all", "", "", sum(r[3] or 0 for r in lines), sum(r[4] or 0 for r in lines)])
    numbers = columns[3:]
    table = pd.DataFrame(lines, columns=columns).astype({n: "Int64" for n in numbers})
    return table.style.hide(axis="index").format("{:,}", subset=numbers, na_rep="").set_properties(
        subset=numbers, **{"text-align": "right"})


def source(thing):
    """The source of a function or class, without leaving the page."""
    from IPython.display import Markdown

    return Markdown(f"```python\n{textwrap.dedent(inspect.getsource(thing)).rstrip()}\n```")
