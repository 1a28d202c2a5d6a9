# %% [markdown]
# # What are 121 epochs, a best batch and a trained encoder worth?
#
# :::{admonition} After this page you will have seen
# - what the numbers 21 and 121 count
# - one grid run twice: as independent runs, and as the notebook's loop
# - the same classifier without its trained encoder, and what a loss of 0.0903 says about its confidence
# :::
#
# The report's numbers are one thing, what it concludes from them another. Three decisions, a trained encoder, 121 epochs and
# batches of 256, had nothing independent to be compared with. Here they get it.

# %%
import numpy as np
import pandas as pd

from lib import claims, plots, reproduce
from lib.experiments import chapter
from lib.loading import sibling
from lib.records import find

drawing = sibling("experiments.py", "drawing")
measures, sweeps = (sibling("experiments.py", name) for name in ("measures", "sweeps"))
reported = chapter("digit_autoencoder").reported
runs = reproduce("two-stage", "joint-only", "from-scratch", "random-two-stage")

# %% [markdown]
# ## What do 21 and 121 mean?
#
# Early stopping with a patience of 20 ends a training when 20 epochs in a row were no better than the best. So a stop in epoch 21
# means that **epoch 1 was the best**, and the code then puts the weights of epoch 1 back. Nothing could have
# stopped the hundred epochs before. 121 is 100 + 1 + 20: a setting, the best epoch, and another setting.

# %%
from stopping import EarlyStopping  # stopping.py, beside this page

plots.source(EarlyStopping.better)

# %% [markdown]
# {numref}`digit_autoencoder-fig-patience` follows the validation loss, which the code itself watches in stage two. Look for its lowest point, then
# for the grey span: those are the epochs of waiting.

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-patience", "caption": "Validation loss over both stages: the author's log (black) and our runs (blue). Dots mark the lowest loss; the dotted line is the end of stage one, the grey span the patience of the log's run."}, "image": {"alt": "The log's curve falls for eight epochs and rises for a hundred, with a grey span at its end; one of our three lies on it, two jump far above it"}}
log = reported["log"]["stage_one"]["val_loss"] + reported["log"]["stage_two"]["val_loss"]
best, stop = 1 + min(range(len(log)), key=log.__getitem__), len(log)
fig, ax = plots.figure(height=3)
ax.axvspan(stop - 20, stop, color="#dddddd", label="patience: 20 epochs without a gain")
ax.plot(range(1, stop + 1), log, color=plots.BLACK, label="the log")
ax.plot(best, log[best - 1], "o", color=plots.BLACK, label=f"lowest in the log: epoch {best}")
for run in runs["two-stage"]:
    calm = measures.at_rest(run)
    ax.plot(run.history["epoch"], run.history["val_loss"], "-" if calm else ":", color=plots.BLUE, linewidth=1,
            label=f"ours, seed {run.seed}, stage one {'at rest' if calm else 'restless'}")
    low = run.measures["lowest_loss_epoch"]
    ax.plot(low, run.history["val_loss"][low - 1], "o", color=plots.BLUE)
ax.axvline(100.5, color="#888888", linewidth=0.8, linestyle=":")
top = max([0.14, *(1.05 * max(run.history["val_loss"]) for run in runs["two-stage"])])
ax.set(xlabel="epoch, counted through both stages", ylabel="validation loss", ylim=(0, top))
ax.legend(fontsize=8, loc="upper left")
plots.plt.show()

# %% [markdown]
# By the loss that the code watches, the log was best in epoch 8 and our run of full length in epoch
# {measure}`two-stage.lowest_loss_epoch`: {claim}`total-121-needed`. By accuracy one can say otherwise: that run first comes within 0.001 of its last
# accuracy in epoch {measure}`two-stage.epochs_to_final`. It is a run whose
# [stage one had not come to rest](digit_autoencoder-rest); its stage two goes on mending, and is best in its epoch
# {measure}`two-stage.stage2_best_epoch`. Our one run of size 128 at rest with batches of 256 is best in the first epoch of stage two, as the report's was. Of
# the six epochs that reduced runs have, the best was the fourth or fifth at batches of 512, the first, third or fourth at 1,024.
#
# Would stage two have needed more epochs without stage one? From the same encoder, without the frozen epochs, the loss is lowest in epoch
# {measure}`joint-only.best_epoch` of the training of all layers, with {measure}`joint-only.test_accuracy` of the test digits right
# and a test loss of {measure}`joint-only.test_loss`. The report says that stage one saves epochs ({claim}`stage-one-saves-epochs`) and
# improves the result ({claim}`stage-one-improves-result`). A hundred
# epochs in front do not make that much shorter, and by test loss the short way is the better one: the run of full length has
# {measure}`two-stage.test_loss`, the report 0.0903.
#
# ## Does the second stage add anything?
#
# Stage one ends in the log with a training loss of 2e-8. There is no error left to learn from. The test accuracy is
# {measure}`two-stage.stage1_test_accuracy` before stage two and {measure}`two-stage.test_accuracy` after it, in one run of full length, but a restless one that had still some sixty training digits wrong. Over three shortened ones:
# {claim}`stage-two-adds`. The one at rest had next to nothing to gain; at batches of 512 and 1,024, all six at rest,
# six epochs of stage two cost test accuracy in five (in one by a single digit).
#
# In the log something does change when the encoder thaws: the validation loss goes from .1119 to .1215 in one epoch. We first
# thought of batch normalisation, which goes over to the averages of each batch. But our run at rest, in the table of the
# [page before](digit_autoencoder-rest), thaws as well and its loss stays where it was. The others at rest do step: all six at batches of 512 and
# 1,024, and the one of size 64. A control that runs this one epoch with a learning
# rate of zero, so that only the moving averages move: {measure}`stage-two-parts.loss_change`.
#
# ## Does the trained encoder help?
#
# Everything in the report rests on it, and no run without it is shown. {numref}`digit_autoencoder-fig-pretraining` leaves out one
# thing at a time. Compare the first rows with those that start from random weights.

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-pretraining", "caption": "Test accuracy, kept weights. Dots are seeds, strokes means, bars 95 % intervals; the dotted line is the report's 98.67 %. Logistic regression, at 92.6 %, lies outside. With a star: some of the runs are reduced, with fewer epochs of stage two."}, "image": {"alt": "Eleven rows of dots, one row for each way to train"}}
plain = reproduce("plain-cnn-run", "figure-9-run", "mlp-on-pixels", "linear-on-pixels")


every = {**runs, **plain}
every["two-stage"] = [run for run in every["two-stage"] if run.scale == "full"]
every["short"] = find("digit_autoencoder", "two-stage", "reduced")
ways = {"two stages, full length": ("two-stage", "test_accuracy"),
        "two stages": ("short", "test_accuracy"),
        "two stages, after the first": ("short", "stage1_test_accuracy"),
        "all at once, trained encoder": ("joint-only", "test_accuracy"),
        "two stages, random encoder": ("random-two-stage", "test_accuracy"),
        "random encoder, after the first": ("random-two-stage", "stage1_test_accuracy"),
        "all at once, random weights": ("from-scratch", "test_accuracy"),
        "plain small network, 12 epochs": ("plain-cnn-run", "test_accuracy"),
        "the network of Figure 9": ("figure-9-run", "test_accuracy"),
        "the head on the pixels": ("mlp-on-pixels", "test_accuracy"),
        "logistic regression": ("linear-on-pixels", "test_accuracy")}
rows = {words + " *" * any(run.scale == "reduced" for run in every[name]):
        [run.measures[measure] for run in every[name]] for words, (name, measure) in ways.items()}
fig, ax = plots.figure(height=3.7)
plots.dots(ax, rows, reported["table_1"]["test_accuracy"], "the report")
ax.set(xlabel="test accuracy", xlim=(0.9735, 0.994))
ax.legend(fontsize=8, loc="upper left")
plots.plt.show()

# %% [markdown]
# Convolutions that nobody trained, frozen as they were drawn, and a dense head on top: that reads
# {measure}`random-two-stage.stage1_test_accuracy` of the test digits, more than the trained encoder at that point by
# {measure}`random-two-stage.stage1_lead`, seed by seed: too few seeds to call it a lead, and where both heads had come to rest (seed 2) it is
# .001. So much of what looked like the
# autoencoder's work is done by twelve thousand random features and the labels. It is not a comparison of the features alone: the two codes differ
# in the size of their values too, and a step of Adam moves the outputs of a head further the larger its inputs are.
#
# After both stages the random encoder has {measure}`random-two-stage.test_accuracy`: {claim}`encoder-improves-classification`. Mind how
# it gets there. When a random encoder thaws, the loss leaps in the first epoch of stage two, probably because batch normalisation goes over
# from the averages it was born with to those of the digits, so that the head gets values of another size than it was trained for. By loss both
# sides of this are clearer than by accuracy. The head on frozen random features has a test loss of {measure}`random-two-stage.stage1_test_loss`, half the
# report's. After six epochs of stage two the random encoder has {measure}`random-two-stage.test_loss`, far more than the trained one: it
# was cut while it recovered. A run of full length may judge otherwise; so may another trained encoder, of which all these runs share one.
#
# And without stages, without an encoder from anywhere? The same classifier from random weights, all layers at once, for at most twelve epochs, reads
# {measure}`from-scratch.test_accuracy` of the test digits, with a test loss of {measure}`from-scratch.test_loss`. In
# {numref}`digit_autoencoder-fig-pretraining` compare its dots with the best run that starts from the trained encoder, the one of full length.
#
# An ordinary small network of the time reaches {measure}`plain-cnn-run.test_accuracy` in twelve epochs; the two stages, in the run of
# full length, {measure}`two-stage.test_accuracy`. The verdict compares unlike runs, ours cut short with a plain network that was trained to its end, and ours look worse than that:
# {claim}`best-possible-result`.
#
# Pretraining needs no labels, so it should help most where labels are few. On the left of
# {numref}`digit_autoencoder-fig-few-labels` both encoders with 100 to 5,000 labels. Look at the first two points, then at the right panel,
# where every weight is the same as on the left.

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-few-labels", "caption": "Test accuracy with few labels, all layers trained for 50 epochs, from the trained and from a random encoder. Left: as trained. Right: the same weights with batch normalisation's averages taken anew over the same few labelled images. Dots are seeds, bands reach from lowest to highest."}, "image": {"alt": "Two panels with two lines each over the number of labels from 100 to 5,000"}}
few = reproduce("few-labels")["few-labels"]
counts, seeds = (100, 500, 1000, 5000), sorted({run.seed for run in few})
fig, axes = plots.figure(1, 2, height=2.8, sharey=True)
for ax, value, title in zip(axes, (measures.tested, measures.tested_anew), ("as trained", "averages anew")):
    found = {(run.seed, run.point): value(run) for run in few}
    for name, color, words in (("autoencoder", plots.BLUE, "trained encoder"),
                               ("random", plots.ORANGE, "random encoder")):
        table = [[found.get((s, f"{n}-{name}"), np.nan) for n in counts] for s in seeds]
        if table:
            drawing.line(ax, counts, table, color, words)
    if few:
        ax.set(xticks=range(4), xticklabels=counts, xlabel="labels", title=title)
        ax.legend(fontsize=8)
    else:
        plots.waiting(ax, ["few-labels"])
axes[0].set_ylabel("test accuracy")
plots.plt.show()

# %% [markdown]
# With 100 labels the trained encoder has {measure}`few-labels.test_accuracy_100_pretrained` and the random one
# {measure}`few-labels.test_accuracy_100_random`. That looks like the textbook's case for pretraining. But 100 labels are two steps an
# epoch, a hundred steps in all, and Keras' batch normalisation keeps .99 of its moving averages at each. After a hundred steps these have
# gone only 63 % of the way ($1 - .99^{100}$) from where they were born to where the digits are: the random network is *judged* with
# averages that are still far from those of the digits. The trained encoder brings fitting ones along. (With 500 labels they have gone 98 % of
# the way, and yet much is missing; why, we have not tested.)
#
# So take the averages anew over the few labelled images, and touch no weight. The random encoder now has
# {measure}`few-labels.averaged_anew_100_random`, the trained one {measure}`few-labels.averaged_anew_100_pretrained`; with 500 labels
# {measure}`few-labels.averaged_anew_500_random` and {measure}`few-labels.averaged_anew_500_pretrained`. Seed by seed, random minus trained:

# %% tags=["hide-input"]
from lib.estimates import estimate

rows = []
for n in counts:
    both = [[found.get((s, f"{n}-{name}")) for name in ("random", "autoencoder")] for s in seeds]  # averages anew
    if leads := [a - b for a, b in both if None not in (a, b)]:
        lead = estimate(leads)
        rows.append((n, lead.n, f"{lead.mean:.3f}", f"± {lead.half:.3f}" if lead.half else "one seed"))
pd.DataFrame(rows, columns=["labels", "seeds", "random minus trained, test accuracy", "95 % interval"]
             ).style.hide(axis="index")

# %% [markdown]
# What pretraining seemed to give with the fewest labels was usable averages; judged fairly, the random encoder is ahead of the trained one
# with 100 to 1,000 labels, and in every seed with 5,000 (all share one trained encoder, so that the intervals do not cover another). With 1,000 labels it is
# so even as trained, without any averages taken anew: look at the left panel. One reading, which we have not tested: an encoder that can copy its pixels, noise and all, had
# no need to learn what makes a digit that digit.
#
# ## How can one setting give .12 and .03?
#
# Size 128 with batches of 256 ends at a validation loss of .118 to .131 in Figures 7, 10, 12 and the log, and at .0286 in Figure 14. The
# notebook suggests how it could: batch sizes that are typed in one go share one loop, and each pass splits again, with the same seed,
# **what the pass before had for training**. The encoder is loaded once, before the loop.

# %%
import staging  # staging.py, beside this page

plots.source(staging.shares)

# %% [markdown]
# So from the second pass on every validation image is one that the encoder has been trained on with its label
# ({percent}`chained.seen_share`). In {numref}`digit_autoencoder-fig-loop` the same grid is run independently and as the loop runs it. If the
# *order* made the winner, each order would name another one; so far the ascending one has been run.

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-loop", "caption": "Left: validation loss after the last epoch by batch size, independent runs and the loop in ascending order (two other orders have not been run); crosses are Figure 14. Right: the ascending loop after stage one, pass by pass: loss on the validation images, of which the axis gives the share that was trained on before, and on the untouched test images."}, "image": {"alt": "Two panels; the right one has passes 1 to 5 on its axis; there the full line lies below the dashed one from the second pass on"}}
loop = reproduce("chained", "batch-sweep")
orders = {"ascending": "asc", "descending": "desc", "as Figure 14 falls": "last"}


def in_order(point):
    """Values by batch size of the loop in one order, for a column."""
    return lambda column: [[sweeps.by_batch(run, column)[b] for b in sweeps.BATCHES]
                           for run in loop["chained"] if run.point == point]


fig, axes = plots.figure(1, 2, height=3.2)
drawing.sweep(axes[:1], sweeps.BATCHES, 256, loop["batch-sweep"],
              {label + drawing.reduced(loop["chained"]): in_order(point)
               for label, point in orders.items()}, (14,))
axes[0].set_xlabel("batch size")
for (label, point), color in zip(orders.items(), (plots.GREEN, plots.PINK, plots.ORANGE)):
    of_order = [run for run in loop["chained"] if run.point == point]
    if of_order:
        ends = {part: [[p["stage_one"][f"{part}_loss"] for p in run.facts["passes"]] for run in of_order]
                for part in ("val", "test")}
        drawing.line(axes[1], sweeps.BATCHES, ends["val"], color, f"{label}, validation")
        axes[1].plot(range(5), np.mean(ends["test"], 0), "--", color=color, label=f"{label}, test")
if loop["chained"]:
    seen = [turn["seen"] for turn in loop["chained"][0].facts["passes"]]
    axes[1].set(xticks=range(5), xticklabels=[f"{b}\n{share:.0%}" for b, share in zip(sweeps.BATCHES, seen)],
                xlabel="batch size of the pass, validation images seen before", ylabel="loss after stage one", yscale="log")
    axes[1].legend(fontsize=8)
else:
    plots.waiting(axes[1], ["chained"])
plots.plt.show()

# %% [markdown]
# Ascending, the loop has {measure}`chained.asc_val_loss_256` and {measure}`chained.asc_val_accuracy_256` at batch 256; its best batch is
# {measure}`chained.asc_best`, descending {measure}`chained.desc_best`. From first to last pass the test accuracy moves by
# {measure}`chained.test_gain`. Do the report's points look like independent runs: over batch sizes ({claim}`only-batch-differs`), over dense
# sizes ({claim}`only-size-differs`)?
#
# The trace of the loop is on the right, the gap between full and dashed line: from the second pass on the validation images,
# all trained on before, cost less than images that nobody has seen. Validation minus test loss is {measure}`chained.leak_stage1` on average, below zero in
# all twelve later passes of three seeds. On an honest split it is above zero in all runs at rest. After
# six epochs of stage two it can no longer be told from nothing ({measure}`chained.leak_kept`).
#
# At batch 256, its third pass, the loop stands at {measure}`chained.stage1_val_loss_256` and {measure}`chained.stage1_val_accuracy_256` after
# stage one. No independent run of the sweep comes down to that (a random encoder does by loss, not by accuracy); the
# fourth and fifth pass go on to losses like the .0286 of Figure 14. Had 256 been typed last it might have won; that order has not been run. Six
# epochs of stage two then throw our reduced passes about, and what they end with is on the left.
#
# How much of the fall is the leak? Below, loop and independent runs at one batch size, only those whose stage one had come to rest. What is lower
# on test images too is honest: nobody was trained on them, but the encoder that is handed on has been trained with labels. The rest is there on
# seen images only. (Loss: validation, after stage one. Off Figure 14: mean of |ln(loss / its point)|, last epoch.)

# %% tags=["hide-input"]
rows = []
for i, batch in enumerate(sweeps.BATCHES):
    alone = [run for run in (*every["short"], *loop["batch-sweep"])
             if run.recipe["batch"] == batch and run.scale == "reduced" and measures.at_rest(run)]
    handed_on = [run for run in loop["chained"] if run.point == "asc"]
    if alone and handed_on:
        one, other = ([np.mean([run.facts["passes"][turn]["stage_one"][f"{part}_loss"] for run in found])
                       for part in ("val", "test")] for found, turn in ((alone, 0), (handed_on, i)))
        fall = np.subtract(one, other)
        theirs = reported["figures"]["figure_14"]["val"][i]
        away = [np.mean([abs(np.log(loss / theirs)) for loss in losses]) for losses in (
            [run.history["val_loss"][-1] for run in alone], [sweeps.by_batch(run)[batch] for run in handed_on])]
        rows.append((f"{batch:,}", len(alone), *(f"{v:.3f}" for v in (one[0], other[0], *fall)), f"{1 - fall[1] / fall[0]:.0%}",
                     *(f"{v:.2f}" for v in away)))
pd.DataFrame(rows, columns=[
    "batch", "alone, runs", "loss, alone", "loop", "lower by", "on test by", "only on seen", "off Figure 14, alone", "loop "]
             ).style.hide(axis="index")

# %% [markdown]
# So at 256 (one independent run) most of the fall is honest, at 1,024 most of it is not. On
# test images the third pass has {measure}`chained.stage1_test_loss_256`
# and {measure}`chained.stage1_test_accuracy_256` after stage one, more digits right than in any two-stage run of ours.
#
# Mind one thing about the two verdicts: they measure how far the last losses lie from the report's points, and a stage one that did not come
# to rest counts as distance whatever the split. Later passes have fewer images, and rest more easily. But where both sides were at rest the loop
# is nearer to Figure 14 as well: the last two columns.
#
# The order of the author's passes is not recorded, and no loop of ours has met Figure 14. Even a match would show only that the loop
# suffices to make such points, not that it made them.
#
# ## Are the differences larger than chance?
#
# Among the report's own runs of one setting, validation accuracy ranges from .9842 to .9855. With 12,000 images one standard error
# is .0011. Within one seed of ours the best and the worst of five batch sizes lie {measure}`batch-sweep.accuracy_range` apart, of three
# dense sizes {measure}`size-sweep.accuracy_range`. At one and the same setting seeds scatter by {measure}`batch-sweep.seed_spread` and
# {measure}`size-sweep.seed_spread` (standard deviations, restless runs included). Five draws of one setting span 2.3 standard deviations on
# average, three 1.7: most of what we see, chance alone would give.
#
# The text also says that larger batches make an epoch quicker. Here is one epoch of 48,000 images by the clock, with nothing beside it
# (the median of three rounds of 6,144 images, scaled up):

# %% tags=["hide-input"]
names = {"frozen": "encoder frozen, seconds", "whole": "all layers, seconds"}
pd.DataFrame([{"an epoch": words, "device": run.machine["device"], "threads": run.facts["threads"], **run.facts[kind]}
              for run in reproduce("stage-times")["stage-times"] for kind, words in names.items()]
             ).style.hide(axis="index").format(precision=1)

# %% [markdown]
# With the encoder frozen, as in 100 of the 121 epochs, larger batches are quicker here too. With all layers, which the verdict reads, they
# are not, on one core of a processor: {claim}`epoch-time-falls-with-batch`. The author had a GPU, where the answer may be another.
#
# ## How many epochs are enough?
#
# The text speaks of a sweep over the number of epochs; Figures 12 and 13 are the curves of two single runs. On the left of
# {numref}`digit_autoencoder-fig-12-13` their points over our curve, on the right the sweep itself: n epochs of stage one, and as many of
# stage two at most (six in our reduced runs, which so vary stage one alone).

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-12-13", "caption": "Left and middle: the report's Figures 12 and 13, validation, over our runs. Right: our sweep; validation loss after the last epoch (full line, left axis) and test accuracy of the kept weights (dashed, right axis) for n epochs of stage one."}, "image": {"alt": "Three panels: a loss curve, an accuracy curve, and a sweep over 5 to 100 epochs"}}
lengths = reproduce("epoch-sweep")["epoch-sweep"]
fig, axes = plots.figure(1, 3, height=2.9, width=9)
drawing.stages(axes[:2], runs["two-stage"], 12, 13)
swept = drawing.sweeps_with_own(lengths, sweeps.LENGTHS, 100)
if swept:
    losses = [[run.history["val_loss"][-1] for run in row] for row in swept]
    drawing.line(axes[2], sweeps.LENGTHS, losses, plots.BLUE, "validation loss")
    right = axes[2].twinx()
    right.plot(range(5), np.mean([[sweeps.tested(run) for run in row] for row in swept], axis=0), "--",
               color=plots.GREEN)
    right.set_ylabel("test accuracy")
    axes[2].set(xticks=range(5), xticklabels=sweeps.LENGTHS, xlabel="n", ylabel="validation loss")
else:
    plots.waiting(axes[2], ["epoch-sweep"])
plots.plt.show()

# %% [markdown]
# The text finds the training loss least with few epochs ({claim}`train-loss-least-with-few-epochs`), no clear minimum of the
# validation loss ({claim}`val-loss-no-clear-minimum`), a test accuracy that grows with epochs
# ({claim}`test-accuracy-grows-with-epochs`), and 100 ideal ({claim}`epochs-100-ideal`). In our reduced sweep, one seed, each step to more
# epochs cost validation loss and, up to 50, test accuracy; but from 10 epochs on its stage one had been thrown back, so that it judges nothing.
# The log says the same of its loss: .0746, .0748, .0776, .0895 and .1119 after 5,
# 10, 20, 50 and 100 epochs. Choosing n by test accuracy, as the text does, makes the test set a second validation part.
# The shortest run of the sweep, five epochs of stage one and six of stage two, already has {measure}`epoch-sweep.test_accuracy_n5` of the test digits
# right, where the report has 0.9867 after 121.
#
# ## How sure is the classifier, and should it be?
#
# A test loss of 0.0903 with 133 errors means {measure}`table-arithmetic.implied_wrong_nll` nats (natural logarithm) an error if right
# answers cost nothing: a probability of about 1 in 900 for the right digit. Someone who is right just as often, always says "98.67 %" and spreads the rest evenly would lose
# {measure}`table-arithmetic.constant_confidence_loss`. As a loss, the report's probabilities are hardly worth more than that. Either they do
# not know which digits are wrong, or they know and are far too sure. A temperature tells the two apart.
#
# One number may repair some of that: divide all logits by a temperature $T$, fitted on the validation images {cite:p}`guo2017`. No
# answer changes. Compare each run below with what a constant confidence would lose at its accuracy:

# %% tags=["hide-input"]
calibrated = reproduce("calibration")["calibration"]
calm = {(run.seed, run.scale): measures.at_rest(run) for run in runs["two-stage"]}
columns = {"loss_before": "test loss", "constant_confidence_loss": "the same, if always as sure as it is right",
           "wrong_nll": "nats a wrong answer", "share_of_wrong": "share of the loss from wrong answers",
           "temperature": "T", "loss_after": "test loss, logits divided by T"}
theirs = reproduce("table-arithmetic")["table-arithmetic"]
report = [("the report", "not recorded", reported["table_1"]["test_loss"], *(
    theirs[0].measures[name] for name in ("constant_confidence_loss", "implied_wrong_nll")), "–", "–", "–")] if theirs else []
ours = [(f"ours, seed {run.seed}, {run.scale}", "yes" if calm.get((run.seed, run.scale)) else "no",
         *(run.measures[name] for name in columns)) for run in calibrated]
pd.DataFrame(report + ours, columns=["run", "stage one at rest", *columns.values()]
             ).style.hide(axis="index").format(lambda v: v if isinstance(v, str) else f"{v:.3f}")

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-calibration", "caption": "Left: how often answers are right, by how sure the network is (the run at rest if there is one, else seed 0); on the diagonal confidence is deserved. Right: confidence of the wrong answers, as given and after division by the temperature."}, "image": {"alt": "A reliability diagram and two histograms of confidence"}}
fig, axes = plots.figure(1, 2, height=2.8)
if calibrated:
    kept = max(calibrated, key=lambda run: calm.get((run.seed, run.scale), False)).arrays
    for name, color, words in (("before", plots.RED, "as given"), ("after", plots.BLUE, "divided by T")):
        count, sure, right = kept[name].T
        axes[0].plot(sure[count > 0], right[count > 0], "o-", color=color, markersize=3, label=words)
    for name, color in (("wrong_confidence", plots.RED), ("wrong_confidence_after", plots.BLUE)):
        axes[1].hist(kept[name], np.linspace(0.1, 1, 19), histtype="step", color=color)
    axes[0].plot([0, 1], [0, 1], ":", color="#888888")
    axes[0].set(xlabel="confidence", ylabel="share right")
    axes[0].legend(fontsize=8)
    axes[1].set(xlabel="confidence of wrong answers", ylabel="digits")
else:
    [plots.waiting(ax, ["calibration"]) for ax in axes]
plots.plt.show()

# %% [markdown]
# The run at rest has the report's signature: a loss near that of a constant confidence, some seven nats for a wrong answer, nearly all of
# the loss from wrong answers. One temperature more than halves it, far below a constant confidence. So that network did know where it might be
# wrong; it was far too sure. The restless runs are surer still, and wrong at more than twice the price.
#
# ## What would a true bottleneck cost?
#
# The report's code is wider than the picture, so that a low error shows no compression. How much of an added disturbance passes through
# the network? {percent}`autoencoder.noise_kept` ({claim}`autoencoder-ignores-noise`); through a code of 32 values
# {percent}`tight-bottleneck.noise_kept_32`. The price of narrowness is the error:

# %% tags=["hide-input"]
tight = reproduce("tight-bottleneck", "bottleneck-sizes", "autoencoder")
by_size = {32: tight["tight-bottleneck"], **{
    n: [r for r in tight["bottleneck-sizes"] if r.point == str(n)] for n in (8, 128)}}


def mean(found, name):
    """Mean over seeds of a score, or what to run."""
    values = [r.facts["scores"][name] for r in found]
    return f"{np.mean(values):.4f}" if values else "not run yet"


def scale(found):
    """Full or reduced, as the runs are."""
    return ", ".join(sorted({r.scale for r in found})) or "–"


pd.DataFrame([(n, len(by_size[n]), scale(by_size[n]), mean(by_size[n], f"mse_{n}"), mean(by_size[n], f"pca_mse_{n}"),
               mean(by_size[n], f"probe_accuracy_{n}")) for n in (8, 32, 128)],
             columns=["values in the code", "seeds", "runs", "squared error a pixel (lower is better)", "of as many principal components",
                      "logistic regression on the code, accuracy"]).style.hide(axis="index")

# %% [markdown]
# Reduced runs have seen 12,000 images ten times. Fewer dimensions can help a classifier, says the report. That depends on the classifier: logistic
# regression is right in {measure}`tight-bottleneck.probe_accuracy_32` on a code of 32 and in {measure}`linear-on-pixels.val_accuracy` on the
# pixels, but the nearest training digit has the right label in {measure}`tight-bottleneck.same_by_code` by code and in
# {measure}`tight-bottleneck.same_by_pixels` by pixels: {claim}`low-dimension-helps`. That is nine of 1,000 digits in one seed, little more
# than a standard error, and a measure that we added after seeing that seed: a hint.
#
# ## Where does the report disagree with itself?
#
# Its author published text, code, log and figures together. Only because of that can a stranger see where they part.

# %%
claims.disagreements()

# %% [markdown]
# ## Every claim about causes

# %%
claims.table(page="3_findings")

# %% [markdown]
# ## What we know now
#
# - 121 is two settings and one best epoch. By the loss that the code watches, training was done in epoch 8. A run of ours with five epochs of
#   stage one and six of stage two has the report's accuracy and a lower test loss.
# - A loop that splits again and keeps its encoder validates on images it has been trained on, and they cost less than images nobody has seen.
# - A dense head reads random features about as well as those of the trained encoder. After stage two no difference can be told in our short
#   runs, and both stay behind a plain small network, and on average behind the same classifier trained at once from random weights.
# - With 100 and 500 labels the trained encoder seems far ahead, until the moving averages of batch normalisation are put right: then the random
#   one leads. With 1,000 it leads either way. A control can be unfair by a detail that the training loss does not show.
#
# [Next: the same recipe on photographs, and what codes are good for](4_beyond)
