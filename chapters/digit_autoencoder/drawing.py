"""Figures that several pages of this chapter draw."""

import numpy as np

from lib import plots
from lib.loading import sibling
from lib.records import find

measures = sibling(__file__, "measures")
reported = measures.reported


def points(ax, figure, kind="val", label="the report"):
    """The report's points of a curve, as crosses."""
    shown = reported()["figures"][f"figure_{figure}"]
    x = shown.get("train_x", shown["x"]) if kind == "train" else shown["x"]
    ax.plot(x, shown[kind], "x", color=plots.RED, markersize=5, label=label)


def stages(axes, runs, loss, accuracy):
    """Loss and accuracy over both stages, a line a run, and the report's points of two figures."""
    for ax, column, figure in zip(axes, ("loss", "accuracy"), (loss, accuracy), strict=True):
        if not runs:
            plots.waiting(ax, ["two-stage"])
            continue
        for part, color, words in (("train", plots.ORANGE, "training"), ("val", plots.BLUE, "validation")):
            for rest, style in ((True, "-"), (False, ":")):
                chosen = [run for run in runs if measures.at_rest(run) == rest]
                for i, run in enumerate(chosen):
                    label = f"{words}, stage one {'at rest' if rest else 'restless'} (n = {len(chosen)})"
                    ax.plot(run.history[f"{part}_{column}"], style, color=color, linewidth=1,
                            label=label if i == 0 else None)
        points(ax, figure, label="validation, the report")
        ax.axvline(100.5, color="#888888", linewidth=0.8, linestyle=":")
        ax.set(xlabel="epoch, counted through both stages", ylabel=column)
    highest = max([0.2, *(1.05 * max(run.history["val_loss"]) for run in runs)])
    axes[0].set_ylim(0, highest), axes[1].set_ylim(0.95, 1.002)
    if runs:
        legend(axes[0])


def legend(ax):
    """The legend of an axes below the whole figure, off the curves."""
    ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8)


def first_stage(run, column):
    """A column of a run's history in stage one (of its first pass)."""
    return [value for value, stage, turn in zip(run.history[column], run.history["stage"],
                                                run.history["turn"], strict=True) if stage == turn == 1]


def line(ax, order, values, color, label):
    """One sweep: every seed a dot, the mean a line, a band from lowest to highest; NaN is left out."""
    table, x = np.array(values, float), np.arange(len(order))
    ax.plot(x, np.nanmean(table, 0), color=color, linewidth=1.5, label=f"{label} (n = {len(table)})")
    ax.fill_between(x, np.nanmin(table, 0), np.nanmax(table, 0), color=color, alpha=0.18, linewidth=0)
    ax.plot(np.tile(x, len(table)), table.ravel(), "o", color=color, markersize=3.5)


def sweeps_with_own(points_of_sweep, order, own):
    """The runs of a sweep in order, one row a seed that has all points; ``own`` is two-stage's run.

    A full run stands beside full ones only, a reduced one beside reduced ones.
    """
    rows = []
    for scale in dict.fromkeys(r.scale for r in points_of_sweep):
        for other in find("digit_autoencoder", "two-stage", scale):
            mine = {r.point: r for r in points_of_sweep if (r.seed, r.scale) == (other.seed, scale)}
            mine[str(own)] = other
            if all(str(key) in mine for key in order):
                rows.append([mine[str(key)] for key in order])
    return rows


def reduced(runs):
    """What a legend adds where some runs are reduced."""
    return ", reduced" * any(run.scale == "reduced" for run in runs)


def sweep(axes, order, own, runs, looped, figures):
    """Validation loss and accuracy over a grid: independent runs, the loop as it runs, the report.

    ``runs``: the sweep's records.  ``looped``: label -> one row of values a seed for a column, as a
    function of the column.
    """
    for ax, column, figure in zip(axes, ("val_loss", "val_accuracy"), figures, strict=False):
        rows = sweeps_with_own(runs, order, own)
        if rows:
            line(ax, order, [[r.history[column][-1] for r in row] for row in rows], plots.BLUE,
                 "independent runs" + reduced(r for row in rows for r in row))
        for (label, values), color in zip(looped.items(), (plots.GREEN, plots.PINK, plots.ORANGE),
                                          strict=False):
            if values(column):
                line(ax, order, values(column), color, label)
        ax.plot(range(len(order)), reported()["figures"][f"figure_{figure}"]["val"], "x", color=plots.RED,
                markersize=7, label="the report")
        if not rows:
            ax.text(0.5, 0.5, "independent runs: not run yet", ha="center", transform=ax.transAxes,
                    color="#555555", fontsize=8)
        ax.set(xticks=range(len(order)), xticklabels=order, ylabel=column.replace("val_", "validation "))
    legend(axes[0])
