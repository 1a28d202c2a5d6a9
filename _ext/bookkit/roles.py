"""Roles for prose: ``{measure}``, ``{percent}`` (of `experiment.measure`) and ``{claim}`` (of an id)."""

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from lib import experiments, measures
from lib.errors import BookError, UnknownName

from . import book
from .cache import depend
from .nodes import badge, link, small


class _Reading(SphinxRole):
    """A role that reads a chapter: the page's own, or the one named before a slash."""

    def run(self):
        slug, _, name = self.text.rpartition("/")
        folder = self.env.docname.split("/")
        slug = slug or (folder[1] if folder[0] == "chapters" else "")
        try:
            experiments.chapter(slug)  # raises if there is no such chapter
            depend(self.env, slug)
            return [self.show(slug, name)], []
        except BookError as error:
            text = f"{self.name} {self.text!r}: {error}"
            note = self.inliner.reporter.warning(text, line=self.lineno)
            return [nodes.problematic(self.rawtext, self.rawtext)], [note]


class MeasureRole(_Reading):
    """Mean and half-width of a measure over seeds, linked to the runs behind it."""

    times, unit = 1, ""

    def show(self, slug: str, name: str) -> nodes.Node:
        found = book.sampled(slug, name)
        value, remark = measures.words(found, self.times)
        unit = self.unit if found and found.values else ""
        parts = [nodes.inline("", value + unit, classes=["measure"])]
        if remark:
            parts.append(small(f" ({remark})"))
        if name.startswith("arch:"):
            return nodes.inline("", "", *parts)
        return link(f"run-{slug}-{name.partition('.')[0]}", *parts)


class PercentRole(MeasureRole):
    """A measure that is a share, in percent."""

    times, unit = 100, " %"


class ClaimRole(_Reading):
    """The verdict on a claim as a badge, linked to its row of the scoreboard; a thin one says so."""

    def show(self, slug: str, name: str) -> nodes.Node:
        verdicts = book.judged(slug)
        if name not in verdicts:
            raise UnknownName(f"claim of {slug}", name, verdicts)
        found = verdicts[name]
        thin = [small(" (thin)")] if "thin" in found.marks else []
        return link(f"claim-{slug}-{name}", badge(found.verdict, f"claim {name}:"), *thin)


def setup(app) -> None:
    app.add_role("measure", MeasureRole())
    app.add_role("percent", PercentRole())
    app.add_role("claim", ClaimRole())
