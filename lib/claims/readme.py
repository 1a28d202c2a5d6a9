"""What the README says was found, written from the verdicts."""

from itertools import groupby

from lib import claims
from lib.claims.ledger import stand_in
from lib.claims.rules import COMBINED, kind, measures
from lib.claims.table import ours
from lib.experiments import chapter

WORDS = {"holds": "hold", "fails": "fail", "unclear": "are unclear", "waiting": "wait for runs",
         "shown": "are figures shown", "untestable": "are untestable",
         "by construction": "hold by construction"}
HEAD = "| claim | what our runs were asked | ours | verdict |"
START, END = "<!-- findings: written by `make sync` from the records -->", "<!-- /findings -->"


def summary(verdicts) -> str:
    """Markdown for the README: how many claims got each verdict, and the headline claims of each report."""
    lines = [f"Of {len(verdicts)} claims {counted(verdicts)}. Those that carry a report's message:"]
    for slug, found in groupby((v for v in verdicts if v.headline), lambda v: v.report):
        lines += ["", f"**{chapter(slug).short}**", "", HEAD, "|:--|:--|:--|:--|", *map(_row, found)]
    return "\n".join(lines)


def counted(verdicts) -> str:
    """'79 hold (36 thin), 80 fail (44 thin)': every verdict that was given."""
    thin = claims.tally(v for v in verdicts if "thin" in v.marks)
    return ", ".join(f"{n} {WORDS[word]}{f' ({thin[word]} thin)' * bool(thin[word])}"
                     for word, n in claims.tally(verdicts).items() if n)


def _row(v) -> str:
    marks = f" ({', '.join(v.marks)})" if v.marks else ""
    found = v.reason.partition(";")[0] if kind(v.rule) in COMBINED else ours(v)
    cells = v.says, asked(v), found, f"{v.verdict}{marks}"
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def asked(v) -> str:
    """The rule with the names that it reads as code, and what the measure means that comes first."""
    names, rule = measures(v.rule), v.rule_text
    for name in v.rule[kind(v.rule)] if kind(v.rule) in COMBINED else names[1:]:
        rule = rule.replace(name, f"`{name}`")
    if not names:
        return rule
    meaning = _meaning(v, names[0])
    return f"`{names[0]}` {rule}" + f"<br>*{meaning}*" * bool(meaning)


def _meaning(v, name: str) -> str:
    """The definition of a measure as far as its first semicolon; "" for that of a bare network."""
    home, (experiment, _, field) = chapter(v.report), name.partition(".")
    found = home.experiments.get(experiment) or stand_in(home, experiment)
    return found.definitions[field].partition(";")[0].rstrip(".") if found else ""


def with_findings(readme: str, verdicts) -> str:
    """A README whose part between the two marks says what the records say now."""
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise claims.ClaimError(f"README.md has lost a mark of what was found: put back {START} and {END}.")
    return f"{before}{START}\n{summary(verdicts)}\n{END}{after}"
