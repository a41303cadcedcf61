"""`python -m app calibrate`: the temperature on the card, and what then uses it."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from app.classifier import load
from app.statistics.temperature import with_temperature
from app.storage.card import read_card


@pytest.fixture
def copy(shapes_model, tmp_path):
    return shutil.copytree(shapes_model[0], tmp_path / "model")


def test_calibrate_writes_the_temperature_and_its_losses(run, copy, monkeypatch):
    monkeypatch.setattr("app.calibrate.stored_temperature", lambda values, labels: 2.0)
    before = read_card(copy / "card.json")
    status, out, err = run("calibrate", copy, "--json")
    assert status == 0, err
    (row,) = json.loads(out)
    assert (row["before"], row["temperature"]) == (before.temperature, 2.0)
    card = read_card(copy / "card.json")
    assert card.temperature == 2.0
    for split in ("validation", "test"):
        found = json.loads(run("evaluate", copy, "--split", split, "--json")[1])
        assert found["temperature"] == 2.0
        assert found["accuracy"] == card.metrics[split]["accuracy"]
        assert found["loss"] == pytest.approx(card.metrics[split]["loss"])
        assert card.metrics[split]["accuracy"] == before.metrics[split]["accuracy"]
    pixels = np.full((32, 32, 3), 90, np.uint8)
    (scaled,) = load(copy).predict([pixels])
    replace(card, temperature=1.0).write(copy / "card.json")
    (plain,) = load(copy).predict([pixels])
    expected = with_temperature(np.array([list(plain.probabilities.values())]), 2.0)[0]
    assert list(scaled.probabilities.values()) == pytest.approx(expected, rel=1e-4)


def test_calibrate_on_few_images_leaves_the_model_as_it_is(program, copy):
    before = read_card(copy / "card.json")
    status, out, _ = program("calibrate", copy)
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    card = read_card(copy / "card.json")
    assert card.temperature == 1.0
    assert replace(card, metrics=before.metrics) == before


def test_calibrate_on_other_images_is_refused(run, copy):
    card = json.loads((copy / "card.json").read_text("utf-8"))
    card["fingerprints"]["validation"] = "0" * 16
    (copy / "card.json").write_text(json.dumps(card), "utf-8")
    before = (copy / "card.json").read_bytes()
    status, out, err = run("calibrate", copy)
    assert (status, out) == (2, "")
    assert "are not those that" in err
    assert (copy / "card.json").read_bytes() == before


@pytest.mark.filterwarnings("default::app.errors.AppWarning")
def test_calibrate_without_a_card_is_refused(run, copy):
    status, _, err = run("calibrate", copy / "model.keras")
    assert status == 2
    assert "has no card to write a temperature on" in err
