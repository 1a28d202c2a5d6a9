"""What the directives and roles read from lib, once a build."""

from functools import cache

from lib import claims, measures


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
