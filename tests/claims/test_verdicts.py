"""Conclusions from other claims, figures, marks, counts, tables, and the real chapters."""

import json
import subprocess
import sys

import pytest
from toy import CLOSE, NUMBERS, PARTS, claim, over

from lib import claims
from lib.claims import ledger
from lib.claims.rules import text
from lib.experiments import chapters

# ---- conclusions

@pytest.mark.parametrize(("kind", "parts", "verdict"), [
    ("all", "holds holds", "holds"),
    ("all", "holds fails waiting", "fails"),
    ("all", "holds unclear waiting", "waiting"),
    ("all", "holds unclear", "unclear"),
    ("any", "fails holds waiting", "holds"),
    ("any", "fails fails", "fails"),
    ("any", "fails waiting unclear", "waiting"),
    ("any", "fails unclear", "unclear"),
    ("most", "holds holds fails", "holds"),
    ("most", "holds fails", "fails"),
    ("most", "holds fails fails", "fails"),
    ("most", "holds holds waiting", "holds"),
    ("most", "holds fails waiting", "waiting"),
    ("most", "holds fails unclear", "unclear"),
    ("most", "fails fails waiting", "fails")])
def test_conclusions(judge, kind, parts, verdict):
    names = [f"p{i}" for i in range(len(parts.split()))]
    rules = dict(zip(names, (PARTS[p] for p in parts.split()), strict=True))
    found = judge(NUMBERS, c={kind: names}, **rules)
    assert [found[name].verdict for name in names] == parts.split()
    assert found["c"].verdict == verdict
    assert (found["c"].missing == ("toy/big seed 0",)) == (verdict == "waiting")


def test_a_conclusion_says_what_would_overturn_it(judge):
    rules = {"p": PARTS["holds"], "q": PARTS["fails"], "r": PARTS["fails"]}
    found = judge(NUMBERS, one={"all": ["p", "q"]}, none={"all": ["p", "q", "r"]}, **rules)
    assert found["one"].margin_text.endswith("otherwise: q")
    assert found["none"].margin_text.startswith("no single part")
    assert found["none"].reason == "1 of 3 hold; fails: q, r"


def test_a_conclusion_is_as_weak_as_the_parts_that_carry_it(judge):
    weak = {"at_least": "a.acc", "value": 0.5}  # one seed: thin
    rules = {"p": PARTS["holds"], "q": weak, "r": PARTS["fails"]}
    found = judge(NUMBERS | {"a.acc": over(0.9)}, both={"all": ["p", "q"]}, one={"any": ["p", "q"]},
                  lost={"all": ["q", "r"]}, **rules)
    assert found["both"].marks == ("thin",)
    assert found["one"].marks == found["lost"].marks == ()


def test_conclusions_may_rest_on_conclusions_in_any_order(judge):
    found = judge(NUMBERS, top={"all": ["middle"]}, middle={"any": ["p"]}, p=PARTS["holds"])
    assert list(found) == ["top", "middle", "p"]
    assert found["top"].verdict == "holds"
    assert found["top"].experiments == ("facts",)


# ---- shown, untestable, marks


def test_shown_wants_the_figure_on_a_page(judge):
    rule = {"shown": "fig-1"}
    assert judge({}, c=rule).verdict == "waiting"
    page = judge.home.folder / "2_reproduction.py"
    page.write_text('# the text speaks of "name": "toy-fig-1"\n')
    assert judge({}, c=rule).verdict == "waiting"
    page.write_text('# %% mystnb={"figure": {"name": "toy-fig-1", "caption": "c"}}\nplot()\n')
    assert judge({}, c=rule).verdict == "shown"


def test_a_figure_without_runs_to_draw_waits_for_them(judge, monkeypatch):
    (judge.home.folder / "2_reproduction.py").write_text('# %% mystnb={"figure": {"name": "toy-fig-1"}}\n')
    entries = [claim("c", {"shown": "fig-1"}, figure_of=["big", "a"])]
    there = {"a"}
    monkeypatch.setattr(claims.records, "find", lambda slug, name: [1] if name in there else [])
    found = judge({}, entries=entries)["c"]
    assert (found.verdict, found.missing) == ("waiting", ("toy/big seed 0",))
    assert found.reason == "waits for toy/big seed 0" and found.experiments == ("big", "a")
    there.add("big")
    assert judge({}, entries=entries)["c"].verdict == "shown"


def test_a_figure_of_unknown_runs_is_an_error(judge):
    with pytest.raises(claims.ClaimError, match="figure_of.*did you mean big"):
        judge({}, entries=[claim("c", {"shown": "fig-1"}, figure_of=["bigg"])])


def test_untestable_gives_its_reason(judge):
    found = judge({}, c={"untestable": "nobody kept the file"})
    assert (found.verdict, found.reason) == ("untestable", "nobody kept the file")


def test_marks_and_counts_of_by_construction_and_amended(judge, monkeypatch):
    entries = [claim("c", PARTS["holds"], by_construction=True, amended="a bound was wrong"),
               claim("d", PARTS["fails"]), claim("e", PARTS["waiting"])]
    found = judge(NUMBERS, entries=entries)
    assert found["c"].marks == ("by construction", "amended")
    assert found["c"].amended == "a bound was wrong"
    monkeypatch.setattr(claims, "judge", lambda slug: found)
    count = claims.counts("toy")
    assert count == {"holds": 0, "fails": 1, "unclear": 0, "waiting": 1, "shown": 0,
                     "untestable": 0, "by construction": 1}
    assert claims.counts("toy", "amended") == dict.fromkeys(count, 0) | {"by construction": 1}


def test_reported_is_the_rules_number_unless_the_claim_says_otherwise(judge):
    entries = [claim("a", CLOSE), claim("b", CLOSE, reported=None), claim("c", CLOSE, reported=1),
               claim("d", PARTS["holds"])]
    found = judge(NUMBERS | {"a.acc": over(0.96)}, entries=entries)
    assert [v.reported for v in found.values()] == [0.96, None, 1, None]


# ---- words and tables


@pytest.mark.parametrize(("rule", "words"), [
    ({"close": "a.x", "to": 0.961, "within": 0.01}, "within 0.010 of 0.961"),
    ({"close": "a.x", "to": 18, "within": 12}, "within 12 of 18"),
    ({"exact": "a.x", "to": 61706}, "exactly 61,706"),
    ({"at_most": "a.x", "value": 1.0}, "at most 1"),
    ({"at_least": "a.x", "value": -0.05}, "at least −0.05"),
    ({"close": "a.x", "to": -0.5, "within": 0.01}, "within 0.01 of −0.50"),
    ({"above": "a.x", "than": "b.x", "by": 0.05}, "more than 0.05 above b.x"),
    ({"most": ["p", "q"]}, "more than half hold: p, q"),
    ({"shown": "fig-1"}, "figure fig-1 is remade")])
def test_rules_in_words(rule, words):
    assert text(rule) == words


def test_table_names_every_verdict_and_escapes(judge):
    entries = [claim("c", CLOSE, says="a < b & c"), claim("d", PARTS["waiting"]),
               claim("e", PARTS["fails"]), claim("f", {"untestable": "lost"})]
    found = judge(NUMBERS | {"a.acc": over(0.95, 0.96, 0.97)}, entries=entries)
    shown = claims.Table(found.values())
    html = shown._repr_html_()
    assert "a &lt; b &amp; c" in html
    assert "0.960 ± 0.025 (3)" in html
    for word in ("holds", "waiting", "fails", "untestable"):
        assert f'<span class="verdict verdict-{word}">{word}</span>' in html
    assert '<a href="../../book/scoreboard.html#claim-toy-c"' in html
    assert "waits for toy/big seed 0" in repr(shown)


def test_a_page_shows_its_own_claims(monkeypatch):
    home = next(c for c in chapters() if c.slug == "colorized_digits")
    monkeypatch.chdir(home.folder)
    every = claims.table().verdicts
    assert [v.id for v in every] == [c.id for c in claims.load(home)]
    shown = claims.table(page="1_report").verdicts
    assert shown == [v for v in every if v.page == "1_report"]
    assert claims.table("fig1-table", f"{home.slug}/fig1-hsv").verdicts[1].id == "fig1-hsv"
    columns = {"plain": "t1-lenet-grey", "one hue": "t1-lenet-1hue"}
    html = claims.grid({"accuracy": "acc", "loss": "loss"}, columns)._repr_html_()
    assert all(word in html for word in (*columns, "accuracy", "0.962", "1.185"))
    html = claims.disagreements()._repr_html_()
    for name in {name for entry in claims.contradictions(home) for name in entry["settled_by"]}:
        kind = "../../book/scoreboard.html#claim" if name in {v.id for v in every} else "runs.html#run"
        assert f'<a href="{kind}-{home.slug}-{name}"' in html


def test_verdicts_are_json(judge):
    found = judge(NUMBERS | {"a.acc": over(0.95, 0.96)}, c=CLOSE, **{k: PARTS[k] for k in PARTS})
    for verdict in found.values():
        given = json.loads(json.dumps(claims.as_dict(verdict), allow_nan=False))
        assert " ".join(given) == ("id report rule reported ours n interval margin verdict marks "
                                   "headline reason page")


# ---- the real chapters


@pytest.mark.parametrize("home", [c for c in chapters() if (c.folder / ledger.FILE).is_file()],
                         ids=lambda home: home.slug)
def test_a_chapters_claims_can_be_judged(home):
    listed = claims.load(home)
    found = claims.judge(home)
    assert [c.id for c in listed] == list(found)
    assert any(c.headline for c in listed)
    claims.contradictions(home)
    for verdict in found.values():
        assert verdict.verdict in claims.VERDICTS
        assert not verdict.says.startswith("...")
        assert verdict.reason


def test_headline_verdicts_come_first():
    order = [verdict.headline for verdict in claims.verdicts()]
    assert order == sorted(order, reverse=True)
    assert True in order


def test_colorized_digits_reports_what_its_numbers_say():
    home = next(c for c in chapters() if c.slug == "colorized_digits")
    table = [c for c in claims.load(home) if c.where == "Table 1"]
    assert len(table) == 24
    for one in table:
        model, cell = one.rule["close"].split(".")
        model = model.replace("-1hue", "_one_hue").replace("-2hue", "_two_hue").replace("-", "_")
        assert one.reported == home.reported["table_1"][model][cell]
    wrong = {k: sum(map(sum, rows)) for k, rows in home.reported["errors_on_test_images"].items()}
    assert list(wrong.values()) == [372, 533, 432, 2375, 1146, 8972]
    assert home.reported["log_lenet_grey"][-1][3] == pytest.approx(0.961, abs=5e-4)


def test_verdicts_need_no_torch():
    code = "import sys; from lib import claims; claims.verdicts(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
