"""What the README says was found, written from the verdicts."""

from lib import claims
from lib.claims.table import ours
from lib.experiments import chapter

WORDS = {"holds": "hold", "fails": "fail", "unclear": "are unclear", "waiting": "wait for runs",
         "shown": "are figures shown", "untestable": "are untestable",
         "by construction": "hold by construction"}
START, END = "<!-- findings: written by `make sync` from the records -->", "<!-- /findings -->"


def summary(verdicts) -> str:
    """Markdown for the README: how many claims got each verdict, and the headline claims."""
    counted = ", ".join(f"{n} {WORDS[word]}" for word, n in claims.tally(verdicts).items() if n)
    lines = [f"Of {len(verdicts)} claims {counted}. Those that carry a report's message:", "",
             "| report | claim | ours | verdict |", "|:--|:--|:--|:--|"]
    for v in verdicts:
        if v.headline:
            marks = f" ({', '.join(v.marks)})" if v.marks else ""
            cells = chapter(v.report).short, v.says, ours(v), f"{v.verdict}{marks}"
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def with_findings(readme: str, verdicts) -> str:
    """A README whose part between the two marks says what the records say now."""
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise claims.ClaimError(f"README.md has lost a mark of what was found: put back {START} and {END}.")
    return f"{before}{START}\n{summary(verdicts)}\n{END}{after}"
