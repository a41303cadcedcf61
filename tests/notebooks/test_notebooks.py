"""The notebooks: equal to their sources, whole, and run from the first cell to the last."""

import runpy
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from app.lecture.slides import PARTS

FOLDER = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted((FOLDER / "sources").glob("*.py"))


@pytest.fixture(scope="module")
def notebooks():
    """The modules `build` and `lesson`, imported as notebooks do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        patch.chdir(FOLDER)
        patch.setattr(sys, "path", list(sys.path))
        patch.setenv("CONVLAB_QUICK", "1")
        import build
        import lesson

        yield build, lesson
        for name in ("build", "lesson"):
            sys.modules.pop(name, None)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_notebook_equals_its_source_and_has_no_outputs(notebooks, source):
    build, _ = notebooks
    text = build.target_of(source).read_text("utf-8")
    assert text == build.notebook_of(source), "run python notebooks/build.py"
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)


def test_each_notebook_has_the_slides_of_its_part(notebooks):
    build, _ = notebooks
    assert len(SOURCES) == len(PARTS) == 7
    for source, part in zip(SOURCES, PARTS, strict=True):
        assert build.titles_in(source) == [slide.title for slide in part.SLIDES]
        text = source.read_text("utf-8")
        for slide in part.SLIDES:
            assert f"# {{{{question: {slide.title}}}}}\n" in text


def test_exercises_are_those_that_can_be_checked(notebooks):
    _, lesson = notebooks
    text = "".join(source.read_text("utf-8") for source in SOURCES)
    for name in lesson.ANSWERS:
        assert text.count(f'check("{name}", answer)') == 1
    for name in lesson.FUNCTIONS:
        assert text.count(f'check_function("{name}"') == 1
    count = len(lesson.ANSWERS) + len(lesson.FUNCTIONS)
    assert text.count("check(") + text.count("check_function(") == count


def test_check_tells_right_answers_from_wrong_ones(notebooks, capsys):
    _, lesson = notebooks
    by_hand = {
        "dense parameters": 1_228_900, "c2": 1, "length": 10, "even shift": 0, "output size": 16,
        "padding": 4, "layer parameters": 3_480, "untied parameters": 501_120, "maximum": 7,
        "receptive field": 8, "shift range": 32,
    }  # fmt: skip
    assert set(by_hand) == set(lesson.ANSWERS)
    for name, number in by_hand.items():
        for answer in (number, number + 1, ...):
            lesson.check(name, answer)
        right, wrong, missing = capsys.readouterr().out.splitlines()
        assert right == f"{name}: right."
        assert "wrong" in wrong
        assert "not answered yet" in missing


def test_check_function_tells_right_functions_from_wrong_ones(notebooks, capsys):
    _, lesson = notebooks

    def correlation(x, w):
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
        return np.einsum("ijuv,uv->ij", windows, w)

    def maxima(x):
        return x.reshape(x.shape[0] // 2, 2, -1, 2).max(axis=(1, 3))

    def unwritten(*_):
        raise NotImplementedError

    right = {
        "convolution of vectors": np.convolve, "cross-correlation": correlation,
        "max pooling": maxima,
    }  # fmt: skip
    assert set(right) == set(lesson.FUNCTIONS)
    for name, function in right.items():
        for given in (function, lambda *_, f=function: f(*_) + 1, unwritten):
            lesson.check_function(name, given)
        passed, *wrong, missing = capsys.readouterr().out.splitlines()
        assert passed.startswith(f"{name}: right for")
        assert wrong[0].startswith(f"{name}: wrong for")
        assert missing == f"{name}: not written yet."
    lesson.check_function("max pooling", lambda x: x)
    assert "wrong shape (6, 8), expected (3, 4)" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::app.errors.AppWarning")  # of a training too short to be good
def test_notebook_runs_as_a_script(notebooks, monkeypatch, capsys, source):
    monkeypatch.chdir(FOLDER.parent)
    runpy.run_path(str(source), run_name="__main__")
    if source.stem != "6_augmentation":
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.slow
def test_notebook_runs_in_a_kernel(notebooks, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("CONVLAB_QUICK", "1")
    notebook = nbformat.read(FOLDER / "2_convolution.ipynb", as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}}).execute()
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", [])]
    assert sum("image/png" in one.get("data", {}) for one in outputs) == 3
    assert any("not answered yet" in one.get("text", "") for one in outputs)
