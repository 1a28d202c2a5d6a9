"""What is looked at when a training ends, with the network still in memory."""

import copy

import torch
from torch import nn

from lib.draws import key
from lib.experiments import Findings
from lib.loading import sibling
from lib.losses import LOSSES
from lib.models.autoencoder import linear_on
from lib.models.keras import initialise
from lib.optimizers import OPTIMIZERS
from lib.trainers import LAYOUT, device
from lib.training import answers, train_epoch
from lib.transforms import TRANSFORMS

rebuilding = sibling(__file__, "rebuilding")
error_of, mapped, seen = rebuilding.error_of, rebuilding.mapped, rebuilding.seen
PAIRS = ((4, 9), (3, 8), (1, 7))  # digits between which a walk goes
STEPS, NEAREST = 9, 6


def _shown(context, part):
    """A part as the network sees it: bytes on the device, and how they are scaled."""
    transform = TRANSFORMS[context.recipe["transform"]]
    return transform(part, context.recipe["seed"]).to(device()), transform.scale


def as_bytes(pictures):
    """Pictures (n, channels, h, w) between 0 and 1 as uint8 arrays."""
    return pictures.clamp(0, 1).mul(255).round().byte().cpu().numpy()


def keep_logits(context, network, parts):
    """The logits of every validation and test image, for calibration and the notebook's rounding.

    Less the image's largest, which a softmax cannot see: then halves are fine where it decides, near 0.
    """
    arrays = {}
    for name, part in (("val", parts.validation), ("test", parts.test)):
        images, scale = _shown(context, part)
        logits = answers(network, scale, images).float()
        arrays[f"{name}_logits"] = (logits - logits.amax(1, keepdim=True)).half().cpu().numpy()
    return Findings({}, arrays)


def averaged_anew(context, network, parts):
    """Test accuracy once batch normalisation's moving averages, which a short training leaves behind,
    are replaced by the averages over the training images; the weights stay as they are."""
    settled = copy.deepcopy(network)
    for layer in settled.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # the plain mean of all batches
    images, scale = _shown(context, parts.train)
    settled.train()
    with torch.no_grad():
        for rows in images.split(500):
            settled(scale(rows).contiguous(memory_format=LAYOUT))
    given = answers(settled, scale, _shown(context, parts.test)[0]).argmax(1).cpu()
    return Findings({"averaged_anew": float((given == parts.test.labels).double().mean())})


def rebuilt(context, network, parts):
    """Test pictures, what comes out for them, and the code of the first."""
    images, scale = _shown(context, parts.test[:20])
    code = mapped(network.encoder, scale, images[:1])
    return Findings({}, {
        "pictures": images.cpu().numpy(), "rebuilt": as_bytes(mapped(network, scale, images)),
        "code": code[0].half().cpu().numpy()})


def pca_error(fitted, judged, components):
    """Squared error a pixel of the judged pictures kept by so many principal components (n, pixels)."""
    mean = fitted.double().mean(0)
    centred = fitted.double() - mean
    axes = torch.linalg.eigh(centred.T @ centred)[1][:, -components:]
    x = judged.double() - mean
    return float((x - x @ axes @ axes.T).square().mean())


def probe_accuracy(fitted, judged, seed, epochs=30):
    """Validation accuracy of logistic regression on frozen codes, trained as linear-on-pixels is.

    ``fitted`` and ``judged``: codes (n, values) and labels (n,).
    """
    (codes, labels), (others, expected) = fitted, judged
    network = initialise(linear_on(codes.shape[1]), torch.Generator().manual_seed(key(seed, "probe")))
    network.to(codes.device)
    optimizer = OPTIMIZERS["adam"](network.parameters(), lr=1e-3)
    for epoch in range(epochs):
        train_epoch(network, optimizer, LOSSES["cross_entropy"], torch.Tensor.float,
                    codes[:, :, None, None], labels, 256, seed, epoch)
    with torch.no_grad():
        given = network(others).argmax(1)
    return float((given == expected).double().mean())


def tight(context, network, parts):
    """A true bottleneck: its error beside PCA's, what its code is good for, pictures of its codes."""
    recipe, seed = context.recipe, context.recipe["seed"]
    every = seen(recipe)[0]
    coded = {}
    for name, part in (("every", every), ("val", parts.validation), ("test", parts.test)):
        images, scale = _shown(context, part)
        coded[name] = mapped(network.encoder, scale, images), part.labels.to(images.device)
    judged, scale = _shown(context, parts.validation)
    flat = [_shown(context, part)[0].flatten(1).cpu() / 255.0 for part in (parts.train, parts.validation)]
    count = coded["val"][0].shape[1]
    scores = {
        f"mse_{count}": float(error_of(network, scale, judged).double().mean()),
        f"pca_mse_{count}": pca_error(*flat, count),
        f"probe_accuracy_{count}": probe_accuracy(coded["every"], coded["val"], seed)}
    neighbours, same = nearest(*coded["every"], *coded["test"])
    pixels = [_shown(context, part)[0].flatten(1).float() for part in (every, parts.test)]
    _, same_pixels = nearest(pixels[0], coded["every"][1], pixels[1], coded["test"][1])
    scores |= {"same_by_code": same, "same_by_pixels": same_pixels}
    if seed:
        return Findings(scores)
    return Findings(scores, drawn(context, network, parts, coded, neighbours))


def nearest(codes, labels, asked, expected, queries=1000):
    """The NEAREST codes of the first six asked, and how often the nearest of ``queries`` is alike."""
    found = torch.cdist(asked[:queries], codes).topk(NEAREST, largest=False).indices
    return found[:6], float((labels[found[:, 0]] == expected[:queries]).double().mean())


@torch.no_grad()
def drawn(context, network, parts, coded, neighbours):
    """Pictures: the codes in a plane, walks between digits, random codes decoded, look-alikes."""
    codes, labels = coded["test"]
    centred = codes.double() - codes.double().mean(0)
    axes = torch.linalg.eigh(centred.T @ centred)[1][:, -2:].flip(1)
    images, scale = _shown(context, parts.test)
    along = torch.linspace(0, 1, STEPS, device=codes.device)[:, None]
    walks, mixed = [], []
    for one, other in PAIRS:
        a, b = ((labels == digit).nonzero()[0, 0] for digit in (one, other))
        walks.append(network.decoder(codes[a] + along * (codes[b] - codes[a])))
        x, y = scale(images[a]), scale(images[b])
        mixed.append(x + along[..., None, None] * (y - x))
    noise = torch.randn(40, codes.shape[1], generator=torch.Generator().manual_seed(0))
    random = coded["every"][0].mean(0) + noise.to(codes.device) * coded["every"][0].std(0)
    every = seen(context.recipe)[0].images[neighbours.cpu()]
    return {
        "plane": (centred @ axes)[:2000].half().cpu().numpy(),
        "plane_labels": labels[:2000].byte().cpu().numpy(),
        "walks": as_bytes(torch.cat(walks)), "mixed": as_bytes(torch.cat(mixed)),
        "random": as_bytes(network.decoder(random)),
        "asked": images[:6].cpu().numpy(), "alike": every.numpy(),
        "pictures": images[:20].cpu().numpy(), "rebuilt": as_bytes(network(scale(images[:20])))}


def left_out(context, network, parts):
    """How badly every test digit comes out of an autoencoder that never saw one class."""
    images, scale = _shown(context, parts.test)
    error = error_of(network, scale, images)
    strange = parts.test.labels.to(error.device) == context.recipe["without"]
    order = error.argsort()
    ranks = torch.empty_like(order).scatter_(0, order, torch.arange(len(order), device=error.device)) + 1
    n, m = int(strange.sum()), int((~strange).sum())
    auc = (float(ranks[strange].sum()) - n * (n + 1) / 2) / (n * m) if n * m else None
    worst = error.masked_fill(~strange, -1).topk(min(5, n)).indices
    return Findings({"auc": auc}, {
        "error": error.half().cpu().numpy(), "labels": parts.test.labels.byte().numpy(),
        "pictures": images[worst].cpu().numpy(),
        "rebuilt": as_bytes(mapped(network, scale, images[worst]))})
