"""What the README says was found is what the records say."""

from lib import claims
from lib.claims import readme as findings
from lib.experiments import ROOT


def test_the_findings_are_up_to_date():
    readme = (ROOT / "README.md").read_text("utf8")
    assert readme == findings.with_findings(readme, claims.verdicts()), "run `make sync`"


def test_the_findings_follow_the_verdicts():
    verdicts = claims.verdicts()
    readme = f"before\n{findings.START}\nold\n{findings.END}\nafter\n"
    new = findings.with_findings(readme, verdicts[:1])
    assert new.startswith("before\n") and new.endswith("\nafter\n") and "old" not in new
    first = verdicts[0]
    assert f"Of 1 claims {findings.counted([first])}." in new and first.says in new and first.rule_text in new


def test_thin_verdicts_are_counted_apart():
    verdicts = claims.verdicts()
    for word, n in claims.tally(verdicts).items():
        thin = sum("thin" in v.marks and word in (v.verdict, *v.marks) for v in verdicts
                   if (word == "by construction") == ("by construction" in v.marks))
        assert f"{n} {findings.WORDS[word]}{f' ({thin} thin)' if thin else ''}" in findings.counted(verdicts)
