"""Pieces of a page that roles and directives are made of: badges, tables, links by label."""

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util.nodes import make_refnode


class claim_row(nodes.row):
    """A row of the scoreboard, with what the filters of book.js read."""


def _visit_claim_row(self, node) -> None:
    self.visit_row(node)
    data = f' data-report="{node["report"]}" data-verdict="{node["verdict"]}"'
    data += " data-headline" * node["headline"] + " data-thin" * node["thin"]
    self.body[-1] = self.body[-1].replace("<tr", "<tr" + data, 1)


def _depart_claim_row(self, node) -> None:
    self.depart_row(node)


def badge(verdict: str, before: str = "") -> nodes.inline:
    """The word of a verdict in its colour; ``before`` is read aloud only."""
    spoken = [nodes.inline("", f"{before} ", classes=["spoken"])] if before else []
    kind = "verdict-" + verdict.replace(" ", "-")
    return nodes.inline("", "", *spoken, nodes.inline("", verdict), classes=["verdict", kind])


def small(text: str) -> nodes.inline:
    return nodes.inline("", text, classes=["small"])


def link(label: str, *content: nodes.Node) -> pending_xref:
    """A link to an ``anchor`` of the book by its label; an unknown one is a warning."""
    inside = nodes.inline("", "", *content)
    return pending_xref("", inside, reftype="anchor", refdomain="", reftarget=label, refwarn=True)


def anchor(env, label: str) -> str:
    """Make an id of the page being read known to ``link``; labels are unique in the book."""
    env.get_domain("std").anonlabels[label] = env.docname, label
    return label


def _resolve(app, env, node, content):
    if node.get("reftype") != "anchor":
        return None
    known = env.get_domain("std").anonlabels
    if node["reftarget"] not in known:
        return None
    return make_refnode(app.builder, env.docname, *known[node["reftarget"]], content)


def paragraph(*parts: str | nodes.Node, classes: tuple[str, ...] = ()) -> nodes.paragraph:
    texts = [nodes.Text(part) if isinstance(part, str) else part for part in parts]
    return nodes.paragraph("", "", *texts, classes=list(classes))


def cell(*blocks: str | nodes.Node, classes: tuple[str, ...] = ()) -> nodes.entry:
    """A table cell; texts and inline nodes become a paragraph each."""
    block = (nodes.paragraph, nodes.bullet_list, nodes.container, nodes.raw)
    content = [part if isinstance(part, block) else paragraph(part) for part in blocks if part]
    return nodes.entry("", *content, classes=list(classes))


def table(heads: list[str], rows: list[nodes.row], title="", classes=()) -> nodes.table:
    """A table with one row of headings and an optional title."""
    head = nodes.thead("", nodes.row("", *[cell(text) for text in heads]))
    columns = [nodes.colspec(colwidth=1) for _ in heads]
    group = nodes.tgroup("", *columns, head, nodes.tbody("", *rows), cols=len(heads))
    found = nodes.table("", group, classes=list(classes))
    if title:
        found.insert(0, nodes.title("", title))
    return found


def folded(summary: str, content: list[nodes.Node]) -> list[nodes.Node]:
    """What a reader opens by a click on its summary; nothing where there is no content."""
    start, end = f"<details class='folded'><summary>{summary}</summary>", "</details>"
    parts = [nodes.raw("", start, format="html"), *content, nodes.raw("", end, format="html")]
    return parts if content else []


def setup(app) -> None:
    app.add_node(claim_row, html=(_visit_claim_row, _depart_claim_row))
    app.connect("missing-reference", _resolve)
