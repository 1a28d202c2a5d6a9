"""Verdicts on the claims of the reports, given by a program from run records alone.

``judge`` reads the measures of runs, never a typed number; nothing here trains or loads torch.
The claims stand in ``chapters/<slug>/claims.yml``: ``ledger`` reads and checks that file, ``rules``
knows the forms of a rule, ``rungs`` the runs that it reads, ``judging`` what it makes of numbers.
"""

import re
from collections import Counter
from dataclasses import dataclass

from lib import measures, records
from lib.claims.judging import Outcome, against_bound, combined, conclusion, difference
from lib.claims.ledger import FILE, Claim, ClaimError, contradictions, home_of, in_order, load
from lib.claims.rules import COMBINED, DIFFERENCES, kind, text
from lib.claims.rungs import Reading, read
from lib.claims.table import Disagreements, Grid, Table
from lib.errors import UnknownName
from lib.experiments import Chapter, chapter, chapters, here

VERDICTS = ("holds", "fails", "unclear", "waiting", "shown", "untestable")
WEAK = ("thin", "reduced", "stand-in")  # marks of a verdict that better runs could change
NAMED = 4  # missing runs that a reason names
IN_JSON = ("id", "report", "rule", "reported", "ours", "n", "interval", "margin", "verdict",
           "marks", "headline", "reason", "page")
__all__ = ["Claim", "ClaimError", "Verdict", "as_dict", "contradictions", "counts", "disagreements",
           "grid", "judge", "load", "pick", "table", "verdicts"]


@dataclass(frozen=True, kw_only=True)
class Verdict(Claim, Outcome):
    """A claim and what came of it.

    ``ours``: mean over seeds, or the mean difference of a comparison, whose ``interval`` (95 %)
    is that of the difference.  ``missing``: the runs that a waiting claim waits for.
    """

    report: str
    rule_text: str
    marks: tuple[str, ...]
    experiments: tuple[str, ...]
    missing: tuple[str, ...]


def judge(slug: str | Chapter, sample=None) -> dict[str, Verdict]:
    """The verdict on every claim of a chapter, by id, in the order of its file.

    ``sample(slug, measure, scale)`` gives the numbers, ``lib.measures.sample`` where left out.
    Raises ClaimError.
    """
    home = home_of(slug)
    claims = {claim.id: claim for claim in load(home)}
    figures = _figures(home)
    found: dict[str, Verdict] = {}
    for name in in_order(claims):
        try:
            found[name] = _verdict(claims[name], home, sample or measures.sample, figures, found)
        except UnknownName as error:
            raise ClaimError(f"{home.folder / FILE}: claim {name!r}: {error}") from error
    return {name: found[name] for name in claims}


def _figures(home: Chapter) -> set[str]:
    """Labels of the figures that the chapter's pages make."""
    cells = [line for page in sorted(home.folder.glob("[0-9]_*.py"))
             for line in page.read_text("utf8").splitlines() if line.startswith("# %%")]
    return {label for cell in cells for label in re.findall(r'"name": *"([^"]+)"', cell)}


def _verdict(claim: Claim, home: Chapter, sample, figures: set[str], found: dict) -> Verdict:
    """One verdict; ``found`` holds those of the claims that this one may rest on."""
    name, reading = kind(claim.rule), Reading()
    if name in COMBINED:
        outcome, reading = _concluded(claim, found)
    elif name == "untestable":
        outcome = Outcome("untestable", claim.rule[name])
    elif name == "shown":
        outcome, reading = _pictured(claim, home, figures)
    else:
        reading = read(claim, home, sample)
        outcome = _judged(claim, reading)
    marks = [("thin", outcome.thin), ("by construction", claim.by_construction),
             ("amended", bool(claim.amended))]
    return Verdict(
        **vars(claim), **vars(outcome), report=home.slug, rule_text=text(claim.rule),
        marks=reading.marks + tuple(mark for mark, is_so in marks if is_so),
        experiments=reading.experiments, missing=reading.missing)


def _pictured(claim: Claim, home: Chapter, figures: set[str]) -> tuple[Outcome, Reading]:
    """A figure is shown where a page makes it and there are runs for it to draw."""
    label = f"{home.slug}-{claim.rule['shown']}"
    missing = tuple(f"{home.slug}/{name} seed 0" for name in claim.figure_of
                    if not records.find(home.slug, name))
    reading = Reading(experiments=claim.figure_of, missing=missing)
    if label not in figures:
        return Outcome("waiting", f"waits for figure {label}"), reading
    if missing:
        return _judged(claim, reading), reading
    return Outcome("shown", f"figure {label}"), reading


def _judged(claim: Claim, reading: Reading) -> Outcome:
    if reading.missing:
        more = len(reading.missing) - NAMED
        named = ", ".join(reading.missing[:NAMED]) + (f" and {more} more" if more > 0 else "")
        return Outcome("waiting", f"waits for {named}")
    if kind(claim.rule) in DIFFERENCES:
        return difference(claim.rule, *reading.samples)
    return against_bound(claim.rule, *reading.samples, reading.declared)


def _concluded(claim: Claim, found: dict[str, Verdict]) -> tuple[Outcome, Reading]:
    """A conclusion bears a weak mark where it would be open without the parts that bear it."""
    name = kind(claim.rule)
    parts = [found[part] for part in claim.rule[name]]
    outcome = conclusion(claim.rule, {part.id: part.verdict for part in parts})
    marks = []
    for mark in WEAK:
        doubted = {p.id: "unclear" if mark in p.marks else p.verdict for p in parts}
        if outcome.verdict in ("holds", "fails") and combined(name, doubted) != outcome.verdict:
            marks.append(mark)
    read_from = dict.fromkeys(e for part in parts for e in part.experiments)
    missing = dict.fromkeys(run for part in parts for run in part.missing)
    lacking = tuple(missing) if outcome.verdict == "waiting" else ()
    return outcome, Reading((), tuple(marks), tuple(read_from), lacking)


def verdicts() -> list[Verdict]:
    """The verdicts of all chapters that have claims, headline ones first."""
    found = [v for c in chapters() if (c.folder / FILE).is_file() for v in judge(c).values()]
    return sorted(found, key=lambda verdict: not verdict.headline)


def counts(slug: str | None = None, mark: str = "") -> dict[str, int]:
    """How many claims, of a chapter or of all, got each verdict, or got it with a mark."""
    found = judge(slug).values() if slug else verdicts()
    return tally(v for v in found if not mark or mark in v.marks)


def tally(found) -> dict[str, int]:
    """How many of some verdicts there are of each kind; those by construction are counted apart."""
    count = Counter("by construction" if "by construction" in v.marks else v.verdict for v in found)
    return {word: count[word] for word in (*VERDICTS, "by construction")}


def pick(*names: str) -> list[Verdict]:
    """The verdicts on these claims: an id within a chapter, ``slug/id`` from anywhere."""
    judged: dict[str, dict[str, Verdict]] = {}
    found = []
    for name in names:
        slug, _, id = name.rpartition("/")
        slug = slug or here()
        if not slug:
            raise ClaimError(f"claim {name!r}: outside a chapter write its chapter too, slug/{name}")
        if slug not in judged:
            judged[slug] = judge(slug)
        if id not in judged[slug]:
            raise ClaimError(f"{slug}: {UnknownName('claim', id, judged[slug])}")
        found.append(judged[slug][id])
    return found


def as_dict(verdict: Verdict) -> dict:
    """A verdict for JSON."""
    return {name: getattr(verdict, name) for name in IN_JSON}


def _here() -> str:
    """The chapter whose folder this is."""
    if slug := here():
        return slug
    raise ClaimError("these claims belong to a chapter: run this in its folder, chapters/<slug>/")


def table(*ids: str, page: str | None = None) -> Table:
    """The verdicts on these claims, or on all that a page of this chapter speaks of, as a table."""
    if ids:
        return Table(pick(*ids))
    found = judge(_here()).values()
    return Table([verdict for verdict in found if page in (None, verdict.page)])


def grid(rows: dict[str, str], columns: dict[str, str]) -> Grid:
    """The verdicts on the claims ``<column's id>-<row's id>`` as a table for a page."""
    return Grid({row: dict(zip(columns, pick(*(f"{left}-{right}" for left in columns.values())), strict=True))
                 for row, right in rows.items()})


def disagreements() -> Disagreements:
    """Where this chapter's report disagrees with itself, and what settles it, as a table.

    ``{experiment.measure}`` in the text of an entry stands for its number.
    """
    slug = _here()

    def number(name: re.Match) -> str:
        value, remark = measures.words(measures.best(slug, name[1]))
        return f"{value} ({remark})" if remark else value

    entries = [entry | {"about": re.sub(r"\{([\w-]+\.\w+)\}", number, entry["about"])}
               for entry in contradictions(slug)]
    unmade = {name for name, e in chapter(slug).experiments.items()
              if e.kind != "derived" and not records.find(slug, name)}
    return Disagreements(slug, entries, judge(slug), unmade)
