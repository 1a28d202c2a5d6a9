"""Training networks that colour 64 x 64 scenes: a trainer by steps (``run``, ``probe``).

The batches are a function of the seed; the dropped units of a stretch between two looks are one of
(seed, its first step), and states are saved at looks; so a run that is killed and started again ends,
on a CPU, with the same bits.  Accuracy is the report's: the share of single a and b values within 10
of the truth.
"""

import math
import time

import numpy as np
import torch
from torch import nn

from lib import data, draws, models
from lib.loading import sibling
from lib.models.scene_cnn import Dense, start
from lib.optimizers import Adam
from lib.picture_sets import split
from lib.trainers import Progress, Trained, device, gradient_norm

studio = sibling(__file__, "studio")
SCALES, Studio, part, right = studio.SCALES, studio.Studio, studio.part, studio.right

LOST = 1e6  # the error of a network whose numbers are infinite or none


def prepare(recipe: dict) -> tuple[Studio, torch.optim.Optimizer, data.Dataset]:
    """Pictures, network and optimizer before the first step."""
    whole, _ = data.load(recipe["data"])
    places = chosen(recipe, len(whole))
    where, scale = device(), SCALES[recipe["transform"]]
    network = fresh(recipe).to(where)
    studio = Studio(recipe, network, *(part(whole.images[p], scale, where) for p in places), places)
    if recipe["loss"] == "balanced":
        studio.weights = studio.weights_of_pixels()
    if recipe["output"] == "fixed":
        with torch.no_grad():
            first = _order(recipe, len(studio.train), 1)[0]
            studio.notes["fixed"] = float(network(studio.train.light[first]).max())
    return studio, optimizer(network, recipe), whole


def fresh(recipe: dict) -> nn.Module:
    """The network of a recipe with its starting weights."""
    with torch.device("meta"):  # nothing is drawn twice: 75 million numbers take a second
        network = models.MODELS[recipe["model"]][0]()
    generator = torch.Generator().manual_seed(draws.key(recipe["seed"], "weights"))
    return start(network.to_empty(device="cpu"), recipe["init"], generator)


def optimizer(network: nn.Module, recipe: dict) -> torch.optim.Optimizer:
    """Plain descent, whose dense layers step by themselves, or Adam as TensorFlow has it."""
    if recipe["optimizer"] == "adam":
        return Adam(network.parameters(), recipe["lr"], eps=1e-8)
    for layer in network.modules():
        if isinstance(layer, Dense):
            layer.rate = recipe["lr"]
    return torch.optim.SGD(network.parameters(), recipe["lr"])


def chosen(recipe: dict, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of training and test pictures: split by seed, but for what the recipe says of some.

    ``tests``: places that always test; ``trains``: that always train; ``left_out``: of neither;
    ``test_count`` and ``train_count``: a fixed number of each, from one order drawn by seed.
    """
    if "test_count" in recipe:
        order = draws.integers(recipe["seed"], "order", np.arange(count), 1 << 40)[:, 0].argsort()
        stop = recipe["test_count"] + recipe["train_count"]
        return np.sort(order[recipe["test_count"]:stop]), np.sort(order[: recipe["test_count"]])
    train, test = split(recipe["data"], count, recipe["seed"])
    fixed = [recipe.get(key, []) for key in ("trains", "tests")]
    named = [*fixed[0], *fixed[1], *recipe.get("left_out", [])]
    return tuple(np.array(sorted({*p} - {*named} | {*f}), int)
                 for p, f in zip((train, test), fixed, strict=True))


# ---- steps

def _steps(recipe: dict, count: int) -> tuple[int, int]:
    """Steps of a run and pictures of a step, for ``count`` training pictures."""
    batch = count if recipe["batch"] == "all" else recipe["batch"]
    if "passes" in recipe:
        return recipe["passes"] * count // batch, batch
    return recipe.get("steps") or math.ceil(recipe["pictures"] / batch), batch


def _order(recipe: dict, count: int, steps: int) -> torch.Tensor:
    """The training pictures of each step, (steps, batch), drawn with replacement."""
    batch = _steps(recipe, count)[1]
    if recipe["batch"] == "all":
        return torch.arange(count).expand(steps, count)
    generator = torch.Generator().manual_seed(draws.key(recipe["seed"], "batches"))
    return torch.randint(0, count, (steps, batch), generator=generator)


def finite(network) -> bool:
    """Whether all weights are finite."""
    return all(bool(p.isfinite().all()) for p in network.parameters())


def _stops(recipe: dict, steps: int, batch: int) -> list[int]:
    """The steps after which the network is looked at: every ``look_every`` pictures, and the last."""
    looks = range(recipe["look_every"], steps * batch + 1, recipe["look_every"])
    return sorted({min(math.ceil(p / batch), steps) for p in looks} | {steps})


def descend(studio: Studio, optimizer, order: torch.Tensor, first: int) -> None:
    """The steps of ``order`` (steps, batch), the first of which is number ``first``."""
    studio.network.train()
    torch.manual_seed(draws.key(studio.recipe["seed"], "dropout", first))
    for rows in order:
        optimizer.zero_grad()
        studio.loss(rows).backward()
        optimizer.step()


def look(studio: Studio) -> dict:
    """One row of history: errors and accuracies of all training and all test pictures."""
    given, unseen = studio.colours(studio.train.light), studio.colours(studio.test.light)
    each = right(unseen, studio.test.ab).double().mean((1, 2, 3))
    return {"train_mse": _error(given, studio.train.ab), "test_mse": _error(unseen, studio.test.ab),
            "train_accuracy": _short(right(given, studio.train.ab).double().mean()),
            "test_accuracy": _short(each.mean()), "test_pictures": [_short(x) for x in each]}


def _error(given: torch.Tensor, truth: torch.Tensor) -> float:
    """Mean squared error of a and b, at most ``LOST``."""
    error = float((given - truth).square().double().mean())
    return _short(min(error, LOST)) if math.isfinite(error) else LOST


def _short(value) -> float:
    return float(f"{float(value):.6g}")


def run(context) -> Trained:
    """Train a colouring network as a run's recipe says (see ``lib.runs.Context``)."""
    recipe = context.recipe
    studio, rule, whole = prepare(recipe)
    steps, batch = _steps(recipe, len(studio.train))
    progress = context.resume(studio.network, rule) or Progress()
    order = _order(recipe, len(studio.train), steps).to(studio.train.ab.device)
    if not progress.history:
        progress.add(step=0, pictures=0, **look(studio))
    for stop in _stops(recipe, steps, batch):
        if stop <= progress.epoch:
            continue
        begin = time.perf_counter()
        if finite(studio.network):  # else no step changes anything any more
            descend(studio, rule, order[progress.epoch:stop], progress.epoch)
        progress.add(step=stop, pictures=stop * batch, **look(studio))
        progress.epoch = stop
        _pick(studio, progress)
        progress.seconds += time.perf_counter() - begin
        context.after_epoch(studio.network, rule, progress, steps, "steps")
    return _finished(context, studio, progress, whole, steps * batch)


def _pick(studio: Studio, progress: Progress) -> None:
    """Keep the weights of the look, from step ``pick_from`` on, where both accuracies are highest at once."""
    both = min(progress.history[f"{part}_accuracy"][-1] for part in ("train", "test"))
    if progress.epoch >= studio.recipe["pick_from"] and both > progress.notes.get("both", -1.0):
        progress.notes = {"picked": progress.epoch, "both": both}
        progress.tensors = {k: v.clone() for k, v in studio.network.state_dict().items()}


def _finished(context, studio: Studio, progress: Progress, whole, pictures: int) -> Trained:
    """Look at the picked step's network; a run that ends before ``pick_from`` has its last one picked."""
    studio.last = studio.colours(studio.test.light)
    if progress.tensors:
        studio.network.load_state_dict(progress.tensors)
    found = context.finish(studio)
    size = models.size(studio.recipe["model"])
    small = size["parameters"] < 1e6  # 300 MB a run are not kept: nothing needs them
    return Trained(
        studio.network.state_dict() if small else {}, progress, found.arrays, sets=(whole,),
        facts=found.facts | {"scores": found.measures, "network": size, "train": studio.places[0].tolist(),
                       "test": studio.places[1].tolist(),
                       "picked": progress.notes.get("picked", progress.epoch)},
        operations=6 * size["macs"] * pictures)


def probe(recipe: dict) -> dict[str, float]:
    """First loss and gradient norm of the smallest sound batch: two made-up pictures."""
    noise = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8,
                          generator=torch.Generator().manual_seed(0))
    scale, where = SCALES[recipe["transform"]], device()
    network = fresh(recipe).to(where).eval()
    made_up = part(noise, scale, where)
    studio = Studio(recipe, network, made_up, made_up, (), {"fixed": 256.0})
    studio.weights = torch.ones(2, 1, 64, 64, device=where)
    loss = studio.loss(torch.arange(2, device=where))
    loss.backward()
    return {"loss": _short(loss.detach()), "gradient": _short(gradient_norm(network))}
