"""The store of measurements, and the files of a result."""

import json

import numpy as np
import pytest

from app.errors import AppError
from app.figure_files import save
from app.figures.robustness import CorruptionRow, corruption_table
from app.lab.result import Conclusion, ExperimentResult
from app.lab.store import ResultStore


def test_measure_twice_runs_each_job_once(tmp_path):
    path, made = tmp_path / "a" / "x.json", []

    def job(value):
        return lambda: made.append(value) or value

    jobs = {"one": job(1), "two": job([2.5, None])}
    assert ResultStore(path, {"n": 3}).measure(jobs, "measuring") == {"one": 1, "two": [2.5, None]}
    more = ResultStore(path, {"n": 3}).measure({**jobs, "three": job("3")}, "")
    assert more == {"one": 1, "two": [2.5, None], "three": "3"}
    assert made == [1, [2.5, None], "3"]


def test_measure_interrupted_keeps_finished_jobs(tmp_path):
    path = tmp_path / "x.json"

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ResultStore(path, {}).measure({"one": lambda: 1, "two": stop}, "")
    assert ResultStore(path, {}).measurements == {"one": 1}


def test_conclude_writes_the_finding_beside_the_measurements(tmp_path):
    path = tmp_path / "x.json"
    store = ResultStore(path, {"seeds": (0, 1)})
    store.measure({"one": lambda: 0.5}, "")
    store.conclude(Conclusion("A half.", "", quick=False), [{"value": 0.5}])
    content = json.loads(path.read_text("utf-8"))
    assert content["finding"] == "A half."
    assert content["no_finding"] is None
    assert content["quick"] is False
    assert set(content["measured"]) == {"date", "machine", "processor_seconds"}
    assert ResultStore(path, {"seeds": (0, 1)}).measured == content["measured"]
    assert content["rows"] == [{"value": 0.5}]
    assert content["measurements"] == {"one": 0.5}
    assert ResultStore(path, {"seeds": [0, 1]}).measurements == {"one": 0.5}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "holds no measurements"),
        ("[]", "holds no measurements"),
        ('{"settings": {}}', "holds no measurements"),
        ('{"settings": {"n": 2, "m": 1}, "measurements": {}}', "other settings: m, n"),
    ],
)
def test_store_of_another_file_raises_and_keeps_it(tmp_path, content, message):
    path = tmp_path / "x.json"
    path.write_text(content, "utf-8")
    with pytest.raises(AppError, match=message):
        ResultStore(path, {"n": 1})
    assert path.read_text("utf-8") == content


def test_measure_nan_raises(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        ResultStore(tmp_path / "x.json", {}).measure({"one": lambda: float("nan")}, "")


def test_write_result_gives_a_table(tmp_path):
    result = ExperimentResult("So.", [{"a": "x, y", "b": 0.25}])
    (table,) = result.write(tmp_path / "new", "lab", quick=False)
    assert table.read_text("utf-8").splitlines() == ["a,b,quick", '"x, y",0.25,False']


@pytest.mark.parametrize("quick", [False, True])
def test_write_quick_result_adds_a_watermark(tmp_path, quick):
    figure = corruption_table(
        [CorruptionRow("fog", [np.zeros((9, 9, 3), np.uint8)] * 5, [(0.5, 0.4, 0.6)])] * 20, ["a"],
        title="t", note="n",
    )  # fmt: skip
    before = (tmp_path / "before.png", tmp_path / "after.png")
    save(figure, before[0])
    ExperimentResult("", [{"a": 1}], {"after": figure}).write(tmp_path, "lab", quick=quick)
    marks = [text for text in figure.texts if "demonstration run" in text.get_text()]
    assert len(marks) >= (3 if quick else 0)
    assert bool(marks) == quick
    assert (before[0].read_bytes() == before[1].read_bytes()) == (not quick)
