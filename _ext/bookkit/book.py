"""What the directives and roles read from lib, and how numbers are written."""

from functools import cache

from lib import claims, experiments, measures, records

# mistakes in names, claims or records: warnings of the page that has them, so the build fails
MISTAKES = (experiments.UnknownName, claims.ClaimError, records.RecordError)


def message(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__


@cache
def judged(slug: str) -> dict:
    """Verdicts of a chapter by claim; read once a build."""
    return claims.judge(slug)


@cache
def counted(slug: str | None) -> dict[str, int]:
    """Number of claims with each verdict, of one chapter or of all."""
    return claims.counts(slug)


@cache
def sampled(slug: str, name: str, point: str = ""):
    """Values of a measure at the best scale there is: full, else reduced; None: no run yet."""
    for scale in ("full", "reduced"):
        try:
            return measures.sample(slug, name, scale, point)
        except measures.Missing:
            continue
    return None


def forget() -> None:
    """Read everything anew: records may have changed since the last build of this process."""
    for function in (judged, counted, sampled):
        function.cache_clear()


def measured(sample) -> tuple[str, str]:
    """A sample as number and remark: ("0.962 ± 0.003", "n = 5")."""
    if sample is None:
        return "not run yet", ""
    reduced = [] if sample.scale == "full" else [sample.scale]
    if not sample.values:
        return "no value", ", ".join([f"n = {sample.nulls}", *reduced])
    values = list(sample.values.values())
    if sample.exact or sample.pooled:
        return measures.text(values[0]), ", ".join(reduced)
    found = measures.estimate(values)
    return measures.text(found.mean, found.half), ", ".join([f"n = {found.n}", *reduced])
