"""``{runs} slug``: the page of a chapter's runs, an anchor for each experiment.  ``{costs}``: all of them."""

from docutils import nodes
from sphinx import addnodes

from lib import experiments, measures, records
from lib.estimates import ten

from . import book
from .cache import EVERY, depend
from .nodes import anchor, cell, folded, link, paragraph, small, table
from .scoreboard import Reading

TIERS = {"report": "the report's own run", "control": "a control", "beyond": "beyond the report"}
SOURCES = ("stated", "published", "assumed")


class Runs(Reading):
    """Recipe, seeds, scale, cost, measures and records of every experiment of a chapter."""

    required_arguments = 1

    def show(self) -> list[nodes.Node]:
        slug = self.arguments[0]
        depend(self.env, slug)
        chapter = experiments.chapter(slug)
        return [self.section(slug, experiment) for experiment in chapter.experiments.values()]

    def section(self, slug: str, experiment) -> nodes.section:
        found = made(slug, experiment)
        label = anchor(self.env, f"run-{slug}-{experiment.name}")
        purpose = experiment.purpose.rstrip(".")
        body = [
            paragraph(f"{purpose[:1].upper()}{purpose[1:]} ({TIERS[experiment.tier]})."),
            paragraph(done(experiment, found)),
            *([paragraph(experiment.note)] if experiment.note else []),
            *self.downloads(found),
            *folded("Settings and measures", [*recipe(experiment), *values(slug, experiment)]),
        ]
        title = nodes.title("", experiment.name)
        return nodes.section("", title, *body, ids=[label], names=[label])

    def downloads(self, found: list) -> list[nodes.Node]:
        """Links to the records themselves, copied into the built book by Sphinx."""
        parts: list[nodes.Node] = []
        for record in found:
            path = record.path.relative_to(experiments.ROOT)
            point = f"{record.point}, " if record.point else ""
            scale = "" if record.scale == "full" else f" ({record.scale})"
            text = nodes.inline("", f"{point}seed {record.seed}{scale}")
            parts += [nodes.Text(", ")] if parts else [nodes.Text("Records (JSON): ")]
            parts.append(addnodes.download_reference(
                "", "", text, reftarget=f"/{path.as_posix()}", refdoc=self.env.docname
            ))  # fmt: skip
        return [paragraph(*parts)] if parts else []


def made(slug: str, experiment) -> list:
    """All records of an experiment: a reduced run beside its full one is what comparisons read."""
    return [r for scale in ("full", "reduced") for r in records.find(slug, experiment.name, scale)]


def share(experiment, found: list) -> str:
    """What is done of what is declared: "3 of 5 seeds", and of a grid "20 of 40 runs"."""
    if experiment.points:
        return f"{len({(r.point, r.seed) for r in found})} of {len(experiment.runs())} runs"
    return f"{len({r.seed for r in found})} of {experiment.seeds} seeds"


def done(experiment, found: list) -> str:
    """Runs done of those declared, scale, cost, device: one sentence."""
    if experiment.kind == "derived":
        return f"Computed from the runs of {', '.join(experiment.needs)}; it has no record."
    if not found:
        return f"Not run yet: {share(experiment, found)}."
    scales, time, operations, devices = spent(found)
    runs = "run" if len(found) == 1 else "runs"
    ended = [f"{r.name.rpartition('/')[2]}: {r.facts['diverged']}" for r in found if "diverged" in r.facts]
    parts = [f"{share(experiment, found)}, {scales} scale",
             f"{len(found)} {runs}, {time} in all",
             f"{operations} operations" if operations else "", devices, *ended]
    return "; ".join(part for part in parts if part) + "."


def duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def recipe(experiment) -> list[nodes.Node]:
    """Each setting, its value and source: stated in the report, published beside it, assumed."""
    settings = {"data": experiment.data, "transform": experiment.transform}
    settings |= {"model": experiment.model, **(experiment.train or {})}
    settings |= {"points": list(experiment.points) or None}
    reasons: dict[str, list[tuple[str, str]]] = {}
    for source in SOURCES:
        for key, reason in getattr(experiment, source).items():
            reasons.setdefault(key, []).append((source, reason))
    keys = [key for key, value in settings.items() if value is not None]
    keys += [key for key in reasons if key not in keys]
    rows = []
    for key in keys:
        value = settings.get(key, "")
        text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        why = [paragraph(f"{source}: {reason}") for source, reason in reasons.get(key, [])]
        rows.append(nodes.row("", cell(key), cell(text), cell(*why)))
    return [table(["Setting", "Value", "Source"], rows, classes=["recipe"])] if rows else []


def values(slug: str, experiment) -> list[nodes.Node]:
    """What each measure means and what it came to, at every point that has one of its own."""
    rows = []
    for name, meaning in experiment.definitions.items():
        full = f"{experiment.name}.{name}"
        try:
            ours = [came_to(book.sampled(slug, full))]
        except measures.ManyPoints:
            ours = [came_to(book.sampled(slug, full, point), f"{point}: ") for point in experiment.points]
        rows.append(nodes.row("", cell(name), cell(*ours), cell(meaning)))
    return [table(["Measure", "Ours", "Definition"], rows, classes=["measures"])] if rows else []


def came_to(sample, before: str = "") -> nodes.paragraph:
    value, remark = measures.words(sample)
    return paragraph(before + value, *([small(f" ({remark})")] if remark else []))


class Costs(Reading):
    """``{costs}``: every run of the book: done, scale, time, operations, where; a table a chapter."""

    def show(self) -> list[nodes.Node]:
        depend(self.env, EVERY)
        return [table(["Experiment", "Done", "Scale", "Time", "Operations", "Made on"],
                      [cost_row(c.slug, e) for e in c.experiments.values() if e.kind != "derived"],
                      total(c), classes=["costs"]) for c in experiments.chapters()]


def cost_row(slug: str, experiment) -> nodes.row:
    found = made(slug, experiment)
    texts = [share(experiment, found), *spent(found)]
    name = paragraph(link(f"run-{slug}-{experiment.name}", nodes.Text(experiment.name)))
    return nodes.row("", cell(name), *[cell(text) for text in texts])


def total(chapter) -> str:
    """Title of a chapter's table: runs made of runs declared, and what they took."""
    experiments = [e for e in chapter.experiments.values() if e.kind != "derived"]
    there = sum(len(records.find(chapter.slug, e.name)) for e in experiments)
    declared = sum(len(e.runs()) for e in experiments)
    _, time, operations, _ = spent([r for e in experiments for r in made(chapter.slug, e)])
    return f"{chapter.short}: {there} of {declared} runs, {time or 'no time'}, {operations or 0} operations"


def spent(found: list) -> tuple[str, str, str, str]:
    """Scales, seconds, operations and devices of some runs, as texts; "" where there are none."""
    if not found:
        return "", "", "", ""
    operations = sum(r.cost.get("operations") or 0 for r in found)
    return (" and ".join(sorted({r.scale for r in found})),
            duration(sum(r.cost.get("seconds") or 0 for r in found)),
            power_of_ten(operations) if operations else "",
            ", ".join(sorted({str(r.machine.get("device", "")) for r in found} - {""})))


def power_of_ten(number: float) -> str:
    digits, power = f"{number:.1e}".split("e")
    return f"{digits} × {ten(int(power))}"


def setup(app) -> None:
    app.add_directive("runs", Runs)
    app.add_directive("costs", Costs)
