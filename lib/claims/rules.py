"""The rules a claim can have: their form, checked, and their words.

A rule is a mapping with one key that names its kind, as ``{close: lenet-grey.val_accuracy,
to: 0.961, within: 0.01}``.  What a rule makes of numbers stands in ``judging``.
"""

import math
import re

FORMS = {  # kind -> (keys that it must have, keys that it may have)
    "close": ({"to", "within"}, set()),
    "at_least": ({"value"}, set()),
    "at_most": ({"value"}, set()),
    "above": ({"than"}, {"by"}),
    "below": ({"than"}, {"by"}),
    "exact": ({"to"}, set()),
    "all": (set(), set()),
    "any": (set(), set()),
    "most": (set(), set()),
    "shown": (set(), set()),
    "untestable": (set(), set()),
}
DIFFERENCES = ("above", "below")
COMBINED = ("all", "any", "most")
NUMBERS = ("to", "within", "value", "by")
NAME = re.compile(r"(arch:)?[\w-]+\.\w+")


def kind(rule: dict) -> str:
    """The kind of a rule: the one of its keys that is the name of a kind."""
    return next(key for key in rule if key in FORMS)


def fault(rule) -> str | None:
    """What is wrong with the form of a rule, in words; None where nothing is."""
    if not isinstance(rule, dict) or not rule:
        return f"the rule is {rule!r}, not a mapping such as {{close: M, to: x, within: t}}"
    kinds = [key for key in rule if key in FORMS]
    if not kinds:
        return f"no rule kind among {', '.join(map(str, rule))}; the kinds are {', '.join(FORMS)}"
    if len(kinds) > 1:
        return f"two kinds of rule in one: {' and '.join(kinds)}"
    must, may = FORMS[kinds[0]]
    given = set(rule) - {kinds[0]}
    if must - given or given - must - may:
        needs = ", ".join(sorted(must)) or "nothing"
        optional = f" (optional: {', '.join(sorted(may))})" if may else ""
        return f"a rule {kinds[0]!r} needs {needs}{optional}, not {sorted(given)}"
    return _fault_of_values(rule, kinds[0])


def _fault_of_values(rule: dict, name: str) -> str | None:
    for key in (k for k in NUMBERS if k in rule):
        if isinstance(rule[key], bool) or not isinstance(rule[key], int | float):
            return f"{key} is {rule[key]!r}, not a number"
        if not math.isfinite(rule[key]):
            return f"{key} is {rule[key]!r}, not finite"
    if rule.get("within", 1) <= 0 or rule.get("by", 0) < 0:
        return "within must be above 0 and by not below it"
    if name in COMBINED:
        parts = rule[name]
        if not isinstance(parts, list) or not parts or not all(isinstance(p, str) for p in parts):
            return f"{name} is {parts!r}, not a list of claim ids"
        return f"{name} names a claim twice" if len(set(parts)) < len(parts) else None
    if not isinstance(rule[name], str) or not rule[name]:
        return f"{name} is {rule[name]!r}, not a text"
    for measure in measures(rule):
        if not isinstance(measure, str) or not NAME.fullmatch(measure):
            return f"{measure!r} is not of the form experiment.measure"
    return None


def measures(rule: dict) -> list[str]:
    """The one or two measures that a rule reads."""
    name = kind(rule)
    if name in COMBINED or name in ("shown", "untestable"):
        return []
    return [rule[name], rule["than"]] if name in DIFFERENCES else [rule[name]]


def text(rule: dict) -> str:
    """A rule in plain English, to be read after the name of its measure."""
    name = kind(rule)
    if name == "close":
        places = max(_places(rule["to"]), _places(rule["within"]))
        return f"within {rule['within']:,.{places}f} of {rule['to']:,.{places}f}".replace("-", "−")
    if name in ("at_least", "at_most"):
        return f"{name.replace('_', ' ')} {exactly(rule['value'])}"
    if name in DIFFERENCES:
        by = f"more than {exactly(rule['by'])} " if rule.get("by") else ""
        return f"{by}{name} {rule['than']}"
    if name == "exact":
        return f"exactly {exactly(rule['to'])}"
    if name in COMBINED:
        many = {"all": "all hold", "any": "at least one holds", "most": "more than half hold"}
        return f"{many[name]}: {', '.join(rule[name])}"
    return f"figure {rule[name]} is remade" if name == "shown" else "cannot be judged"


def _places(number: float) -> int:
    return len(str(number).partition(".")[2]) if "e" not in str(number) else 4


def exactly(number: float) -> str:
    """A bound with all its digits and a true minus."""
    return f"{number:,}".removesuffix(".0").replace("-", "−")


def brief(number: float) -> str:
    """A distance for the eye: two digits that count."""
    return f"{number:.2g}" if abs(number) < 99.5 else f"{number:,.0f}"


def seeds(n: int) -> str:
    """'one seed', '3 seeds'."""
    return "one seed" if n == 1 else f"{n} seeds"
