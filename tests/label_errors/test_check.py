"""The check of labels, by networks that are trained for a moment or replaced."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from app.config import RunSettings
from app.data.dataset import Dataset, Split
from app.errors import AppError
from app.label_errors import check as check_module
from app.label_errors.check import CheckOptions, check_labels
from app.label_errors.out_of_fold import OutOfFold
from app.label_errors.settings import fold_settings

COUNT, CLASSES = 120, ("bottom", "left", "right")
WRONG = (7, 31, 58, 90)


def stripes(wrong=WRONG):
    """Return images that are bright at one side, some with the label of another class."""
    random = np.random.default_rng(0)
    labels = np.arange(COUNT) % 3
    images = random.integers(0, 90, (COUNT, 28, 28, 1)).astype(np.uint8)
    images[labels == 0, 18:] += 150
    images[labels == 1, :, :10] += 150
    images[labels == 2, :, 18:] += 150
    labels = labels.copy()
    labels[list(wrong)] = (labels[list(wrong)] + 1) % 3
    return Split(images, labels, [f"{k}.png" for k in range(COUNT)])


def dataset(images):
    none = images.take(np.arange(0))
    return Dataset("stripes", images, none, none, CLASSES, 1, "memory")


def by_brightness(self, training, images):
    """Predict as a network does that has learned the majority label of each side."""
    sides = [images[:, 18:], images[:, :, :10], images[:, :, 18:]]
    scores = np.stack([side.mean(axis=(1, 2, 3)) for side in sides], axis=1)
    return np.where(scores == scores.max(axis=1, keepdims=True), 0.9, 0.05)


@pytest.fixture
def quick(monkeypatch):
    """Replace the networks."""
    monkeypatch.setattr(OutOfFold, "predicted", by_brightness)


@pytest.mark.slow
def test_networks_find_planted_errors(tmp_path):
    settings = RunSettings(
        dataset="digits",
        model="dense",
        epochs=30,
        augment="none",
        learning_rate=3e-3,
        batch_size=16,
    )
    images = stripes()
    folds = OutOfFold(settings, CLASSES, 2, tmp_path)
    found = check_module.label_errors(folds.probabilities(images), images.labels)
    assert set(found.ranked[: len(WRONG)]) == set(WRONG)
    assert (found.suggested[list(WRONG)] == (images.labels[list(WRONG)] - 1) % 3).all()


def test_check_labels_finds_planted_errors_and_writes_them(quick, tmp_path):
    options = CheckOptions(5, None, tmp_path / "store")
    check = check_labels(dataset(stripes()), "digits", options)
    assert sorted(check.suspects) == list(WRONG)
    assert check.evaluation.accuracy == pytest.approx(1 - len(WRONG) / COUNT)
    assert [row["image"] for row in check.to_json()["suspects"]] == [
        f"{k}.png" for k in check.suspects
    ]
    check.write_csv(tmp_path / "errors.csv")
    with (tmp_path / "errors.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == COUNT
    assert [row["suspect"] for row in rows[:5]] == ["1"] * 4 + ["0"]
    first = rows[0]
    assert first["label"] != first["suggested"]
    assert float(first["margin"]) == pytest.approx(0.05 - 0.9)
    assert sum(float(first[f"probability of {name}"]) for name in CLASSES) == pytest.approx(1)


def test_each_image_is_predicted_by_a_network_that_was_not_trained_on_it(monkeypatch, tmp_path):
    held_out = []

    def predicted(self, training, images):
        seen = {image.tobytes() for image in training.pixels}
        assert not seen & {image.tobytes() for image in images}
        assert len(training) + len(images) == COUNT
        held_out.extend(image.tobytes() for image in images)
        return by_brightness(self, training, images)

    monkeypatch.setattr(OutOfFold, "predicted", predicted)
    check_labels(dataset(stripes()), "digits", CheckOptions(4, None, tmp_path))
    assert sorted(held_out) == sorted(image.tobytes() for image in stripes().pixels)


def test_finished_folds_are_kept_for_the_same_images(monkeypatch, tmp_path):
    calls = []

    def predicted(self, training, images):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(len(images))
        return by_brightness(self, training, images)

    monkeypatch.setattr(OutOfFold, "predicted", predicted)
    options = CheckOptions(3, None, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        check_labels(dataset(stripes()), "digits", options)
    monkeypatch.setattr(OutOfFold, "predicted", by_brightness)
    expected = check_labels(dataset(stripes()), "digits", CheckOptions(3, None, tmp_path / "new"))
    calls[:] = []
    monkeypatch.setattr(OutOfFold, "predicted", predicted)
    found = check_labels(dataset(stripes()), "digits", options)
    assert calls == [40]  # the third fold alone
    np.testing.assert_array_equal(found.probabilities, expected.probabilities)
    with pytest.raises(KeyboardInterrupt):  # other labels: nothing is reused
        check_labels(dataset(stripes(wrong=(1,))), "digits", options)


def test_check_labels_takes_a_part_that_is_balanced(quick, tmp_path):
    check = check_labels(dataset(stripes()), "digits", CheckOptions(2, 30, tmp_path))
    assert len(check.images) == 30
    assert np.bincount(check.images.labels).tolist() == [10, 10, 10]


def test_check_labels_refuses_more_folds_than_images_of_a_class(tmp_path):
    images = stripes()
    few = images.take(np.flatnonzero((images.labels > 0) | (np.arange(COUNT) < 6)))
    with pytest.raises(AppError, match="5 folds, but the class 'bottom' of 'stripes' has 2 images"):
        check_labels(dataset(few), "digits", CheckOptions(5, None, tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["shuffled", "all wrong", "one class only"])
def test_check_labels_refuses_labels_that_are_not_learned(monkeypatch, tmp_path, kind):
    images = stripes(())
    labels = np.random.default_rng(0).permutation(images.labels)
    if kind == "all wrong":  # in no regular way
        labels = (images.labels + np.random.default_rng(0).integers(1, 3, COUNT)) % 3

    def predicted(self, training, images):
        """Predict the most frequent label of each side, or one class throughout."""
        found = by_brightness(self, training, images)
        return found * 0 + [0.8, 0.1, 0.1] if kind == "one class only" else found

    monkeypatch.setattr(OutOfFold, "predicted", predicted)
    with pytest.raises(AppError, match="no better than by chance") as caught:
        check_labels(
            dataset(replace(images, labels=labels)), "digits", CheckOptions(3, None, tmp_path)
        )
    assert "python -m app data info digits" in caught.value.fix


def test_fold_settings_repeat_few_images_more_often():
    epochs = [fold_settings("photos", count).epochs for count in (80, 500, 2_000, 5_000, 20_000)]
    assert epochs == [120, 120, 30, 12, 10]
    assert fold_settings("mnist", 70_000).epochs == 3
