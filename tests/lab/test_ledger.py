"""Measurements survive: each is written when it is made, and none is made twice or mixed up."""

import json

import numpy as np
import pytest

from app.errors import AppError
from app.figure_files import save
from app.figures.robustness import CorruptionRow, corruption_table
from app.lab.conclusion import Conclusion
from app.lab.findings import Findings
from app.lab.ledger import Ledger
from app.lab.wording import mean_and_spread, with_spread


def test_none_is_made_twice(tmp_path):
    path, made = tmp_path / "a" / "x.json", []

    def job(value):
        return lambda: made.append(value) or value

    jobs = {"one": job(1), "two": job([2.5, None])}
    assert Ledger(path, {"n": 3}).measure(jobs, "measuring") == {"one": 1, "two": [2.5, None]}
    more = Ledger(path, {"n": 3}).measure({**jobs, "three": job("3")}, "")
    assert more == {"one": 1, "two": [2.5, None], "three": "3"}
    assert made == [1, [2.5, None], "3"]


def test_a_stop_keeps_what_was_measured(tmp_path):
    path = tmp_path / "x.json"

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Ledger(path, {}).measure({"one": lambda: 1, "two": stop}, "")
    assert Ledger(path, {}).measurements == {"one": 1}


def test_what_was_found_stands_beside_the_measurements(tmp_path):
    path = tmp_path / "x.json"
    ledger = Ledger(path, {"seeds": (0, 1)})
    ledger.measure({"one": lambda: 0.5}, "")
    ledger.conclude(Conclusion("A half.", "", quick=False), [{"value": 0.5}])
    content = json.loads(path.read_text("utf-8"))
    assert content["finding"] == "A half."
    assert content["no_finding"] is None
    assert content["quick"] is False
    assert set(content["measured"]) == {"date", "machine"}
    assert Ledger(path, {"seeds": (0, 1)}).measured == content["measured"]
    assert content["rows"] == [{"value": 0.5}]
    assert content["measurements"] == {"one": 0.5}
    assert Ledger(path, {"seeds": [0, 1]}).measurements == {"one": 0.5}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "holds no measurements"),
        ("[]", "holds no measurements"),
        ('{"settings": {}}', "holds no measurements"),
        ('{"settings": {"n": 2, "m": 1}, "measurements": {}}', "other settings: m, n"),
    ],
)
def test_other_files_are_not_overwritten(tmp_path, content, message):
    path = tmp_path / "x.json"
    path.write_text(content, "utf-8")
    with pytest.raises(AppError, match=message):
        Ledger(path, {"n": 1})
    assert path.read_text("utf-8") == content


def test_numbers_that_json_does_not_have_are_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        Ledger(tmp_path / "x.json", {}).measure({"one": lambda: float("nan")}, "")


def test_findings_are_written(tmp_path):
    findings = Findings(Conclusion("So.", "", quick=False), [{"a": "x, y", "b": 0.25}], {})
    (table,) = findings.write(tmp_path / "new", "lab")
    assert table.read_text("utf-8").splitlines() == ["a,b,quick", '"x, y",0.25,False']


@pytest.mark.parametrize("quick", [False, True])
def test_figures_of_a_quick_run_have_a_watermark(tmp_path, quick):
    figure = corruption_table(
        [CorruptionRow("fog", [np.zeros((9, 9, 3), np.uint8)] * 5, [0.5])] * 20, ["a"],
        title="t", note="n",
    )  # fmt: skip
    before = (tmp_path / "before.png", tmp_path / "after.png")
    save(figure, before[0])
    Findings(Conclusion("", "", quick=quick), [{"a": 1}], {"after": figure}).write(tmp_path, "lab")
    marks = [text for text in figure.texts if "demonstration run" in text.get_text()]
    assert len(marks) >= (3 if quick else 0)
    assert bool(marks) == quick
    assert (before[0].read_bytes() == before[1].read_bytes()) == (not quick)


def test_mean_and_spread():
    assert mean_and_spread([0.5]) == (0.5, 0.0)
    assert with_spread([0.5]) == "50.0%"
    assert with_spread([0.4, 0.6]) == "50.0 ± 14.1%"
