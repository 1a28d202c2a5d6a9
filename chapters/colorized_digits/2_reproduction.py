# %% [markdown]
# # Does Table 1 come out again?
#
# :::{admonition} After this page you will have seen
# - Table 1 run again, six networks, each number beside the report's
# - the report's learning curves drawn over ours
# - who is mistaken for whom, in the report's error tables and in ours
# :::
#
# Six networks, trained by the settings of their author's notebooks where these give them: Adam, the last 9,000 training digits for
# validation. Batches of 64 and bytes as they are were found for one network and are assumed for the others. Before these runs two numbers of epochs were chosen by Table 1's
# training losses, and the colours of the one-hue set mainly by the speed of Figure 9; nothing else was tuned. Every number below is a mean over seeds;
# the report has one run of each.

# %%
from experiments import TABLE_1
from lib import claims, plots, reproduce

runs = reproduce(*TABLE_1, "no-learning")

# %% [markdown]
# ## Table 1
#
# In each cell the report's number, then ours with half of its 95 % interval, then the verdict. Accuracies are
# better high, losses low; an interval that passes 0 or 1 only says that the seeds are too few. The tolerances were set before the runs, after pilots whose numbers stand beside them, and stand with their reasons on the
# [scoreboard](/book/scoreboard).

# %%
claims.grid(
    rows={"training accuracy": "acc", "validation accuracy": "val-acc",
          "training loss": "loss", "validation loss": "val-loss"},
    columns={"LeNet, plain": "t1-lenet-grey", "AlexNet, plain": "t1-alexnet-grey",
             "LeNet, one hue": "t1-lenet-1hue", "AlexNet, one hue": "t1-alexnet-1hue",
             "LeNet, two hues": "t1-lenet-2hue", "AlexNet, two hues": "t1-alexnet-2hue"})

# %% [markdown]
# On plain digits all eight cells hold. For LeNet that means something; AlexNet's epochs were chosen by its training loss, and its tolerances
# are wide. LeNet on one hue comes out again, but for one cell that is probably a misprint (below). AlexNet on one hue is mixed, and what holds
# there holds by the mean only. On two hues our means lie far from the table, but our seeds scatter so much that in most of the cells that fail
# the report's number lies inside our interval: such a cell is not refuted. In {numref}`colorized_digits-fig-seeds` look at how far apart the dots of one row lie.
#
# Of the nine runs of the large network {percent}`dead-outputs.keras_nan` met an image for which all ten outputs were 0, two of the three on
# one hue among them. In Keras their loss would have been "not a number" from then on. Ours count the image and go on; the
# numbers of these runs are ones that the report could not have printed.
#
# One baseline is worth having in mind. Softmax regression, a network without a single hidden layer, reaches
# {measure}`linear-grey.val_accuracy` on the plain digits, as much as AlexNet ({measure}`alexnet-grey.val_accuracy`), and
# {measure}`linear-1hue.val_accuracy` on one hue. On two it has {measure}`linear-2hue.val_accuracy`, hardly more than guessing: no weighted sum of
# pixels will do there. And part of what looks like the price of colour is training: after ten epochs, as many as
# the plain digits had, LeNet on one hue has {measure}`lenet-1hue.val_accuracy_10`, after a hundred {measure}`lenet-1hue.val_accuracy`.

# %% tags=["hide-input"] mystnb={"figure": {"name": "colorized_digits-fig-seeds", "caption": "Validation accuracy of every run (dots), means (strokes) with 95 % intervals (bars), and the report's single run (crosses). The dotted line is the best constant answer."}, "image": {"alt": "Six rows of dots, one for each network and set, some tight, some wide"}}
from lib.experiments import chapter

table_1 = chapter("colorized_digits").reported["table_1"]
fig, ax = plots.figure(height=2.8)
groups = {name: [run.measures["val_accuracy"] for run in runs[name]] for name in TABLE_1}
plots.dots(ax, groups, runs["no-learning"][0].measures["val_accuracy"], "best constant answer")
ax.plot([cell["val_accuracy"] for cell in table_1.values()], range(6), "x", color=plots.RED, label="the report")
ax.set(xlabel="validation accuracy", xlim=(0, 1.02))
fig.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3)
plots.plt.show()

# %% [markdown]
# The same recipe, another seed, and LeNet on two hues ends well or poorly; the large network on colour ends anywhere
# between one answer for everything and a fair classifier. The report has one run of each network, and nearly all its accuracies are
# plausible draws. What a single draw cannot carry is a comparison. After equal numbers of epochs two hues were harder than one for LeNet in each of
# three seeds; how much is open, and our rule, which needs the whole interval, says {claim}`hue-drop-lenet`. For AlexNet even the direction is
# open ({claim}`hue-drop-alexnet`). That LeNet beats AlexNet survives
# on plain digits ({claim}`lenet-beats-grey`) and on two hues ({claim}`lenet-beats-2hue`); on one hue our seeds leave it open
# ({claim}`lenet-beats-1hue`).
#
# :::{margin} What we assumed
# How long LeNet trained on two hues and AlexNet on plain digits is not known. 60 and 40 epochs were fixed before
# these runs, by a rule that is told on the first page.
# :::
#
# One cell cannot be right as printed. LeNet's training loss on one hue stands in Table 1 as 1.185, beside an accuracy
# of 0.938; the report's own Figure 9 ends between 0.1 and 0.2. Ours ends at
# {measure}`lenet-1hue.train_loss`: {claim}`t1-lenet-1hue-loss` for the table, {claim}`fig9-final-loss` for the figure.
# Probably a digit was mistyped: 0.185 would agree with Figure 9.
#
# ## How they learned
#
# Ours: the mean over seeds, each seed as a thin line, a band from the lowest to the highest. Dashed: the report's
# curve, read off its figure (to about 0.01 in accuracy). First LeNet on one hue, the report's Figures 8 and 9.

# %% tags=["hide-input"]
reported = chapter("colorized_digits").reported["curves"]

def learning(name, accuracy, loss, top):
    """Accuracy and loss over epochs, training and validation, ours and the report's."""
    fig, axes = plots.figure(2, 2, height=2.2, sharex=True)
    for row, (kind, figure) in enumerate((("accuracy", accuracy), ("loss", loss))):
        for ax, part, long in zip(axes[row], ("train", "val"), ("training", "validation")):
            plots.curves(ax, runs[name], f"{part}_{kind}", plots.BLUE, long)
            plots.reported_curve(ax, reported[figure][long], plots.RED, long)
            ax.set(ylabel=f"{long} {kind}", ylim=(0, 1 if kind == "accuracy" else top))
    for ax in axes[1]:
        ax.set_xlabel("epoch")
    lines, labels = axes[0][1].get_legend_handles_labels()
    fig.legend(lines, [label.removeprefix("validation, ") for label in labels], loc="outside lower center", ncols=3)
    plots.plt.show()

# %% mystnb={"figure": {"name": "colorized_digits-fig-08-09-lenet-one-hue-curves", "caption": "LeNet on one hue, 100 epochs (the report's Figures 8 and 9)."}, "image": {"alt": "Four panels of learning curves, ours in blue with a band, the report's dashed in red"}}
learning("lenet-1hue", "figure_8", "figure_9", top=2.5)

# %% [markdown]
# Ours and the report's run together (the set was chosen mainly by the first epochs of this loss curve), bumps and all ({claim}`bumps-lenet-1hue`, {claim}`fig8-deep-dip`). The report calls the
# bumps overfitting. In overfitting the training curve goes on rising while validation falls. Here training falls too, in that epoch or the next, in
# {percent}`lenet-1hue.dips_shared` of the epochs of such a bump and in about half of all others (the shares differ by {measure}`lenet-1hue.dips_lead`), and both
# heal together: that is unstable training ({claim}`bumps-overfit-lenet`).
#
# Next AlexNet on the same digits, Figures 10 and 11.

# %% mystnb={"figure": {"name": "colorized_digits-fig-10-11-alexnet-one-hue-curves", "caption": "AlexNet on one hue, 100 epochs (the report's Figures 10 and 11)."}, "image": {"alt": "Four panels of learning curves; the report's starts with a plateau"}}
learning("alexnet-1hue", "figure_10", "figure_11", top=6)

# %% [markdown]
# The report's run gives one constant answer for 18 epochs and then learns. Ours are slow to start too: one stands on such a plateau about as long,
# one for most of the hundred epochs, and one leaves it and falls back several times in its first twenty (each run's are in a table on the next page):
# {claim}`fig10-plateau`. They relapse as the report's does
# ({claim}`fig10-relapses`). But the height of the plateau differs: 4.75 in the report, {measure}`alexnet-1hue.plateau_loss`
# on average in ours, low where all outputs lived and higher where one was dead ({claim}`fig11-plateau-loss`). The [next page](3_findings) shows why: one constant answer costs 2.30, and about 1.3
# more for each output that is stuck at zero, a *dead* one. The report's run had two, the two classes that its Figure 17 never answers.
# Last AlexNet on two hues, Figures 12 and 13.

# %% mystnb={"figure": {"name": "colorized_digits-fig-12-13-alexnet-two-hue-curves", "caption": "AlexNet on two hues, 40 epochs (the report's Figures 12 and 13)."}, "image": {"alt": "Four panels of learning curves; the report's are flat lines"}}
learning("alexnet-2hue", "figure_12", "figure_13", top=6)

# %% [markdown]
# The report's lines are flat: nothing is learned after the first epoch. Of ours this does not hold, neither of accuracy
# ({claim}`alexnet-2hue-no-progress`) nor of the loss ({claim}`fig13-flat`). Of our seeds {percent}`alexnet-2hue.collapsed_share` stay flat to the end, the others leave the
# plateau late. Of the readings of the report's validation accuracy
# {percent}`no-learning.fig12_on_shares` lie on the share of a class in the validation part: one answer for every image. The rest lie
# between, as when some images get one answer and some another. What its two flat losses say is the subject of the
# [next page](3_findings).
#
# ## Who is mistaken for whom
#
# The report's Figures 14 to 18 count wrong answers on the 10,000 test digits (its text never mentions that these are test
# digits; their sums do). Rows are true classes, columns answers. Ours are means over seeds.

# %% tags=["hide-input"]
import numpy as np

from lib.loading import sibling

errors = sibling("experiments.py", "measures").errors
counts = chapter("colorized_digits").reported["errors_on_test_images"]

def side_by_side(names):
    """Error tables of the report (top) and ours (bottom, mean over seeds)."""
    fig, axes = plots.figure(2, len(names), width=2.5 * len(names), height=2.5, squeeze=False)
    for (ours, theirs), (above, below) in zip(names.items(), axes.T):
        top = np.max(counts[theirs])
        plots.error_table(above, counts[theirs], f"report: {np.sum(counts[theirs]):,} wrong", top)
        if runs[ours]:
            mean = errors(runs[ours]) / len(runs[ours])
            plots.error_table(below, mean, f"{ours}: {mean.sum():,.0f} wrong", top)
        else:
            plots.waiting(below, [ours])
    plots.plt.show()

# %% mystnb={"figure": {"name": "colorized_digits-fig-14-18-confusions", "caption": "Wrong answers on the 10,000 test digits: above the report's (Figures 14, 16 and 18), below ours. Rows are true classes, columns answers; both share one colour scale."}, "image": {"alt": "Six tables of ten by ten counts for LeNet on plain, one-hue and two-hue digits"}}
side_by_side({"lenet-grey": "lenet_grey", "lenet-1hue": "lenet_one_hue",
              "lenet-2hue": "lenet_two_hue"})

# %% mystnb={"figure": {"name": "colorized_digits-fig-15-17-confusions", "caption": "The same for AlexNet on plain and one-hue digits (Figures 15 and 17). In the report's one-hue table columns 5 and 9 are empty."}, "image": {"alt": "Four tables of ten by ten counts for AlexNet"}}
side_by_side({"alexnet-grey": "alexnet_grey", "alexnet-1hue": "alexnet_one_hue"})

# %% [markdown]
# Cell by cell our tables correlate with the report's of the same network at {measure}`error-profiles.figure_match`, on average over four
# networks. That sounds like agreement, until one asks how they correlate with the report's tables of the *other* networks: less by
# {measure}`error-profiles.figure_match_gain` only. So the verdict {claim}`fig14-18-same-cells` says little of any one network. What the tables share is that some pairs
# of digits (4 and 9, 7 and 9, 5 and 3) are hard for most networks. The report's own five tables correlate at {measure}`report-figures.mean_similarity` on average, our five at
# {measure}`error-profiles.mean_similarity`, but the least alike pair only at {measure}`error-profiles.lowest_similarity`: {claim}`errors-alike`.

# %% mystnb={"figure": {"name": "colorized_digits-fig-19-alexnet-two-hue-confusion", "caption": "AlexNet on two hues (Figure 19): the report's run calls every image 7."}, "image": {"alt": "Two tables of ten by ten counts; the report's has a single full column", "width": "300px"}}
side_by_side({"alexnet-2hue": "alexnet_two_hue"})

# %% [markdown]
# ## Every claim about the table, the curves and the errors

# %%
claims.table(page="2_reproduction")

# %% [markdown]
# ## What we know now
#
# - On plain digits, and for LeNet on one hue, Table 1 comes out again within the tolerances set beforehand, all but one cell (those of AlexNet are
#   wide).
# - Elsewhere one run is one draw: seeds of one recipe can differ by more than the 0.187 between LeNet and AlexNet on one hue.
# - The report met a single class in every attempt on two hues; of our three seeds (ten are declared) one stays there to the end. Either its attempts were unlucky, or something in
#   its recipe that is not published differs from ours.
#
# [Next: what happened in its run](3_findings)
