# %% [markdown]
# # Can a small network guess the colours of a scene?
#
# :::{card} The report
# **CS 520: Assignment 4 - Colorization**, Xin Yang and Zhuohang Li, about 2018 {cite:p}`yangli2018`. Read with two of
# its authors' scripts, which a public index of code holds as text without a repository's name: the main script of
# the first part and the notebook of the second. The class that the first one imports was not found; what is known of it is
# inferred from a later team's reworked class and marked so. No licence is stated, so nothing of it is copied.
#
# **Asked:** can three tiny networks that look at 3 × 3 windows of grey, and a convolutional network that sees whole scenes of
# 64 × 64, give grey photographs their colours back?
#
# **Answered by the report:** yes. The small ones come within 0.67 to 1.17 of the truth, by a difference of its own; the
# large one is right in 54 to 64 of 100 values and is the better of the two.
#
# **What came out here:** on coffee the window networks end at a difference of {measure}`ann-coffee.distance` (smaller is nearer); on
# beaches the large network is right in {percent}`cnn-beach.value_accuracy` of the values, where a predictor that never
# looks at the picture has {percent}`base-beach.best_blind_accuracy`.
#
# ```{verdict-counts} scene_colorization
# ```
# :::
#
# :::{admonition} After this page you will have seen
# - how a picture becomes four levels a channel, and what the network is shown of it
# - four ways to score a colouring, on the same pictures, and what each of them cannot see
# - both networks as they ran, and where text and scripts part
# :::
#
# ## What do four levels leave of a picture?
#
# Each channel is reduced to 0, 64, 128 or 192. The text rounds to the nearest level, the script takes the one below. Look
# at the milk and at the highlights in {numref}`scene_colorization-levels`: white has become grey either way.

# %%
from lib import plots, reproduce
from lib.picture_sets import originals
from window_runs import halves  # window_runs.py and windows.py, beside this page
from windows import REDUCTIONS

runs = reproduce("metric-facts", "base-coffee", "ann-coffee", "network-shapes")
left, right = halves(originals("coffee")[0])  # inside scikit-image

# %% mystnb={"figure": {"name": "scene_colorization-levels", "caption": "The right half of coffee: as it is, reduced to the level below, to the nearest level, and the grey that the networks are shown."}, "image": {"alt": "Four versions of half a photograph of a coffee cup, two in few colours, one in grey"}}
floor, nearest = REDUCTIONS["floor"], REDUCTIONS["nearest"]
shown = {"as it is": right, "level below (script)": floor.reduced(right),
         "nearest (text)": nearest.reduced(right), "grey input": floor.greys(right)}
fig, axes = plots.figure(1, 4, height=2.6)
for ax, (title, picture) in zip(axes, shown.items()):
    plots.photograph(ax, picture, title)
plots.plt.show()

# %% [markdown]
# For {percent}`metric-facts.floor_agrees` of the values 0 to 255 both give the same. The largest error, by the nearest
# level, is {measure}`metric-facts.worst_rounding_error`, at 255: {claim}`levels-cover-range`.
#
# The grey picture deserves a second look. The text makes the picture grey and then takes the levels. The script makes the
# *reduced* picture grey, by {math}`0.2125\,R + 0.7154\,G + 0.0721\,B`. The 64 colours that are left have
# {measure}`metric-facts.greys_of_64` different greys. Keep that number for the [third page](3_findings).
#
# ## How do you score a colouring?
#
# The report prints a difference of two pixels,
#
# $$d = |(R_1 - R_2) + (G_1 - G_2) + (B_1 - B_2)| / S, \quad S = 64,$$
#
# and takes its mean. Its script does something else: it sums the three differences as unsigned bytes, which wrap around at
# 256. We add the sum of absolute differences, and CIEDE2000 {cite:p}`sharma2005`, made to agree with the eye.

# %%
import scores  # scores.py, beside this page

plots.source(scores.coded)

# %%
plots.source(scores.printed)

# %% [markdown]
# Here are five pictures scored against the true right half, each by all four. A smaller number is nearer. What should a
# good score say of a cup whose red and blue are exchanged?

# %% tags=["hide-input"]
import pandas as pd

truth = runs["metric-facts"][0].arrays["truth"] * 64
base = runs["base-coffee"][0].arrays if runs["base-coffee"] else {}
given = {"the truth itself": truth, "red and blue exchanged": truth[..., ::-1],
         "left grey": base["grey_copy"] * 64, "a table of greys": base["table"] * 64}
if runs["ann-coffee"]:
    given["networks, seed 0"] = runs["ann-coffee"][0].arrays["given"] * 64
heads = ["as coded", "as printed", "absolute", "CIEDE2000"]
functions = (scores.coded, scores.printed, scores.absolute, scores.ciede2000)
table = pd.DataFrame([[f(truth, picture) for f in functions] for picture in given.values()],
                     index=list(given), columns=heads)
table.style.format("{:.3f}")

# %% mystnb={"figure": {"name": "scene_colorization-scored", "caption": "The pictures of the table, in its order."}, "image": {"alt": "Five half photographs of a coffee cup: true colours, blue ones, grey, and two near the truth"}}
fig, axes = plots.figure(1, len(given), height=2.3)
for ax, (title, picture) in zip(axes, given.items()):
    plots.photograph(ax, picture, title.replace(" exchanged", "\nexchanged").replace(", ", ",\n"))
plots.plt.show()

# %% [markdown]
# - **As printed**, errors of opposite sign cancel. The exchanged cup scores {measure}`metric-facts.swapped_printed`, pure red for pure
#   green {measure}`metric-facts.red_green_printed`, and a pixel whose three channels are set to their own mean
#   {measure}`metric-facts.grey_mean_printed`. It measures brightness, not colour: {claim}`larger-is-worse`.
# - **As coded**, one level too dark costs {measure}`metric-facts.one_too_low`, one too bright
#   {measure}`metric-facts.one_too_high`. It sees colour, but prefers dark pictures.
# - **Absolute** differences see both and weigh all channels alike, which the eye does not.
# - **CIEDE2000** follows the eye, pixel by pixel; none of the four sees objects.
#
# About 0.80 is called good, as experiments showed. By the score of their script the picture left grey, {measure}`base-coffee.grey_copy`,
# and the exchanged cup, {measure}`metric-facts.swapped_coded`, are both far from good, and the limit stands: {claim}`good-at-080`. A reader
# who takes the printed formula instead gets {measure}`base-coffee.grey_copy_printed` for the picture left grey: good.
#
# ## What votes for a level?
#
# For each channel one network: nine grey values in, nine hidden neurons, four outputs, one for each level
# ({claim}`ann-9-9-4`). All windows of a picture are answered at once; the gradient is written by hand, in
# numpy, as the report's was.

# %%
import windows

plots.source(windows.gradients)

# %% [markdown]
# :::{margin} What is inferred
# A later team's rework of the class has a tenth ordinary hidden neuron, no constant at the outputs, and
# takes the derivative of tanh at the wrong place. Our remakes of the report's runs use it so; `ann-coffee-textbook` does not.
# :::
#
# The outputs are said to vote. In the script the **last** output above one half wins, and level 0 where there is none. Each of
# these quirks is one named option of our network, and a textbook network is the other setting.
#
# Is a code of four outputs more robust than one number for the level? By absolute differences, which the verdict reads, no difference is seen:
# {claim}`one-hot-robust`. The script's own score is lower with the code, {measure}`ann-coffee.distance` against {measure}`ann-coffee-scalar.distance`.
#
# ## What does the large network see?
#
# It sees lightness: L of CIE Lab, 64 × 64, from 0 to 100. It gives two numbers for each pixel, a (from green, negative, to red) and b
# (from blue, negative, to yellow), 8,192 in all. The report says that L is the grey
# picture but for its range. Scaled to the same range they are {measure}`lab-facts.l_gap` of 255 apart on coffee
# ({claim}`l-is-grey`). Most of it is because the script's Lab leaves out the gamma of sRGB, but with it {measure}`lab-facts.l_gap_srgb` are
# left: L is a cube root of the light, grey is not.
#
# With X, Y, Z relative to white and $f(t) = t^{1/3}$ (a straight line for the darkest), $L = 116 f(Y) - 16$, $a = 500 (f(X) - f(Y))$
# and $b = 200 (f(Y) - f(Z))$; `lib.lab` does it for whole batches. The network:

# %%
layers = runs["network-shapes"][0].facts["layers"]
plots.layer_table(layers["scene-cnn"])

# %% [markdown]
# The network has {measure}`arch:scene-cnn.parameters` weights ({claim}`cnn-layers`) for some 15 pictures, {measure}`cost-facts.to_mnist_parameters`
# times those of a tutorial's network for digits, and {measure}`cost-facts.to_mnist_neurons` times its neurons ({claim}`far-more-than-mnist`). Its last step is unusual: **all outputs are
# divided by the largest output of all pictures fed together**, times 256. The text has another: to 0..1, times 255. Before
# training the smallest output lies, after that division, at {measure}`init-facts.output_bottom`, the largest at 256:
# {claim}`output-regularised`.
#
# Three scenes have around 15 pictures each, the report says. The sets found have 22 beaches (21 could be had), 17 forests and 14 sunrises, some perhaps added by a
# later team: {claim}`pictures-and-split`. How alike are they? Which of the three a picture
# belongs to explains {percent}`scene-facts.category_share` of the variance of their mean colours ({claim}`categories-alike`).
#
# :::{margin} Whose pictures
# The pictures of the second part were found in a later team's repository (wengyusu/CS-IntroToAI at commit 90257a5) and are very likely
# the report's own. They are of unknown copyright: this book shows them only as the 64 × 64 that the network sees. Of the first part only coffee is
# the report's; sunset and beach are stand-ins, photographs by others.
# :::
#
# ## What the text says, and what the scripts do
#
# Where a control has the other setting, its number stands in the last column: the coded difference on coffee (the script's setting
# has {measure}`ann-coffee.distance`) or the accuracy on beaches ({measure}`cnn-beach.value_accuracy`).
#
# | | the report's text | its authors' scripts | our runs |
# |:--|:--|:--|:--|
# | levels | to the nearest | to the one below | as the script; as the text: {measure}`ann-coffee-nearest.distance` |
# | grey | of the photograph | of the reduced picture | as the script; as the text: {measure}`ann-coffee-unrounded.distance` |
# | score | absolute value of a sum | unsigned bytes, summed | both, and two more |
# | vote | most favourable output | last above one half | as the script; the largest beside it |
# | epochs, windows | not given | 20,000 single updates, rate 0.1 | the same; ten true passes: {measure}`ann-coffee-long.distance` |
# | epochs, large network | 8000 | 8,000 steps of 3 pictures | the same; 8,000 passes, at their best: {measure}`cnn-beach-epochs.value_accuracy` |
# | Lab | of RGB | without gamma | the same; with gamma: {measure}`cnn-beach-gamma.value_accuracy` |
# | output | to 0..1, times 255 | divided by the batch's largest, times 256 | the same; as the text: {measure}`cnn-beach-output.minmax_accuracy` |
# | start | not given | normal of 0.1 cut at two deviations, biases 0.1 | the same; He's start {cite:p}`he2015`, today's scales, Adam: {measure}`cnn-beach-sound.value_accuracy` (a short run; a twin of a test picture in training, see the [third page](3_findings)) |
# | dropout | mostly not used | keeps everything | the same; a half: on the [third page](3_findings) |
# | split | 7 to 3 | each picture by its own draw, no seed | the same, drawn anew for each seed |
# | accuracy | a pixel within 10 | a single value within 10 | values; pixels beside |
# | which step counts | both accuracies high | no stop | the text's; the last step beside |
#
# ## Every claim about data and networks

# %%
from lib import claims

claims.table(page="1_report")

# %% [markdown]
# ## What we know now
#
# - Of four scores, the two of the report are the ones to read with care: one cannot see colour, one likes the dark.
# - The script shows the window networks a grey that was made from the answer.
# - The large network divides a picture's colours by the largest output of all pictures fed with it.
#
# [Next: do the numbers come out again?](2_reproduction)
