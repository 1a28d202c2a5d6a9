"""The trained weights of a run: read back, checked, and those to play with kept in the repository."""

from hashlib import sha256
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from lib import draws, models
from lib.experiments import recipe_hash
from lib.records import RecordError, atomic, read


def weights(run) -> nn.Module:
    """The trained network of a run, from ``checkpoints/`` or the chapter's ``weights/``.

    A checkpoint must be what the run's record names, and the record of the declared recipe.  The
    weights that the repository keeps are those of full runs of seed 0; no record names their sha256.
    Raises RecordError where weights are missing, damaged or another recipe's.
    """
    again = f"`{run.command}`"
    path, kept = run.file("checkpoints", ".safetensors"), run.scale == "full" and run.seed == 0
    if path.is_file() and run.record_path.is_file():
        record, body = read(run.record_path), path.read_bytes()
        if record.recipe_hash != recipe_hash(run.recipe):
            raise RecordError(f"{path} was trained by a recipe that is not the declared one: {again}.")
        if sha256(body).hexdigest() != record.files.get("weights", {}).get("sha256"):
            raise RecordError(f"{path} is not what the run's record was written with: delete it.")
    elif kept and (path := _kept(run)).is_file():
        if run.record_path.is_file() and read(run.record_path).recipe_hash != recipe_hash(run.recipe):
            raise RecordError(f"{path} was trained by a recipe that is not the declared one: {again}.")
        body = path.read_bytes()
    else:
        first = f"delete {run.record_path} first, then " if run.record_path.exists() else ""
        raise RecordError(f"the weights of {run.name} are not here: {first}{again} makes them.")
    network = models.build(run.recipe["model"], draws.key(run.seed, "weights"))
    try:
        network.load_state_dict(load(body))
    except (SafetensorError, RuntimeError) as error:
        raise RecordError(f"{path} is damaged or another network's ({str(error).splitlines()[0]}): "
                          f"`git checkout` it, or delete it and {again}.") from error
    return network.eval()


def _kept(run) -> Path:
    return run.chapter.folder / "weights" / f"{run.experiment.name}.safetensors"


def keep(run) -> None:
    """Put a run's weights where the repository keeps those to play with, in half precision; counters,
    and an encoder that other runs start from, are kept whole, so that theirs come out again."""
    others = run.chapter.experiments.values()
    shared = any((e.train or {}).get("encoder") == run.experiment.name for e in others)
    atomic(_kept(run), save({
        k: v if shared and k.startswith("encoder.") or not v.is_floating_point() else v.half()
        for k, v in weights(run).state_dict().items()}))
