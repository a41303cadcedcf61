"""What a search proposes, and sweeps that search."""

import json
import math

import pytest

from app.errors import AppError
from app.sweep.design import Range
from app.sweep.search import Trial, check_search, propose
from app.sweep.state import read_sweep
from app.sweep.sweep import run_sweep
from tests.conftest import write_shapes
from tests.sweep.in_process import InProcess, Watching
from tests.sweep.test_sweep import design

pytest.importorskip("optuna", reason="optuna is not installed")

RANGES = {"learning_rate": Range(1e-4, 1.0), "dropout": Range(0.0, 0.5), "epochs": Range(1, 4)}
CHOICES = {"optimizer": ("adamw", "sgd"), "tta": (True, False)}


def score(values):
    """Return an accuracy that is best with SGD at a rate of 0.01."""
    distance = abs(math.log10(values["learning_rate"]) + 2)
    return 1 - distance / 4 - 0.3 * (values["optimizer"] == "adamw")


def searched(count):
    tried = []
    for _ in range(count):
        values = propose(RANGES, CHOICES, tried)
        tried.append(Trial(values, score(values), failed=False))
    return tried


def test_proposals_are_values_of_the_space_and_can_be_repeated():
    tried = searched(12)
    assert tried == searched(12)
    assert len({tuple(one.values.items()) for one in tried}) == 12
    for values, *_ in tried:
        assert list(values) == [*RANGES, *CHOICES]
        for name, (low, high) in RANGES.items():
            assert low <= values[name] <= high
        assert type(values["epochs"]) is int
        assert all(values[name] in choices for name, choices in CHOICES.items())
        assert float(f"{values['learning_rate']:.4g}") == values["learning_rate"]
    # By the logarithm: half of the range of four decades is below 0.01.
    assert sum(one.values["learning_rate"] < 0.01 for one in tried) >= 2


def test_later_proposals_are_better_than_random_ones():
    scores = [one.accuracy for one in searched(40)]
    assert sum(scores[20:]) / 20 > sum(scores[:10]) / 10


def test_unfinished_trials_count_and_failed_ones_do_not():
    tried = searched(14)
    values = tried[-1].values
    finished, unfinished, failed = (
        propose(RANGES, CHOICES, [*tried, Trial(values, accuracy, failed)])
        for accuracy, failed in ((1.0, False), (None, False), (None, True))
    )
    assert finished != unfinished
    assert finished != failed


@pytest.mark.parametrize(
    ("trials", "space", "received"),
    [(0, RANGES, "--search is 0"), (10_001, RANGES, "10001"), (5, {}, "without anything")],
)
def test_a_search_that_cannot_begin_is_refused(trials, space, received):
    with pytest.raises(AppError, match=received):
        check_search(trials, space)


def test_a_search_without_optuna_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("app.sweep.search.find_spec", lambda name: None)
    with pytest.raises(AppError, match="Optuna is not installed") as refusal:
        check_search(5, RANGES)
    assert refusal.value.fix == "Install it: pip install -e '.[search]'"


@pytest.mark.slow
def test_a_stopped_search_goes_on_with_its_settings_and_may_become_longer(keras, tmp_path):
    data, folder = write_shapes(tmp_path / "shapes"), tmp_path / "search"

    def search(trials, pool):
        planned = design(
            data, epochs=1, trials=trials, grid={"optimizer": ("adamw", "sgd")},
            ranges={"learning_rate": Range(1e-4, 0.1)},
        )  # fmt: skip
        watching = Watching()
        state = run_sweep(folder, planned, pool, watching)
        assert watching.runs == 2 * trials
        return planned, state, pool.started

    _, state, trained = search(2, InProcess())
    before = [trial.values for trial in state.trials]
    assert len(trained) == 4
    planned, state, trained = search(3, InProcess())
    assert [trial.values for trial in state.trials][:2] == before
    assert [name[0] for name in trained] == ["3", "3"]
    assert state.finished == 6
    content = json.loads((folder / "sweep.json").read_text("utf-8"))
    assert (content["design"]["trials"], len(content["settings"])) == (3, 3)
    assert state.results.best.test is not None
    assert {run.name for run in read_sweep(folder, planned).runs} == {
        run.name for run in state.runs
    }
    with pytest.raises(AppError, match="trials 3, not 2"):
        search(2, InProcess())
