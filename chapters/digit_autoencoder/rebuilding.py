"""Training an autoencoder: one loop, and what it makes of pictures.

A trainer (``run``, ``probe``) for recipes with ``data, transform, model, optimizer, lr, batch, epochs,
validation, split, seed``; ``subset`` and ``without`` choose among the training images.
"""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from lib import data, draws, models, precision
from lib.data import Dataset
from lib.optimizers import OPTIMIZERS
from lib.precision import tiny_is_zero
from lib.trainers import LAYOUT, Diverged, Parts, Progress, Trained, device, gradient_norm
from lib.training import answers, order_of
from lib.transforms import TRANSFORMS


def rows_of(recipe: dict, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places of the images to train on and to validate with, in the publisher's training file.

    The split is that of ``lib.data.shuffled_split``.  ``without`` leaves one class out of the
    training part, then ``subset`` keeps so many of it, drawn by seed; the smaller subset of two lies
    within the larger.
    """
    fitted, judged = data.shuffled_split(len(labels), recipe["validation"], recipe["split"])
    if "without" in recipe:
        fitted = fitted[labels[fitted] != recipe["without"]]
    if "subset" in recipe:
        order = np.random.default_rng(draws.key(recipe["seed"], "subset")).permutation(len(fitted))
        fitted = fitted[order[: recipe["subset"]]]
    return fitted, judged


def whole(recipe: dict) -> tuple[Dataset, Dataset]:
    """Training file and test set of a recipe; cut to ``images`` in smoke runs."""
    train, test = data.load(recipe["data"])
    if "images" in recipe:
        return train[: recipe["images"]], test[: recipe["validation"]]
    return train, test


def parts_of(recipe: dict) -> Parts:
    """The images that a recipe trains on, those that it validates with, and the test images."""
    train, test = whole(recipe)
    fitted, judged = rows_of(recipe, train.labels.numpy())
    return Parts(data.pick(train, fitted), data.pick(train, judged), test)


def seen(recipe: dict) -> tuple[Dataset, ...]:
    """The three parts before any choice among the training images: for the fingerprint."""
    return parts_of({k: v for k, v in recipe.items() if k not in ("subset", "without")})


def prepare(recipe: dict) -> tuple[nn.Module, torch.optim.Optimizer]:
    """Network and optimizer before the first step."""
    network = models.build(recipe["model"], draws.key(recipe["seed"], "weights"))
    network.to(device(), memory_format=LAYOUT)
    return network, OPTIMIZERS[recipe["optimizer"]](network.parameters(), lr=recipe["lr"])


def learn_epoch(network: nn.Module, optimizer, scale: Callable, images: torch.Tensor, batch: int,
                seed: int, epoch: int) -> float:
    """One pass over the images (n, channels, h, w) in a new order, each its own target.

    Returns the running mean of the squared error a pixel, training mode.  Raises Diverged.
    """
    batches = order_of(len(images), seed, epoch).to(images.device).split(batch)
    total = torch.zeros(len(batches), device=images.device)
    network.train()
    for i, rows in enumerate(batches):
        x = scale(images[rows]).contiguous(memory_format=LAYOUT)
        error = F.mse_loss(network(x), x)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        total[i] = error.detach() * len(rows)
    lost = (~total.isfinite()).nonzero()
    if len(lost):
        raise Diverged(f"the loss is no number in epoch {epoch + 1}, batch {int(lost[0]) + 1}")
    return float(f"{total.sum() / len(images):.7g}")


mapped = partial(answers, batch=500)


def error_of(network: nn.Module, scale: Callable, images: torch.Tensor) -> torch.Tensor:
    """Squared error a pixel of every image, (n,), evaluation mode."""
    network.eval()
    return mapped(lambda x: (network(x) - x).square().flatten(1).mean(1), scale, images)


def noise_kept(network: nn.Module, scale: Callable, images: torch.Tensor, seed: int) -> float:
    """How much of a disturbance passes: 1 = copied, 0 = removed.

    Gaussian noise of deviation 0.2 is added and the sum clipped to 0..1; the mean squared difference
    between the outputs for noisy and clean pictures is divided by that between the pictures.
    """
    network.eval()
    generator = torch.Generator().manual_seed(draws.key(seed, "noise"))

    def passed(x):
        noise = torch.randn(x.shape, generator=generator).to(x.device)
        noisy = (x + 0.2 * noise).clamp(0, 1).contiguous(memory_format=LAYOUT)
        return torch.stack([(network(noisy) - network(x)).square().flatten(1).mean(1),
                            (noisy - x).square().flatten(1).mean(1)], 1)

    out, given = mapped(passed, scale, images).double().sum(0).tolist()
    return out / given


@tiny_is_zero()
def run(context) -> Trained:
    """Train an autoencoder as a run's recipe says (see ``lib.runs.Context``)."""
    recipe, parts = context.recipe, parts_of(context.recipe)
    network, optimizer = prepare(recipe)
    where, transform = device(), TRANSFORMS[recipe["transform"]]
    progress = context.resume(network, optimizer) or Progress()
    images, judged = (transform(p, recipe["seed"]).to(where) for p in (parts.train, parts.validation))
    for epoch in range(progress.epoch, recipe["epochs"]):
        start = time.perf_counter()
        error = learn_epoch(network, optimizer, transform.scale, images, recipe["batch"],
                            recipe["seed"], epoch)
        held_out = error_of(network, transform.scale, judged).double().mean()
        if not held_out.isfinite():
            raise Diverged(f"the validation loss is no number after epoch {epoch + 1}")
        progress.add(epoch=epoch + 1, train_loss=error, val_loss=float(f"{held_out:.7g}"))
        progress.epoch = epoch + 1
        progress.seconds += time.perf_counter() - start
        context.after_epoch(network, optimizer, progress)
    code = mapped(network.encoder, transform.scale, judged[:1]).numel()
    kept = noise_kept(network, transform.scale, judged, recipe["seed"])
    size = models.size(recipe["model"])
    facts = {"code_values": code, "noise_kept": kept, "network": size, "images": len(images)}
    found = context.finish(network, parts)
    return Trained(
        network.state_dict(), progress, found.arrays, facts | found.facts | {"scores": found.measures},
        seen(recipe),
        6 * size["macs"] * len(images) * recipe["epochs"], precision.name(where))


def probe(recipe: dict, pictures: int = 64) -> dict[str, float]:
    """First loss and gradient norm on noise: changes when network or transform do."""
    network, _ = prepare(recipe)
    x = noise(recipe, pictures).to(device())
    value = F.mse_loss(network.eval()(x), x)
    value.backward()
    return {"loss": float(value.detach()), "gradient": gradient_norm(network)}


def noise(recipe: dict, pictures: int) -> torch.Tensor:
    """Made-up pictures from a fixed seed, as the network of a recipe sees them."""
    shape = (pictures, *models.MODELS[recipe["model"]][1])
    bytes_ = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(0),
                           dtype=torch.uint8)
    return TRANSFORMS[recipe["transform"]].scale(bytes_)
