"""`python -m app sweep`: what it prints, and what it refuses."""

import json
import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.cli.sweep_tables import print_state
from app.config import RunSettings
from app.sweep.design import Design
from app.sweep.state import State
from app.sweep.unit import Measurement
from tests.conftest import write_shapes
from tests.sweep.in_process import InProcess


@pytest.fixture
def sweep(program, monkeypatch):
    """Run the command; runs are trained in this process."""
    pools = []

    def pool(jobs, modules=()):
        pools.append(InProcess())
        return pools[-1]

    monkeypatch.setattr("app.sweep.pool.Pool", pool)

    def call(*words):
        status, out, err = program("sweep", *words)
        return status, out, err, len(pools[-1].started) if pools else 0

    return call


@pytest.mark.slow
def test_sweep_prints_a_table_and_goes_on_without_flags(sweep, tmp_path):
    data, folder = write_shapes(tmp_path / "shapes"), tmp_path / "sweep"
    status, out, err, trained = sweep(
        "-o", folder, "--dataset", data, "--model", "dense", "--image-size", "8", "--epochs", "2",
        "--batch-size", "16", "--augment", "none", "--precision", "float32", "--no-tta",
        "--seeds", "0-1", "--grid", "learning_rate=1e-2,1e-6",
    )  # fmt: skip
    assert (status, trained) == (0, 4), err
    assert max(map(len, out.splitlines())) <= 80
    assert "learning_rate=0.01" in out
    assert "learning_rate=1e-06" in out
    assert out.count("±") == 4  # title, two settings on validation images, one on test images
    assert "at least three pairs of runs" in out
    assert "4/4 learning_rate=1e-06, seed 1: validation accuracy" in err
    assert "wrote sweep.json, sweep.csv, sweep.png" in err
    for words in ([], ["--table"]):
        again, found, _, trained = sweep("-o", folder, *words)
        assert (again, found) == (0, out)
        assert trained == (0 if not words else trained)
    status, _, err, _ = sweep("-o", folder, "--dataset", data, "--seeds", "0-3")
    assert status == 2
    assert "holds another sweep" in err
    assert json.loads((folder / "sweep.json").read_text())["design"]["seeds"] == [0, 1]


def test_the_table_names_settings_that_are_worse_and_runs_that_failed(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    augment = ("none", "rotation_range=15,zoom_range=.1,brightness_range=.2,blur=1.5")
    design = Design(
        RunSettings(dataset="digits"), seeds=tuple(range(5)),
        grid={"learning_rate": (0.001, 0.002), "augment": augment},
    )  # fmt: skip
    state = State(design.runs(Path("out")), 0, errors={"4_seed-0": "it ran out of memory"})
    for run in state.runs:
        seed = run.settings.seed
        accuracy = 0.8 + 0.02 * run.number + 0.001 * (seed * (run.number + 2) % 5)
        if run.number < 4 or seed:
            state.measurements[run.name] = Measurement(
                "folder", True, "accuracy", accuracy, 0.5, 3, 3, 65.0, (80, 20), None, None
            )
    print_state(state, 20)
    out, err = capsys.readouterr()
    assert max(map(len, out.splitlines())) <= 80
    assert "19 of 20 runs have finished." in out
    assert "Selected on validation images: learning_rate=0.002, augment=none." in out
    assert out.count("worse") >= 2
    assert "adjusted for 3 tests (Holm)" in out
    assert err == "failed: 4_seed-0: it ran out of memory\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "There is no sweep"),
        (["--table"], "There is no sweep"),
        (["--dataset", "digits"], "single run"),
        (["--dataset", "digits", "--seeds", "4-0"], "--seeds is '4-0'"),
        (["--dataset", "digits", "--folds", "1"], "--folds is 1"),
        (["--dataset", "digits", "--folds", "-3"], "--folds is -3"),
        (["--dataset", "digits", "--folds", "900"], "900 folds, but the class"),
        (["--dataset", "digits", "--grid", "rate=1,2"], "no setting that a sweep can vary"),
        (["--dataset", "digits", "--grid", "learning_rate=1,-2"], "--learning-rate is -2"),
        (["--dataset", "digits", "--grid", "augment=none;nonsense"], "augment"),
        (["--dataset", "nowhere", "--seeds", "0-1"], "neither a dataset nor a folder"),
        (["--search", "5"], "There is no sweep"),
        (["--dataset", "digits", "--seeds", "0-1", "--scheduler", "nowhere"], "--scheduler"),
        (
            ["--dataset", "digits", "--seeds", "0-1", "--jobs", "2", "--scheduler", "tcp://a:1"],
            "--jobs 2 with --scheduler",
        ),
        (["--dataset", "digits", "--search", "5"], "without anything to search"),
        (["--dataset", "digits", "--range", "epochs=1:3"], "--range epochs=1:3 without --search"),
        pytest.param(
            ["--dataset", "digits", "--search", "3", "--range", "learning_rate=-1:1"],
            "--learning-rate is -1",
            marks=pytest.mark.skipif(not find_spec("optuna"), reason="optuna is not installed"),
        ),
    ],
)
def test_sweep_refuses_before_anything_is_written(sweep, tmp_path, words, expected):
    folder = tmp_path / "sweep"
    status, out, err, trained = sweep("-o", folder, *words)
    assert (status, out, trained) == (2, "", 0)
    assert err.startswith("error: ")
    assert expected in err
    assert not folder.exists()


def test_sweep_refuses_a_file_as_its_folder(sweep, tmp_path):
    (tmp_path / "file").write_text("mine")
    status, _, err, _ = sweep("-o", tmp_path / "file", "--seeds", "0-1")
    assert status == 2
    assert "is a file" in err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_sweep_without_permission_is_refused(sweep, tmp_path):
    tmp_path.chmod(0o500)
    status, _, err, trained = sweep(
        "-o", tmp_path / "sweep", "--dataset", "digits", "--seeds", "0-1"
    )
    tmp_path.chmod(0o700)
    assert (status, trained) == (2, 0)
    assert "write access" in err
