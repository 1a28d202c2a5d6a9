"""What the theme and MyST-NB write that fails an accessibility check, and MathJax in one file."""

import html
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

MATHJAX = "mathjax/tex-svg.js"  # 2 MB; the package copies 24 MB of variants

FIXES = [
    # a name that leaves out the visible text
    (r'(<button class="btn search-button-field[^>]*?) aria-label="Search"', r"\1"),
    (r'(<i class="theme-switch [^>]*?) title="[^"]*">', r'\1 aria-hidden="true">'),
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
    # a button of the sidebar without a name
    (
        r'(<a class="[^"]*reference internal" href="[^"]*">)(.*?)(</a><details[^>]*><summary)>',
        lambda m: f'{m[1]}{m[2]}{m[3]} aria-label="Pages of {_words(m[2])}">',
    ),
    # roles that contradict each other
    (r'<div role="list" class="citation-list">', '<div class="citation-list">'),
    (r' role="doc-biblioentry"', ""),
    # a heading cell that heads nothing
    (r"<th[^>]*>(<p></p>)?</th>", "<td></td>"),
    # the sidebar outside of any landmark
    (
        r'(<(?:div|dialog)[^>]* class="bd-sidebar-primary[^"]*"(?![^>]*role=))',
        r'\1 role="region" aria-label="Sidebar"',
    ),
]


def _words(markup: str) -> str:
    return html.escape(re.sub("<[^>]+>", "", markup), quote=True)


def repair(text: str) -> str:
    """A page's HTML with all fixes applied."""
    for pattern, new in FIXES:
        text = re.sub(pattern, new, text)
    return text


def _finish(app, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        old = path.read_text("utf8")
        if (new := repair(old)) != old:
            path.write_text(new, "utf8")
    package = Path(find_spec("sphinx-mathjax-offline").origin).parent
    target = Path(app.outdir, "_static", MATHJAX)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(package / "static" / MATHJAX, target)


def setup(app) -> None:
    app.connect("build-finished", _finish)
