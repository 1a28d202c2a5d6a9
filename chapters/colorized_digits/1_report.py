# %% [markdown]
# # Does needless colour confuse a network?
#
# :::{card} The report
# **Convolutional Neural Networks on Randomly Colorized MNIST Data**, Jocelyn Griser, about 2022
# {cite:p}`griser2022`. Read with its author's
# [repository](https://github.com/Jocelyn-Griser/CNN-Colorized-MNIST/tree/309277b) at commit 309277b: the
# report as a PDF, four model notebooks, a colour notebook. No licence is stated there, so nothing
# of it is copied here; only one of the notebooks holds a training run, and no trained weights were found.
#
# **Asked:** can LeNet and a cut-down AlexNet still read digits when meaningless colour is laid over them?
#
# **Answered by the report:** LeNet can (0.87 of 1 on two colours), AlexNet cannot (0.11, one answer
# for everything), and too many convolutions are the likely reason.
#
# **What came out here:** LeNet on two hues reaches {measure}`lenet-2hue.val_accuracy` and AlexNet
# {measure}`alexnet-2hue.val_accuracy` on the same validation digits; both depend strongly on the seed. With ReLU in its first layers,
# softmax as its last and inputs divided by 255 the large one reaches {measure}`alexnet-2hue-softmax-relu.val_accuracy`, all its convolutions in place;
# LeNet-5 in its usual modern form {measure}`lenet-2hue-1998.val_accuracy`.
#
# ```{verdict-counts} colorized_digits
# ```
#
# Most of the fails are *thin*: more seeds could turn them. Most of the others are about names, misprints and counts.
# :::
#
# :::{admonition} After this page you will have seen
# - three sets of digits, and why the colours that the text describes are most likely not those behind its numbers
# - both networks as they really ran, which is not quite what they are called
# - what the text says beside what the code and the figures say
# :::

# %% tags=["hide-input"] mystnb={"figure": {"name": "colorized_digits-fig-three-sets", "caption": "The same ten digits three times: as they are, in one random hue, between two random hues. A person reads all three rows; does a network?"}, "image": {"alt": "Three rows of the same ten digits, white on black, coloured on white, coloured on colour", "width": "600px"}}
import torch

from lib import plots, reproduce
from lib.data import Dataset
from lib.experiments import chapter
from lib.records import find
from lib.transforms import TRANSFORMS

runs = reproduce("colour-math", "network-shapes")
made = [run for name in chapter("colorized_digits").experiments
        for run in find("colorized_digits", name)]
print(f"{len(made)} runs of this chapter are on record; they took "
      f"{sum(run.cost['seconds'] for run in made) / 3600:.1f} hours of one core")
kept = runs["colour-math"][0].arrays
images = torch.from_numpy(kept["first_49"])
labels = torch.from_numpy(kept["first_49_labels"])
digits = Dataset("mnist", "the record", images, labels)
rows = [TRANSFORMS[name](digits[7:17], seed=0).expand(-1, 3, -1, -1)
        for name in ("grey", "one-hue", "two-hue")]
plots.pictures(torch.cat(rows), columns=10, width=6)
plots.plt.show()

# %% [markdown]
# ## Three sets of digits
#
# MNIST's digits are grey: one byte a pixel, ink high {cite:p}`lecun1998`. The report pads them to
# 32 × 32 and trains on them as they are. Then it makes two coloured sets. Colour carries no news about
# the digit. With one hue a network that ignores it loses nothing; with two the digit is there only as a difference of colours, but *which*
# colours says nothing.

# %%
def sheets(*names):
    """The 49 digits painted by each transform, side by side."""
    fig, axes = plots.figure(1, len(names), width=2.5 * len(names),
                             height=2.6, squeeze=False)
    for ax, name in zip(axes[0], names):
        plots.pictures(TRANSFORMS[name](digits, seed=0), ax=ax, title=name)
    plots.plt.show()

# %% [markdown]
# {numref}`colorized_digits-fig-03-digits` shows the first 49 training digits, whose bytes lie in a record; painting
# them takes one line.

# %% mystnb={"figure": {"name": "colorized_digits-fig-03-digits", "caption": "The first 49 training digits of MNIST (the report's Figure 3 shows 49 others, see below)."}, "image": {"alt": "Seven rows of seven white digits on black", "width": "300px"}}
sheets("grey")

# %% [markdown]
# The first coloured set has one random hue an image. Three descriptions of it exist. The text, taken
# at its word, gives nearly white ink on a dark hue. Its Figure 4 shows the reverse, dark ink on nearly white paper. The
# author's published function and its README make the ink a pure hue on white. Look at the yellow digits in {numref}`colorized_digits-fig-04-one-hue`:
# on the right some can hardly be seen.

# %% mystnb={"figure": {"name": "colorized_digits-fig-04-one-hue", "caption": "One hue, two readings. Left: dark ink, as the report's Figure 4 shows. Right: pure hue on white, as its published function paints, and most likely the set behind the report's numbers."}, "image": {"alt": "Two sheets of 49 coloured digits on white, the left with dark inks, the right with bright ones", "width": "560px"}}
sheets("one-hue-hsl", "one-hue")

# %% [markdown]
# The report says that with one hue the RGB values are always far from white. They are: in one channel at least, every pure hue is
# {measure}`colour-math.one_hue_channel_contrast` bytes away ({claim}`one-hue-stark`). A person judges by brightness, and there
# yellow on white is only {measure}`colour-math.one_hue_luma_contrast` bytes of luma apart, the worst of the dark inks
# {measure}`colour-math.one_hue_luma_contrast_hsl`. The network minds little: LeNet reads yellow a little worse
# ({measure}`lenet-1hue.accuracy_yellow`) than the other hues ({measure}`lenet-1hue.accuracy_other_hues`).
#
# Which set gave the numbers? Most likely the function's. The report's own example compares pure red with white (it prints white as (0, 0, 0), which
# is black). And its Figure 9 tells how fast its LeNet learned. Which of our two sets falls as slowly?
#
# :::{margin} What we assumed
# The main runs paint pure hues on white, chosen mainly by this very curve in pilots. The dark inks are a control of their own, `lenet-1hue-hsl`.
# :::

# %% tags=["hide-input"] mystnb={"figure": {"name": "colorized_digits-fig-which-set", "caption": "Training loss of LeNet in its first 30 epochs: on the two sets, a line a seed, and in the report's Figure 9."}, "image": {"alt": "Falling curves: the report's among those on pure hues, the one on dark inks far below"}}
sets = reproduce("lenet-1hue", "lenet-1hue-hsl")
fig, ax = plots.figure(height=2.5, width=6.5)
for name, color, words in (("lenet-1hue", plots.BLUE, "pure hues on white"), ("lenet-1hue-hsl", plots.ORANGE, "dark inks")):
    for i, run in enumerate(sets[name]):
        losses = run.history["train_loss"][:30]
        ax.plot(range(1, 1 + len(losses)), losses, color=color, linewidth=1,
                label=None if i else f"{words} (n = {len(sets[name])})")
plots.reported_curve(ax, chapter("colorized_digits").reported["curves"]["figure_9"]["training"][:30], plots.RED, "training")
ax.set(xlabel="epoch", ylabel="training loss", ylim=(0, 2.3))
ax.legend(fontsize=8)
plots.plt.show()

# %% [markdown]
# The report's line runs among ours on pure hues. On dark inks LeNet, in the one seed run, learns faster and ends better,
# {measure}`lenet-1hue-hsl.val_accuracy` of the validation images right against {measure}`lenet-1hue.val_accuracy`; Table 1 has 0.958.
#
# The second set draws two hues, one for the ink and one for the paper. Pairs may lie close together
# ({claim}`two-hue-subtle`), and which of the two is lighter is a toss-up: in
# {numref}`colorized_digits-fig-05-two-hue` some digits are lighter than their paper, some darker.

# %% mystnb={"figure": {"name": "colorized_digits-fig-05-two-hue", "caption": "Two hues an image, ink and paper drawn independently."}, "image": {"alt": "A sheet of 49 digits, each in one bright colour on another", "width": "300px"}}
sheets("two-hue")

# %% [markdown]
# A pixel with byte $V_p$ lies on the straight line between the colour of the paper, $x_1$, and that of the ink,
# $x_2$: $x_p = x_1 + \frac{V_p}{255}(x_2 - x_1)$ for $x$ in R, G, B. The whole batch is painted at once:

# %%
from lib import color

plots.source(color.gradient)

# %% [markdown]
# ### Whose digits are in Figures 3 to 5?
#
# The report calls them the first 49 of MNIST. Reading their labels off the figure and laying them beside
# MNIST's own file settles it: {measure}`colour-math.fig3_in_order` of 49 agree in place, about as many as chance
# gives. They are the first 49 of a re-ordered copy of the set. The networks were trained on MNIST's own
# files, so nothing but the figure depends on it.

# %% tags=["hide-input"] mystnb={"figure": {"name": "colorized_digits-fig-03-labels", "caption": "Labels of the 49 digits in the report's Figures 3 to 5 (left) and of MNIST's first 49 (right). The few that agree in place are ringed."}, "image": {"alt": "Two grids of 49 digits as numbers; five places are ringed in both", "width": "520px"}}
import numpy as np

from lib.loading import sibling

theirs = np.array(sibling("experiments.py", "analyses").FIGURE_3).reshape(7, 7)
ours = labels.numpy().reshape(7, 7)
fig, axes = plots.figure(1, 2, width=5.4, height=2.6)
for ax, grid, title in zip(axes, (theirs, ours), ("the report's figure", "MNIST's file")):
    for (row, column), value in np.ndenumerate(grid):
        same = theirs[row, column] == ours[row, column]
        ring = {"boxstyle": "circle", "fc": "none", "ec": plots.RED} if same else None
        ax.text(column, row, value, ha="center", va="center", bbox=ring)
    ax.set(xlim=(-.6, 6.6), ylim=(6.6, -.6), xticks=[], yticks=[], title=title)
    ax.grid(False)
plots.plt.show()

# %% [markdown]
# ### Not HSV
#
# Figure 1 gives the formula $C = (1 - |2V' - 1|)\,S$, $m = V' - C/2$ and calls it HSV {cite:p}`smith1978`. It is HSL:
# the largest difference from standard HSL is {measure}`colour-math.hsl_error` bytes, from HSV
# {measure}`colour-math.hsv_error` ({claim}`fig1-hsv`). The table of branches below it has
# {measure}`colour-math.sextants_right` of its six columns right ({claim}`fig1-table`). The first is a wrong name,
# the second a slip of the pen: the published function has all six columns right.
#
# That function has a slip of its own. Both ends of its gradient are one and the same variable, so that it
# paints every image in one flat colour, and with one hue that colour is white. It looks like a renaming: the first hue's variables carry the
# second's name, and the second assignment overwrites the first. Nothing can be learned from blank paper; the numbers of the
# report must come from another version. We mended the one line.
#
# ## Two networks
#
# The small network is called LeNet, and "received no modification except for the input shape". Here it is as its notebook
# builds it.

# %%
from lib.models import lenet

plots.source(lenet)

# %% mystnb={"figure": {"name": "colorized_digits-fig-lenet", "caption": "The report's LeNet for plain digits. Blocks are as tall as a layer's side and as wide as its channels; below each name its weights."}, "image": {"alt": "Seven blocks from a 16 by 16 convolution down to ten outputs"}}
layers = runs["network-shapes"][0].facts["layers"]
plots.network(layers["lenet-bw"])
plots.plt.show()

# %%
plots.layer_table(layers["lenet-bw"])

# %% [markdown]
# LeNet-5, in its usual modern form, has {measure}`arch:lenet5.parameters` parameters; this one has
# {measure}`arch:lenet-bw.parameters`. Its first convolution steps by two, so that 64 values reach the
# dense layers where LeNet-5 has 400; sigmoids stand where the original has tanh, and ten sigmoids where it would
# have a softmax. {claim}`lenet-unmodified` is the verdict on "no modification": the
# numbers of Table 1 belong to this network and not to the famous one. LeNet-5 itself, with softmax and inputs divided by 255, reads
# {measure}`lenet-grey-1998.val_accuracy` of the plain digits, {measure}`lenet-1hue-1998.val_accuracy` on one hue, after ten epochs each, and
# {measure}`lenet-2hue-1998.val_accuracy` on two hues after forty.
#
# The large network comes in two versions, one for plain digits and one for colour.

# %% mystnb={"figure": {"name": "colorized_digits-fig-alexnet", "caption": "The report's AlexNet for colour. Two convolutions with sigmoids, two with ReLU, average pooling, four dense layers, the last with a ReLU."}, "image": {"alt": "Blocks from a 14 by 14 convolution over two dense layers of 800 units to ten outputs"}}
plots.network(layers["alexnet-rgb"])
plots.plt.show()

# %%
plots.layer_table(layers["alexnet-rgb"])

# %% [markdown]
# The report speaks of slight modification. Of the parameters of AlexNet {cite:p}`krizhevsky2012` as Figure 7 lists it the
# version for plain digits keeps {percent}`network-shapes.bw_parameter_share`
# ({claim}`alexnet-slightly-modified`): four convolutions of five, average pooling for maximum, sigmoids in the
# first two layers. One detail will carry the rest of this chapter. Figure 7 ends in "Dense – ReLU": **the ten
# outputs pass through a ReLU**, and the loss then reads them as probabilities. It is an easy slip: the AlexNet paper says that
# ReLU follows every layer and names the softmax elsewhere.
#
# ## What the text says, and what the code does
#
# | | the report's text | its author's notebooks and figures | our runs |
# |:--|:--|:--|:--|
# | images | 70,000 | 51,000 train, the last 9,000 of the training file validate (Table 1), 10,000 test (Figures 14 to 19) | as the notebooks |
# | bytes | 0 to 254 | 0 to 255, not divided (LeNet, plain) | the same; assumed for the rest |
# | one hue | lightness 55 to 254, "HSV" | pure hue on white | as the function; text and Figure 4 are declared as controls, not run yet |
# | LeNet | unmodified | stride 2, sigmoids, a third of the weights | as the notebooks; LeNet-5 as a control (above) |
# | AlexNet, filters | not given | 6, 16, 32, 32 (plain), 6, 12, 32, 32 (colour) | as the notebooks |
# | AlexNet, pooling | not given | average | average; maximum as a control |
# | AlexNet, padding | one pixel | "same" | "same" |
# | AlexNet, last layer | ReLU | ReLU | ReLU; softmax as a control |
# | loss | not given | categorical cross-entropy on the outputs as they are | the same, with Keras' rules {cite:p}`chollet2015` |
# | optimizer, batch | not given | Adam {cite:p}`kingma2015` with Keras' defaults; 64 (LeNet, plain) | the same; the batch assumed for the rest |
# | epochs | not given | 10 (LeNet, plain), 100 (one hue), 40 (AlexNet, two hues) | the same; 40 (AlexNet, plain) and 60 (LeNet, two hues) assumed |
#
# Where neither text nor notebook says it, we chose before the runs and wrote the reason beside each setting on
# the [page of runs](runs). The two unknown numbers of epochs come from a pilot of one seed: the first epoch that
# reached the training loss of Table 1. To round it up to a multiple of ten was decided after the pilot. The training losses of these two
# columns therefore prove little, and their accuracies not much more.
#
# ## Every claim about data and networks

# %%
from lib import claims

claims.table(page="1_report")

# %% [markdown]
# ## What we know now
#
# - The set with one hue that gave the numbers is most likely pure ink on white, not the dark ink of the picture.
# - "LeNet" is a third of LeNet-5, and "AlexNet" keeps less than 3 % of AlexNet's weights; both are networks of the report's own.
# - The large one ends in a ReLU whose outputs are read as probabilities. Remember it.
#
# [Next: do the numbers of Table 1 come out again?](2_reproduction)
