"""Colour conversions and colouring on whole batches, on any device.

Channels come first: pictures are (n, channels, height, width).  Bytes are uint8 0..255.
"""

import torch

LUMA = (0.299, 0.587, 0.114)  # weights of R, G, B in ITU-R BT.601


def _hue_to_rgb(hue: torch.Tensor, chroma: torch.Tensor, low: torch.Tensor) -> torch.Tensor:
    """R, G, B from hue, chroma C and the smallest channel m (Smith 1978, the hexcone).

    With X = C (1 - |(H/60 mod 2) - 1|) each of the six sextants of hue takes one channel as C,
    one as X, one as 0; m is added to all three.
    """
    h = (hue % 360) / 60
    x = chroma * (1 - (h % 2 - 1).abs())
    zero = torch.zeros_like(x)
    branches = ((chroma, x, zero), (x, chroma, zero), (zero, chroma, x),
                (zero, x, chroma), (x, zero, chroma), (chroma, zero, x))
    rgb = torch.stack([torch.stack(torch.broadcast_tensors(*b)) for b in branches])
    sextant = h.long().clamp(0, 5).expand(x.shape)
    picked = rgb.gather(0, sextant.expand(1, 3, *x.shape))[0]
    return torch.movedim(picked + low, 0, -1)


def hsl_to_rgb(hue: torch.Tensor, saturation: torch.Tensor, lightness: torch.Tensor) -> torch.Tensor:
    """HSL to RGB: C = (1 - |2L - 1|) S and m = L - C/2.

    This is the formula of the digits report's Figure 1, which calls it HSV.
    Hue in degrees, saturation and lightness 0..1, broadcast together; returns (..., 3) in 0..1.
    """
    hue, saturation, lightness = torch.broadcast_tensors(hue, saturation, lightness)
    chroma = (1 - (2 * lightness - 1).abs()) * saturation
    return _hue_to_rgb(hue, chroma, lightness - chroma / 2)


def hsv_to_rgb(hue: torch.Tensor, saturation: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """HSV to RGB: C = V S and m = V - C.  Shapes and ranges as :func:`hsl_to_rgb`."""
    hue, saturation, value = torch.broadcast_tensors(hue, saturation, value)
    chroma = value * saturation
    return _hue_to_rgb(hue, chroma, value - chroma)


def pure(hue: torch.Tensor) -> torch.Tensor:
    """The colour of each hue at full saturation and lightness 1/2: (...) degrees to (..., 3) whole bytes,
    float."""
    hue = torch.as_tensor(hue, dtype=torch.float64)
    one = torch.ones_like(hue)
    return torch.floor(hsl_to_rgb(hue, one, one / 2) * 255 + 1e-9).float()


def luma(rgb: torch.Tensor, dim: int = 1) -> torch.Tensor:
    """0.299 R + 0.587 G + 0.114 B along ``dim``, in the units of ``rgb``, float."""
    weights = torch.tensor(LUMA, device=rgb.device)
    return torch.movedim(rgb, dim, -1).float() @ weights


def gradient(ink: torch.Tensor, paper: torch.Tensor, digits: torch.Tensor,
             chunk: int = 64) -> torch.Tensor:
    """Lay grey pictures on a line between two colours (digits report, Figure 2).

    x = x_paper + v/255 (x_ink - x_paper) for x in R, G, B, cut to whole bytes.
    ``ink`` and ``paper`` (n, 3) are colours in bytes, ``digits`` uint8 (n, h, w)
    with 255 for all ink; returns uint8 (n, 3, h, w).  The quotient is taken of
    whole numbers below 2**24, so that float32 cuts just where they would.
    ``chunk`` pictures at a time stay in a processor's cache.
    """
    where, (n, height, width) = digits.device, digits.shape
    ink, paper = (c.to(where, torch.float32)[:, :, None, None] for c in (ink, paper))
    slope, start = ink - paper, 255 * paper
    out = torch.empty((n, 3, height, width), dtype=torch.uint8, device=where)
    work = torch.empty((min(chunk, n), 3, height, width), device=where)
    for i in range(0, n, chunk):
        rows = slice(i, min(i + chunk, n))
        x = work[: rows.stop - i]
        torch.mul(digits[rows, None].float(), slope[rows], out=x)
        out[rows] = x.add_(start[rows]).div_(255).to(torch.uint8)
    return out


def lookup(table: torch.Tensor, hue: torch.Tensor, digits: torch.Tensor) -> torch.Tensor:
    """Colour by a table of one colour for each hue and byte.

    ``table`` uint8 (360, 256, 3), ``hue`` whole numbers (n,), ``digits`` uint8 (n, h, w);
    returns uint8 (n, 3, h, w).
    """
    flat = table.to(digits.device).reshape(-1, 3)
    address = hue.to(digits.device)[:, None, None].int() * 256 + digits.int()
    return flat[address].movedim(-1, 1).contiguous()


def table(kind: str) -> torch.Tensor:
    """The colour of each hue 0..359 (rows) and byte v (columns), uint8 (360, 256, 3), cut to bytes.

    ``dark-ink``: HSL, lightness (254 - 199 v/255)/255, as the report's Figure 4 shows it;
    ``light-ink``: HSL, lightness (55 + 199 v/255)/255, its text taken at its word;
    ``hsv``: the same number as the value of HSV, the name that its text gives the formula.
    """
    hue = torch.arange(360, dtype=torch.float64)[:, None]
    v = torch.arange(256, dtype=torch.float64)[None, :]
    rising = (55 + 199 * v / 255) / 255
    level = {"dark-ink": (254 - 199 * v / 255) / 255, "light-ink": rising, "hsv": rising}[kind]
    convert = hsv_to_rgb if kind == "hsv" else hsl_to_rgb
    rgb = convert(hue, torch.ones_like(hue), level)
    return (rgb * 255 + 1e-9).clamp(0, 255).to(torch.uint8)
