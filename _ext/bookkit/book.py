"""What the directives and roles read from lib, and how numbers are written."""

from functools import cache

from lib import claims, measures
from lib.errors import BookError

# mistakes in names, claims or records: warnings of the page that has them, so the build fails
MISTAKES = BookError


def message(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__


@cache
def judged(slug: str) -> dict:
    """Verdicts of a chapter by claim; read once a build."""
    return claims.judge(slug)


@cache
def counted(slug: str | None, mark: str = "") -> dict[str, int]:
    """Number of claims with each verdict (and a mark), of one chapter or of all."""
    return claims.counts(slug, mark)


@cache
def sampled(slug: str, name: str, point: str = ""):
    """``lib.measures.best``; read once a build."""
    return measures.best(slug, name, point)


def forget() -> None:
    """Read everything anew: records may have changed since the last build of this process."""
    for function in (judged, counted, sampled):
        function.cache_clear()
