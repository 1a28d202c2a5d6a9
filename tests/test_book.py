"""The built book: its links and pictures as files, then every page in a browser."""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from lib import claims
from lib.claims import rules
from lib.experiments import chapters

ROOT = Path(__file__).resolve().parents[1]


def _docnames(entry: dict):
    """Pages named in _toc.yml, in order."""
    if name := entry.get("file") or entry.get("root"):
        yield name
    for key in ("parts", "chapters", "sections"):
        for below in entry.get(key, []):
            yield from _docnames(below)


AXE = {"light": 390, "dark": 1280}  # slow on long pages: both themes, both widths, two views
PAGES = [*_docnames(yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))), "search", "genindex"]


class _Page(HTMLParser):
    """Ids, links and pictures of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.ids, self.links, self.images = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids |= {attrs[key] for key in ("id", "name") if attrs.get(key)}
        if tag == "img":
            self.images.append(attrs)
        self.links += [attrs[key] for key in ("href", "src") if attrs.get(key)]


@cache
def _parsed(path: Path) -> _Page:
    return _Page(path.read_text("utf8"))


# ---- as files


def test_the_book_is_built_without_a_warning(build):
    _, status, said = build
    assert status == 0, said[-8000:]
    assert "doing serial read" not in said


def test_every_page_of_the_contents_is_built(html):
    assert [name for name in PAGES if not (html / f"{name}.html").is_file()] == []


def test_no_link_inside_the_book_is_broken(html):
    broken = []
    for path in html.rglob("*.html"):
        if "_static" in path.parts:
            continue
        for link in _parsed(path).links:
            url, anchor = urldefrag(link)
            if urlparse(url).scheme or url.startswith("//"):
                continue
            target = (path.parent / unquote(urlparse(url).path)) if url else path
            if not target.is_file():
                broken.append(f"{path.relative_to(html)}: {link}")
            elif anchor and target.suffix == ".html":
                if unquote(anchor) not in _parsed(target.resolve()).ids:
                    broken.append(f"{path.relative_to(html)}: {link} (no such anchor)")
    assert broken == []


def test_every_picture_has_an_alternative_text(html):
    bare = [
        f"{name}: {image.get('src')}"
        for name in PAGES
        for image in _parsed(html / f"{name}.html").images
        if not image.get("alt", "").strip()
    ]
    assert bare == []


def test_every_record_can_be_downloaded(html):
    records = [path for c in chapters() for path in c.folder.glob("records/**/*.json")]
    assert records
    copies = {path.read_bytes() for path in (html / "_downloads").rglob("*.json")}
    assert [str(path) for path in records if path.read_bytes() not in copies] == []


def test_the_book_carries_one_mathjax(html):
    assert [path.name for path in (html / "_static" / "mathjax").iterdir()] == ["tex-svg.js"]


# ---- in a browser


@pytest.fixture
def sheet(page, address):
    """A page that keeps what went wrong: console messages, failed and outside requests."""
    wrong = page.wrong = []
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    inside = (address, "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(inside) else wrong.append(r.url))
    return page


def _open(page, url: str) -> None:
    page.goto(url, wait_until="networkidle")
    page.evaluate("async () => { await window.MathJax?.startup?.promise }")


def _serious(page) -> list[str]:
    """What axe finds serious or critical."""
    violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{v['impact']} {v['id']}: {node['html'][:200]}"
        for v in violations
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


@pytest.mark.parametrize("scheme", AXE)
@pytest.mark.parametrize("name", PAGES)
def test_page(sheet, address, name, scheme):
    edge = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    sheet.emulate_media(color_scheme=scheme)
    first, last = sorted((390, 1280), key=lambda width: width == AXE[scheme])
    sheet.set_viewport_size({"width": first, "height": 900})
    _open(sheet, f"{address}{name}.html")
    assert sheet.locator("html").get_attribute("data-theme") == scheme
    assert sheet.evaluate(edge) <= 0, f"the page is wider than a screen of {first} pixels"
    sheet.set_viewport_size({"width": last, "height": 900})
    sheet.wait_for_timeout(600)  # the theme follows a change of size in half a second
    assert sheet.evaluate(edge) <= 0, f"the page is wider than a screen of {last} pixels"
    assert sheet.wrong == []
    if name.endswith("/runs"):  # one pattern, some fifty times: four are enough
        sheet.evaluate("[...document.querySelectorAll('article section section')].slice(4)"
                       ".forEach(section => section.remove())")
        sheet.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert _serious(sheet) == []


def test_scoreboard_filters_by_report_and_verdict(sheet, address):
    _open(sheet, f"{address}book/scoreboard.html")
    rows = sheet.locator("table.scoreboard tbody tr")
    total = rows.count()
    assert total > 0
    for name in ("report", "verdict"):
        choice = rows.first.get_attribute(f"data-{name}")
        expected = sheet.locator(f"table.scoreboard tbody tr[data-{name}='{choice}']").count()
        select = sheet.locator(f"select[name='{name}']")
        select.select_option(choice)
        assert sheet.locator("table.scoreboard tbody tr:visible").count() == expected
        thin = sheet.locator("table.scoreboard tbody tr[data-thin]:visible").count()
        said = f"{expected} of {total} claims" + f", {thin} of them thin" * bool(thin)
        expect(sheet.get_by_role("status")).to_have_text(said)
        select.select_option("")
    assert sheet.locator("table.scoreboard tbody tr:visible").count() == total
    assert sheet.wrong == []


def test_scoreboard_shows_headlines_and_what_is_searched(sheet, address):
    _open(sheet, f"{address}book/scoreboard.html")
    rows = sheet.locator("table.scoreboard tbody tr")
    shown = sheet.locator("table.scoreboard tbody tr:visible")
    headlines = sheet.locator("table.scoreboard tbody tr[data-headline]").count()
    sheet.get_by_label("headlines only").check()
    assert 0 < shown.count() == headlines < rows.count()
    sheet.locator("input[name='words']").fill("Two-Hue digits")
    found = shown.all_text_contents()
    assert 0 < len(found) < headlines
    assert all("two-hue" in text.lower() and "digits" in text.lower() for text in found)
    hidden = sheet.locator("table.scoreboard tbody tr[hidden]").first.get_attribute("id")
    sheet.evaluate(f"location.hash = '{hidden}'")
    expect(sheet.locator(f"[id='{hidden}']")).to_be_visible()  # who follows a link finds its row
    assert shown.count() == rows.count()
    assert sheet.wrong == []


def test_scoreboard_links_a_conclusion_to_its_parts(html):
    links = _parsed(html / "book" / "scoreboard.html").links
    for home in chapters():
        for claim in claims.load(home):
            name = rules.kind(claim.rule)
            for part in claim.rule[name] if name in rules.COMBINED else []:
                assert links.count(f"#claim-{home.slug}-{part}") > 1


def test_scoreboard_sorts_by_keyboard(sheet, address):
    _open(sheet, f"{address}book/scoreboard.html")
    head = sheet.locator("table.scoreboard th").nth(3)
    words = sheet.locator("table.scoreboard tbody tr td:nth-child(4) .verdict")
    for order, backwards in (("ascending", False), ("descending", True)):
        head.get_by_role("button").focus()
        sheet.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == order
        found = words.all_inner_texts()
        assert found == sorted(found, reverse=backwards)


def test_scoreboard_sorts_numbers_as_numbers(sheet, address):
    _open(sheet, f"{address}book/scoreboard.html")
    sheet.locator("table.scoreboard th").nth(1).get_by_role("button").click()
    cells = sheet.locator("table.scoreboard tbody tr td:nth-child(2)").all_inner_texts()
    numbers = [float(text.replace(",", "").replace("−", "-")) for text in cells if text.strip()]
    assert numbers == sorted(numbers)
    assert not any(text.strip() for text in cells[len(numbers) :]), "empty cells come last"


def test_scoreboard_reads_without_javascript(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}book/scoreboard.html")
    rows = page.locator("table.scoreboard tbody tr")
    assert rows.count() == page.locator("table.scoreboard tbody tr:visible").count() > 0
    context.close()


def test_search_finds_a_chapter(sheet, address):
    _open(sheet, f"{address}search.html?q=LeNet")
    hit = sheet.locator("#search-results a[href*='chapters/colorized_digits']").first
    expect(hit).to_be_visible(timeout=10_000)
    assert sheet.wrong == []


def test_a_figure_opens_large_and_closes_on_escape(sheet, address):
    _open(sheet, f"{address}chapters/colorized_digits/2_reproduction.html")
    sheet.locator("button.zoomable").first.click()
    expect(sheet.locator("dialog.zoom img")).to_be_visible()
    sheet.keyboard.press("Escape")
    expect(sheet.locator("dialog.zoom")).not_to_be_visible()


def test_a_wide_figure_scrolls_on_a_phone(sheet, address):
    sheet.set_viewport_size({"width": 390, "height": 900})
    _open(sheet, f"{address}chapters/colorized_digits/2_reproduction.html")
    figure = sheet.locator("figure .wide").first
    assert figure.evaluate("(place) => place.scrollWidth > place.clientWidth")
    assert figure.locator("img").evaluate("(image) => image.width") >= 520
    narrow = sheet.locator("figure img[style*='width']").first  # it was given a width
    assert narrow.evaluate("(image) => image.width") <= 390
