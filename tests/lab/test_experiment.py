"""The registry of experiments, and a user's own experiment."""

import importlib
import sys
from pathlib import Path

import pytest

from app.errors import AppError
from app.lab.experiment import EXPERIMENTS, Experiment, find_experiment, run_experiment
from app.lab.options import ExperimentOptions
from app.reporting import SILENT

OWN = '''"""Counts to three."""

from app.lab.result import ExperimentResult


def counting(options):
    measured = options.measure({"three": lambda: 3}, {"to": 3}, "counting")
    return ExperimentResult("Three it is.", [{"number": measured["three"]}])


def nothing(options):
    return None


number = 3
'''


@pytest.fixture
def own(tmp_path, monkeypatch) -> str:
    """The name of a module outside the program, with experiments."""
    (tmp_path / "my_experiments.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    monkeypatch.delitem(sys.modules, "my_experiments", raising=False)
    return "my_experiments"


def options(output: Path, name: str = "counting") -> ExperimentOptions:
    return ExperimentOptions(name, output, (), None, output, quick=False, reporter=SILENT)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_experiments_load_and_have_a_description_that_fits_a_terminal(name):
    experiment = find_experiment(name)
    assert experiment.name == name
    assert callable(experiment.load())
    assert f"python -m app lab {name}" in experiment.description
    assert max(map(len, experiment.description.splitlines())) <= 80


def test_run_experiment_of_a_user_writes_its_files(own, tmp_path):
    experiment = find_experiment(f"{own}:counting")
    assert experiment.description == "Counts to three."
    conclusion, files = run_experiment(experiment, options(tmp_path / "lab"))
    assert conclusion.text == "Three it is."
    assert [path.name for path in files] == ["counting.json", "counting.csv"]
    assert all(path.is_file() for path in files)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("no_such_module:run", "is not there: No module named"),
        ("my_experiments:missing", "has no 'missing'"),
        ("my_experiments:number", "is not callable"),
        ("my_experiments:nothing", "returned a NoneType"),
    ],
)
def test_run_experiment_with_a_bad_reference_raises(own, tmp_path, reference, message):
    with pytest.raises(AppError, match=message) as caught:
        run_experiment(Experiment(reference, ""), options(tmp_path))
    assert caught.value.expected


def test_find_experiment_of_an_unknown_name_lists_the_known():
    with pytest.raises(AppError, match="locality, overfitting") as caught:
        find_experiment("localty")
    assert "locality" in caught.value.fix
