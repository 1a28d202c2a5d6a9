"""RGB to CIE Lab and back, on whole batches and any device.

Pictures are (..., 3, height, width), colours sRGB in bytes (uint8) or in 0..1 (floating point).  L runs
from 0 to 100; a and b of sRGB's colours lie between -108 and 99.

``gamma=False`` is the Lab of the scenes report: its authors' script takes the channels as if they
were proportional to light, which sRGB's are not (IEC 61966-2-1), and has another white on the way back.
"""

import torch

# R, G, B (linear, D65) to X, Y, Z: IEC 61966-2-1, in scikit-image's digits
TO_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169),
          (0.019334, 0.119193, 0.950227))
WHITE = (0.95047, 1.0, 1.08883)      # D65, 2 degrees
WHITE_BACK = (0.95047, 1.0, 1.0883)  # the script's white when it turns Lab into RGB
EDGE, SLOPE = (6 / 29) ** 3, (29 / 6) ** 2 / 3  # below the edge a cube root goes on as its tangent
CHUNK = 1 << 17                      # pixels at a time, which stay in a processor's cache


def linear(rgb: torch.Tensor, gamma: bool = True) -> torch.Tensor:
    """sRGB 0..1 as shares of full light 0..1; without gamma as it is."""
    if not gamma:
        return rgb
    return torch.where(rgb > 0.04045, ((rgb.clamp(min=0) + 0.055) / 1.055) ** 2.4, rgb / 12.92)


def _table(gamma: bool) -> torch.Tensor:
    """The light of each byte, double."""
    return linear(torch.arange(256, dtype=torch.float64) / 255, gamma)


def companded(light: torch.Tensor, gamma: bool = True) -> torch.Tensor:
    """The inverse of :func:`linear`: light 0..1 to sRGB 0..1, cut to that range."""
    light = light.clamp(0, 1)
    if not gamma:
        return light
    return torch.where(light > 0.0031308, 1.055 * light ** (1 / 2.4) - 0.055, 12.92 * light)


def rgb_to_lab(rgb: torch.Tensor, gamma: bool = True) -> torch.Tensor:
    """L, a, b of sRGB pictures (CIE 15:2004, Section 8.2.1).

    With f(t) = t^(1/3), or 7.787 t + 16/116 for t up to 0.008856, and X, Y, Z relative to white:
    L = 116 f(Y) - 16, a = 500 (f(X) - f(Y)), b = 200 (f(Y) - f(Z)).  Both cases in one:
    f(t) = max(t, 0.008856)^(1/3) + 7.787 min(t - 0.008856, 0), the root by 2^(log2(t) / 3).

    Parameters
    ----------
    rgb : (..., 3, height, width), uint8 or floats 0..1.
    gamma : False for the scenes report's Lab.

    Returns
    -------
    Tensor of the same shape, float32 for bytes, else of the input's type.
    """
    shape, bytes_ = rgb.shape, rgb.dtype == torch.uint8
    flat = rgb.reshape(-1, 3, shape[-2] * shape[-1])
    out = torch.empty(flat.shape, dtype=torch.float32 if bytes_ else rgb.dtype, device=rgb.device)
    matrix = torch.tensor(TO_XYZ, dtype=torch.float64) / torch.tensor(WHITE, dtype=torch.float64)[:, None]
    matrix, table = matrix.to(out), _table(gamma).to(out)
    rows = max(1, CHUNK // max(flat.shape[2], 1))
    work = [torch.empty_like(out[:rows]) for _ in range(2)]  # memory that is new costs more than the sums
    for part, target in zip(flat.split(rows), out.split(rows), strict=True):
        t, f = (w[: len(part)] for w in work)
        if bytes_:
            torch.index_select(table, 0, part.flatten().int(), out=f.view(-1))
        else:
            f.copy_(linear(part, gamma))
        torch.matmul(matrix, f, out=t)
        torch.clamp(t, min=EDGE, out=f).log2_().mul_(1 / 3).exp2_()
        f.add_(t.sub_(EDGE).clamp_(max=0), alpha=SLOPE)
        x, y, z = f.unbind(1)
        torch.mul(y, 116, out=target[:, 0]).sub_(16)
        torch.sub(x, y, out=target[:, 1]).mul_(500)
        torch.sub(y, z, out=target[:, 2]).mul_(200)
    return out.reshape(shape)


def lab_to_rgb(lab: torch.Tensor, gamma: bool = True) -> torch.Tensor:
    """sRGB 0..1 of Lab pictures (..., 3, height, width), colours outside sRGB cut to its edge.

    ``gamma=False`` undoes the scenes report's Lab as its script does, with the white of Z at 1.0883.
    """
    shape = lab.shape
    lightness, a, b = lab.reshape(-1, 3, shape[-2] * shape[-1]).unbind(1)
    y = (lightness + 16) / 116
    f = torch.stack([y + a / 500, y, (y - b / 200).clamp(min=0)], 1)
    t = torch.where(f > 6 / 29, f**3, (f - 4 / 29) / SLOPE)
    white = torch.tensor(WHITE if gamma else WHITE_BACK, dtype=torch.float64)
    matrix = torch.linalg.inv(torch.tensor(TO_XYZ, dtype=torch.float64)) * white
    return companded(matrix.to(lab) @ t, gamma).reshape(shape)


def chroma(ab: torch.Tensor) -> torch.Tensor:
    """The distance sqrt(a^2 + b^2) from grey: (..., 2, h, w) to (..., h, w)."""
    return ab.square().sum(-3).sqrt()
