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
    assert f"Of 1 claims 1 {findings.WORDS[verdicts[0].verdict]}." in new and verdicts[0].says in new
