# %% [markdown]
# # What else can the recipe do, and what are codes good for?
#
# :::{admonition} After this page you will have seen
# - the same recipe on photographs, where digits were to be the first step
# - a code of 32 values at work: in the plane, between two digits, drawn at random, in search of look-alikes and strangers
# - your own digit through code, copy and verdict; and four classic mistakes, caught
# :::
#
# The report ends by calling digits a first step towards harder images. So here is the next one.

# %%
from lib import plots, reproduce
from lib.experiments import chapter

runs = reproduce("cifar-autoencoder", "cifar-recipe", "cifar-scratch",
                 "tight-bottleneck", "one-digit-out")

# %% [markdown]
# ## Does the recipe help with photographs?
#
# CIFAR-10 {cite:p}`krizhevsky2009`, all else as for the digits: an autoencoder for 40 epochs (20 in reduced runs, on a quarter of the
# photographs), the head on the frozen encoder, then everything; and the same classifier from random weights. The code has 16,384 values here, the picture 3,072.

# %% tags=["hide-input"]
import pandas as pd

ways = [("two stages, after the first", "cifar-recipe", "stage1_test_accuracy"),
        ("two stages", "cifar-recipe", "test_accuracy"),
        ("all at once, random weights", "cifar-scratch", "test_accuracy"),
        ("the same, averages taken anew", "cifar-scratch", "averaged_anew")]
rows = [(words, len(runs[name]),
         f"{sum(r.measures[m] for r in runs[name]) / len(runs[name]):.3f}" if runs[name]
         else f"not run yet: {name}") for words, name, m in ways]
pd.DataFrame(rows, columns=["trained", "seeds", "test accuracy"]).style.hide(axis="index")

# %% mystnb={"figure": {"name": "digit_autoencoder-fig-photographs", "caption": "Test photographs (above) and what the autoencoder gives back (below)."}, "image": {"alt": "Two rows of ten small photographs"}}
def pairs(found, name, columns=10):
    """Pictures of a run above, what came out of its autoencoder below."""
    fig, axes = plots.figure(2, 1, height=0.8)
    for ax, kind in zip(axes, ("pictures", "rebuilt")):
        if found:
            plots.pictures(found[0].arrays[kind][:columns], columns, ax=ax)
        else:
            plots.waiting(ax, [name])
    plots.plt.show()


pairs(runs["cifar-autoencoder"], "cifar-autoencoder")

# %% [markdown]
# The two stages reach {measure}`cifar-recipe.test_accuracy`, random weights {measure}`cifar-recipe.scratch_test_accuracy`. But a reduced
# run is short: 10,000 photographs, 40 steps an epoch. As with few labels on the [page before](3_findings), batch normalisation's moving
# averages lag behind weights that move fast; taken anew over the training photographs, without touching a weight, they give
# {measure}`cifar-scratch.averaged_anew`. The recipe, whose averages came ready from the autoencoder, was not judged so. (A first run from random
# weights, with a patience of 5, stopped at chance for this reason; so this one has no early stopping, which the recipe has.) One run of each
# does not decide. It does show that the first comparison may mislead.
#
# ## What does a true bottleneck keep of a digit?
#
# From here on the code has 32 values, a 25th of the picture; a reduced run has seen 12,000 digits, ten times. Above what went in, below
# what came out:

# %% mystnb={"figure": {"name": "digit_autoencoder-fig-tight", "caption": "Test digits (above) and what a code of 32 values keeps of them (below)."}, "image": {"alt": "Two rows of ten digits"}}
tight = runs["tight-bottleneck"]
pairs(tight, "tight-bottleneck")

# %% [markdown]
# ## Do digits of one kind lie together?
#
# Nobody told the autoencoder which digit is which. {numref}`digit_autoencoder-fig-plane` flattens its codes into the plane in which
# they vary most. Look for the clouds, and for where they overlap.

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-plane", "caption": "Codes of 2,000 test digits on their first two principal axes, each drawn as its number."}, "image": {"alt": "A cloud of small coloured numbers", "width": "480px"}}
fig, ax = plots.figure(height=4, width=5)
if tight and "plane" in tight[0].arrays:
    place, kind = tight[0].arrays["plane"].astype(float), tight[0].arrays["plane_labels"]
    for digit in range(10):
        ax.scatter(*place[kind == digit].T, s=14, marker=f"${digit}$", linewidths=0.3,
                   color=plots.plt.cm.tab10(digit))
    ax.set(xlabel="first axis", ylabel="second axis")
else:
    plots.waiting(ax, ["tight-bottleneck"])
plots.plt.show()

# %% [markdown]
# ## What lies between a 4 and a 9?
#
# A walk from one code to the other in equal steps, each decoded (above), beside the same mixture of the pixels (below). Mixed
# pixels are two digits in one another; a decoder may find a digit on the way, or not.

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-walk", "caption": "From 4 to 9, from 3 to 8, from 1 to 7: codes mixed and decoded (upper row of each pair), pixels mixed (lower row)."}, "image": {"alt": "Six rows of nine digits"}}
import numpy as np

fig, ax = plots.figure(height=4.6, width=6)
if tight and "walks" in tight[0].arrays:
    walks, mixed = (tight[0].arrays[k].reshape(3, 9, 28, 28) for k in ("walks", "mixed"))
    plots.pictures(np.stack([walks, mixed], 1).reshape(-1, 28, 28), 9, ax=ax)
else:
    plots.waiting(ax, ["tight-bottleneck"])
plots.plt.show()

# %% [markdown]
# ## Can it make digits of its own?
#
# A plain autoencoder only learns to decode codes of real digits. Draw a code at random, each value with the mean and the spread that
# real codes have, and decode it. How many of {numref}`digit_autoencoder-fig-random` would you call a digit? Nothing in the training
# asked for the space between the codes to be filled; that is what variational autoencoders were made for {cite:p}`kingma2014`.

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-random", "caption": "Forty random codes, decoded."}, "image": {"alt": "Four rows of ten shapes"}}
fig, ax = plots.figure(height=2.9, width=6.6)
if tight and "random" in tight[0].arrays:
    plots.pictures(tight[0].arrays["random"], 10, ax=ax)
else:
    plots.waiting(ax, ["tight-bottleneck"])
plots.plt.show()

# %% [markdown]
# ## Does a code find look-alikes?
#
# The report names search as a use of short codes {cite:p}`salakhutdinov2009`. Six test digits, and beside each the six training
# digits with the nearest codes.

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-alike", "caption": "Test digits (left column) and the six training digits whose codes of 32 values are nearest."}, "image": {"alt": "Six rows of seven digits", "width": "420px"}}
fig, ax = plots.figure(height=3.6, width=4.4)
if tight and "alike" in tight[0].arrays:
    kept = tight[0].arrays
    alike = kept["alike"].reshape(6, 6, 28, 28)
    plots.pictures(np.concatenate([kept["asked"].reshape(6, 1, 28, 28), alike], 1)
                   .reshape(-1, 28, 28), 7, ax=ax)
else:
    plots.waiting(ax, ["tight-bottleneck"])
plots.plt.show()

# %% tags=["hide-input"]
for run in tight:
    scores = run.facts["scores"]
    print(f"seed {run.seed} ({run.scale} run): the nearest training digit is of the same kind\n"
          f"  for {scores['same_by_code']:.3f} of 1,000 by code, {scores['same_by_pixels']:.3f} by pixels")
print("not run yet" if not tight else "")

# %% [markdown]
# ## Does it notice a stranger?
#
# Autoencoders with a code of 32 values, each trained without one of the ten digits. If a network copies badly what it has never seen, its
# error finds the stranger. The area under the ROC curve says how often a stranger has a larger error than a digit of the other
# nine kinds: 1 is always, 0.5 is a coin. Which digit hides best, and why might it?

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-strangers", "caption": "How well the reconstruction error tells a digit that was left out of training from the other nine kinds, and from those of their digits that have as much ink, within a tenth (the first 1,000 test digits); the dotted line is a coin."}, "image": {"alt": "Two bars for each digit that has been left out", "width": "480px"}}
facts = reproduce("data-facts")["data-facts"]


def as_inky(run):
    """The same area among test digits with about as much ink: mean over the strangers of the share of digits
    within a tenth of their ink that have a smaller error."""
    images, labels, error = facts[0].arrays["test_digits"], facts[0].arrays["test_labels"], run.arrays["error"]
    known = min(len(images), len(error))
    ink, labels, error = images[:known].sum((1, 2), dtype=float), labels[:known], error[:known]
    shares = []
    for i in np.flatnonzero(labels == int(run.point)):
        beside = (labels != int(run.point)) & (np.abs(ink / ink[i] - 1) <= 0.1)
        if beside.any():
            shares.append((error[beside] < error[i]).mean())
    return np.mean(shares) if shares else np.nan


fig, ax = plots.figure(height=2.5, width=5)
strangers = {int(r.point): r.measures["auc"] for r in runs["one-digit-out"]}
if strangers and facts:
    places = np.array(list(strangers))
    ax.bar(places - 0.2, [v or 0 for v in strangers.values()], 0.4, color=plots.BLUE, label="against all")
    ax.bar(places + 0.2, [as_inky(r) for r in runs["one-digit-out"]], 0.4, color=plots.SKY, label="against as much ink")
    ax.axhline(0.5, color=plots.RED, linestyle=":")
    ax.set(xlabel="digit left out", ylabel="area under the curve", xticks=range(10), ylim=(0, 1))
    ax.legend(fontsize=8, ncols=2)
else:
    plots.waiting(ax, ["one-digit-out"])
plots.plt.show()
if absent := [str(d) for d in range(10) if d not in strangers]:
    print("not run yet: without", ", ".join(absent))

# %% [markdown]
# A 0, a 2, a 3 or an 8 that the network has never seen stands out, about four times in five. A 7 or a 9 hides among the others, perhaps because they have
# taught all its strokes. And a 1 is nearly always copied *better* than the digits that trained. We thought of its little ink, for an error a
# pixel counts ink before it counts surprise; but beside digits with as much ink a 1 is copied better too. Perhaps a straight stroke is simply
# easy. So the error alone is no alarm. One run for each digit.

# %% [markdown]
# ## Play: your own digit
#
# Open this page in JupyterLab (`make lab`), draw a digit with a thick pen, photograph it or make it an array, and give its file
# name instead of `shown[...]`. It goes through the autoencoder of the report, through the code of 32, and to the classifier.

# %%
import torch

from lib.digits import digit
from lib.records import RecordError
from lib.runs import Run, weights

home = chapter("digit_autoencoder")
facts = reproduce("data-facts")["data-facts"]
shown = facts[0].arrays["test_digits"] if facts else [np.eye(28)] * 19
mine = digit(shown[18])                # or digit("my_digit.png")
x = mine[None, None] / 255
networks = {}
for name in ("autoencoder", "tight-bottleneck", "two-stage"):
    try:
        networks[name] = weights(Run(home, home[name], "", 0))
    except RecordError as missing:
        print(missing)

# %% tags=["hide-input"] mystnb={"figure": {"name": "digit_autoencoder-fig-play", "caption": "A test digit, a 3, its copy, and the classifier's answer (seed 0): wrong, and far too sure, as on the page before."}, "image": {"alt": "Three digits and a bar chart of ten bars"}}
fig, axes = plots.figure(1, 4, height=2.1)
plots.pictures(mine[None], 1, "yours", ax=axes[0])
with torch.no_grad():
    for ax, name in zip(axes[1:3], ("autoencoder", "tight-bottleneck")):
        if name in networks:
            plots.pictures(255 * networks[name](x)[:, 0], 1, name, ax=ax)
        else:
            plots.waiting(ax, [name], "weights not kept:")
    if "two-stage" in networks:
        shares = networks["two-stage"](x).softmax(1)[0]
        axes[3].bar(range(10), shares, color=plots.BLUE)
        axes[3].set(title=f"{int(shares.argmax())}, {shares.max():.1%} sure", xticks=range(10), ylim=(0, 1))
    else:
        plots.waiting(axes[3], ["two-stage"], "weights not kept:")
plots.plt.show()

# %% [markdown]
# ## Break it
#
# Four classic mistakes, made on purpose on a few hundred real digits. Each looks harmless in code, and each leaves a trace that a
# simple question finds.
#
# **An encoder that is not frozen.** No weight of it gets a gradient, yet it changes: batch normalisation in training mode moves its
# averages with every batch. Ask: is every number in it what it was, to the bit?

# %%
from lib import data, models

digits = data.load("mnist-sample")[0][:600]
pictures = digits.images[:, None] / 255
net = models.build("classifier-64", seed=0)


def touched(train):
    """Which entries of the encoder a forward pass changes."""
    before = {k: v.clone() for k, v in net.encoder.state_dict().items()}
    net.train(train)(pictures[:64])
    after = net.encoder.state_dict()
    return [k for k in before if not torch.equal(before[k], after[k])]


print(len(touched(train=False)), "entries changed in inference mode,",
      len(touched(train=True)), "in training mode")
assert not touched(train=False) and touched(train=True)

# %% [markdown]
# **Batch statistics at evaluation.** The verdict on a digit then depends on which digits stand beside it. Ask: does the answer stay
# the same when it comes alone?

# %%
@torch.no_grad()
def alone_or_not(train):
    """Largest change of one digit's outputs when others stand beside it."""
    net.train(train)
    few, many = net(pictures[:2])[0], net(pictures[:64])[0]
    return float((few - many).abs().max())


right, wrong = alone_or_not(train=False), alone_or_not(train=True)
print(f"inference mode {right:.4f}, training mode {wrong:.4f}")
assert right < 0.05 < wrong

# %% [markdown]
# **The chained split.** A second split of what the first one left looks like more validation data. Ask: has anyone been trained on
# these before?

# %%
fitted, judged = data.shuffled_split(600, 120, 13)
again, next_judged = (fitted[part] for part in
                      data.shuffled_split(480, 96, 13))
print(f"first pass: {len(set(judged) & set(fitted))} of {len(judged)} "
      "validation digits were trained on")
print(f"second pass: {len(set(next_judged) & set(fitted))} "
      f"of {len(next_judged)}")
assert not set(judged) & set(fitted) and set(next_judged) <= set(fitted)

# %% [markdown]
# **The test set used for stopping.** Stop at the epoch that is best on the test digits, and report that best. Ask: what does the
# chosen epoch score on digits that nobody has chosen with?

# %%
from lib import training
from lib.trainers import Parts

recipe = {"data": "mnist-sample", "transform": "digit", "model": "mlp",
          "seed": 0, "optimizer": "adam", "loss": "cross_entropy", "lr": 0.01,
          "batch": 32, "epochs": 15, "validation": 100}
tests = data.load("mnist-sample")[1]


def curve(judging):
    """Accuracy after every epoch on some digits; the training is the same."""
    parts = Parts(digits[:300], judging, judging)
    return np.array(training.fit(recipe, parts)[1].history["val_accuracy"])


small, fresh = curve(tests[:60]), curve(tests[60:])
chosen = small.argmax()
print(f"epoch {chosen + 1}: {small[chosen]:.3f} on the 60 that chose it, "
      f"{fresh[chosen]:.3f} on 940 others; mean over all epochs "
      f"{small.mean():.3f} and {fresh.mean():.3f}")
assert small[chosen] - small.mean() > fresh[chosen] - fresh.mean()

# %% [markdown]
# The 60 are easier digits anyway, as the means over the epochs say. What choosing adds is the rest: the epoch stands further above its average
# on the digits that chose it than on the others. In this chapter weights, epochs and settings are chosen on validation
# digits only; a test of the repository blackens the test set and finds the same weights.
#
# ## What we know now
#
# - A code of 32 values can be looked at, walked through and searched; codes drawn at random show what it was never asked to learn.
# - Whether the recipe is worth its epochs on photographs, one short run of each cannot say: which is ahead depends on the averages.
# - The error of an autoencoder finds some strangers and not others; a 1 it takes for the most familiar of all.
# - "Frozen", "stopped" and "validated" are claims about a program; each can be checked with a question of one line.
#
# [All runs of this chapter](runs)
