"""Training window networks as a recipe says: a trainer (``run``, ``probe``) and what it is made of.

A task is what three networks, one a channel, learn from and then colour.  A run may hold several tasks;
all their networks are trained side by side.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch

from lib import draws, picture_sets
from lib.loading import sibling
from lib.picture_sets import as_dataset, narrow, originals, split
from lib.trainers import Progress, Trained

scores, w = sibling(__file__, "scores"), sibling(__file__, "windows")

JUDGED = 5000  # windows on which the loss is looked at
CHUNK = 1000   # updates whose windows are gathered at a time
WIDEST = 400   # of pictures that a run of many pictures takes

Pictures = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Task:
    """Pictures to learn from and pictures to colour, uint8 (h, w, 3)."""

    train: Pictures
    test: Pictures
    name: str = ""


@dataclass
class Trainee:
    """The networks of a run with all that they were trained on; ``weights`` change in training."""

    recipe: dict
    tasks: list[Task]
    weights: w.Weights
    history: dict[str, list] = field(default_factory=dict)

    @property
    def design(self) -> w.Design:
        return w.DESIGNS[self.recipe["model"]]

    @property
    def reduction(self) -> w.Reduction:
        return w.REDUCTIONS[self.recipe["transform"]]

    def of(self, task: int) -> w.Weights:
        """The three networks of one task."""
        first, last = self.weights
        return first[3 * task:3 * task + 3], last[3 * task:3 * task + 3]

    def outputs(self, rgb: np.ndarray, task: int = 0) -> np.ndarray:
        """Outputs for all windows of a picture: (3, rows, columns, outputs)."""
        return w.answers(self.design, self.of(task), self.reduction.greys(rgb))

    def paint(self, rgb: np.ndarray, task: int = 0) -> np.ndarray:
        """A picture as the networks of a task colour it, uint8 (h, w, 3) in levels times step."""
        levels = w.colour(self.design, self.of(task), self.reduction.greys(rgb))
        return levels * np.uint8(self.reduction.step)


# ---- which pictures train and which are coloured

def halves(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Left and right half of a picture."""
    middle = rgb.shape[1] // 2
    return rgb[:, :middle], rgb[:, middle:]


def _halves(context) -> list[Task]:
    """Each picture's left half trains, its right half is coloured."""
    name = context.recipe["data"]
    found = []
    for kind in context.recipe.get("kinds", (name,)):
        for picture in originals(context.set(kind)):
            left, right = halves(narrow(picture, WIDEST) if "kinds" in context.recipe else picture)
            found.append(Task((left,), (right,), kind))
    return found


def _swapped(context) -> list[Task]:
    """As ``_halves``, the other way round: right halves train, left halves are coloured."""
    return [Task(task.test, task.train, task.name) for task in _halves(context)]


def _transfer(context) -> list[Task]:
    """The first picture trains, the second is coloured, both whole."""
    first, second, *_ = originals(context.recipe["data"])
    return [Task((first,), (second,))]


def _other(context) -> list[Task]:
    """Each seed one picture of a set trains, whole; the right half of another picture is coloured."""
    pictures = originals(context.recipe["data"])
    (target,) = originals(context.set(context.recipe["coloured"]))
    return [Task((pictures[context.recipe["seed"] % len(pictures)],), (halves(target)[1],))]


def _split(context) -> list[Task]:
    """64 x 64 pictures, one task a kind, split by seed as the convolutional network's are."""
    found = []
    for kind in picture_sets.kinds(context.recipe["data"]):
        images, _ = picture_sets.load(kind)
        pictures = images.images.movedim(1, -1).numpy()
        train, test = split(kind, len(pictures), context.recipe["seed"])
        found.append(Task(tuple(pictures[train]), tuple(pictures[test]), kind))
    return found


LAYOUTS = {"halves": _halves, "swapped": _swapped, "transfer": _transfer, "other": _other, "split": _split}


# ---- training

def _examples(trainee: Trainee) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each task all windows of its training pictures (n, inputs) and their levels (n, 3)."""
    size, reduction = trainee.design.window, trainee.reduction
    edge = size // 2
    for task in trainee.tasks:
        x = [w.windows(reduction.greys(p), size) for p in task.train]
        levels = [scores.inner(reduction.levels(p), edge).reshape(-1, 3) for p in task.train]
        yield np.concatenate(x), np.concatenate(levels)


def _order(recipe: dict, task: int, count: int) -> np.ndarray:
    """Which window each of the three networks gets at each update: (updates, 3)."""
    draw = np.random.default_rng(draws.key(recipe["seed"], "windows", task))
    if recipe["sampling"] == "with replacement":
        return draw.integers(0, count, (recipe["updates"], 3))
    passes = -(-recipe["updates"] // count)
    orders = [np.stack([draw.permutation(count) for _ in range(3)], 1) for _ in range(passes)]
    return np.concatenate(orders)[: recipe["updates"]]


def _stream(design: w.Design, examples: list, orders: list, start: int, stop: int):
    """(networks, inputs) and (networks, outputs) for each update from start to stop."""
    channel = np.arange(3)
    for at in range(start, stop, CHUNK):
        rows = slice(at, min(at + CHUNK, stop))
        x = np.concatenate([x[o[rows]] for (x, _), o in zip(examples, orders, strict=True)], 1)
        t = np.concatenate([y[o[rows], channel] for (_, y), o in zip(examples, orders, strict=True)], 1)
        yield from zip(x, design.targets(t), strict=True)


def _loss(trainee: Trainee, judged: list) -> float:
    """Mean of (o - t)^2 over networks, the judged windows and outputs."""
    each = []
    for i, (x, levels) in enumerate(judged):
        out = w.forward(trainee.design, trainee.of(i), x[None])[1]
        each.append(np.square(out - trainee.design.targets(levels.T)).mean())
    return float(np.mean(each))


def fit(recipe: dict, tasks: list[Task]) -> Trainee:
    """Train the networks of all tasks from the recipe's seed; history every ``look_every`` updates."""
    seed, design = recipe["seed"], w.DESIGNS[recipe["model"]]
    trainee = Trainee(recipe, tasks, design.start(draws.key(seed, "weights"), 3 * len(tasks)))
    examples = list(_examples(trainee))
    orders = [_order(recipe, i, len(x)) for i, (x, _) in enumerate(examples)]
    judged = []
    for i, (x, levels) in enumerate(examples):
        rows = np.random.default_rng(draws.key(seed, "judged", i)).integers(0, len(x), JUDGED)
        judged.append((x[rows], levels[rows]))
    rule = w.OPTIMIZERS[recipe["optimizer"]](recipe["lr"])
    done, history = 0, {"updates": [0], "loss": [_loss(trainee, judged)]}
    while done < recipe["updates"]:
        stop = min(done + recipe["look_every"], recipe["updates"])
        w.train(design, trainee.weights, rule, _stream(design, examples, orders, done, stop))
        done = stop
        history["updates"].append(done)
        history["loss"].append(_loss(trainee, judged))
    trainee.history = history
    return trainee


def judge(trainee: Trainee) -> dict[str, float]:
    """The four scores of ``scores.py`` on the coloured pictures, a mean over pictures of each task.

    ``distance`` (as coded) and ``printed`` count the black border, ``abs_distance`` and ``ciede`` do not.
    """
    rows, step, edge = [], trainee.reduction.step, trainee.design.window // 2
    for i, task in enumerate(trainee.tasks):
        for picture in task.test:
            truth, given = trainee.reduction.reduced(picture), trainee.paint(picture, i)
            inside = scores.inner(truth, edge), scores.inner(given, edge)
            rows.append((scores.coded(truth, given, step), scores.printed(truth, given, step),
                         scores.absolute(*inside, step), scores.ciede2000(*inside)))
    names = ("distance", "printed", "abs_distance", "ciede")
    return dict(zip(names, np.mean(rows, 0).tolist(), strict=True))


def run(context) -> Trained:
    """Train and judge the window networks of a run (see ``lib.runs.Context``)."""
    recipe, start = context.recipe, time.perf_counter()
    tasks = LAYOUTS[recipe["layout"]](context)
    trainee = fit(recipe, tasks)
    look = context.finish(trainee)
    design, networks = trainee.design, 3 * len(tasks)
    seen = tuple(as_dataset(recipe["data"], p, part) for task in tasks
                 for part, pictures in (("train", task.train), ("test", task.test)) for p in pictures)
    weights = dict(zip(("hidden", "output"), trainee.weights, strict=True))
    progress = Progress(recipe["updates"], time.perf_counter() - start, trainee.history)
    return Trained({k: torch.from_numpy(v) for k, v in weights.items()}, progress,
                   look.arrays | weights, sets=seen,
                   facts=look.facts | {"scores": judge(trainee) | look.measures, "networks": networks,
                                  "network": {"parameters": design.parameters, "macs": design.macs}},
                   operations=6 * design.macs * networks * recipe["updates"])


def probe(recipe: dict) -> dict[str, float]:
    """Loss and gradient norm of the first weights on made-up pictures: changes when a network does."""
    draw = np.random.default_rng(0)
    design, reduction = w.DESIGNS[recipe["model"]], w.REDUCTIONS[recipe["transform"]]
    rgb = draw.integers(0, 256, (24, 24, 3)).astype(np.uint8)
    weights = design.start(draws.key(recipe["seed"], "weights"))
    x = w.windows(reduction.greys(rgb), design.window)[None]
    levels = scores.inner(reduction.levels(rgb), design.window // 2).reshape(-1, 3).T
    wanted = design.targets(levels)
    loss = np.square(w.forward(design, weights, x)[1] - wanted).mean()
    norm = np.sqrt(sum(np.square(g).sum() for g in w.gradients(design, weights, x, wanted)))
    return {"loss": float(loss), "gradient": float(norm)}
