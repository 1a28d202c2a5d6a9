"""Seconds of an epoch, by batch size: measured in a run of its own with nothing beside it.

A trainer (``run``, ``probe``).  ``timed`` training images are gone through ``rounds`` times after one
round that warms up; the median counts, for as many images as the report trains on.
"""

import time
from statistics import median

import torch

from lib import precision
from lib.loading import sibling
from lib.losses import LOSSES
from lib.optimizers import OPTIMIZERS
from lib.trainers import LAYOUT, Progress, Trained, device
from lib.training import train_epoch
from lib.transforms import TRANSFORMS

rebuilding, staging = sibling(__file__, "rebuilding"), sibling(__file__, "staging")
probe = staging.probe


def seconds(network, scale, images, labels, recipe: dict, batch: int) -> float:
    """Seconds of one pass over the images, training everything in ``network``."""
    optimizer = OPTIMIZERS[recipe["optimizer"]](network.parameters(), lr=recipe["lr"])
    taken = []
    for turn in range(1 + recipe["rounds"]):
        start = time.perf_counter()
        train_epoch(network, optimizer, LOSSES[recipe["loss"]], scale, images, labels, batch,
                    recipe["seed"], turn)
        taken.append(time.perf_counter() - start)
    return median(taken[1:])


def run(context) -> Trained:
    """Time the frozen stage and the training of all layers at every batch size of a recipe."""
    recipe, parts = context.recipe, rebuilding.parts_of(context.recipe)
    transform, where, progress = TRANSFORMS[recipe["transform"]], device(), Progress()
    network = staging.Chain(recipe).network(0).to(where, memory_format=LAYOUT)
    part = parts.train[: recipe["timed"]]
    images, labels = transform(part, recipe["seed"]).to(where), part.labels.to(where)
    cached = staging.encoded(network.encoder, transform.scale, images)
    unit = len(parts.train) / len(part)
    facts: dict = {"frozen": {}, "whole": {}, "images": len(part), "threads": torch.get_num_threads()}
    for batch in recipe["batches"]:
        facts["frozen"][str(batch)] = unit * seconds(network.head, lambda rows: rows, cached, labels,
                                                     recipe, batch)
        facts["whole"][str(batch)] = unit * seconds(network, transform.scale, images, labels, recipe,
                                                    batch)
        progress.seconds += sum(facts[kind][str(batch)] / unit for kind in ("frozen", "whole"))
    return Trained({}, progress, {}, facts, rebuilding.seen(recipe), 0, precision.name(where))
