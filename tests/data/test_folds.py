"""Folds of cross-validation, compared with scikit-learn's own division."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from app.data.dataset import Dataset, Split
from app.data.folds import Fold, check_folds, parse_fold, with_fold
from app.errors import AppError


def part(labels, first):
    images = np.arange(first, first + len(labels), dtype=np.uint8).reshape(-1, 1, 1, 1)
    return Split(images, np.array(labels), [f"{first + i}" for i in range(len(labels))])


@pytest.fixture
def dataset():
    train, validation = part([0] * 12 + [1] * 6, 0), part([1, 0, 1], 18)
    return Dataset("two", train, validation, part([0, 1], 21), ("a", "b"), 1, "memory")


@pytest.mark.parametrize(
    ("text", "fold"), [("1/2", (1, 2)), ("5/5", (5, 5)), ("3/1000", (3, 1000))]
)
def test_parse_fold(text, fold):
    assert parse_fold(text) == Fold(*fold)
    assert str(parse_fold(text)) == text


@pytest.mark.parametrize(
    "text", ["", "0/5", "6/5", "1/1", "1/1001", "a/b", "1", "-1/5", "1/5/2", " 1/5"]
)
def test_parse_fold_refuses_others(text):
    with pytest.raises(AppError, match="--fold is"):
        parse_fold(text)


def test_with_fold_is_the_division_of_scikit_learn(dataset):
    labels = np.concatenate([dataset.train.labels, dataset.validation.labels])
    expected = StratifiedKFold(4, shuffle=True, random_state=0).split(labels, labels)
    for number, (train, validation) in enumerate(expected, 1):
        found = with_fold(dataset, Fold(number, 4))
        np.testing.assert_array_equal(found.train.pixels.ravel(), train)
        np.testing.assert_array_equal(found.validation.pixels.ravel(), validation)
        np.testing.assert_array_equal(found.validation.labels, labels[validation])
        assert found.validation.names == [str(i) for i in validation]
        assert found.test is dataset.test


def test_every_image_validates_once_and_classes_are_spread_evenly(dataset):
    folds = [with_fold(dataset, Fold(number, 3)) for number in (1, 2, 3)]
    seen = np.concatenate([fold.validation.pixels.ravel() for fold in folds])
    np.testing.assert_array_equal(np.sort(seen), np.arange(21))
    for fold in folds:
        counts = np.bincount(fold.validation.labels)
        assert set(counts) <= {2, 3, 4, 5}
        assert not set(fold.train.names) & set(fold.validation.names)


def test_more_folds_than_images_of_a_class_are_refused(dataset):
    check_folds(dataset, 8)
    with pytest.raises(AppError) as refusal:
        with_fold(dataset, Fold(1, 9))
    assert "class 'b' of 'two' has 8 training and validation images" in refusal.value.received
    assert "at most 8 folds" in refusal.value.fix
