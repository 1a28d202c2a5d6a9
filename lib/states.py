"""The state of a run that is being trained: locked by its owner, saved, taken up again.

Weights, optimizer and history of a run lie in one safetensors file, written atomically.
"""

import json
import os
import socket
from contextlib import contextmanager, suppress

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from lib.errors import BookError
from lib.experiments import recipe_hash
from lib.records import RecordError, atomic, unwritable
from lib.trainers import Progress

LAST = ".last.safetensors"  # the state of a run that has ended, kept for the one that continues it


class Locked(BookError):
    """Another process is training this run."""


@contextmanager
def lock(run, wait: bool = False):
    """Hold a run; the owner's pid and host lie in the file.  A dead owner's lock is free at once.

    Raises Locked where another process holds it, unless told to wait for that one.
    """
    import fcntl

    path = run.file("states", ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "ab+", buffering=0)
    except OSError as error:
        raise unwritable(path, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            file.seek(0)
            raise Locked(f"{run.name} is being trained by {file.read().decode() or 'another process'}"
                         ": wait for it, or stop that process.") from None
        except OSError as error:  # a file system without locks
            raise unwritable(path, error) from error
        with suppress(OSError):  # on a full disk the lock holds too, only without its owner's name
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield


def _tensors(network: nn.Module, optimizer) -> dict[str, torch.Tensor]:
    tensors = {f"network.{k}": v for k, v in network.state_dict().items()}
    for i, entry in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{i}.{k}": v for k, v in entry.items()}
    return {k: v.detach().cpu().contiguous() for k, v in tensors.items()}


def save_state(run, network: nn.Module, optimizer, progress: Progress) -> None:
    """Write weights, moments and history in one file, atomically."""
    meta = {"recipe": recipe_hash(run.recipe), "epoch": str(progress.epoch),
            "seconds": str(progress.seconds), "history": json.dumps(progress.history),
            "notes": json.dumps(progress.notes)}
    tensors = _tensors(network, optimizer) | {
        f"kept.{k}": v.detach().cpu().contiguous() for k, v in progress.tensors.items()}
    atomic(run.file("states", ".safetensors"), save(tensors, meta))


def load_state(run, network: nn.Module, optimizer) -> Progress | None:
    """Put a saved state into network and optimizer; None where there is none of this recipe.

    A run that continues another starts from the last state saved of that one, which changes no bit of it.
    """
    path, known = run.file("states", ".safetensors"), {recipe_hash(run.recipe)}
    if run.experiment.continues and not path.is_file():
        other = type(run)(run.chapter, run.chapter[run.experiment.continues], "", run.seed, run.scale)
        path, known = other.file("states", LAST), {recipe_hash(other.recipe)}
    if not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            meta, tensors = file.metadata(), {k: file.get_tensor(k) for k in file.keys()}
        return _put(tensors, meta, network, optimizer) if meta["recipe"] in known else None
    except (SafetensorError, OSError, LookupError, TypeError, ValueError, RuntimeError) as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())
        raise RecordError(f"the saved state {path} is damaged ({why}): delete it; the run then starts "
                          "again from its first epoch.") from error


def _put(tensors: dict, meta: dict, network: nn.Module, optimizer) -> Progress:
    """Put the tensors of a state into network and optimizer.  Raises where they do not fit."""
    network.load_state_dict({k.removeprefix("network."): v for k, v in tensors.items()
                             if k.startswith("network.")})
    weights = [p for group in optimizer.param_groups for p in group["params"]]
    for name, value in tensors.items():
        if name.startswith("optimizer."):
            _, i, key = name.split(".")
            like = weights[int(i)]
            if value.shape == like.shape:
                own = torch.empty_like(like).copy_(value)
            elif value.numel() > 1:
                raise ValueError(f"{name} is of shape {tuple(value.shape)}, not {tuple(like.shape)}")
            else:  # the number of steps: a fused optimizer wants it beside the weights
                own = value.to(like.device) if optimizer.defaults.get("fused") else value
            optimizer.state[like][key] = own
            if key == "step":
                optimizer.steps = int(value)
    kept = {k.removeprefix("kept."): v for k, v in tensors.items() if k.startswith("kept.")}
    return Progress(int(meta["epoch"]), float(meta["seconds"]), json.loads(meta["history"]),
                    json.loads(meta.get("notes", "{}")), kept)
