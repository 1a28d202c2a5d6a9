"""Records: whole or refused, bound to their recipe, and read without torch."""

import dataclasses
import errno
import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from helpers import demo, given, kept
from hypothesis import strategies as st

from lib import experiments, records, verify
from lib.errors import UnknownName
from lib.experiments import chapters
from lib.records import RecordError, find, path_of, read, state_of, write

__all__ = ["demo"]
ROOT = experiments.ROOT


def rewrite(path, change) -> None:
    """Change a record's content as a careful forger would: with a fitting sha256."""
    content = json.loads(path.read_text())
    del content["sha256"]
    change(content)
    lines = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in content.items()]
    body = ("{\n" + ",\n".join(lines) + "\n}\n").encode()
    content["sha256"] = hashlib.sha256(body).hexdigest()
    lines.append(f'"sha256": "{content["sha256"]}"')
    path.write_bytes(("{\n" + ",\n".join(lines) + "\n}\n").encode())


def test_round_trip(demo):
    pictures = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)
    numbers = np.array([[0.1, -1e300], [np.pi, 0]])
    record = kept(demo, "big", 1, (0.25, 1 / 3), given={
        "pictures": pictures, "numbers": numbers}, facts={"names": ["ä", "b"], "none": None},
        cost={"seconds": 1.5}, measures={"val_accuracy": 1 / 3, "test_accuracy": None})
    again = read(demo.folder / "records/big/1.json")
    assert (again.slug, again.experiment, again.seed, again.scale) == ("demo", "big", 1, "full")
    assert again.recipe == demo["big"].recipe(1)
    assert again.history == {"val_accuracy": [0.25, 1 / 3]}
    assert again.measures == {"val_accuracy": 1 / 3, "test_accuracy": None}
    assert again.facts == {"names": ["ä", "b"], "none": None} and again.cost == {"seconds": 1.5}
    assert set(again.arrays) == {"pictures", "numbers"}
    assert again.arrays["pictures"].dtype == np.uint8
    assert np.array_equal(again.arrays["pictures"], pictures)
    assert np.array_equal(again.arrays["numbers"], numbers)
    assert again.path == record.path and again.name == "demo/big seed 1"
    assert json.loads(again.path.read_text())["seed"] == 1
    npz = again.path.with_suffix(".npz")
    assert again.files["arrays"] == {"file": "1.npz",
                                     "sha256": hashlib.sha256(npz.read_bytes()).hexdigest()}


def test_places(demo, monkeypatch, tmp_path):
    folder = demo.folder / "records"
    assert path_of("demo", "big", "", 3) == folder / "big/3.json"
    assert path_of("demo", "big", "", 3, "reduced") == folder / "big/3.reduced.json"
    assert path_of("demo", "choices", "slow", 0) == folder / "choices/slow/0.json"
    assert path_of("demo", "big", "", 3, "smoke") == tmp_path / "smoke/demo/records/big/3.json"
    monkeypatch.delenv("BOOK_SMOKE")
    assert ROOT not in path_of("demo", "big", "", 3, "smoke").parents


@given(st.integers(0, 10_000), st.integers(1, 255), examples=60)
def test_one_byte_changed_in_the_json(tmp_path_factory, place, flip):
    path = tmp_path_factory.mktemp("one") / "0.json"
    record = records.Record(slug="demo", experiment="big", point="", seed=0, scale="full",
                            recipe={"lr": 0.25, "seed": 0}, data={"name": "mnist"},
                            recipe_hash=experiments.recipe_hash({"lr": 0.25, "seed": 0}),
                            measures={"accuracy": 0.9375}, history={"loss": [1.5, 0.5]})
    whole = write(record, path)
    body = bytearray(path.read_bytes())
    body[place % len(body)] ^= flip
    path.write_bytes(body)
    os.utime(path, ns=(0, 0))
    try:
        changed = read(path)
    except RecordError as error:
        assert str(path) in str(error) and "git checkout" in str(error) and "make train" in str(error)
    else:  # white space between the values
        assert dataclasses.replace(changed, path=None) == dataclasses.replace(whole, path=None)


def test_one_byte_changed_in_a_number(demo):
    path = kept(demo, "big", 0, (0.25, 0.5)).path
    path.write_bytes(path.read_bytes().replace(b"[0.25, 0.5]", b"[0.25, 0.6]"))
    with pytest.raises(RecordError, match="was changed after it was written"):
        read(path)
    with pytest.raises(RecordError, match="big/0.json"):
        find("demo", "big")


@pytest.mark.parametrize("harm", ["byte", "cut", "gone", "other"])
def test_harmed_arrays(demo, harm):
    record, other = kept(demo, "big", 0), kept(demo, "big", 1, right=3)
    npz = record.path.with_suffix(".npz")
    body = bytearray(npz.read_bytes())
    body[len(body) // 2] ^= 1
    if harm == "gone":
        npz.unlink()
    else:
        npz.write_bytes({"byte": bytes(body), "cut": bytes(body[:-1]),
                         "other": other.path.with_suffix(".npz").read_bytes()}[harm])
    with pytest.raises(RecordError) as error:
        _ = read(record.path).arrays
    for word in (str(npz), "0.json", "git checkout", "make train"):
        assert word in str(error.value)


def test_arrays_that_would_run_code_are_refused(demo):
    path = kept(demo, "big", 0).path
    np.savez(path.with_suffix(".npz"), given=np.array([{"any": "object"}], dtype=object))
    sha = hashlib.sha256(path.with_suffix(".npz").read_bytes()).hexdigest()
    rewrite(path, lambda content: content["files"]["arrays"].update(sha256=sha))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        _ = read(path).arrays


def test_no_record_at_all(demo):
    path = path_of("demo", "big", "", 0)
    with pytest.raises(RecordError, match="0.json is no record"):
        read(path)
    path.parent.mkdir(parents=True)
    for body in (b"", b"[]", b"null", b"{}", b'{"sha256": 1, "format": 1}', b"\xff\xfe"):
        path.write_bytes(body)
        with pytest.raises(RecordError, match="is no record"):
            read(path)
        path.unlink()


def test_a_recipe_that_is_not_the_records_own(demo):
    path = kept(demo, "big", 0).path
    rewrite(path, lambda content: content["recipe"].update(lr=0.5))
    with pytest.raises(RecordError, match="recipe that is not its own"):
        read(path)


def test_a_record_in_anothers_place_is_stale(demo):
    path = kept(demo, "big", 0).path
    path.rename(path_of("demo", "big", "", 1))
    assert state_of(demo["big"], "demo", "", 1) == "stale"
    assert find("demo", "big") == []


def test_leftovers_of_killed_writers_are_no_records(demo):
    record = kept(demo, "big", 1)
    for name in (".0.json.x7a", "0.npz", "0.json.part", ".0.npz.abc", "notes.json", "7.json"):
        (record.path.parent / name).write_bytes(b"{half")
    assert [r.seed for r in find("demo", "big")] == [1]
    assert state_of(demo["big"], "demo", "", 0) == "missing"
    assert kept(demo, "big", 0).arrays.keys() == {"test_labels", "test_predicted"}


@pytest.mark.parametrize("call, good", [
    ("write", 0), ("write", 1), ("fsync", 0), ("fsync", 1), ("replace", 0), ("mkstemp", 0), ("mkstemp", 1)])
def test_a_full_disk_leaves_the_old_record_whole(demo, monkeypatch, call, good):
    """What fails at the arrays (0) or, after them, at the record (1)."""
    old = kept(demo, "big", 0, (0.1, 0.2))
    before = {p.name: p.read_bytes() for p in old.path.parent.iterdir()}
    where, name = {"write": (os, "fdopen"), "mkstemp": (records.tempfile, "mkstemp")}.get(call, (os, call))
    calls, real = [], getattr(where, name)

    def later(*args, **rest):
        calls.append(call)
        return real(*args, **rest) if len(calls) <= good else fails(*args, **rest)

    def full(*args, **rest):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    class Full:
        """A file that takes nothing."""

        def __init__(self, handle):
            self.handle = handle

        def __enter__(self):
            return self

        def __exit__(self, *args):
            os.close(self.handle)

        write = full

    fails = (lambda handle, mode: Full(handle)) if call == "write" else full
    with monkeypatch.context() as patch:
        patch.setattr(where, name, later)
        with pytest.raises(RecordError) as error:
            kept(demo, "big", 0, (0.8, 0.9))
    assert "No space left on device" in str(error.value) and "big/0." in str(error.value)
    assert {p.name: p.read_bytes() for p in old.path.parent.iterdir()} == before
    assert read(old.path).history == {"val_accuracy": [0.1, 0.2]} and read(old.path).arrays


def test_a_value_that_is_no_number_is_refused_by_name_and_leaves_the_old_record_whole(demo):
    old = kept(demo, "big", 0, (0.1, 0.2))
    for changes, said in (({"measures": {"test_accuracy": float("nan")}}, "measures.test_accuracy is nan"),
                          ({"history": {"loss": [1.0, float("inf")]}}, "history.loss.1 is inf"),
                          ({"facts": {"passes": [{"kept": -np.inf}]}}, "facts.passes.0.kept is -inf"),
                          ({"facts": {"rate": np.float32("nan")}}, "facts.rate is nan")):
        with pytest.raises(RecordError, match=f"demo/big seed 0 cannot be kept: {said}"):
            kept(demo, "big", 0, **({"measures": {}} | changes))
    with pytest.raises(TypeError, match="a record holds no set"):
        kept(demo, "big", 0, (0.8, 0.9), facts={"seen": {1, 2}})
    assert read(old.path).history == {"val_accuracy": [0.1, 0.2]} and read(old.path).arrays
    old.path.write_bytes(old.path.read_bytes().replace(b"[0.1, 0.2]", b"[0.1, NaN]"))
    with pytest.raises(RecordError, match="0.json is no record"):
        read(old.path)


def test_numbers_of_numpy_are_kept_as_pythons(demo):
    found = kept(demo, "big", 0, measures={"val_accuracy": np.float32(0.5), "test_accuracy": np.int64(1)},
                 facts={"right": np.bool_(True)})
    assert found.measures == {"val_accuracy": 0.5, "test_accuracy": 1} and found.facts == {"right": True}


def test_find_orders_and_leaves_out_what_is_not_declared(demo):
    for seed in (3, 0, 2, 4, 11):  # four seeds are declared
        kept(demo, "small", seed)
    assert [r.seed for r in find("demo", "small")] == [0, 2, 3]
    for point in ("fast", "slow"):
        kept(demo, "choices", 0, point=point)
    assert [r.point for r in find("demo", "choices")] == ["slow", "fast"]
    assert find("demo", "both") == []
    with pytest.raises(UnknownName, match="did you mean.*small"):
        find("demo", "smal")


def test_scales_are_kept_apart(demo):
    reduced = dataclasses.replace(demo["small"], reduced={"epochs": 1})
    demo.experiments["small"] = reduced
    kept(demo, "small", 0)
    kept(demo, "small", 0, scale="reduced")
    kept(demo, "small", 1, scale="reduced")
    kept(demo, "small", 2, scale="smoke")

    def found(scale):
        return [(r.seed, r.scale) for r in find("demo", "small", scale)]

    assert found(None) == [(0, "full"), (1, "reduced")]  # the better of the two
    assert found("full") == [(0, "full")] and found("smoke") == [(2, "smoke")]
    assert found("reduced") == [(0, "reduced"), (1, "reduced")]


def test_what_makes_a_record_stale_and_what_does_not(demo):
    kept(demo, "big", 0)
    same = dict(purpose="another", tier="beyond", stated={"lr": "here"}, published={"a": "b"},
                assumed={"c": "d"}, note="a note", seeds=9, measures=(), may_diverge=True)
    assert state_of(dataclasses.replace(demo["big"], **same), "demo", "", 0) == "ok"
    train = demo["big"].train
    changes = [dict(transform="two-hue"), dict(model="lenet5"), dict(data="mnist"),
               *(dict(train=train | {k: v}) for k, v in (
                   ("lr", 0.002), ("batch", 32), ("epochs", 4), ("loss", "cross_entropy"),
                   ("optimizer", "sgd"), ("validation", 65), ("images", 321)))]
    for change in changes:
        assert state_of(dataclasses.replace(demo["big"], **change), "demo", "", 0) == "stale", change
    hashes = {experiments.recipe_hash(dataclasses.replace(demo["big"], **c).recipe(s))
              for c in [{}, *changes] for s in (0, 1)}
    assert len(hashes) == 2 * (len(changes) + 1)


def test_the_hash_does_not_depend_on_the_order_of_keys():
    assert experiments.recipe_hash({"a": 1, "b": [1, 2]}) == experiments.recipe_hash(
        {"b": [1, 2], "a": 1}) != experiments.recipe_hash({"a": 1, "b": [2, 1]})


def test_stale_records_are_neither_found_nor_verified_as_good(demo):
    kept(demo, "big", 0)
    demo.experiments["big"] = dataclasses.replace(demo["big"], transform="two-hue", model="lenet-rgb")
    assert find("demo", "big") == []
    assert [line for line in verify.chapter("demo") if "big/0.json: stale" in line]


# ---- verify

@pytest.fixture
def quiet(monkeypatch):
    """Only files and measures are verified here; first steps have a test of their own."""
    monkeypatch.setattr(verify, "_behaviour", lambda *args: [])


def test_verify_finds_nothing_wrong_with_whole_records(demo, quiet):
    kept(demo, "big", 0)
    kept(demo, "small", 2)
    assert verify.chapter("demo") == []


def test_verify_catches_a_measure_edited_with_a_fitting_sha(demo, quiet):
    path = kept(demo, "big", 0, (0.25, 0.5)).path
    kept(demo, "big", 1)
    rewrite(path, lambda content: content["measures"].update(val_accuracy=0.95))
    assert read(path).measures["val_accuracy"] == 0.95  # the file by itself is in order
    problems = verify.chapter("demo")
    assert len(problems) == 1 and str(path) in problems[0] and "val_accuracy is not" in problems[0]
    assert verify.chapter("demo", ("small",)) == []
    assert "make sync" in problems[0]  # had the measure been changed, and not the record
    assert verify.renew("demo") == ["demo/big seed 0"] and read(path).measures["val_accuracy"] == 0.5
    assert verify.chapter("demo") == verify.renew("demo") == []


def test_verify_catches_an_edited_history_and_goes_on_after_a_damaged_file(demo, quiet):
    edited, damaged = kept(demo, "big", 0, (0.25, 0.5)).path, kept(demo, "big", 1).path
    arrays, whole = kept(demo, "small", 1).path.with_suffix(".npz"), kept(demo, "small", 0)
    rewrite(edited, lambda content: content["history"].update(val_accuracy=[0.25, 0.75]))
    damaged.write_bytes(damaged.read_bytes()[:-40])
    arrays.write_bytes(b"PK")
    problems = verify.chapter("demo")
    assert len(problems) == 3
    for path in (edited, damaged, arrays):
        assert sum(str(path) in line for line in problems) == 1
    assert not any(str(whole.path) in line for line in problems)


def test_verify_reads_the_arrays_of_analyses_too(demo, quiet):
    record = kept(demo, "count", measures={"images": 4000, "mean": 33.0})
    record.path.with_suffix(".npz").write_bytes(b"PK")
    assert any("0.npz is missing or not" in line for line in verify.chapter("demo"))


def test_verify_repeats_first_steps_and_analyses(demo):
    from lib import training

    recipe = demo["big"].recipe(0)
    kept(demo, "big", 0, probe=training.probe(recipe))
    kept(demo, "count", measures={"images": 4000, "mean": 35.0})
    problems = verify.chapter("demo")
    assert len(problems) == 1 and "mean comes out otherwise now" in problems[0]
    probe = training.probe(recipe)
    kept(demo, "big", 0, probe=probe | {"gradient": probe["gradient"] * 1.01})
    assert any("network or transform behave otherwise" in line for line in verify.chapter("demo"))


def test_verify_sees_a_small_gradient_that_changed(demo, monkeypatch):
    from lib import training

    monkeypatch.setattr(training, "probe", lambda recipe: {"loss": 0.23, "gradient": 0.0018})
    for gradient, count in ((0.0018001, 0), (0.0017, 1), (0.001, 1)):
        kept(demo, "big", 0, probe={"loss": 0.23, "gradient": gradient})
        assert len(verify.chapter("demo", ("big",))) == count


@pytest.mark.parametrize("name", ["colorized_digits/lenet-grey", "colorized_digits/linear-2hue",
                                  "digit_autoencoder/autoencoder", "digit_autoencoder/tight-bottleneck"])
def test_first_steps_of_records_in_the_repository_come_out_again(name):
    slug, name = name.split("/")
    assert find(slug, name) and verify.chapter(slug, (name,)) == []


@pytest.mark.parametrize("slug", [c.slug for c in chapters()])
def test_measures_in_the_repository_are_as_defined_now(slug, monkeypatch):
    monkeypatch.setattr(verify, "write", lambda record, path: None)
    assert verify.renew(slug) == [], "`make sync` writes them anew"


def test_the_records_in_the_repository_saw_the_same_data():
    found = [r for c in chapters() for e in c.experiments.values() for s in ("full", "reduced")
             for r in find(c.slug, e.name, s)]
    assert len(found) > 400 and verify.same_data(found) == []


def test_a_run_is_stale_where_what_it_was_built_on_is(demo):
    needs = {"demo/choices/slow seed 0": experiments.recipe_hash(demo["choices"].recipe(0, "slow", "smoke"))}
    kept(demo, "big", 0, needs=needs)
    assert state_of(demo["big"], "demo", "", 0) == "ok"
    slow = demo["choices"].points | {"slow": {"lr": 0.0002}}
    demo.experiments["choices"] = dataclasses.replace(demo["choices"], points=slow)
    assert state_of(demo["big"], "demo", "", 0) == "stale"
    for gone in ("demo/choices/quick seed 0", "demo/nothing seed 0"):
        kept(demo, "big", 0, needs=dict.fromkeys([gone], ""))
        assert state_of(demo["big"], "demo", "", 0) == "stale"


# ---- no torch

def test_importing_and_reading_load_no_torch():
    script = """
import sys, lib
from lib import measures, records, reproduce, claims
assert records.find("colorized_digits", "no-learning")[0].arrays
assert measures.sample("colorized_digits", "no-learning.ceiling").values
runs = reproduce("colorized_digits/no-learning", "colorized_digits/lenet-grey")
assert runs["no-learning"]
heavy = {"torch", "torchvision", "sklearn", "skimage"} & set(sys.modules)
assert not heavy, heavy
"""
    environment = {k: v for k, v in os.environ.items() if k != "BOOK_RUNS"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
