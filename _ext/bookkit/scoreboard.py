"""``{scoreboard}``: all claims with their verdicts.  ``{verdict-counts}``: how many of each."""

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective

from lib import claims, estimates, experiments
from lib.errors import BookError

from . import book
from .cache import EVERY, depend
from .nodes import anchor, badge, cell, claim_row, folded, link, paragraph, small, table

HEADS = ["Claim", "Reported", "Ours", "Verdict", "Margin", "Why"]


class Reading(SphinxDirective):
    """A directive that reads lib; mistakes in claims, names and records are warnings here."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        try:
            return self.show()
        except BookError as error:  # the build fails
            text = f"{self.name}: {error}"
            return [self.state.document.reporter.warning(text, line=self.lineno)]


class Scoreboard(Reading):
    """One row a claim, those that carry a report's message first."""

    def show(self) -> list[nodes.Node]:
        depend(self.env, EVERY)
        rows = [self.row(verdict) for verdict in claims.verdicts()]
        found = table(HEADS, rows, classes=["scoreboard", "sortable"])
        return [nodes.container("", found, classes=["full-width"])]

    def row(self, v) -> claim_row:
        label = anchor(self.env, f"claim-{v.report}-{v.id}")
        title = experiments.chapter(v.report).short
        where = [nodes.inline("", "headline", classes=["headline"])] if v.headline else []
        own = nodes.inline("", "", link(label, nodes.Text(v.id)), classes=["small"])
        return claim_row(
            "",
            cell(v.says, paragraph(*where, small(f"{title}, {v.where}")), own),
            cell(_plain(v.reported)),
            cell(*_ours(v)),
            cell(paragraph(badge(v.verdict)), *[small(mark) for mark in v.marks]),
            cell("" if v.margin is None else f"{v.margin:+.2f}".replace("-", "−")),
            cell(*[_linked(v, text) for text in (v.reason, _overturned(v)) if text],
                 self.links(v), *folded("The rule", _fair(v))),
            ids=[label],
            names=[],
            report=v.report,
            verdict=v.verdict,
            headline=v.headline,
            thin="thin" in v.marks,
        )  # fmt: skip

    def links(self, v) -> nodes.paragraph:
        """Links to the runs that a verdict rests on and to the page that tells of it."""
        parts = [link(f"run-{v.report}-{name}", nodes.Text(name)) for name in v.experiments]
        docname = f"chapters/{v.report}/{v.page}"
        if docname in self.env.found_docs:
            parts.append(pending_xref(
                "", nodes.inline("", v.page), refdomain="std", reftype="doc", refwarn=True,
                reftarget=f"/{docname}", refexplicit=False,
            ))  # fmt: skip
        dots = [piece for part in parts for piece in (nodes.Text(" · "), part)]
        return paragraph(*dots[1:], classes=("small",))


def _plain(value) -> str:
    return "" if value is None else estimates.text(value)


def _ours(v) -> list:
    if v.ours is None:
        return []
    half = (v.interval[1] - v.interval[0]) / 2 if v.interval else None
    return [estimates.text(v.ours, half), small(f"n = {v.n}") if v.n else ""]


def _rule(v) -> str:
    """The rule with the name of what it judges."""
    read = claims.rules.measures(v.rule)
    return f"Rule: {read[0]} {v.rule_text}" if read else f"Rule: {v.rule_text}"


def _overturned(v) -> str:
    """The margin in words."""
    return f"{v.margin_text[:1].upper()}{v.margin_text[1:]}." if v.margin_text else ""


def _linked(v, text: str) -> nodes.paragraph:
    """A text in which each claim that a conclusion rests on leads to its row."""
    rule = claims.rules.kind(v.rule)
    parts = v.rule[rule] if rule in claims.rules.COMBINED else []
    pieces = re.split(r"([\w-]+)", text) if parts else [text]
    return paragraph(*[link(f"claim-{v.report}-{piece}", nodes.Text(piece)) if piece in parts else piece
                       for piece in pieces if piece])


def _fair(v) -> list[nodes.Node]:
    """The rule, why it is fair and what was changed in it."""
    reasons = [f"Fair because: {v.why}"] * bool(v.why) + [f"Amended: {v.amended}"] * bool(v.amended)
    rule = _linked(v, _rule(v))
    rule["classes"] = ["small"]
    return [rule, *[paragraph(small(text)) for text in reasons]]


class VerdictCounts(Reading):
    """How many claims hold, fail, ..., the thin ones beside; of one report where its slug is given."""

    optional_arguments = 1

    def show(self) -> list[nodes.Node]:
        slug = self.arguments[0] if self.arguments else None
        if slug:
            experiments.chapter(slug)  # raises if there is no such chapter
        depend(self.env, slug or EVERY)
        thin = book.counted(slug, "thin")
        parts = [
            nodes.inline("", "", badge(word), nodes.Text(f" {count}"),
                         *[small(f" ({thin[word]} thin)")] * bool(thin[word]), classes=["count"])
            for word, count in book.counted(slug).items()
            if count
        ]  # fmt: skip
        return [paragraph(*parts, classes=("verdict-counts",))]


def setup(app) -> None:
    app.add_directive("scoreboard", Scoreboard)
    app.add_directive("verdict-counts", VerdictCounts)
