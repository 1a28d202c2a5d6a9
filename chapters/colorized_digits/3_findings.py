# %% [markdown]
# # Why does the large network fail?
#
# :::{admonition} After this page you will have seen
# - that an output which passes through a ReLU can die, and what a dead output costs, to the third digit
# - how two flat numbers in a figure name the two outputs that died in the report's run
# - the suspects one by one, and the single change that helped most
# :::
#
# The report suspects depth: too many convolutions blur two close hues. That is one suspect among several, for
# the large network differs from the small one in almost everything. Before we question them, look at the
# clue that the report itself left, in plain sight, in its Figure 13.
#
# ## What a dead output costs
#
# The ten outputs $o_0 \dots o_9$ pass through a ReLU, so none is negative and any may be exactly 0. Keras reads them as
# probabilities: it divides by their sum, keeps the result between $10^{-7}$ and $1 - 10^{-7}$ and takes $-\ln$ of the true
# class. If the output of the true class is 0, the image costs $-\ln 10^{-7} =$ {measure}`no-learning.ceiling`,
# and, since ReLU and clipping are both flat there, **it sends no gradient**. An output that is 0 for every image is
# dead: nothing will ever tell it to come back, except by chance.
#
# Now suppose that a network has stopped looking at its images and gives one answer to all. With class shares $s_c$
# and a set $D$ of dead outputs, the cheapest such answer is $q_c = s_c / \sum_{k \notin D} s_k$ for the live classes, and it costs
#
# $$L(D) = -\sum_{c \notin D} s_c \ln q_c \;+\; 16.118 \sum_{c \in D} s_c .$$
#
# There is no freedom in it. The shares are those of the 51,000 training digits, so every set of dead outputs has its
# own price, in training and in validation.

# %%
from lib import plots
from theory import constant_answer  # theory.py, beside this page

plots.source(constant_answer)

# %% [markdown]
# ## Two numbers name two outputs
#
# There are 176 ways to lose up to three of ten outputs. {numref}`colorized_digits-fig-detective` gives each its
# price. The crosses are read off the report: the flat line of its Figure 13 (to 0.001) and the plateau of
# its Figure 11 (to 0.03). Look at which dots they hit.

# %% tags=["hide-input"] mystnb={"figure": {"name": "colorized_digits-fig-detective", "caption": "What constant answers cost, for each set of up to three dead outputs (dots), and the losses of the report's two flat lines (crosses). The lower panels enlarge the neighbourhood of each cross; numbers are the dead outputs."}, "image": {"alt": "Above, clusters of dots along a diagonal for none, one, two and three dead outputs, with two crosses in the cluster of two. Below, one cross covers the dot 0 1, the other lies beside the dot 5 9"}}
from lib import reproduce

theory = reproduce("no-learning")["no-learning"][0]
dead, train, val = (theory.arrays[k] for k in ("dead", "train_loss", "val_loss"))
clues = {"Figure 13": (5.057, 4.962), "plateau of Figure 11": (4.748, 4.715)}
fig, axes = plots.plt.subplot_mosaic("aa;bc", figsize=(7.6, 5.6))
for ax, size in ((axes["a"], 12), (axes["b"], 40), (axes["c"], 40)):
    ax.scatter(train, val, s=size, color=plots.SKY, label="constant answers")
    for (name, clue), color in zip(clues.items(), (plots.RED, plots.BLACK)):
        ax.plot(*clue, "+", color=color, markersize=15, markeredgewidth=1.8, label=name)
    ax.set(xlabel="training loss", ylabel="validation loss")
for ax, (name, (x, y)) in zip((axes["b"], axes["c"]), clues.items()):
    for row, a, b in zip(dead, train, val):
        if abs(a - x) < 0.026 and abs(b - y) < 0.055:
            ax.annotate(" ".join(str(c) for c in row if c >= 0), (a, b), xytext=(7, -11),
                        textcoords="offset points")
    ax.set(xlim=(x - 0.03, x + 0.03), ylim=(y - 0.06, y + 0.06), title=name)
for count, words in enumerate(("none dead", "one", "two", "three dead")):
    group = (dead >= 0).sum(1) == count
    axes["a"].annotate(words, (train[group].min() + 0.1, val[group].min() - 0.45))
axes["a"].set(ylim=(1.5, 6.9))
axes["a"].legend(loc="lower right")
plots.plt.show()

# %% [markdown]
# Figure 13's two levels are the price of losing outputs **0 and 1**, to within {measure}`no-learning.fig13_gap`; the next
# nearest set misses by {measure}`no-learning.fig13_next_gap`. (Table 1 prints 5.050 for the training loss; with that too, 0 and 1 are
# nearest.) So we know, without having the network, what state it was in: two outputs dead, the other eight at their class shares, and
# next to nothing learned of any image.
#
# The rest follows. With 0 and 1 dead the most frequent class left is 7, and the "final attempt" of the report called
# every image 7 ({claim}`sole-class-seven`). The classes within a few percent of it are 3, 9, 2 and 6, and the
# levels to which Figure 12 returns are shares of just such classes.
#
# The report's explanation, that 1, 4, 7 and
# 9 look alike and were merged into one class, is not needed for these. And Figure 12 never stands at the share
# of class 1, the most frequent of all: with output 1 dead it cannot. The report met 4 as well, a rarer class.
#
# Our runs jump to rare classes too. Eleven trainings of ours on digits with seed 0 gave one answer (to 99 % of the images) after epoch 15: the
# eight with a ReLU output gave 8, as rare as 4, the three with softmax or sigmoids gave 1. (Two more with a ReLU output, the network as reported
# among them, mostly gave 1.) All eleven saw the images in the same order, so the order alone does not choose the class;
# what does we have not tested.
#
# A stage of merging we do not see: all our runs give one answer already after their first
# epoch ({claim}`merged-classes`); a stage shorter than an epoch would have escaped us. In our runs that class is nearly always 1, the most frequent, and in all three seeds it is the last one that is
# answered alone ({claim}`sole-class-changes`, seed by seed). With 0 and 1 dead, as in the report's run, five classes are almost equally
# frequent, which may be why its answer jumps.
#
# ## Two empty columns
#
# Figure 17 tells the same story for one hue, this time as a table of errors: nothing is ever answered 5 or 9
# ({measure}`report-figures.empty_columns` empty columns), and these two rows hold
# {percent}`report-figures.dead_share_of_errors` of all errors. The plateau of Figure 11, before that network began to learn, lies
# {measure}`no-learning.fig11_gap` from the price of losing **5 and 9**, well within what can be read off that
# figure (about 0.03; alone it could not tell 5 and 9 from 5 and 6, with the empty columns it need not). It looks as if both died in
# the first epoch and never came back. Our own runs die that way: of the outputs dead at the end, one in each of two runs,
# {percent}`dead-outputs.died_at_once` were already dead after the first epoch.
#
# With two classes gone, accuracy cannot rise above {measure}`no-learning.dead_5_9_ceiling` and the training loss cannot fall below
# {measure}`no-learning.dead_5_9_floor_train`; the report's 0.771 and 3.268 are close to both. On the eight classes that it could still
# name, that network was right in {measure}`report-figures.live_accuracy` of the cases, LeNet in
# {measure}`report-figures.lenet_same_classes`. In that run two
# dead outputs make up most of the gap. Softmax, with which no output can die, has had one run, which stood on the class
# shares for all its 40 epochs ({measure}`alexnet-1hue-softmax.val_accuracy`); with that seed the network as reported stood there for 85, so this says
# little. And the dead outputs are not the whole of it: our runs on one hue lost
# {measure}`alexnet-1hue.dead_outputs` outputs on average, one in one run of three, and were still right on only
# {measure}`alexnet-1hue.live_accuracy` of the images of the classes that lived ({claim}`fig17-rest-good`). Did AlexNet fall well behind once there
# was colour? On two hues yes ({claim}`gap-grows-two-hues`), on one our seeds do not decide ({claim}`gap-grows-one-hue`).
#
# ## What our seeds do
#
# A death is chance, so a single run proves little in either direction. Here is every run of the three large networks: which
# outputs were dead at the end, how many epochs passed before it left the class shares (for five epochs in a row), and where it ended.

# %% tags=["hide-input"]
import pandas as pd

from lib.loading import sibling

runs = reproduce("alexnet-grey", "alexnet-1hue", "alexnet-2hue")


plateau = sibling("experiments.py", "measures").plateau_epochs.function
rows = [(name, run.seed, plateau(run), " ".join(f"no. {i}" for i in run.history["dead"][-1]) or "none",
         run.measures["zero_rows"], run.measures["val_accuracy"], run.measures["val_loss"],
         run.measures["floor_loss"]) for name in runs for run in runs[name]]
heads = ["network and digits", "seed", "epochs on the plateau", "dead outputs at the end",
         "rows of zeros met", "validation accuracy", "validation loss", "price of knowing nothing"]
style = {heads[5]: "{:.3f}", heads[6]: "{:.3f}", heads[7]: "{:.3f}"}
pd.DataFrame(rows, columns=heads).style.hide(axis="index").format(style)

# %% [markdown]
# The last two columns test the theory where a network has learned nothing, as in the one run that never did: there they are equal. The
# plateau is the better test. On one hue the training loss of an epoch of each run's plateau, whether its outputs were all alive or not, differs from
# the price of the outputs then dead by {measure}`alexnet-1hue.plateau_excess` on average. Runs with more dead outputs, among the controls below, agree as
# well: three dead in the shallow network, five in LeNet with a ReLU output, then four, because one of the five came back after four epochs. Death
# is rarely undone, but it can be. Here is each of them beside its price:

# %% tags=["hide-input"]
controls = reproduce("alexnet-2hue-shallow", "lenet-2hue-relu-output")
rows = []
for name, epochs in (("alexnet-2hue-shallow", (40,)), ("lenet-2hue-relu-output", (4, 8))):
    for run in controls[name][:1]:
        counts = run.facts["class_counts"]["train"]
        for epoch in epochs:
            if epoch <= len(run.history["dead"]):
                lost = tuple(run.history["dead"][epoch - 1])
                rows.append((name, epoch, ", ".join(map(str, lost)), run.history["train_loss"][epoch - 1],
                             constant_answer([n / sum(counts) for n in counts], lost)))
pd.DataFrame(rows, columns=["run, seed 0", "after epoch", "dead outputs", "training loss", "price"]
             ).style.hide(axis="index").format(precision=3)

# %% [markdown]
# Rows of zeros are the third thing that can happen: all ten outputs 0 for one image. Keras divides 0 by 0 there and its
# loss turns into "not a number" for good. Ours count the row and go on, to see what the network would have done. Three of the nine runs above would have
# ended so in Keras, and some below: inputs divided by 255, the colour network on plain digits, one shallow run and three of the eight
# variants. What those reached the report could not have seen.
#
# ## Each suspect alone
#
# We change five features of the large network, one at a time, on two hues; for the output we try two replacements. LeNet shares three of the five:
# sigmoids, average pooling, undivided bytes. LeNet gets the opposite treatment: it is given two of the large network's traits, one at a time.
# Every row with one dot is seed 0, the seed in which the unchanged network never woke and in which LeNet did worst. Compare such a dot with the
# seed-0 dots, the leftmost of their rows, not with the means.

# %% tags=["hide-input"] mystnb={"figure": {"name": "colorized_digits-fig-suspects", "caption": "Two hues, validation accuracy when one thing is changed at a time (the eighth row changes three). Dots are seeds, bars 95 % intervals, the dotted line the best constant answer."}, "image": {"alt": "Rows of dots, one row for each changed thing"}}
suspects = {
    "AlexNet as reported": "alexnet-2hue", "output: softmax": "alexnet-2hue-softmax",
    "output: sigmoids": "alexnet-2hue-sigmoid-output", "first layers: ReLU": "alexnet-2hue-relu-convs",
    "pooling: maximum": "alexnet-2hue-maxpool", "depth: two convolutions": "alexnet-2hue-shallow",
    "inputs divided by 255": "alexnet-2hue-divided",
    "softmax, ReLU and divided inputs": "alexnet-2hue-softmax-relu",
    "LeNet as reported": "lenet-2hue", "LeNet with ReLU output": "lenet-2hue-relu-output",
    "LeNet with four convolutions": "lenet-2hue-deep"}
lineup = reproduce(*suspects.values())
fig, ax = plots.figure(height=3.9)
accuracies = {label: [r.measures["val_accuracy"] for r in lineup[name]] for label, name in suspects.items()}
plots.dots(ax, accuracies, theory.measures["val_accuracy"], "best constant answer")
ax.set(xlabel="validation accuracy", xlim=(0, 1.02))
ax.legend(loc="upper right", fontsize=8)
plots.plt.show()

# %% [markdown]
# The output alone does not explain the plateau. With softmax in its place no class can die, and yet seed 0 stood on the class
# shares for all its 40 epochs ({measure}`alexnet-2hue-softmax.val_accuracy`). Ten sigmoids in its place do no more
# ({measure}`alexnet-2hue-sigmoid-output.val_accuracy`). In both runs, from about the tenth epoch on, the outputs of nearly every epoch are
# the *same to the last bit for every image*: nothing of the picture reaches them any more, as if the hidden units had died instead of the outputs. With the same seed the
# outputs of the network as reported still differed, in the tenth decimal, and it never woke either; and the grey network on one hue froze with
# its ReLU output. Why seeds 1 and 2 woke we do not know. A dead output is one fault, not seeing the image another.
#
# The strongest evidence is against the **sigmoids of the first two layers**. With ReLU there, and all else as reported, output and
# undivided bytes included, the network reaches {measure}`alexnet-2hue-relu-convs.val_accuracy`; LeNet ends at
# {measure}`lenet-2hue.val_accuracy`. Inputs divided by 255 ({measure}`alexnet-2hue-divided.val_accuracy`) and maximum
# pooling ({measure}`alexnet-2hue-maxpool.val_accuracy`) are one run each, beside an unchanged network whose seeds range from a tenth to more than a
# third: maximum pooling cannot be told from luck, dividing hardly. Why these sigmoids hurt here and not in LeNet, which has more of them, we do not
# know.
#
# With softmax, ReLU in the first layers and divided inputs together the same four convolutions reach
# {measure}`alexnet-2hue-softmax-relu.val_accuracy`, most of it in their first epoch. So four convolutions can do the task, though not
# safely: on the ladder of the [next page](4_beyond) the same recipe stood still.
#
# The other way round, in the one seed run so far: LeNet with the large network's output falls to
# {measure}`lenet-2hue-relu-output.val_accuracy`, with {measure}`lenet-2hue-relu-output.dead_outputs` of its ten
# outputs dead at the end. LeNet with the large network's depth, two convolutions more and all else its own, reaches
# {measure}`lenet-2hue-deep.val_accuracy`, more than LeNet itself with that seed.
#
# The report's own cause, depth, is tested by taking two of the four convolutions away and leaving the settings of all other layers:
# {claim}`too-many-convolutions`. The shallow network's seeds scatter as those of the deep one do
# ({measure}`alexnet-2hue-shallow.val_accuracy`), and with {measure}`alexnet-2hue-shallow.dead_outputs` dead outputs on average it can lose
# classes as well. The report concludes that fitting a model to more information can work better than fitting one to less. For its own two networks
# {claim}`up-beats-down`; against the large one as we repaired it LeNet loses in each of three seeds.
#
# ## No modification works?
#
# Kernel size, strides, padding, the number of layers and of neurons were tried, the report says, and nothing made the
# network work; there is no list. Here are seven changes of these kinds, and dropout left out, one at a time, the ReLU
# output kept in all.

# %% tags=["hide-input"]
variants = reproduce("alexnet-2hue-variants")["alexnet-2hue-variants"]
rows = [(run.point.replace("-", " "), max(run.history["val_accuracy"]), run.history["val_accuracy"][-1],
         plateau(run), " ".join(f"no. {i}" for i in run.history["dead"][-1]) or "none") for run in variants]
heads = ["change", "best validation accuracy", "at the end", "epochs on the plateau", "which outputs died"]
style = {heads[1]: "{:.3f}", heads[2]: "{:.3f}"}
pd.DataFrame(rows, columns=heads).style.hide(axis="index").format(style)

# %% [markdown]
# One run each, and with chance as strong as the table of seeds shows no row alone says that its change *helps*. All use seed 0, in which the
# unchanged network stayed asleep; five of the eight left the plateau, and one seed cannot say whether the change or chance did it. But a network that passes 0.2 has left the single class, so
# a single class is not the only possible end: {claim}`no-modification-works`. The change that reaches LeNet, ReLU for two sigmoids, is not
# among the eight but among the suspects above. Whoever tries each idea once, with an output that dies by
# lot, cannot tell an idea from its luck. That may be the most useful lesson of this chapter.
#
# The report concludes that the newer and more intricate network is not always better. For the two networks as they ran that holds
# ({claim}`simple-beats-intricate`); it says little about newer networks, for the large one, mended, is ahead. Is weak
# contrast why two hues are harder? Close hues do cost accuracy: LeNet reads pairs within 30 degrees with
# {measure}`lenet-2hue.accuracy_near_hues`, pairs beyond 90 with {measure}`lenet-2hue.accuracy_far_hues`. How much of the drop does this
# explain? A control trains and is judged on pairs at least 90 degrees apart only. It reaches {measure}`lenet-2hue-far.val_accuracy`; one hue
# has {measure}`lenet-1hue.val_accuracy_60` after as many epochs. So {percent}`lenet-2hue-far.regained` of the drop is gone
# ({claim}`contrast-explains`). Here the report seems right, in one seed: the one with which LeNet on all pairs did worst. Its best seed reads strong
# pairs about as well as the control does, so more seeds are needed to say how large the share is.
#
# Two swaps that the report mentions in passing fit in here, one seed each. The grey architecture on two hues ends in one class, as the colour one does with that seed
# ({claim}`grey-net-as-good-2hue`), and on one hue it ends in one class ({claim}`swap-grey-net-1hue`). But the colour
# architecture on plain digits reaches {measure}`alexnet-grey-rgb.val_accuracy` ({claim}`swap-colour-net-grey`), not far from the
# {measure}`alexnet-grey.val_accuracy` of the grey one, if the remark only meant that the two serve equally well.
#
# And the plain digits? With softmax for its last ReLU, and nothing else changed, the large network reads
# {measure}`alexnet-grey-softmax.val_accuracy` of them, more than LeNet ({measure}`lenet-grey.val_accuracy`; forty epochs against ten): there, in one run, its output was what held it back.
#
# ## Where text, figures and code differ, and what is left open
#
# The author published report, notebooks and figures, more than most do; without them none of this could have been found. No report of this length is
# free of such things, and most of these change nothing: the first few, of high weight, matter. The last column names the runs and claims that
# bear on each.

# %%
from lib import claims

claims.disagreements()

# %% [markdown]
# ## Every claim about causes

# %%
claims.table(page="3_findings")

# %% [markdown]
# ## What we know now
#
# - A ReLU output read as a probability can die, and a dead one costs a whole class; the report's two flat losses
#   name the outputs that died, 0 and 1 on two hues, 5 and 9 on one.
# - Plateau and death are two faults. On colour all our seeds met the plateau; deaths are rarer, and how often they
#   come is in the table above.
# - ReLU in place of two sigmoids is the change with the best evidence: three seeds, all above every run of the unchanged network. Dividing by 255
#   did well in its one run. Whether two convolutions fewer help, our seeds leave open. With softmax, ReLU and inputs divided by 255 together, it learned at
#   once in three seeds, and stood still in a fourth run.
# - In the one seed tried, a ReLU output alone did great harm to the small network, two more convolutions none.
# - Does needless colour confuse a network? One hue hardly, two hues somewhat, where the network is sound. LeNet-5 in its usual modern form has {measure}`lenet-grey-1998.val_accuracy` on plain digits,
#   {measure}`lenet-1hue-1998.val_accuracy` on one hue, {measure}`lenet-2hue-1998.val_accuracy` on two (one run each; forty epochs for two
#   hues, ten for the others).
# - One run of each idea is not enough where luck decides: the picture of suspects says how many seeds each row has.
#
# [Next: what the right tool would reach](4_beyond)
