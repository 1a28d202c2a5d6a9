"""Several runs side by side: one process a core on a CPU, with news of all of them in one place."""

import multiprocessing
import os
import sys
import time
import traceback
from queue import Empty

from lib.errors import BookError
from lib.experiments import resolve
from lib.records import state_of

STOPPED = 130  # what a shell says of a program ended by Ctrl-C


def _worker(jobs: list, taken, news, deadline: float, threads: int) -> None:
    """Take runs until none are left; every event goes to the parent as (run, word, detail).

    ``taken`` counts the runs that a worker has taken, over all of them.
    """
    import torch

    from lib import runs, trainers

    torch.set_num_threads(threads)
    while time.time() < deadline:
        with taken.get_lock():
            place, taken.value = taken.value, taken.value + 1
        if place >= len(jobs):
            return
        title, slug, name, point, seed, scale = jobs[place]
        try:
            run = runs.Run(*resolve(name, slug), point, seed, scale)
            if scale != "smoke" and state_of(run.experiment, slug, point, seed, scale) == "ok":
                news.put((title, "done", f"{title}, by another process"))
                continue
            news.put((title, "start", None))
            runs.execute(run, deadline, lambda p, title=title: news.put((title, "epoch", (p.epoch, p.most))))
            news.put((title, "done", None))
        except trainers.OutOfTime as error:
            news.put((title, "later", str(error)))
        except BookError as error:
            named = "" if title in str(error) else f"{title}: "
            news.put((title, "failed", f"{named}{error}"))
        except Exception as error:  # whatever it is, the runs after this one are made
            where = traceback.extract_tb(error.__traceback__)[-1]
            news.put((title, "failed", f"{title}: {type(error).__name__}: {error} "
                                       f"({where.filename}:{where.lineno})"))


def cores() -> int:
    """How many cores this process may use: in a container fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def job(run) -> tuple:
    """A run as a worker is told of it, which loads its chapter by itself."""
    return run.name, run.chapter.slug, run.experiment.name, run.point, run.seed, run.scale


def depth(home, experiment) -> int:
    """How many experiments, one building on the other, come before this one."""
    return max((1 + depth(home, home[name]) for name in experiment.needs), default=0)


def make(todo: list, jobs_wanted: int | None = None, minutes: float | None = None) -> int:
    """Make runs, each after those that it builds on, and all of a seed before the next seed's.

    0 if all that ended gave a record.
    """
    if not todo:
        print("Nothing is missing.")
    deadline = float("inf") if minutes is None else time.time() + 60 * minutes
    waves: dict[tuple[int, int], list] = {}
    for run in todo:
        waves.setdefault((run.seed, depth(run.chapter, run.experiment)), []).append(run)
    code = 0
    for turn in sorted(waves):
        code = max(code, _wave(waves[turn], jobs_wanted, deadline))
        if code == STOPPED or time.time() >= deadline:
            break
    return code


def _wave(todo: list, jobs_wanted: int | None, deadline: float) -> int:
    """Share runs that do not need each other out among processes."""
    import torch

    context = multiprocessing.get_context("spawn")
    taken, news = context.Value("i", 0), context.Queue()
    jobs = [job(r) for r in todo]
    gpu = torch.cuda.is_available()
    workers = min(jobs_wanted or (1 if gpu else cores()), len(todo))
    threads = max(cores() // workers, 1) if gpu else 1  # one thread: the same bits anywhere
    pool = [context.Process(target=_worker, args=(jobs, taken, news, deadline, threads))
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
                bars[name] = progress.add_task(name, total=None)  # its first epoch tells how many
            elif word == "epoch":
                progress.update(bars[name], completed=detail[0], total=detail[1])
            else:
                if name in bars:  # else it ended before it started
                    progress.remove_task(bars[name])
                progress.advance(whole, word == "done")
                progress.console.print(f"{word}: {detail or name}", highlight=False)
                failed += [name] if word == "failed" else []
    crashed = [p for p in pool if p.exitcode]
    if crashed:
        print(f"{len(crashed)} worker(s) ended early; what they had saved is kept.")
    return 1 if failed or crashed else 0
