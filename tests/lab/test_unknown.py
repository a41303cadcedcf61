"""`lab unknown` on a small model, and its pictures of other things."""

import csv
import json

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from app.cli import main
from app.figures.letters import FONTS, LETTERS, letter_image, letter_images
from app.lab.foreign_images import at_size, foreign_images
from app.lab.options import ExperimentOptions
from app.reporting import SILENT


def test_letter_images_are_different_centered_and_bright():
    found = letter_images(20, 28)
    assert found.shape == (20, 28, 28, 1)
    assert len({one.tobytes() for one in found}) > 15
    np.testing.assert_array_equal(found, letter_images(20, 28))
    ink = found[..., 0] > 60
    assert ink.any(axis=(1, 2)).all()
    assert not ink[:, (0, -1)].any()
    sides = [max(np.ptp(np.argwhere(one), axis=0) + 1) for one in ink]
    assert {17, 18, 19, 20} >= set(sides)


def test_each_font_draws_a_letter_of_its_own():
    pictures = {letter_image("a", font, turn=0, side=40).tobytes() for font in FONTS}
    assert len(pictures) == len(FONTS)
    assert not set(LETTERS) & set("0123456789OolISsZzBbgqGDQ")


@pytest.mark.slow
def test_foreign_images_of_photographs_come_at_any_size(tmp_path):
    options = ExperimentOptions("unknown", tmp_path, (), None, tmp_path, True, SILENT)
    sources = foreign_images(options, of_digits=False)
    assert list(sources) == ["drawn faces", "digits", "letters", "noise"]
    for name in ("drawn faces", "letters", "noise"):
        images = at_size(sources[name](3), (20, 24), 3)
        assert (images.shape, images.dtype) == ((3, 20, 24, 3), np.uint8)
        assert images.std() > 3


@pytest.mark.slow
def test_unknown_measures_scores_and_is_resumed(shapes_model, tmp_path, capsys, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), np.uint8)
    sources = {"noise": lambda count: list(noise[:count]), "letters": lambda count: list(
        letter_images(count, 32))}  # fmt: skip
    monkeypatch.setattr("app.lab.unknown.foreign_images", lambda *_, **__: sources)
    folder = shapes_model[0]
    command = ["lab", "unknown", str(folder), "-o", str(tmp_path), "--quick"]
    assert main(command) == 0
    content = json.loads((tmp_path / "unknown.json").read_text("utf-8"))
    assert content["no_finding"]
    measured = content["measurements"][folder.name]
    with (tmp_path / "unknown.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 3
    for row in rows:
        known, unknown = (measured[name][row["score"]] for name in ("known", row["thing"]))
        truth = np.repeat([0, 1], [len(known), len(unknown)])
        expected = roc_auc_score(truth, known + unknown)
        assert float(row["auroc"]) == pytest.approx(expected, abs=1e-4)
        assert float(row["low"]) <= float(row["auroc"]) <= float(row["high"])
    with Image.open(tmp_path / "unknown.png") as picture:
        assert picture.width == 1200
    monkeypatch.setattr("app.lab.unknown.features_and_logits", None)
    assert main(command) == 0  # nothing is measured again
    capsys.readouterr()
