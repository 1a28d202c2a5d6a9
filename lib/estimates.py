"""Numbers that differ by chance: mean and 95 % interval, and how people write them."""

import math
from dataclasses import dataclass

from scipy.special import stdtrit  # scipy.stats takes a second to import

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Estimate:
    """Mean over ``n`` seeds and the half-width of its 95 % t interval (None for one seed)."""

    mean: float
    half: float | None
    n: int


def estimate(values) -> Estimate:
    """Mean and half-width t_{0.975, n-1} s / sqrt(n) of numbers that differ by chance."""
    values = list(values)
    n, mean = len(values), math.fsum(values) / len(values)
    if n < 2:
        return Estimate(mean, None, n)
    spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))
    return Estimate(mean, student(n) * spread / math.sqrt(n), n)


def student(n: int) -> float:
    """Student's quantile t_{0.975, n-1}."""
    return float(stdtrit(n - 1, 0.975))


def ten(power: int) -> str:
    """A power of ten as people write it: 10⁻⁶."""
    return f"10{str(power).translate(RAISED)}"


def over_seeds(values: list[float]) -> str:
    """Mean, half-width and number of seeds: "0.962 ± 0.003 (n = 5)"; "not run yet" without any."""
    if not values:
        return "not run yet"
    e = estimate(values)
    return f"{text(e.mean, e.half)} (n = {e.n})"


def text(number: float, half: float | None = None) -> str:
    """A number as people write it; with a half-width, both, to two digits of the half-width or more.

    >>> text(0.9587, 0.0042), text(21386), text(0.1), text(-157.31), text(1, 3e-8)
    ('0.9587 ± 0.0042', '21,386', '0.100', '−157.3', '1 ± 3·10⁻⁸')
    """
    if half and half < 1e-6:  # less than six places show
        return f"{text(number)} ± {text(half)}"
    size = abs(number)
    if half:
        places = min(max(1 - math.floor(math.log10(half)), 2 if size < 10 else 0), 6)
    elif float(number).is_integer():
        places = 0
    elif size >= 0.1:
        places = max(0, 3 - max(0, math.floor(math.log10(size))))
    elif size >= 1e-5:
        places = 2 - math.floor(math.log10(size))
    else:
        digits, power = f"{number:.0e}".replace("-", "−").split("e")
        return f"{digits}·{ten(int(power.replace('−', '-')))}"
    written = f"{number:,.{places}f}".replace("-", "−")
    return f"{written} ± {half:,.{places}f}" if half else written
