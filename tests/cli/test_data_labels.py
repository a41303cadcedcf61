"""`python -m app data check DATASET --labels`, with nearest neighbors instead of networks."""

import csv
import json

import pytest
from PIL import Image
from sklearn.neighbors import KNeighborsClassifier

from app.label_errors.out_of_fold import OutOfFold


@pytest.fixture
def neighbors(monkeypatch):
    """Replace the networks."""

    def predicted(self, training, images):
        pixels = training.pixels - training.pixels.mean(axis=(1, 2, 3), keepdims=True)
        others = images - images.mean(axis=(1, 2, 3), keepdims=True)
        near = KNeighborsClassifier(5, metric="cosine").fit(
            pixels.reshape(len(pixels), -1), training.labels
        )
        return near.predict_proba(others.reshape(len(others), -1))

    monkeypatch.setattr(OutOfFold, "predicted", predicted)


def test_planted_errors_are_found_and_written(program, neighbors, shapes, tmp_path):
    for number in (3, 8):
        (shapes / "disc" / f"{number}.png").rename(shapes / "down" / f"was-disc-{number}.png")
    output = tmp_path / "found"
    command = ("data", "check", shapes, "--labels", "--folds", 4, "-o", output)
    status, out, err = program(*command)
    assert status == 0, err
    assert "shapes: 36 images" in out
    assert "2 are suspect" in out
    assert max(map(len, out.splitlines())) <= 80
    with (output / "label_errors.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["suspect"] for row in rows] == ["1"] * 2 + ["0"] * 34
    assert {row["image"] for row in rows[:2]} == {
        "down/was-disc-3.png", "down/was-disc-8.png",
    }  # fmt: skip
    assert (rows[0]["label"], rows[0]["suggested"]) == ("down", "disc")
    with Image.open(output / "label_errors.png") as picture:
        assert picture.width == 1200
    status, out, err = program(*command, "--json")
    found = json.loads(out)
    assert (found["images"], len(found["suspects"])) == (36, 2)
    assert found["suspects"][0]["image"] == rows[0]["image"]


def test_unreadable_files_are_left_out_and_nothing_is_suspect(program, neighbors, shapes, tmp_path):
    (shapes / "disc" / "5.png").write_text("no image")
    output = tmp_path / "found"
    output.mkdir()
    (output / "label_errors.png").write_bytes(b"of an earlier check")
    status, out, err = program("data", "check", shapes, "--labels", "-o", output)
    assert status == 0, err
    assert "0 are suspect" in out
    assert "Left out: 1 unreadable file, such as disc/5.png (not an image" in out
    assert not (output / "label_errors.png").exists()


@pytest.mark.parametrize(
    ("words", "received"),
    [
        (["--folds", "3"], "--folds without --labels."),
        (["--limit", "30"], "--limit without --labels."),
        (["--from", "mnist-tiny"], "--from without --labels."),
        (["-o", "found"], "--output without --labels."),
        (["--labels", "--folds", "1"], "--folds is 1."),
        (["--labels", "--limit", "3"], "--limit is 3."),
        (["--labels", "--limit", "6"], "5 folds, but the class 'across' of 'shapes' has 2 images"),
        (["--labels", "--folds", "13"], "13 folds, but the class 'across' of 'shapes' has 12"),
        (["--labels", "-o", "shapes/found"], "-o 'shapes/found' is inside 'shapes'"),
        (["--labels", "-o", "shapes/disc/1.png"], "-o 'shapes/disc/1.png' is a file."),
    ],
)
def test_bad_options(run, shapes, monkeypatch, words, received):
    monkeypatch.chdir(shapes.parent)
    status, out, err = run("data", "check", "shapes", *words)
    assert (status, out) == (2, "")
    assert received in err
    assert "Expected" in err
    assert sorted(path.name for path in shapes.parent.iterdir()) == ["shapes"]


def test_a_class_with_one_image(run, shapes):
    for path in sorted((shapes / "disc").iterdir())[1:]:
        path.unlink()
    status, _, err = run("data", "check", shapes, "--labels")
    assert status == 2
    assert "The class 'disc'" in err
    assert "Expected at least 3 images per class" in err


def test_shuffled_labels(run, neighbors, shapes, tmp_path):
    """Every image gets the label of its number."""
    for name in ("across", "disc", "down"):
        for number in range(12):
            target = ("across", "disc", "down")[number % 3]
            (shapes / name / f"{number}.png").rename(shapes / target / f"{name}-{number}.png")
    status, out, err = run("data", "check", shapes, "--labels", "-o", tmp_path / "found")
    assert (status, out) == (1, "")
    assert "no better than by chance" in err
    assert not (tmp_path / "found" / "label_errors.csv").exists()
