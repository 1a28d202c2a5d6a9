"""``python -m lib``: status, train, smoke, verify, claims, data."""

import argparse
import json
import math
import sys

from lib import pool
from lib.errors import BookError
from lib.experiments import ROOT, chapter, chapters, resolve, slugs
from lib.records import find, state_of


def _chosen(only: str | None) -> dict[str, tuple[str, ...]]:
    """Chapter -> experiments named by --only (all where it is left out)."""
    if not only:
        return {c.slug: () for c in chapters()}
    found: dict[str, tuple[str, ...]] = {}
    for name in only.replace(",", " ").split():
        if name in slugs():
            found[name] = ()
        else:
            home, experiment = resolve(name)
            if found.get(home.slug) != ():  # the whole chapter is chosen already
                found[home.slug] = (*found.get(home.slug, ()), experiment.name)
    return found


def _least(kind: type, least: float, words: str):
    """A type for argparse: a number that is refused, in so many words, where it is too small."""
    def number(text: str):
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not value >= least:
            raise argparse.ArgumentTypeError(f"{text!r} is not {words}")
        return value
    return number


def status(args) -> int:
    """One line an experiment: runs done of declared, state, scale, seconds."""
    from rich.console import Console
    from rich.table import Table

    table = Table("experiment", "runs", "state", "scale", "seconds a run", title="Runs")
    for slug, names in _chosen(args.only).items():
        home = chapter(slug)
        for e in home.experiments.values():
            if (names and e.name not in names) or e.kind == "derived":
                continue
            runs, records = e.runs(), find(slug, e.name)
            states = [state_of(e, slug, p, s) for p, s in runs]
            blocked = [n for n in e.needs if home[n].kind != "derived" and not find(slug, n)]
            word = ("stale" if "stale" in states else "ok" if "missing" not in states
                    else "full missing" if len(records) == len(runs)  # the reduced ones are there
                    else f"blocked by {', '.join(blocked)}" if blocked else "missing")
            seconds = [r.cost.get("seconds", 0) for r in records]
            table.add_row(f"{slug}/{e.name}", f"{len(records)} of {len(runs)}", word,
                          ", ".join(sorted({r.scale for r in records})),
                          f"{sum(seconds) / len(seconds):.0f}" if seconds else "")
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return 0


def train(args) -> int:
    """Train what is missing; resumable.  Runs go side by side, one core each, on a CPU."""
    from lib import runs

    scale = "reduced" if args.reduced else "full"
    todo = [r for slug, names in _chosen(args.only).items()
            for r in runs.declared(slug, names, scale, args.seeds)
            if (r.experiment.reduced or not args.reduced)
            and state_of(r.experiment, slug, r.point, r.seed, scale) != "ok"]
    return pool.make(todo, args.jobs, args.minutes)


def smoke(args) -> int:
    """Train everything once, tiny, on digits and photographs that packages carry, outside the repository."""
    from lib import runs

    todo = [r for slug, names in _chosen(args.only).items()
            for r in runs.declared(slug, tuple(e.name for e in chapter(slug).in_order(*names)), "smoke", 1)]
    return pool.make(todo)


def verify(args) -> int:
    """Read every record whole, compute its measures again, and repeat its first step."""
    from lib import verify as check

    if args.renew:
        for slug, names in _chosen(args.only).items():
            for run in check.renew(slug, names):
                print(f"{run}: measures as they are defined now")
        return 0
    skipped: list[str] = []
    problems = [p for slug, names in _chosen(args.only).items()
                for p in check.chapter(slug, names, skipped)]
    print("\n".join(problems) or "All records are whole, current and give their measures again.")
    if skipped:
        print(f"Analyses not repeated, for want of their data: {len(skipped)}.")
    return 1 if problems else 0


def claims(args) -> int:
    """The verdict on every claim."""
    from lib import claims as rules
    from lib.claims import readme

    if args.readme:
        path = ROOT / "README.md"
        path.write_text(readme.with_findings(path.read_text("utf8"), rules.verdicts()), "utf8")
        return 0
    found = [v for slug, names in _chosen(args.only).items() for v in rules.judge(slug).values()
             if not names or set(names) & set(v.experiments)]
    verdicts = sorted(found, key=lambda v: not v.headline)
    if args.json:
        print(json.dumps([rules.as_dict(v) for v in verdicts], indent=1))
        return 0
    for v in verdicts:
        print(f"{v.verdict:10} {v.report}/{v.id}: {v.says} {v.reason}")
    return 0


def data(args) -> int:
    """Fetch and check the full sets."""
    from lib import fetch
    from lib.data import load

    for name in ("mnist", "cifar10"):
        folder = getattr(fetch, name)()
        train, test = load(name)
        print(f"{name}: {len(train):,} + {len(test):,} pictures in {folder}, checked.")
    return 0


def main(argv: list[str] | None = None) -> int:
    """Parse the command line and run one command; expected errors are one line on stderr."""
    parser = argparse.ArgumentParser("python -m lib", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for command in (status, train, smoke, verify, claims, data):
        sub = commands.add_parser(command.__name__, help=command.__doc__.splitlines()[0])
        sub.set_defaults(run=command)
        if command in (status, train, smoke, verify, claims):
            sub.add_argument("--only", help="experiments or chapters, separated by commas")
        if command is verify:
            sub.add_argument("--renew", action="store_true", help="write changed measures into the records")
        if command is claims:
            sub.add_argument("--json", action="store_true")
            sub.add_argument("--readme", action="store_true", help="write what was found into README.md")
        if command is train:
            count = _least(int, 1, "a whole number from 1 on")
            minutes = _least(float, math.ulp(0), "a number above 0")
            sub.add_argument("--seeds", type=count, help="at most so many seeds of each")
            sub.add_argument("--minutes", type=minutes, help="stop, saved, after so many minutes")
            sub.add_argument("--jobs", type=count, help="runs side by side (as many as cores)")
            sub.add_argument("--reduced", action="store_true", help="the smaller forms, for CPUs")
    args = parser.parse_args(argv)
    try:
        return args.run(args)
    except BookError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2

