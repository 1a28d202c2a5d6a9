"""Training a classifier: one loop, from top to bottom.

This module is a trainer, the one that experiments have unless they name another: ``run`` trains what
a recipe says, ``probe`` repeats its first step.

All randomness of an epoch is a function of (seed, epoch): the order of the images and the dropped
units.  So a state needs no random generators, and a run that is killed and started again ends, on a
CPU, with the same bits as one that was not.
"""

import math
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from lib import data, draws, models
from lib.data import Dataset
from lib.errors import look_up
from lib.losses import LOSSES, Loss
from lib.optimizers import OPTIMIZERS, Adam
from lib.precision import tiny_is_zero
from lib.trainers import LAYOUT, Diverged, Parts, Progress, Trained, device, gradient_norm
from lib.transforms import TRANSFORMS, Transform


def parts_of(recipe: dict) -> Parts:
    """The set of a recipe, split; cut to ``images`` where the recipe says so (smoke runs)."""
    train, test = data.load(recipe["data"])
    if "images" in recipe:
        train, test = train[: recipe["images"]], test[: recipe["validation"]]
    return Parts(*data.split(train, recipe["validation"]), test)


def run(context) -> Trained:
    """Train a classifier as a run's recipe says (see ``lib.runs.Context``)."""
    recipe, parts = context.recipe, parts_of(context.recipe)
    network, progress, arrays = fit(recipe, parts, context.resume, context.after_epoch)
    counts = {name: part.labels.bincount(minlength=10).tolist() for name, part in parts._asdict().items()}
    size, found = models.size(recipe["model"]), context.finish(network, parts)
    return Trained(
        network.state_dict(), progress, arrays | found.arrays, sets=parts,
        facts={"class_counts": counts, "network": size, **found.facts},
        operations=6 * size["macs"] * len(parts.train) * recipe["epochs"])


def prepare(recipe: dict) -> tuple[nn.Module, Adam, Transform, Loss]:
    """Network, optimizer, transform and loss that a recipe names, before the first step."""
    network = models.build(recipe["model"], draws.key(recipe["seed"], "weights"))
    network.to(device(), memory_format=LAYOUT)
    rule = look_up("optimizer", OPTIMIZERS, recipe["optimizer"])
    return (network, rule(network.parameters(), lr=recipe["lr"]),
            look_up("transform", TRANSFORMS, recipe["transform"]), look_up("loss", LOSSES, recipe["loss"]))


def rate(recipe: dict, epoch: int) -> float:
    """The learning rate of an epoch, counted from 0: ``lr``, or with ``schedule: cosine`` falling from it.

    The schedule is half a cosine without restarts, one step an epoch (Loshchilov and Hutter 2017,
    Equation 5): lr (1 + cos(pi epoch / epochs)) / 2.
    """
    schedules = {"constant": 1.0, "cosine": (1 + math.cos(math.pi * epoch / recipe["epochs"])) / 2}
    return recipe["lr"] * look_up("schedule", schedules, recipe.get("schedule", "constant"))


def _number(value) -> float:
    return float(f"{float(value):.7g}")


def order_of(count: int, seed: int, epoch: int) -> torch.Tensor:
    """The order of the images in an epoch, int64 (count,)."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(
        draws.key(seed, "order", epoch)))


def train_epoch(network: nn.Module, optimizer, loss: Loss, scale: Callable, images: torch.Tensor,
                labels: torch.Tensor, batch: int, seed: int, epoch: int) -> dict:
    """One pass over the training images in a new order; the two means that Keras prints, and zeros.

    ``images`` (n, channels, h, w), as ``scale`` takes them, mostly uint8, and ``labels`` int64 (n,) lie on
    the network's device.
    Returns ``train_loss`` and ``train_accuracy``, running means in training mode, and
    ``zero_rows``, the number of images all of whose outputs were 0.  Raises Diverged.
    """
    order = order_of(len(labels), seed, epoch).to(labels.device)
    torch.manual_seed(draws.key(seed, "dropout", epoch))
    batches = order.split(batch)
    total = torch.zeros(len(batches), device=labels.device)
    right = torch.zeros((), dtype=torch.long, device=labels.device)
    zeros = torch.zeros((), dtype=torch.long, device=labels.device)
    network.train()
    for i, rows in enumerate(batches):
        outputs = network(scale(images.index_select(0, rows)).contiguous(memory_format=LAYOUT))
        each = loss.each(outputs, labels[rows])
        optimizer.zero_grad()
        each.mean().backward()
        optimizer.step()
        outputs = outputs.detach()
        total[i] = each.detach().sum()
        right += (outputs.argmax(1) == labels[rows]).sum()
        zeros += (outputs == 0).all(1).sum()
    lost = (~total.isfinite()).nonzero()
    if len(lost):
        raise Diverged(f"the loss is no number in epoch {epoch + 1}, batch {int(lost[0]) + 1}")
    n = len(labels)
    return {"train_loss": _number(total.sum() / n), "train_accuracy": _number(right / n),
            "zero_rows": int(zeros)}


@torch.no_grad()
def answers(network: Callable, scale: Callable, images: torch.Tensor,
            batch: int = 1000) -> torch.Tensor:
    """What a network, or any function, gives for painted images (n, channels, h, w): outputs (n, classes)
    of a classifier.  Batch by batch, in evaluation mode."""
    if isinstance(network, nn.Module):
        network.eval()
    return torch.cat([network(scale(rows).contiguous(memory_format=LAYOUT))
                      for rows in images.split(batch)])


def judge(outputs: torch.Tensor, labels: torch.Tensor, loss: Loss) -> dict:
    """Loss and accuracy, and what shows that a network has stopped looking at its images.

    Returns ``val_loss``, ``val_accuracy``; ``dead``: the outputs that are 0 for every image;
    ``top_class`` and ``top_share``: the most frequent answer and its share; ``spread``: the
    standard deviation over images of the outputs as shares, mean over the live ones.
    """
    counts = outputs.argmax(1).bincount(minlength=outputs.shape[1])
    dead = (outputs == 0).all(0)
    live = loss.shares(outputs)[:, ~dead]
    spread = live.std(0, correction=0).mean() if live.shape[1] else torch.zeros(())
    return {
        "val_loss": _number(loss.each(outputs, labels).double().mean()),
        "val_accuracy": _number((outputs.argmax(1) == labels).double().mean()),
        "dead": dead.nonzero()[:, 0].tolist(),
        "top_class": int(counts.argmax()),
        "top_share": _number(counts.max() / len(labels)),
        "spread": _number(spread),
    }


@tiny_is_zero()
def fit(recipe: dict, parts: Parts, resume: Callable = lambda network, optimizer: None,
        after_epoch: Callable = lambda network, optimizer, progress: None,
        ) -> tuple[nn.Module, Progress, dict[str, np.ndarray]]:
    """Train the network of a recipe and judge it after every epoch.

    Parameters
    ----------
    recipe : ``data, transform, model, loss, optimizer, lr, batch, epochs, validation, seed``; where it
        has a ``schedule``, the learning rate follows it (see ``rate``).
    parts : the set, split.
    resume : called with network and optimizer; puts a saved state into them and returns its
        Progress, or None.
    after_epoch : called with network, optimizer and Progress after each epoch.

    Returns
    -------
    The trained network, its history, and arrays: the predicted and the true class (uint8) of every
    validation and test image.

    Raises Diverged, and whatever ``after_epoch`` raises.
    """
    network, optimizer, transform, loss = prepare(recipe)
    where, seed = next(network.parameters()).device, recipe["seed"]
    progress = resume(network, optimizer) or Progress()
    images = None if transform.redrawn else transform(parts.train, seed).to(where)
    unseen, labels = transform(parts.validation, seed).to(where), parts.train.labels.to(where)
    for epoch in range(progress.epoch, recipe["epochs"]):
        start = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = rate(recipe, epoch)
        painted = transform(parts.train, seed, epoch).to(where) if images is None else images
        row = train_epoch(network, optimizer, loss, transform.scale, painted, labels,
                          recipe["batch"], seed, epoch)
        outputs = answers(network, transform.scale, unseen)
        row |= judge(outputs, parts.validation.labels.to(where), loss)
        if not math.isfinite(row["val_loss"]):
            raise Diverged(f"the validation loss is no number after epoch {epoch + 1}")
        progress.add(epoch=epoch + 1, **row)
        progress.epoch = epoch + 1
        progress.seconds += time.perf_counter() - start
        after_epoch(network, optimizer, progress)
    arrays = {}
    for name, part in (("val", parts.validation), ("test", parts.test)):
        given = answers(network, transform.scale, transform(part, seed).to(where)).argmax(1)
        arrays[f"{name}_predicted"] = given.cpu().numpy().astype(np.uint8)
        arrays[f"{name}_labels"] = part.labels.numpy().astype(np.uint8)
    return network, progress, arrays


def probe(recipe: dict, pictures: int = 64) -> dict[str, float]:
    """First loss and gradient norm on made-up pictures: changes when network or transform do.

    The pictures are noise from a fixed seed, so that no data set is needed.
    """
    network, _, transform, loss = prepare(recipe)
    generator = torch.Generator().manual_seed(0)
    shape = (pictures, 3, 32, 32) if recipe["data"] in ("cifar10", "tiles") else (pictures, 28, 28)
    noise = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
    made_up = Dataset(recipe["data"], "noise", noise, torch.arange(pictures) % 10)
    where = next(network.parameters()).device
    batch = transform.scale(transform(made_up, recipe["seed"]).to(where))
    value = loss.each(network.eval()(batch), made_up.labels.to(where)).mean()
    value.backward()
    return {"loss": _number(value.detach()), "gradient": _number(gradient_norm(network))}
