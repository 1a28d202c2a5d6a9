"""What the README says was found, written from the verdicts."""

from collections import Counter

from lib.claims.table import ours

START, END = "<!-- findings: written by `make sync` from the records -->", "<!-- /findings -->"


def summary(verdicts) -> str:
    """Markdown for the README: how many claims got each verdict, and the headline claims."""
    count = Counter(v.verdict for v in verdicts)
    counted = ", ".join(f"{n} {word}" for word, n in count.most_common())
    lines = [f"Of {len(verdicts)} claims: {counted}. Those that carry a report's message:", "",
             "| claim | ours | verdict |", "|:--|:--|:--|"]
    for v in verdicts:
        if v.headline:
            marks = f" ({', '.join(v.marks)})" if v.marks else ""
            lines.append(f"| {v.says} | {ours(v)} | {v.verdict}{marks} |")
    return "\n".join(lines)


def with_findings(readme: str, verdicts) -> str:
    """A README whose part between the two marks says what the records say now."""
    before, rest = readme.split(START)
    return f"{before}{START}\n{summary(verdicts)}\n{END}{rest.split(END)[1]}"
