"""Claims files that cannot be judged: each gives one clear error."""

import pytest
import yaml
from toy import CLOSE, claim

from lib import claims
from lib.experiments import chapters


def two(**changes):
    return [claim("c", CLOSE) | changes, claim("d", CLOSE)]


@pytest.mark.parametrize(("entries", "words"), [
    (two(rule={"clse": "a.acc", "to": 1, "within": 1}), "claim 'c': no rule kind among clse"),
    (two(rule={"close": "a.acc", "at_least": "a.acc", "to": 1, "within": 1}), "two kinds of rule"),
    (two(rule={"close": "a.acc", "to": 1}), "'close' needs to, within, not ['to']"),
    (two(rule={"at_least": "a.acc", "value": "high"}), "value is 'high', not a number"),
    (two(rule={"close": "a.acc", "to": 1, "within": 0}), "within must be above 0"),
    (two(rule={"above": "a.acc", "than": "b.acc", "by": -1}), "by not below it"),
    (two(rule="close"), "not a mapping"),
    (two(rule={"at_least": "accuracy", "value": 1}), "not of the form experiment.measure"),
    (two(rule={"at_least": "a.ac", "value": 1}), "of a is called 'ac'; did you mean acc"),
    (two(rule={"at_least": "bigg.acc", "value": 1}), "called 'bigg'; did you mean big"),
    (two(rule={"all": ["dd"]}), "no claim is called 'dd'; did you mean d"),
    (two(rule={"all": ["d", "d"]}), "names a claim twice"),
    (two(rule={"all": []}), "not a list of claim ids"),
    (two(id="d"), "two claims are called 'd'"),
    (two(headlin=True), "no key is called 'headlin'; did you mean headline"),
    (two(page="5_more"), "no page is called '5_more'"),
    ([{k: v for k, v in claim("c", CLOSE).items() if k != "says"}], "claim 'c' lacks says"),
    ([claim("c", {"all": ["d"]}), claim("d", {"any": ["c"]})], "claims rest on each other"),
    ([claim("c", {"all": ["d"]}), claim("d", {"shown": "f"})], "rests on 'd'"),
    ("all of them", "is not a list of mappings")])
def test_a_broken_file_gives_one_clear_error(judge, entries, words):
    with pytest.raises(claims.ClaimError) as error:
        judge({}, entries=entries)
    assert words in str(error.value)
    assert "claims.yml" in str(error.value)


def test_a_file_that_is_no_yaml_is_named(judge):
    (judge.home.folder / "claims.yml").write_text("claims: [")
    with pytest.raises(claims.ClaimError, match="claims.yml cannot be read"):
        claims.load(judge.home)


def test_contradictions_are_checked(judge):
    good = {"id": "x", "about": "y", "settled_by": ["a", "c"], "weight": "high"}
    path = judge.home.folder / "claims.yml"
    path.write_text(yaml.safe_dump({"claims": [claim("c", CLOSE)], "contradictions": [good]}))
    assert claims.contradictions(judge.home) == [good]
    bad = good | {"settled_by": ["bigg"]}
    path.write_text(yaml.safe_dump({"claims": [claim("c", CLOSE)], "contradictions": [bad]}))
    with pytest.raises(claims.ClaimError, match="'x'.*'bigg'; did you mean big"):
        claims.contradictions(judge.home)


def test_an_unknown_claim_is_named_with_its_neighbours():
    slug = chapters()[0].slug
    with pytest.raises(claims.ClaimError, match="did you mean"):
        claims.pick(f"{slug}/no-such-claim")
