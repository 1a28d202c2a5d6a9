"""``python -m lib``: status, train, smoke, verify, claims, bench, data."""

import argparse
import json
import multiprocessing
import os
import sys
import time
from queue import Empty

from lib.experiments import ROOT, SMOKE, UnknownName, chapter, chapters, resolve, slugs
from lib.records import RecordError, find, state_of

STOPPED = 130  # what a shell says of a program ended by Ctrl-C


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
            found[home.slug] = (*found.get(home.slug, ()), experiment.name)
    return found


def status(args) -> int:
    """One line an experiment: seeds done of declared, state, scale, age, seconds."""
    from rich.console import Console
    from rich.table import Table

    table = Table("experiment", "seeds", "state", "scale", "age", "seconds a run", title="Runs")
    for slug, names in _chosen(args.only).items():
        home = chapter(slug)
        for e in home.experiments.values():
            if (names and e.name not in names) or e.kind == "derived":
                continue
            runs, records = e.runs(), find(slug, e.name)
            states = [state_of(e, slug, p, s) for p, s in runs]
            blocked = [n for n in e.needs if home[n].kind != "derived" and not find(slug, n)]
            word = ("stale" if "stale" in states else "ok" if "missing" not in states
                    else f"blocked by {', '.join(blocked)}" if blocked else "missing")
            age = max((time.time() - r.path.stat().st_mtime for r in records), default=None)
            seconds = [r.cost.get("seconds", 0) for r in records]
            table.add_row(f"{slug}/{e.name}", f"{len(records)} of {len(runs)}", word,
                          ", ".join(sorted({r.scale for r in records})),
                          "" if age is None else f"{age / 3600:.0f} h",
                          f"{sum(seconds) / len(seconds):.0f}" if seconds else "")
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return 0


def _worker(jobs, news, deadline: float, threads: int) -> None:
    """Take runs until none are left; every event goes to the parent as (run, word, detail)."""
    import torch

    from lib import runs, states, training
    from lib.data import DataError

    torch.set_num_threads(threads)
    while time.time() < deadline:
        try:
            slug, name, point, seed, scale = jobs.get_nowait()
        except Empty:
            return
        run = runs.Run(*resolve(name, slug), point, seed, scale)
        epochs = run.recipe.get("epochs") or run.recipe.get("steps", 1)
        news.put((run.name, "start", epochs))
        try:
            runs.execute(run, deadline, lambda p, r=run: news.put((r.name, "epoch", p.epoch)))
            news.put((run.name, "done", None))
        except training.OutOfTime as error:
            news.put((run.name, "later", str(error)))
        except (DataError, RecordError, states.Locked, training.Diverged) as error:
            news.put((run.name, "failed", str(error)))


def train(args) -> int:
    """Train what is missing; resumable.  Runs go side by side, one core each, on a CPU."""
    from lib import runs

    scale = "reduced" if args.reduced else "full"
    todo = [r for slug, names in _chosen(args.only).items()
            for r in runs.declared(slug, names, scale, args.seeds)
            if (r.experiment.reduced or not args.reduced)
            and state_of(r.experiment, slug, r.point, r.seed, scale) != "ok"]
    return _run_all(todo, args.jobs, args.minutes)


def smoke(args) -> int:
    """Train everything once, tiny, on real digits that a package carries, outside the repository."""
    from lib import runs

    todo = [r for slug, names in _chosen(args.only).items()
            for r in runs.declared(slug, names, "smoke", seeds=1)
            if r.recipe["data"] in (None, *SMOKE.values())]
    return _run_all(todo)


def _depth(home, experiment) -> int:
    """How many experiments, one building on the other, come before this one."""
    return max((1 + _depth(home, home[name]) for name in experiment.needs), default=0)


def _run_all(todo: list, jobs_wanted: int | None = None, minutes: float | None = None) -> int:
    """Make runs, each after those that it builds on; 0 if all that ended gave a record."""
    if not todo:
        print("Nothing is missing.")
    deadline = time.time() + 60 * minutes if minutes else float("inf")
    waves: dict[int, list] = {}
    for run in sorted(todo, key=lambda r: r.seed):
        waves.setdefault(_depth(run.chapter, run.experiment), []).append(run)
    code = 0
    for depth in sorted(waves):
        code = max(code, _wave(waves[depth], jobs_wanted, deadline))
        if code == STOPPED:
            break
    return code


def _wave(todo: list, jobs_wanted: int | None, deadline: float) -> int:
    """Share runs that do not need each other out among processes."""
    import torch

    context = multiprocessing.get_context("spawn")
    jobs, news = context.Queue(), context.Queue()
    for r in todo:
        jobs.put((r.chapter.slug, r.experiment.name, r.point, r.seed, r.scale))
    gpu = torch.cuda.is_available()
    workers = min(jobs_wanted or (1 if gpu else os.cpu_count()), len(todo))
    threads = max(os.cpu_count() // workers, 1) if gpu else 1  # one thread: the same bits anywhere
    time.sleep(0.1)  # the queue's feeder thread
    pool = [context.Process(target=_worker, args=(jobs, news, deadline, threads))
            for _ in range(workers)]
    for p in pool:
        p.start()
    try:
        return _watch(pool, news, len(todo))
    except KeyboardInterrupt:
        for p in pool:
            p.terminate()
        print("Stopped; saved states are kept, `make train` goes on from them.")
        return STOPPED


def _watch(pool, news, total: int) -> int:
    """Show progress until all workers are done; returns 1 if a run failed."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    failed, bars = [], {}
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
               TimeRemainingColumn())
    with Progress(*columns, disable=not sys.stdout.isatty()) as progress:
        whole = progress.add_task("runs", total=total)
        while any(p.is_alive() for p in pool) or not news.empty():
            try:
                name, word, detail = news.get(timeout=0.5)
            except Empty:
                continue
            if word == "start":
                bars[name] = progress.add_task(name, total=detail)
            elif word == "epoch":
                progress.update(bars[name], completed=detail)
            else:
                progress.remove_task(bars[name])
                progress.advance(whole, word == "done")
                progress.console.print(f"{word}: {detail or name}", highlight=False)
                failed += [name] if word == "failed" else []
    crashed = [p for p in pool if p.exitcode]
    if crashed:
        print(f"{len(crashed)} worker(s) ended early; what they had saved is kept.")
    return 1 if failed or crashed else 0


def verify(args) -> int:
    """Read every record whole, compute its measures again, and repeat its first step on the CPU."""
    from lib import verify as check

    problems = [p for slug, names in _chosen(args.only).items() for p in check.chapter(slug, names)]
    print("\n".join(problems) or "All records are whole, current and give their measures again.")
    return 1 if problems else 0


def claims(args) -> int:
    """The verdict on every claim."""
    from lib import claims as rules
    from lib.claims import readme

    found = [v for slug, names in _chosen(args.only).items() for v in rules.judge(slug).values()
             if not names or set(names) & set(v.experiments)]
    verdicts = sorted(found, key=lambda v: not v.headline)
    if args.readme:
        path = ROOT / "README.md"
        path.write_text(readme.with_findings(path.read_text("utf8"), rules.verdicts()), "utf8")
        return 0
    if args.json:
        print(json.dumps([rules.as_dict(v) for v in verdicts], indent=1))
        return 0
    for v in verdicts:
        print(f"{v.verdict:10} {v.report}/{v.id}: {v.says} {v.reason}")
    return 0


def bench(args) -> int:
    """Ratios of this book's ways to what people would write otherwise, within one run."""
    from lib import bench as timings

    return timings.main()


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
    for command in (status, train, smoke, verify, claims, bench, data):
        sub = commands.add_parser(command.__name__, help=command.__doc__.splitlines()[0])
        sub.set_defaults(run=command)
        if command in (status, train, smoke, verify, claims):
            sub.add_argument("--only", help="experiments or chapters, separated by commas")
        if command is claims:
            sub.add_argument("--json", action="store_true")
            sub.add_argument("--readme", action="store_true", help="write what was found into README.md")
        if command is train:
            sub.add_argument("--seeds", type=int, help="at most so many seeds of each")
            sub.add_argument("--minutes", type=float, help="stop, saved, after so many minutes")
            sub.add_argument("--jobs", type=int, help="runs side by side (as many as cores)")
            sub.add_argument("--reduced", action="store_true", help="the smaller forms, for CPUs")
    args = parser.parse_args(argv)
    try:
        return args.run(args)
    except (UnknownName, RecordError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except Exception as error:
        if type(error).__name__ in ("DataError", "ClaimError", "Locked"):
            print(f"error: {error}", file=sys.stderr)
            return 2
        raise

