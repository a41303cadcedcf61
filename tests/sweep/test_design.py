"""Which runs a sweep has."""

import json
from pathlib import Path

import pytest

from app.config import RunSettings
from app.errors import AppError
from app.sweep.design import Design

BASE = RunSettings(dataset="digits", model="dense")


def test_runs_are_all_combinations_and_every_folder_is_another_one():
    grid = {"learning_rate": (0.001, 0.002), "augment": ("none", "zoom_range=.1,fill_mode=wrap")}
    design = Design(BASE, seeds=(0, 7), folds=3, grid=grid)
    runs = design.runs(Path("out"))
    assert len(runs) == 2 * 3 * 4
    found = {
        (run.settings.learning_rate, run.settings.augment, run.settings.seed, run.settings.fold)
        for run in runs
    }
    assert len(found) == len(runs)
    assert len({run.name for run in runs}) == len(runs)
    assert {run.settings.output for run in runs} == {str(Path("out/runs"))}
    assert {run.settings.model for run in runs} == {"dense"}
    # Stopped early, it has compared all settings on the first seed and fold.
    assert {run.key for run in runs[:4]} == {(0, "1/3")}
    assert {run.number for run in runs[:4]} == {1, 2, 3, 4}
    assert runs[0].label == "learning_rate=0.001, augment=none, seed 0, fold 1/3"


def test_long_and_odd_values_still_name_different_folders():
    values = tuple(f"{'zoom_range=.1,' * 20}rotation_range={angle}" for angle in (1, 2))
    names = [run.name for run in Design(BASE, grid={"augment": values}).runs(Path("out"))]
    assert len(set(names)) == 2
    assert max(map(len, names)) < 100
    assert not set("".join(names)) & set("/\\,:;= ")


def test_a_sweep_of_one_run_is_refused():
    with pytest.raises(AppError, match="single run"):
        Design(BASE).check()
    Design(BASE, seeds=(0, 1)).check()


def test_a_value_out_of_range_is_refused_before_anything_is_trained():
    with pytest.raises(AppError, match="--learning-rate is -1"):
        Design(BASE, grid={"learning_rate": (0.1, -1.0)}).runs(Path("out"))


def test_identity_holds_what_affects_the_models_alone():
    one = Design(RunSettings(dataset="digits", data_dir="here", cache="memory"), seeds=(0, 1))
    other = Design(RunSettings(dataset="digits", data_dir="there"), seeds=(0, 1))
    assert one.identity() == other.identity()
    assert json.loads(json.dumps(one.identity())) == one.identity()
    assert Design(BASE, seeds=(0, 1)).identity() != one.identity()
