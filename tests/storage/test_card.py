"""`read_card` refuses whatever the program could not use, and nothing else."""

import copy
import json
import os
import random
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from app.augmentation.augmentation import Augmentation
from app.augmentation.tta import View
from app.classifier import load
from app.cli import main
from app.config import RunSettings
from app.errors import AppError
from app.storage.card import read_card
from app.storage.folder import list_models
from tests.shipped import MODELS, SHIPPED

CARDS = [MODELS / name / "card.json" for name in SHIPPED]
MUTATIONS = 400

WRONG_VALUES = [
    None, True, 0, -1, 0.5, 1e308, float("nan"), float("inf"), 10**400, 2**63, "", "x", "\ud800",
    "\x00", [], [1], {}, {"a": 1}, ["a", "a"], "rotation_range=[1,2]", "zoom_range=[1e999,1]",
    "fill_mode=3", "rotation_range={1:2}", "=",
]  # fmt: skip


@pytest.fixture
def content() -> dict:
    return json.loads(CARDS[0].read_text("utf-8"))


def write(path: Path, content: dict) -> Path:
    path.write_text(json.dumps(content))
    return path


def places(value, place=()):
    """Yield the path of every value inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inside:
        yield (*place, key)
        if isinstance(one, dict | list):
            yield from places(one, (*place, key))


def mutated(content: dict, chance: random.Random) -> str:
    """Return a card as JSON with one to three values replaced, removed or nested, or cut text."""
    content = copy.deepcopy(content)
    for _ in range(chance.randint(1, 3)):
        *outer, last = chance.choice(list(places(content)))
        holder = content
        for key in outer:
            holder = holder[key]
        kind = chance.choice(["replace", "replace", "remove", "nest"])
        if kind == "remove":
            del holder[last]
        else:
            value = chance.choice(WRONG_VALUES)
            holder[last] = value if kind == "replace" else [holder[last], value]
    text = json.dumps(content)
    return text[: chance.randrange(len(text))] if chance.random() < 0.1 else text


def test_read_card_of_shipped_models_gives_what_their_files_hold():
    for path in CARDS:
        content = json.loads(path.read_text("utf-8"))
        card = json.loads(json.dumps(asdict(read_card(path))))
        assert {name: card[name] for name in content} == content


def test_read_card_of_an_old_card_gives_temperature_1(content, tmp_path):
    content.pop("temperature", None)
    assert read_card(write(tmp_path / "card.json", content)).temperature == 1


def test_read_card_of_an_old_card_squashes(content, tmp_path):
    content.pop("fit", None)
    assert read_card(write(tmp_path / "card.json", content)).fit == "squash"


def test_read_card_of_mutated_cards_raises_only_app_errors(tmp_path):
    chance = random.Random(0)
    cards = [json.loads(path.read_text("utf-8")) for path in CARDS]
    refused = 0
    for _ in range(MUTATIONS):
        path = tmp_path / "card.json"
        path.write_text(mutated(chance.choice(cards), chance))
        try:
            card = read_card(path)
        except AppError:
            refused += 1
            continue
        assert card.tta
        assert card.suitable_views()
        json.dumps(asdict(card), allow_nan=False)
        assert len(set(card.class_names)) == len(card.class_names)
    assert MUTATIONS / 4 < refused < MUTATIONS


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("class_names", ["cat", "cat"]),
        ("class_names", ["cat", ""]),
        ("class_names", ["cat", 3]),
        ("class_names", "cd"),
        ("image_size", [176, 10**9]),
        ("image_size", [176.0, 176]),
        ("image_size", [True, 176]),
        ("channels", True),
        ("channels", [3]),
        ("parameters", 10**400),
        ("parameters", -1),
        ("parameters", 1.5),
        ("created", 5),
        ("images", {"train": "many"}),
        ("files", {"model.keras": 3}),
        ("versions", {"keras": 3}),
        ("training", {"best_epoch": float("nan")}),
        ("training", {"a": [[[[[[]]]]]]}),
        ("training", {"views": "4"}),
        ("training", {"views": -1}),
        ("training", {"compared_epochs": 3}),
        ("training", {"compared_epochs": [3]}),
        ("training", {"compared_epochs": [{"epoch": 3}]}),
        ("configuration.augment", 3),
        ("configuration.augment", ["strong"]),
        ("configuration.augment", {"rotation_range": 1e9}),
        ("configuration.dataset", None),
        ("configuration.protocol", "other"),
        ("configuration.protocol", ["full"]),
        ("configuration.limit", 0),
        ("configuration.tta", "yes"),
        ("fit", "stretch"),
        ("fit", ["crop"]),
        ("temperature", 0),
        ("temperature", 21),
        ("temperature", True),
        ("temperature", "warm"),
        ("tta", []),
        ("tta", True),
        ("tta", [{}]),
        ("tta", [{"crop": 0, "rotation": 0, "rows": 0, "columns": 0, "flip": False}]),
        ("tta", [{"crop": 1, "rotation": 0, "rows": 0.5, "columns": 0, "flip": False}]),
        ("tta", [{"crop": 1, "rotation": 0, "rows": 0, "columns": 0, "flip": 1}]),
        ("augmentation", "strong"),
        ("augmentation", {"rotation_range": float("nan")}),
        ("metrics.test.accuracy", "0.9"),
        ("metrics.test.accuracy", 1.01),
        ("metrics.test.accuracy", float("nan")),
        ("metrics.test.loss", float("inf")),
        ("metrics.test.loss", 10**400),
        ("metrics.test", 0.9),
        ("metrics.validation", {}),
    ],
    ids=str,
)
def test_read_card_with_a_wrong_value_names_it(content, tmp_path, field, value):
    *outer, last = field.split(".")
    holder = content
    for key in outer:
        holder = holder[key]
    holder[last] = value
    # A constant that is no JSON is refused before its place is known.
    name = field.partition(".")[0]
    with pytest.raises(AppError, match=rf"card: ({name}.* is |it holds (NaN|Infinity))"):
        read_card(write(tmp_path / "card.json", content))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 10_000, "\xff", "3", ""])
def test_read_card_of_text_that_is_no_card_is_refused(tmp_path, text):
    (tmp_path / "card.json").write_text(text, "latin-1")
    with pytest.raises(AppError, match="cannot be used as a model's card"):
        read_card(tmp_path / "card.json")


def test_read_card_of_a_huge_file_is_refused_unread(content, tmp_path):
    content["command"] = "x" * 5_000_000
    with pytest.raises(AppError, match="bytes, more than 4,000,000"):
        read_card(write(tmp_path / "card.json", content))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_read_card_of_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "card.json")
    with pytest.raises(AppError, match="not a regular file"):
        read_card(tmp_path / "card.json")


def test_models_with_damaged_folders_lists_the_others(tmp_path, capsys):
    for number, path in enumerate(CARDS):
        (tmp_path / path.parent.name).mkdir()
        content = json.loads(path.read_text("utf-8"))
        if number < 3:
            content["metrics"]["test"]["accuracy"] = ("0.9", 10**400, None)[number]
        write(tmp_path / path.parent.name / "card.json", content)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "card.json").write_text("[" * 100_000)
    assert main(["models", "--output", str(tmp_path), "--json"]) == 0
    said = capsys.readouterr()
    assert len(json.loads(said.out)) == len(CARDS) - 3
    assert said.err.count("skipped") == 4
    assert sum(isinstance(card, AppError) for _, card in list_models(tmp_path)) == 4


def test_check_card_knows_every_setting_of_a_run(content, tmp_path):
    """Whatever a run can be configured with passes."""
    content["configuration"] = {
        **content["configuration"], **asdict(RunSettings(limit=100, augment="none")),
    }  # fmt: skip
    assert read_card(write(tmp_path / "card.json", content)).configuration["limit"] == 100


def test_predictions_and_views_do_not_change_with_a_preset(monkeypatch):
    """A card says in values what its model does."""
    image = np.random.default_rng(0).integers(0, 256, (5, 28, 28, 1), np.uint8)
    before = load("mnist-tiny")
    expected, suitable = before.probabilities(image), before.card.suitable_views()
    other = Augmentation(horizontal_flip=True, zoom_range=[0.2, 0.4])
    for name in ("NONE", "LECTURE", "DIGITS", "PHOTOGRAPHS", "STRONG", "AUTO"):
        monkeypatch.setattr(f"app.augmentation.presets.{name}", other)
    monkeypatch.setattr("app.augmentation.tta._TRANSLATIONS", (View(crop=0.5),))
    after = load("mnist-tiny")
    assert len(before.views) == 7
    assert after.views == before.views
    assert after.card.augmentation == before.card.augmentation
    np.testing.assert_array_equal(after.probabilities(image), expected)
    assert len(suitable) == 7


def test_read_card_of_an_old_card_derives_the_views_and_the_augmentation(tmp_path):
    for path in CARDS:
        content = json.loads(path.read_text("utf-8"))
        del content["tta"], content["augmentation"]
        old, new = read_card(write(tmp_path / "card.json", content)), read_card(path)
        assert old.tta == new.tta
        # Settings that are newer than a card have their neutral values.
        derived, written = (Augmentation(**(one.augmentation or {})) for one in (old, new))
        assert derived == written
        assert (old.augmentation is None) == (new.augmentation is None)
        assert old.suitable_views() == new.suitable_views()
