"""Whole sweeps of tiny networks on a folder of three classes."""

import csv
import json
import statistics

import numpy as np
import pytest
from PIL import Image

from app.classifier import load
from app.config import RunSettings
from app.errors import AppError
from app.evaluate import evaluate
from app.storage.card import read_card
from app.sweep.design import Design
from app.sweep.ensemble import ensemble_folder, save_ensemble
from app.sweep.record import check_design, locked, stored_design
from app.sweep.state import read_sweep
from app.sweep.sweep import run_sweep
from tests.conftest import write_shapes
from tests.sweep.in_process import InProcess, Watching

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_shapes(tmp_path_factory.mktemp("data") / "shapes")


def design(data, epochs=2, **changes):
    base = RunSettings(
        dataset=str(data), model="dense", image_size=8, epochs=epochs, batch_size=16,
        augment="none", precision="float32", tta=False, workers=1,
    )  # fmt: skip
    return Design(base, **{"seeds": (0, 1), "grid": {"learning_rate": (1e-2, 1e-6)}, **changes})


@pytest.fixture(scope="module")
def finished(keras, data, tmp_path_factory):
    """A finished sweep: its folder, its design and the pool that performed it."""
    folder, pool = tmp_path_factory.mktemp("sweep") / "new", InProcess()
    watching = Watching()
    state = run_sweep(folder, design(data), pool, watching)
    assert (watching.runs, watching.ended, pool.closed) == (4, True, True)
    return folder, state, pool


def test_a_sweep_compares_on_validation_and_tests_the_winner_alone(finished, data):
    folder, state, pool = finished
    assert len(pool.started) == 4
    results = state.results
    assert results.best.values == {"learning_rate": 1e-2}
    for run in state.runs:
        card = read_card(folder / "runs" / run.name / "card.json")
        assert card.finished
        assert (card.metrics["test"] is not None) == (run.values == results.best.values)
        assert ("--seed 1" in card.command) == (run.settings.seed == 1)
    for measurement in results.best.finished.values():
        found = evaluate(load(measurement.folder, raw=True))
        assert found.evaluation.accuracy == pytest.approx(measurement.test_accuracy)


def test_a_sweep_writes_json_csv_and_a_figure(finished):
    folder, state, _ = finished
    content = json.loads((folder / "sweep.json").read_text("utf-8"))
    with (folder / "sweep.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == ["finished"] * 4
    assert content["best"] == 1
    first = [float(row["validation_accuracy"]) for row in rows if row["setting"] == "1"]
    assert content["settings"][0]["validation"]["value"] == pytest.approx(statistics.mean(first))
    assert content["settings"][0]["validation"]["deviation"] == pytest.approx(
        statistics.stdev(first)
    )
    with Image.open(folder / "sweep.png") as picture:
        assert picture.width == 1200


def test_a_repeated_sweep_trains_nothing_again(finished, data):
    folder, state, _ = finished
    pool = InProcess()
    again = run_sweep(folder, design(data), pool, Watching())
    assert pool.started == []
    assert again.measurements == state.measurements
    assert read_sweep(folder, design(data)).rows == state.rows


def test_an_ensemble_averages_the_models_of_the_best_setting(finished, data, tmp_path, monkeypatch):
    _, state, _ = finished
    monkeypatch.chdir(tmp_path)
    target = ensemble_folder("mean", tmp_path, 0)
    saved = save_ensemble(target, state.results, design(data).base, "a command")
    assert len(saved.members) == 2
    found = evaluate(load(target, raw=True))
    members = [evaluate(load(one.folder, raw=True)) for one in saved.members]
    np.testing.assert_allclose(
        found.probabilities, np.mean([one.probabilities for one in members], axis=0), atol=1e-5
    )
    card = read_card(target / "card.json")
    assert card.metrics["test"]["accuracy"] == pytest.approx(found.evaluation.accuracy)
    assert card.metrics["validation"]["accuracy"] == pytest.approx(saved.validation.accuracy)
    assert card.saved_epoch == "mean of 2 models"
    assert [one["seed"] for one in card.training["members"]] == [0, 1]
    assert (target / "model.tflite").exists()


def test_other_settings_in_the_same_folder_are_refused(finished, data):
    folder = finished[0]
    with pytest.raises(AppError, match=r"seeds \[0, 1\], not \[0, 1, 2\]"):
        run_sweep(folder, design(data, seeds=(0, 1, 2)), InProcess(), Watching())
    stored = stored_design(folder)
    with pytest.raises(AppError, match="images of the dataset are not those"):
        check_design(folder, stored, {**stored, "images": {"train": "0"}})


def test_a_sweep_that_another_process_runs_is_refused(finished, data):
    folder = finished[0]
    with locked(folder), pytest.raises(AppError, match="Another process"):
        run_sweep(folder, design(data), InProcess(), Watching())


def test_stopped_runs_are_resumed_and_failed_ones_tried_again(keras, data, tmp_path):
    plan = design(data, seeds=(0,), folds=2, grid={})
    first, second = (run.name for run in plan.runs(tmp_path / "sweep"))
    state = run_sweep(tmp_path / "sweep", plan, InProcess(1, failing=[second]), Watching())
    assert state.errors == {second: "it was made to fail"}
    assert state.measurements[first].epochs == 1
    assert state.results.best is None
    assert [row["state"] for row in state.rows] == ["stopped", "failed"]
    assert read_sweep(tmp_path / "sweep", plan).errors == state.errors
    pool = InProcess()
    state = run_sweep(tmp_path / "sweep", plan, pool, Watching())
    assert pool.started == [first, second]
    assert not state.errors
    assert [row["state"] for row in state.rows] == ["finished"] * 2
    assert {one.epochs for one in state.measurements.values()} == {2}
    sizes = [one.images for one in state.measurements.values()]
    assert abs(sizes[0][0] - sizes[0][1]) <= 3  # of two folds, each trains once
    assert read_sweep(tmp_path / "sweep", plan).rows == state.rows


def test_folders_that_hold_something_else_are_refused(data, tmp_path):
    (tmp_path / "file.txt").write_text("mine")
    with pytest.raises(AppError, match=r"other files, such as 'file\.txt'"):
        run_sweep(tmp_path, design(data), InProcess(), Watching())
    (tmp_path / "sweep.json").write_text("[]")
    with pytest.raises(AppError, match="holds no sweep"):
        run_sweep(tmp_path, design(data), InProcess(), Watching())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.txt", "sweep.json"]


def test_more_folds_than_images_of_a_class_are_refused_before_training(data, tmp_path):
    pool = InProcess()
    with pytest.raises(AppError, match="20 folds, but the class"):
        run_sweep(tmp_path / "sweep", design(data, folds=20), pool, Watching())
    assert pool.started == []
    assert pool.closed
    assert not (tmp_path / "sweep").exists()
