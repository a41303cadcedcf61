"""Drawings are made once, and never taken from another version of the program."""

import threading

import numpy as np
import pytest

from app.data.drawn import cache as drawn_cache
from app.data.drawn.cache import load_drawings
from app.data.drawn.dataset import (
    SEED,
    draw_animal,
    draw_animals,
    drawn_examples,
    labeled_drawings,
)
from app.reporting import SILENT
from tests.reporters import RecordingReporter


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def drawn(monkeypatch):
    """The numbers of all drawings that were made."""
    made = []

    def counting(start, stop, size, progress):
        made.append((start, stop))
        return draw_animals(start, stop, size, progress)

    monkeypatch.setattr(drawn_cache, "draw_animals", counting)
    return made


def test_load_drawings_draws_once(cache, drawn):
    reporter = RecordingReporter()
    first, again = load_drawings(2, reporter), load_drawings(2, reporter)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first[1, 1], draw_animal("dog", SEED, 1))
    assert drawn == [(0, 2)]
    (path,) = cache.iterdir()
    assert len(reporter.lines) == 1
    assert str(path) in reporter.lines[0]
    assert "MB" in reporter.lines[0]


@pytest.mark.parametrize("change", ["program", "numpy", "pillow", "seed"])
def test_load_drawings_of_another_version_are_replaced(cache, drawn, monkeypatch, tmp_path, change):
    load_drawings(1, SILENT)
    (old,) = cache.iterdir()
    if change == "program":
        import shutil
        from pathlib import Path

        copy = Path(shutil.copytree(Path(drawn_cache.__file__).parent, tmp_path / "copy"))
        with (copy / "coat.py").open("a") as file:
            file.write("# another version")
        monkeypatch.setattr(drawn_cache, "__file__", str(copy / "cache.py"))
    elif change == "seed":
        monkeypatch.setattr(drawn_cache, "SEED", 1)
    else:
        module = drawn_cache.np if change == "numpy" else drawn_cache.PIL
        monkeypatch.setattr(module, "__version__", "0.1")
    load_drawings(1, SILENT)
    assert drawn == [(0, 1), (0, 1)]
    (new,) = cache.iterdir()
    assert new != old


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "pickle", "shape", "type"])
def test_load_drawings_ignores_a_damaged_file(cache, drawn, damage):
    whole = load_drawings(1, SILENT)
    (path,) = cache.iterdir()
    if damage == "pickle":
        np.save(path, np.array([{}], dtype=object))
    elif damage == "shape":
        np.save(path, whole[:, :, :64])
    elif damage == "type":
        np.save(path, whole.astype(np.float32))
    else:
        content = path.read_bytes()
        path.write_bytes({"empty": b"", "cut": content[:1000], "text": b"hello"}[damage])
    np.testing.assert_array_equal(load_drawings(1, SILENT), whole)
    np.testing.assert_array_equal(np.load(path), whole)
    assert len(drawn) == 2


def test_load_drawings_without_a_writable_cache(cache, drawn):
    cache.write_text("a file in its place")
    reporter = RecordingReporter()
    assert load_drawings(1, reporter).shape == (2, 1, 128, 128, 3)
    assert any("not kept" in line for line in reporter.warnings)


def test_load_drawings_by_several_at_once(cache, drawn):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(load_drawings(1, SILENT))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.array_equal(images, found[0]) for images in found)
    assert len(list(cache.iterdir())) == 1


def test_labeled_drawings_are_those_that_are_drawn_alone():
    some = labeled_drawings(draw_animals(0, 5, 32)[:, 2:4], 2)
    alone = drawn_examples(2, 4, size=32)
    assert some.names == alone.names
    assert some.fingerprint() == alone.fingerprint()
