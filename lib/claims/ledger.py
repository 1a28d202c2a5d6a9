"""Claims files: what a report says, each claim with the rule that judges it, checked on reading.

``chapters/<slug>/claims.yml`` holds two lists, ``claims`` and ``contradictions``.
"""

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import yaml

from lib.claims.rules import COMBINED, fault, kind, measures
from lib.errors import BookError, UnknownName
from lib.experiments import Chapter, Experiment, chapter
from lib.loading import read_yaml

FILE = "claims.yml"
PAGES = ("1_report", "2_reproduction", "3_findings", "4_beyond")
FIELDS = ("id", "where", "says", "rule", "page")
OPTIONAL = ("why", "headline", "reported", "by_construction", "full_only", "amended",
            "figure_of")


class ClaimError(BookError):
    """A claims file that cannot be judged; the message names file, claim and what is near."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim.  ``reported`` is the report's own number where it gives one; ``figure_of`` names the
    experiments whose runs the figure of a ``shown`` claim draws."""

    id: str
    where: str
    says: str
    rule: dict
    page: str
    why: str = ""
    headline: bool = False
    reported: float | None = None
    by_construction: bool = False
    full_only: bool = False
    amended: str = ""
    figure_of: tuple[str, ...] = ()


def load(slug: str | Chapter) -> list[Claim]:
    """The claims of a chapter, checked.  Raises ClaimError."""
    home = home_of(slug)
    path = home.folder / FILE
    claims = [_claim(entry, path) for entry in _entries(path, "claims")]
    for claim in claims:
        if sum(other.id == claim.id for other in claims) > 1:
            raise ClaimError(f"{path}: two claims are called {claim.id!r}")
        for name in claim.figure_of:
            if name not in home.experiments:
                raise ClaimError(f"{path}: claim {claim.id!r}: figure_of: "
                                 f"{UnknownName('experiment', name, home.experiments)}")
        for measure in measures(claim.rule):
            _check_measure(measure, home, f"{path}: claim {claim.id!r}")
    in_order({claim.id: claim for claim in claims}, path)
    return claims


def contradictions(slug: str | Chapter) -> list[dict]:
    """Where the report disagrees with itself: id, about, settled_by, weight.  Checked."""
    home = home_of(slug)
    path = home.folder / FILE
    found = _entries(path, "contradictions")
    known = [*home.experiments, *(claim.id for claim in load(home))]
    for entry in found:
        if set(entry) != {"id", "about", "settled_by", "weight"}:
            raise ClaimError(f"{path}: contradiction {entry.get('id')!r} needs about, settled_by "
                             "and weight, and nothing else")
        for name in entry["settled_by"]:
            if name not in known:
                raise ClaimError(f"{path}: contradiction {entry['id']!r}: "
                                 f"{UnknownName('experiment or claim', name, known)}")
    return found


def home_of(slug: str | Chapter) -> Chapter:
    """A chapter by its slug; a chapter is its own."""
    return slug if isinstance(slug, Chapter) else chapter(slug)


def _entries(path: Path, key: str) -> list[dict]:
    try:
        content = read_yaml(path)
    except (OSError, yaml.YAMLError) as error:
        raise ClaimError(f"{path} cannot be read: {error}") from error
    entries = content.get(key, []) if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise ClaimError(f"{path}: {key!r} is not a list of mappings")
    return entries


def _claim(entry: dict, path: Path) -> Claim:
    place = f"{path}: claim {entry.get('id', entry)!r}"
    for name in entry:
        if name not in (*FIELDS, *OPTIONAL):
            raise ClaimError(f"{place}: {UnknownName('key', str(name), (*FIELDS, *OPTIONAL))}")
    if lacking := [name for name in FIELDS if name not in entry]:
        raise ClaimError(f"{place} lacks {', '.join(lacking)}")
    if found := fault(entry["rule"]):
        raise ClaimError(f"{place}: {found}")
    if entry["page"] not in PAGES:
        raise ClaimError(f"{place}: {UnknownName('page', str(entry['page']), PAGES)}")
    rule = entry["rule"]
    told = rule["to"] if kind(rule) in ("close", "exact") else None
    return Claim(**{"reported": told, **entry, "where": str(entry["where"]),
                    "figure_of": tuple(entry.get("figure_of", ()))})


def stand_in(home: Chapter, name: str) -> Experiment | None:
    """The experiment that stands in for one that cannot be run here."""
    return next((e for e in home.experiments.values() if e.stands_in_for == name), None)


def _check_measure(measure: str, home: Chapter, place: str) -> None:
    if measure.startswith("arch:"):
        return  # networks are known when a claim is judged
    name, _, field = measure.partition(".")
    experiment = home.experiments.get(name) or stand_in(home, name)
    if experiment is None:
        raise ClaimError(f"{place}: {UnknownName('experiment', name, home.experiments)}")
    if field not in experiment.definitions:
        near = UnknownName(f"measure of {experiment.name}", field, experiment.definitions)
        raise ClaimError(f"{place}: {near}")


def in_order(claims: dict[str, Claim], path: Path | str = "") -> list[str]:
    """Ids, each after the claims that it rests on.  Raises ClaimError where they go in circles."""
    rests = {}
    for claim in claims.values():
        name = kind(claim.rule)
        rests[claim.id] = claim.rule[name] if name in COMBINED else []
        for part in rests[claim.id]:
            if part not in claims:
                near = UnknownName("claim", part, claims)
                raise ClaimError(f"{path}: claim {claim.id!r}: {near}")
            if kind(claims[part].rule) in ("shown", "untestable"):
                raise ClaimError(f"{path}: claim {claim.id!r} rests on {part!r}, which is not "
                                 "judged but only shown or untestable")
    try:
        return list(TopologicalSorter(rests).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise ClaimError(f"{path}: claims rest on each other: {circle}") from None
