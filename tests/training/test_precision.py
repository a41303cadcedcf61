"""Which arithmetic a run trains with, by a clock that the test moves."""

import json
import os
import subprocess
import sys
from itertools import cycle
from pathlib import Path

import keras
import numpy as np
import pytest

from app.training import precision
from app.training.precision import choose_precision

ROOT = Path(__file__).parents[2]
IMAGES, LABELS = np.zeros((4, 8, 8, 1), np.uint8), np.zeros(4)


class Machine:
    """Trains in steps whose seconds are given: the same ones for either model, times the load."""

    def __init__(self, monkeypatch, float32, bfloat16, loads=(1.0,)):
        self.now = 0.0
        self.steps = []
        self.seconds = {"float32": float32, "mixed_bfloat16": bfloat16}
        self.loads = cycle(loads)
        monkeypatch.setattr(precision, "hardware_has_bfloat16", lambda: True)
        monkeypatch.setattr(precision.time, "perf_counter", lambda: self.now)

    def build(self):
        machine, policy = self, keras.config.dtype_policy().name

        class Model:
            def train_on_batch(self, images, labels):
                machine.steps.append(policy)
                machine.now += machine.seconds[policy] * next(machine.loads)

        return Model()

    def choose(self, name="modern", images=IMAGES):
        return choose_precision(name, self.build, images, LABELS)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def files(cache):
    return sorted(cache.iterdir())


@pytest.mark.parametrize(
    ("float32", "bfloat16", "chosen"),
    [(2.0, 1.0, "bfloat16"), (1.0, 2.0, "float32"), (1.0, 1.0, "float32"), (1.1, 1.0, "float32")],
)
def test_choose_precision_needs_a_clear_margin(monkeypatch, float32, bfloat16, chosen):
    found, reason = Machine(monkeypatch, float32, bfloat16).choose()
    assert found == chosen
    assert f"{float32 / bfloat16:.2f}×" in reason
    assert "9 alternating steps" in reason


def test_choose_precision_alternates_between_the_two(monkeypatch):
    machine = Machine(monkeypatch, 1.0, 1.0)
    machine.choose()
    assert machine.steps == ["float32", "mixed_bfloat16"] * 10


@pytest.mark.parametrize("slow", range(12))
def test_choose_precision_ignores_a_load_that_comes_and_goes(monkeypatch, slow):
    """Whichever six steps in a row another process makes ten times slower, the answer stays."""
    loads = [10.0 if slow <= step < slow + 6 else 1.0 for step in range(20)]
    assert Machine(monkeypatch, 1.0, 1.0, loads).choose()[0] == "float32"
    monkeypatch.setenv("CONVLAB_CACHE", os.environ["CONVLAB_CACHE"] + "2")
    assert Machine(monkeypatch, 2.0, 1.0, loads).choose()[0] == "bfloat16"


def test_choose_precision_is_cached(monkeypatch, cache):
    machine = Machine(monkeypatch, 2.0, 1.0)
    chosen, reason = machine.choose()
    (path,) = files(cache)
    assert str(path) in reason
    before = list(machine.steps)
    machine.seconds = {"float32": 1.0, "mixed_bfloat16": 2.0}  # another load
    again, cached = machine.choose()
    assert (again, machine.steps) == (chosen, before)
    assert "as cached in" in cached
    assert "2.00×" in cached


@pytest.mark.parametrize("change", ["network", "batch", "backend", "keras", "cores"])
def test_choose_precision_tries_again_for_other_facts(monkeypatch, cache, change):
    machine = Machine(monkeypatch, 2.0, 1.0)
    machine.choose()
    images = IMAGES
    if change == "batch":
        images = IMAGES[:2]
    if change == "backend":
        other = "tensorflow" if keras.backend.backend() == "jax" else "jax"
        monkeypatch.setattr(precision.keras.backend, "backend", lambda: other)
    if change == "keras":
        monkeypatch.setattr(precision.keras, "version", lambda: "9.9")
    if change == "cores":
        monkeypatch.setattr(precision.os, "cpu_count", lambda: 1000)
    machine.choose("other" if change == "network" else "modern", images)
    assert len(files(cache)) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff", b"[]", b"null", b'{"precision": "float64", "speeds": [1.0]}',
        b'{"precision": "bfloat16", "speeds": []}', b'{"precision": "bfloat16", "speeds": [NaN]}',
        b'{"precision": ["bfloat16"], "speeds": [1.0]}', b'{"precision": "bfloat16", "speeds": 3}',
        b'{"precision": "bfloat16"}', b"[" * 100_000,
        b'{"precision": "bfloat16", "speeds": [1' + b"0" * 400 + b"]}",
    ],
)  # fmt: skip
def test_choose_precision_ignores_a_damaged_cache(monkeypatch, cache, content):
    machine = Machine(monkeypatch, 1.0, 2.0)
    machine.choose()
    (path,) = files(cache)
    whole = path.read_bytes()
    path.write_bytes(content)
    assert machine.choose()[0] == "float32"
    assert path.read_bytes() == whole


def test_choose_precision_without_a_writable_cache(monkeypatch, cache):
    cache.write_text("a file in its place")
    chosen, reason = Machine(monkeypatch, 2.0, 1.0).choose()
    assert chosen == "bfloat16"
    assert "not cached" in reason


def test_choose_precision_takes_the_first_of_two_processes(monkeypatch, cache):
    """Another process finishes its own trial during ours: its choice is the one that counts."""
    machine = Machine(monkeypatch, 2.0, 1.0)
    machine.choose()
    (path,) = files(cache)
    theirs = {"precision": "float32", "speeds": [1.0] * 9}
    path.unlink()
    try_both = precision._try_both

    def alongside_another(*arguments):
        trial = try_both(*arguments)
        path.write_text(json.dumps(theirs))
        return trial

    monkeypatch.setattr(precision, "_try_both", alongside_another)
    assert machine.choose()[0] == "float32"
    assert json.loads(path.read_text()) == theirs


WRITE_OFTEN = """
import json, pathlib, sys
from app.files import atomic_file

for _ in range(50):
    with atomic_file(pathlib.Path(sys.argv[1])) as temporary:
        speeds = [int(sys.argv[2])] * 500
        temporary.write_text(json.dumps({"precision": "float32", "speeds": speeds}))
"""


def test_a_cached_choice_is_read_whole_while_others_write_it(cache):
    cache.mkdir()
    path = cache / "precision.json"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE_OFTEN, str(path), number], cwd=ROOT)
        for number in ("1", "2")
    ]
    found = []
    while any(writer.poll() is None for writer in writers):
        found.append((path.exists(), precision._cached(path)))
    assert [writer.returncode for writer in writers] == [0, 0]
    assert all(trial is not None for existed, trial in found if existed)
    assert all(len(set(trial.speeds)) == 1 for _, trial in found if trial is not None)
    assert [p.name for p in files(cache)] == ["precision.json"]


def test_choose_precision_without_bfloat16_tries_nothing(monkeypatch, cache):
    machine = Machine(monkeypatch, 2.0, 1.0)
    monkeypatch.setattr(precision, "hardware_has_bfloat16", lambda: False)
    assert machine.choose()[0] == "float32"
    assert not machine.steps
    assert not cache.exists()
