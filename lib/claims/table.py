"""Verdicts as a table that a page shows: HTML with words for every verdict, never colour alone.

Classes ``verdict verdict-holds`` and so on, and ``mark``, are those of the book's stylesheet; links lead
from a chapter's page to the scoreboard and the page of runs of the built book.
"""

from html import escape

from lib.claims.rules import measures
from lib.estimates import text as number

HEAD = ("Claim", "Reported", "Ours", "Verdict", "What would overturn it")
NOTE = ("Ours: mean over seeds ± half of the 95 % interval (number of seeds); for a comparison, "
        "the difference. Without ±: an exact calculation, one number over all seeds, or one seed. "
        "Thin: more seeds could turn it.")


class Table:
    """A table of verdicts; ``verdicts`` are what it shows, in order."""

    def __init__(self, verdicts):
        self.verdicts = list(verdicts)

    def _repr_html_(self) -> str:
        return _table(HEAD, map(_cells, self.verdicts), f"<caption>{NOTE}</caption>\n")

    def __repr__(self) -> str:
        return "\n".join(f"{v.verdict:10} {v.id}: {v.reason}" for v in self.verdicts)


def _table(heads, rows, caption: str = "") -> str:
    """Rows of HTML cells under their heads; a narrow screen names the head in each cell."""
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "\n".join("<tr>" + "".join(f'<td data-head="{name}">{cell}</td>' for name, cell in
                                      zip(heads, row, strict=True)) + "</tr>" for row in rows)
    return (f'<table class="verdicts">\n{caption}<thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{body}\n</tbody>\n</table>")


def ours(verdict) -> str:
    """'0.963 ± 0.004 (5)', '0.097' or '–'."""
    if verdict.ours is None:
        return "–"
    if verdict.interval is None:
        seeds = f" ({verdict.n})" if verdict.n > 1 or "thin" in verdict.marks else ""
        return number(verdict.ours) + seeds
    half = (verdict.interval[1] - verdict.interval[0]) / 2
    return f"{number(verdict.ours, half)} ({verdict.n})"


def badge(verdict) -> str:
    """The word of a verdict, which leads to its row of the scoreboard, and its marks, as HTML."""
    marks = "".join(f' <span class="mark">{escape(mark)}</span>' for mark in verdict.marks)
    word = escape(verdict.verdict)
    shown = f'<span class="verdict verdict-{word}">{word}</span>'
    return f'<a href="{_row(verdict)}" title="claim {escape(verdict.id)}">{shown}</a>{marks}'


def _row(verdict) -> str:
    """The address of a claim's row of the scoreboard, from a page of a chapter."""
    return f"../../book/scoreboard.html#claim-{escape(verdict.report)}-{escape(verdict.id)}"


def _cells(verdict) -> tuple[str, ...]:
    reported = "–" if verdict.reported is None else number(verdict.reported)
    margin = (verdict.margin_text or verdict.reason).replace(f"{verdict.report}/", "")
    measure = "".join(f"<code>{escape(name)}</code> " for name in measures(verdict.rule)[:1])
    rule = f"{escape(verdict.where)}: {measure}{escape(verdict.rule_text)}"
    return (f"{escape(verdict.says)}<br><small>{rule}</small>", reported, escape(ours(verdict)),
            badge(verdict), escape(margin))


class Grid:
    """Verdicts in rows and columns, as the report's own table has them.

    ``cells``: row name -> column name -> Verdict.
    """

    def __init__(self, cells: dict):
        self.cells = cells

    def _repr_html_(self) -> str:
        columns = list(next(iter(self.cells.values())))
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
        rows = "\n".join(f'<tr><th scope="row">{escape(name)}</th>'
                         f'{"".join(_cell(row[c]) for c in columns)}</tr>'
                         for name, row in self.cells.items())
        return (f'<table class="verdicts grid">\n<caption>{NOTE}</caption>\n'
                f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>")

    def __repr__(self) -> str:
        return "\n".join(f"{name}, {column}: {v.reported} | {ours(v)} {v.verdict}"
                         for name, row in self.cells.items() for column, v in row.items())


def _cell(verdict) -> str:
    reported = "–" if verdict.reported is None else number(verdict.reported)
    return (f'<td><span class="reported"><small>report</small> {reported}</span><br>'
            f"{escape(ours(verdict))}<br>{badge(verdict)}</td>")


class Disagreements:
    """Contradictions of a report: what they are about, and the claims and runs that settle them.

    ``unmade``: the experiments that have no record yet.
    """

    def __init__(self, slug: str, entries: list[dict], verdicts: dict, unmade: set[str]):
        order = ("high", "medium", "low")
        self.slug, self.verdicts, self.unmade = slug, verdicts, unmade
        self.entries = sorted(entries, key=lambda e: order.index(e["weight"]))

    def _settled(self, name: str) -> str:
        """A claim with its verdict or an experiment, each a link."""
        if name in self.verdicts:
            verdict = self.verdicts[name]
            return f'<a href="{_row(verdict)}">{escape(name)}</a> {badge(verdict)}'
        run = f'<a href="runs.html#run-{self.slug}-{escape(name)}"><code>{escape(name)}</code></a>'
        return run + " (not run yet)" * (name in self.unmade)

    def _repr_html_(self) -> str:
        return _table(("What disagrees", "Weight", "What settles it, or would"),
                      ((escape(e["about"]), e["weight"], ", ".join(map(self._settled, e["settled_by"])))
                       for e in self.entries))

    def __repr__(self) -> str:
        return "\n".join(f"{e['weight']:6} {e['id']}: {e['about']}" for e in self.entries)
