"""The speeds that `make bench` prints."""

import bench


def test_bench_prints_ratios(monkeypatch, capsys):
    """In small: that every row is measured, not how fast this machine is."""
    monkeypatch.setattr(bench, "IMAGES", 500)
    monkeypatch.setattr(bench, "LOOPED", 2)
    monkeypatch.setattr(bench, "REPEATS", 1)
    monkeypatch.setattr(bench, "STEPS", 2)
    bench.main()
    shown = capsys.readouterr().out
    for name in ("pixel loop", "ImageOps.colorize", "lenet-rgb", "alexnet-rgb", "file"):
        assert name in shown
    assert sum(" x" in line for line in shown.splitlines()) >= 5
