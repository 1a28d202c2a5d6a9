"""The command line: every command once as meant and once wrongly."""

import dataclasses
import json
import multiprocessing
import os
import queue
import subprocess
import sys
import threading

import pytest
from helpers import demo, elsewhere, kept

from lib import cli, experiments, fetch, pool, trainers
from lib import data as sets
from lib.cli import main

__all__ = ["demo"]


def lib(*arguments, **environment):
    """``python -m lib`` in a process of its own."""
    return subprocess.run([sys.executable, "-m", "lib", *arguments], cwd=experiments.ROOT, text=True,
                          env=os.environ | environment, capture_output=True)


def row(text: str, name: str) -> list[str]:
    """The cells of one line of a table."""
    line = next(line for line in text.splitlines() if f"{name} " in line)
    return [cell.strip() for cell in line.strip("│┃ ").split("│")]


def test_status_shows_every_experiment(demo, capsys):
    for seed in (0, 1, 3):
        kept(demo, "small", seed, cost={"seconds": 10.0 * (seed + 1)})
    kept(demo, "choices", 0, point="slow", cost={"seconds": 7})
    kept(demo, "choices", 0, point="fast", cost={"seconds": 9})
    demo.experiments["big"] = dataclasses.replace(demo["big"], reduced={"epochs": 1})
    assert main(["status"]) == 0
    shown = capsys.readouterr().out
    small, big, choices = (row(shown, f"demo/{n}") for n in ("small", "big", "choices"))
    assert small[:4] == ["demo/small", "3 of 4", "missing", "full"] and small[-1] == "23"
    assert big == ["demo/big", "0 of 2", "missing"]
    assert choices[:4] == ["demo/choices", "2 of 2", "ok", "full"] and choices[-1] == "8"
    assert "demo/both" not in shown  # it has no runs of its own
    for seed, word in enumerate(("missing", "full missing")):
        kept(demo, "big", seed, scale="reduced")
        assert main(["status", "--only", "big"]) == 0
        assert row(capsys.readouterr().out, "demo/big")[1:4] == [f"{seed + 1} of 2", word, "reduced"]


def test_status_tells_what_is_stale(demo, capsys):
    kept(demo, "big", 0)
    kept(demo, "big", 1)
    demo.experiments["big"] = dataclasses.replace(demo["big"], transform="two-hue")
    assert main(["status", "--only", "big"]) == 0
    shown = capsys.readouterr().out
    assert row(shown, "demo/big")[1:3] == ["0 of 2", "stale"] and "demo/small" not in shown


@pytest.mark.parametrize("command", ["status", "train", "smoke", "verify", "claims"])
def test_unknown_names_are_one_line_and_exit_code_2(command, capsys):
    assert main([command, "--only", "lenet-gray"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: no experiment is called 'lenet-gray'; did you mean ")
    assert "lenet-grey" in said.err and said.err.count("\n") == 1 and not said.out


def test_a_name_that_several_chapters_have_is_asked_for_with_its_chapter(capsys):
    assert main(["status", "--only", "network-shapes"]) == 2
    assert capsys.readouterr().err.startswith("error: several chapters have network-shapes: write "
                                              "colorized_digits/network-shapes or digit_autoencoder/")


def test_unknown_commands_and_options():
    for wrong in (["trian"], [], ["train", "--seeds", "many"], ["status", "--json"]):
        with pytest.raises(SystemExit) as ended:
            main(wrong)
        assert ended.value.code == 2


@pytest.mark.parametrize("option, values, said", [
    ("--seeds", ("0", "-1", "1.5", "x"), "is not a whole number from 1 on"),
    ("--jobs", ("0", "-1", "many"), "is not a whole number from 1 on"),
    ("--minutes", ("0", "-5", "nan", "soon"), "is not a number above 0")])
def test_numbers_that_would_make_nothing_are_refused(option, values, said, capsys, monkeypatch):
    monkeypatch.setattr(pool, "make", lambda *args: 0)
    for value in values:
        with pytest.raises(SystemExit) as ended:
            main(["train", f"{option}={value}"])
        assert ended.value.code == 2 and f"argument {option}: '{value}' {said}" in capsys.readouterr().err


@pytest.mark.parametrize("only, names", [
    ("demo,demo/big", ()), ("demo/big,demo", ()), ("demo/big demo/small", ("big", "small")),
    ("demo/big,demo/small,demo,demo/count", ())])
def test_a_chapter_and_one_of_its_experiments_are_the_chapter(demo, only, names):
    assert cli._chosen(only) == {"demo": names}


def test_a_damaged_record_is_one_line(demo, capsys):
    path = kept(demo, "big", 0).path
    path.write_bytes(path.read_bytes()[:-9])
    assert main(["status"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {path} is no record") and said.count("\n") == 1


def test_train_in_small_and_again_from_a_worker(tmp_path, monkeypatch):
    """Through processes, as people call it: an analysis and a training, outside the repository."""
    elsewhere(tmp_path, monkeypatch)
    done = lib("smoke", "--only", "report-figures,lenet-grey")
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == [
        f"done: colorized_digits/{name} seed 0" for name in ("lenet-grey", "report-figures")]
    made = sorted(p.parent.name for p in (tmp_path / "smoke").rglob("records/*/0.json"))
    assert made == ["lenet-grey", "report-figures"]


def test_smoke_makes_what_is_needed_too(demo, monkeypatch):
    monkeypatch.setattr(pool, "make", lambda todo: made.extend(r.name for r in todo) or 0)
    made = []
    demo.experiments["choices"] = dataclasses.replace(demo["choices"], needs=("both",))
    assert main(["smoke", "--only", "choices"]) == 0
    assert sorted(made) == [f"demo/{n} seed 0" for n in ("big", "choices/fast", "choices/slow", "small")]


def test_smoke_says_which_run_has_no_small_set(demo, monkeypatch, capsys):
    demo.experiments["big"] = dataclasses.replace(demo["big"], data="flowers")
    monkeypatch.setattr(pool, "make", lambda todo: made.extend(r.recipe["data"] for r in todo) or 0)
    made = []
    assert main(["smoke", "--only", "big"]) == 0 and made == ["flowers"]


def test_train_has_nothing_to_do_where_all_is_there(demo, capsys):
    for seed in (0, 1):
        kept(demo, "big", seed)
    assert main(["train", "--only", "big"]) == 0
    assert capsys.readouterr().out == "Nothing is missing.\n"


class News(list):
    """What a worker tells its parent, in a test's own process."""

    put = list.append


def work(home, monkeypatch, execute, names=("big", "small"), workers=1, scale="full") -> News:
    """Workers in threads of this process; ``execute`` is called in place of training."""
    from lib import runs

    monkeypatch.setattr(runs, "execute", execute)
    news, taken = News(), multiprocessing.Value("i", 0)
    jobs = [pool.job(r) for r in runs.declared(home.slug, names, scale)]
    crew = [threading.Thread(target=pool._worker, args=(jobs, taken, news, float("inf"), 1))
            for _ in range(workers)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    return news


def test_workers_share_all_runs_out_and_make_each_once(demo, monkeypatch):
    demo.experiments["small"] = dataclasses.replace(demo["small"], seeds=300)
    made = []
    work(demo, monkeypatch, lambda run, *rest: made.append(run.seed), ("small",), workers=8)
    assert sorted(made) == list(range(300))


def test_an_error_that_nobody_foresaw_ends_one_run_and_not_those_after_it(demo, monkeypatch, capsys):
    def fails_first(run, *rest):
        if run.seed == 0:
            raise TypeError("no number")

    news = work(demo, monkeypatch, fails_first, ("big",))
    line = fails_first.__code__.co_firstlineno + 2
    assert [event for event in news if event[1] != "start"] == [
        ("demo/big seed 0", "failed", f"demo/big seed 0: TypeError: no number ({__file__}:{line})"),
        ("demo/big seed 1", "done", None)]
    monkeypatch.setattr(pool, "resolve", lambda *names: 1 / 0)  # they do not even start
    told = queue.Queue()
    for event in work(demo, monkeypatch, fails_first, ("big",)):
        told.put(event)
    assert pool._watch([], told, 2) == 1
    said = "".join(capsys.readouterr().out.split())  # lines of a terminal's width
    for seed in (0, 1):
        assert f"failed:demo/bigseed{seed}:ZeroDivisionError:divisionbyzero({__file__}:" in said


def test_a_run_whose_loss_is_no_number_is_named(demo, monkeypatch):
    def diverges(run, *rest):
        raise trainers.Diverged("the loss is no number in epoch 2, batch 1")

    failed = [event for event in work(demo, monkeypatch, diverges, ("big",)) if event[1] == "failed"]
    assert failed[0][2] == "demo/big seed 0: the loss is no number in epoch 2, batch 1"


def test_what_another_process_finished_meanwhile_is_not_made_again(demo, monkeypatch):
    made = []
    for scale in ("full", "smoke"):
        kept(demo, "big", 1, scale=scale)
        news = work(demo, monkeypatch, lambda run, *rest: made.append((run.seed, run.scale)), ("big",),
                    scale=scale)
        last = "demo/big seed 1, by another process" if scale == "full" else None
        assert news[-1] == ("demo/big seed 1", "done", last)
    assert made == [(0, "full"), (0, "smoke"), (1, "smoke")]


def test_what_builds_on_the_first_seed_comes_before_the_second_seed(demo, monkeypatch):
    from lib import runs

    demo.experiments["small"] = dataclasses.replace(demo["small"], seeds=2, needs=("big",))
    waves = []
    monkeypatch.setattr(pool, "_wave", lambda todo, *rest: waves.append([r.name for r in todo]) or 0)
    assert pool.make(runs.declared("demo", ("small", "big", "count"))) == 0
    assert waves == [["demo/count seed 0", "demo/big seed 0"], ["demo/small seed 0"],
                     ["demo/big seed 1"], ["demo/small seed 1"]]


def test_a_run_that_cannot_be_made_is_told(tmp_path, monkeypatch):
    """A held lock: the run fails, is named, and the exit code says so."""
    from lib import runs

    elsewhere(tmp_path, monkeypatch)
    home = experiments.chapter("colorized_digits")
    with runs.lock(runs.Run(home, home["report-figures"], "", 0, "smoke")):
        done = lib("smoke", "--only", "report-figures")
    assert done.returncode == 1
    assert f"report-figures seed 0 is being trained by process {os.getpid()}" in done.stdout


def test_verify(demo, monkeypatch, capsys):
    kept(demo, "count", measures={"images": 4000})
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == "All records are whole, current and give their measures again.\n"

    def counting(context):
        raise sets.DataError("mnist is not here")

    with monkeypatch.context() as patch:
        patch.setitem(demo.experiments, "count", dataclasses.replace(demo["count"], analysis=counting))
        assert main(["verify"]) == 0
    assert capsys.readouterr().out.endswith("again.\nAnalyses not repeated, for want of their data: 1.\n")
    path = kept(demo, "count", measures={"images": 3999}).path
    path.with_suffix(".npz").unlink()
    assert main(["verify", "--only", "demo"]) == 1
    assert "0.npz is missing" in capsys.readouterr().out


def test_claims_as_json(capsys):
    assert main(["claims", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found) > 50
    for claim in found:
        assert set(claim) == {"id", "report", "rule", "reported", "ours", "n", "interval", "margin",
                              "verdict", "marks", "headline", "reason", "page"}
        assert claim["verdict"] in ("holds", "fails", "unclear", "waiting", "shown", "untestable")
    assert len({(c["report"], c["id"]) for c in found}) == len(found)
    assert [c["headline"] for c in found] == sorted((c["headline"] for c in found), reverse=True)


def test_claims_of_one_experiment(capsys):
    def shown(*arguments):
        assert main(["claims", "--json", *arguments]) == 0
        return json.loads(capsys.readouterr().out)

    whole, chapter = shown(), shown("--only", "colorized_digits")
    one = shown("--only", "lenet-grey")
    assert [c for c in whole if c["report"] == "colorized_digits"] == chapter
    assert 0 < len(one) < len(chapter) and any("lenet-grey" in json.dumps(c["rule"]) for c in one)
    assert main(["claims", "--only", "lenet-grey"]) == 0
    assert len(capsys.readouterr().out.splitlines()) >= len(one)


def test_data_is_fetched_checked_and_counted(tmp_path, monkeypatch, capsys):
    train, test = sets.load("mnist-sample")
    for name in ("mnist", "cifar10"):
        monkeypatch.setattr(fetch, name, lambda: tmp_path)
    monkeypatch.setattr(sets, "load", lambda name: (train, test))
    assert main(["data"]) == 0
    assert capsys.readouterr().out == "".join(
        f"{name}: 4,000 + 1,000 pictures in {tmp_path}, checked.\n" for name in ("mnist", "cifar10"))

    def fails():
        raise sets.DataError("could not download train-images-idx3-ubyte.gz")

    monkeypatch.setattr(fetch, "mnist", fails)
    assert main(["data"]) == 2
    assert capsys.readouterr().err == "error: could not download train-images-idx3-ubyte.gz\n"
