"""Training a classifier in two stages: its head on a frozen encoder, then everything.

A trainer (``run``, ``probe``) for networks made of ``encoder`` and ``head``.  The recipe says
``frozen``      epochs of stage one: the encoder in inference mode, its outputs computed once
``epochs``      of stage two, at most: all layers, a new optimizer
``patience``    of early stopping in stage two, on validation loss; None for a fixed number
``encoder``     the experiment whose trained encoder is taken; None for random weights
``passes``      settings of several passes that share one encoder and split again what was left
``encoder_seed``  whose encoder; the run's own seed where left out
``joint_lr``    a learning rate of stage two's own; ``judge_every`` so many epochs (1)
``exact``       True: the frozen encoder's outputs in float32 everywhere, not in bfloat16 where fast
"""

import math
import time
from collections import OrderedDict
from contextlib import nullcontext
from dataclasses import asdict

import numpy as np
import torch
from torch import nn

from lib import data, draws, models, precision
from lib.loading import sibling
from lib.losses import LOSSES
from lib.optimizers import OPTIMIZERS
from lib.precision import tiny_is_zero
from lib.trainers import LAYOUT, Diverged, Parts, Progress, Trained, device, gradient_norm
from lib.training import answers, judge, train_epoch
from lib.transforms import TRANSFORMS

rebuilding = sibling(__file__, "rebuilding")
EarlyStopping = sibling(__file__, "stopping").EarlyStopping


class Chain(nn.Module):
    """One encoder and the heads of all passes, so that a saved state has one shape."""

    def __init__(self, recipe: dict):
        super().__init__()
        built = [models.build(s["model"], draws.key(recipe["seed"], "weights", *(n,) * bool(n)))
                 for n, s in enumerate(settings(recipe))]
        self.encoder, self.heads = built[0].encoder, nn.ModuleList(b.head for b in built)

    def network(self, number: int) -> nn.Sequential:
        """The classifier of a pass; it shares its weights with this chain."""
        return nn.Sequential(OrderedDict(encoder=self.encoder, head=self.heads[number]))


def settings(recipe: dict) -> list[dict]:
    """The recipe of every pass; of the one pass that most runs have."""
    return [recipe | changed for changed in recipe.get("passes", [{}])]


def shares(recipe: dict, labels: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Places of training and validation images of every pass, in the training file.

    The first pass splits as ``rebuilding.rows_of`` does.  Each further one splits what the pass
    before had for training, with the same seed and share (rounded up), as the notebook's loop does.
    """
    found = [rebuilding.rows_of(recipe, labels)]
    for _ in settings(recipe)[1:]:
        left = found[-1][0]
        count = -(-len(left) * recipe["validation"] // len(labels))
        fitted, judged = data.shuffled_split(len(left), count, recipe["split"])
        found.append((left[fitted], left[judged]))
    return found


def encoded(encoder: nn.Module, scale, images: torch.Tensor) -> torch.Tensor:
    """The outputs of a frozen encoder, (n, values, 1, 1) float32: computed once for a whole stage."""
    encoder.eval()
    return rebuilding.mapped(lambda x: encoder(x).flatten(1)[:, :, None, None], scale, images)


def scores(outputs: torch.Tensor, labels: torch.Tensor, part: str) -> dict[str, float]:
    """Loss and accuracy under the names ``<part>_loss`` and ``<part>_accuracy``."""
    row = judge(outputs, labels, LOSSES["cross_entropy"])
    return {f"{part}_loss": row["val_loss"], f"{part}_accuracy": row["val_accuracy"]}


class Course:
    """A run on its way through passes and stages, able to go on from any epoch."""

    def __init__(self, context):
        self.context, self.recipe, self.where = context, context.recipe, device()
        self.train, self.test = rebuilding.whole(self.recipe)
        self.rows = shares(self.recipe, self.train.labels.numpy())
        self.transform = TRANSFORMS[self.recipe["transform"]]
        self.chain = Chain(self.recipe)
        if name := self.recipe.get("encoder"):
            trained = context.network(name, self.recipe.get("encoder_seed"))
            self.chain.encoder.load_state_dict(trained.encoder.state_dict())
        self.chain.to(self.where, memory_format=LAYOUT)
        self.optimizer = self.fresh()
        self.progress = context.resume(self.chain, self.optimizer) or Progress(
            notes={"stage": 1, "done": 0, "passes": []})
        self.most = sum(s["frozen"] + s["epochs"] for s in settings(self.recipe))

    def fresh(self):
        """A new optimizer over all weights; it moves those only that get a gradient."""
        return OPTIMIZERS[self.recipe["optimizer"]](self.chain.parameters(), lr=self.recipe["lr"])

    def parts(self, number: int) -> Parts:
        fitted, judged = self.rows[number]
        return Parts(data.pick(self.train, fitted), data.pick(self.train, judged), self.test)

    def painted(self, part: data.Dataset) -> tuple[torch.Tensor, torch.Tensor]:
        """Images as bytes and labels, on the device."""
        return self.transform(part, self.recipe["seed"]).to(self.where), part.labels.to(self.where)

    def rated(self, network: nn.Module, parts: Parts) -> dict[str, float]:
        """Loss and accuracy on the validation and the test images."""
        found = {}
        for part, name in ((parts.validation, "val"), (parts.test, "test")):
            images, labels = self.painted(part)
            found |= scores(answers(network, self.transform.scale, images), labels, name)
        return found

    def epoch(self, network: nn.Module, rule: dict, scale, train, validation) -> dict | None:
        """Train one epoch, judge, note: the row of the history."""
        start, progress = time.perf_counter(), self.progress
        notes, number = progress.notes, len(progress.notes["passes"])
        row = train_epoch(network, self.optimizer, LOSSES[rule["loss"]], scale, *train,
                          rule["batch"], rule["seed"], progress.epoch)
        row.pop("zero_rows")
        notes["done"] += 1
        judged = {"val_loss": None, "val_accuracy": None}
        if notes["done"] % rule.get("judge_every", 1) == 0:
            images, labels = validation
            judged = scores(answers(network, scale, images), labels, "val")
            if not math.isfinite(judged["val_loss"]):
                raise Diverged(f"the validation loss is no number after epoch {progress.epoch + 1}")
        progress.epoch += 1
        progress.add(epoch=progress.epoch, stage=notes["stage"], turn=number + 1, **row, **judged)
        progress.seconds += time.perf_counter() - start
        return judged

    def saved(self) -> None:
        self.context.after_epoch(self.chain, self.optimizer, self.progress, self.most)

    def stage_one(self, rule: dict, parts: Parts) -> None:
        """The head alone, on outputs of the encoder that are computed once."""
        notes, number = self.progress.notes, len(self.progress.notes["passes"])
        network = self.chain.network(number)
        if notes["done"] < rule["frozen"]:
            with precision.exact() if rule.get("exact") else nullcontext():
                cached = [(encoded(network.encoder, self.transform.scale, images), labels)
                          for images, labels in map(self.painted, (parts.train, parts.validation))]
            while notes["done"] < rule["frozen"]:
                self.epoch(network.head, rule, lambda rows: rows, *cached)
                self.saved()
        if rule["frozen"]:
            notes["stage_one"] = self.rated(network, parts)
        notes |= {"stage": 2, "done": 0, "watch": {"patience": rule["patience"] or 10**9}}
        self.optimizer = self.fresh()

    def stage_two(self, rule: dict, parts: Parts) -> None:
        """All layers, with early stopping and restored weights."""
        notes, number = self.progress.notes, len(self.progress.notes["passes"])
        network, watch = self.chain.network(number), EarlyStopping(**notes["watch"])
        for group in self.optimizer.param_groups:
            group["lr"] = rule.get("joint_lr", rule["lr"])
        shown = [self.painted(part) for part in (parts.train, parts.validation)]
        while notes["done"] < rule["epochs"] and not watch.stopped:
            judged = self.epoch(network, rule, self.transform.scale, *shown)
            if rule["patience"] and watch.better(judged["val_loss"]):
                self.progress.tensors = {k: v.clone() for k, v in self.chain.state_dict().items()}
            notes["watch"] = asdict(watch)
            self.saved()
        if watch.stopped:
            self.chain.load_state_dict(self.progress.tensors)
        before = self.rows[number - 1][0] if number else ()
        done = {"images": len(parts.train), "validation_images": len(parts.validation),
                "stage_two_epochs": notes["done"], "best_epoch": watch.best_epoch,
                "stopped": watch.stopped, "stage_one": notes.pop("stage_one", None),
                "seen": float(np.isin(self.rows[number][1], before).mean()),
                "kept": self.rated(network, parts)}
        notes["passes"].append(done)
        notes |= {"stage": 1, "done": 0}
        self.optimizer, self.progress.tensors = self.fresh(), {}

    @tiny_is_zero()
    def go(self) -> None:
        """Every pass that is not done, from where it stands."""
        rules = settings(self.recipe)
        while (number := len(self.progress.notes["passes"])) < len(rules):
            if self.progress.notes["stage"] == 1:
                self.stage_one(rules[number], self.parts(number))
            self.stage_two(rules[number], self.parts(number))

    def operations(self) -> int:
        """3 x forward for what is trained, once forward for a frozen encoder; 2 a multiply-add."""
        total = 0
        for rule, done in zip(settings(self.recipe), self.progress.notes["passes"], strict=True):
            every = models.size(rule["model"])["macs"]
            top = sum(layer.in_features * layer.out_features for layer in
                      models.build(rule["model"]).head.modules() if isinstance(layer, nn.Linear))
            frozen = 3 * top * rule["frozen"] + (every - top) * bool(rule["frozen"])
            total += 2 * done["images"] * (frozen + 3 * every * done["stage_two_epochs"])
        return total


def run(context) -> Trained:
    """Train a classifier as a run's recipe says (see ``lib.runs.Context``)."""
    course = Course(context)
    course.go()
    last = len(course.rows) - 1
    network, parts = course.chain.network(last), course.parts(last)
    arrays = {}
    for part, name in ((parts.validation, "val"), (parts.test, "test")):
        given = answers(network, course.transform.scale, course.painted(part)[0])
        arrays |= {f"{name}_predicted": given.argmax(1).cpu().numpy().astype(np.uint8),
                   f"{name}_labels": part.labels.numpy().astype(np.uint8)}
    facts = {"passes": course.progress.notes["passes"], "network": models.size(context.recipe["model"])}
    found = context.finish(network, parts)
    return Trained(
        network.state_dict(), course.progress, arrays | found.arrays,
        facts | found.facts | {"scores": found.measures}, rebuilding.seen(context.recipe),
        course.operations(), precision.name(course.where))


def probe(recipe: dict, pictures: int = 64) -> dict[str, float]:
    """First loss and gradient norm on noise with starting weights."""
    network = Chain(recipe).network(0).to(device()).eval()
    x = rebuilding.noise(recipe, pictures).to(device())
    labels = torch.arange(pictures, device=x.device) % 10
    value = LOSSES[recipe["loss"]].each(network(x), labels).mean()
    value.backward()
    return {"loss": float(value.detach()), "gradient": gradient_norm(network)}
