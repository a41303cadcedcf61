"""Least squares on random features, against NumPy and scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from app.data.dataset import Split
from app.lab.double_descent import Features, LeastSquares, with_wrong_labels

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("features", [5, 30, 80], ids=["fewer", "as many", "more"])
def test_least_squares_has_minimum_norm(features):
    inputs, targets = RANDOM.normal(size=(30, features)), RANDOM.normal(size=(30, 3))
    found = LeastSquares(inputs).coefficients(targets)
    np.testing.assert_allclose(found, np.linalg.lstsq(inputs, targets, rcond=None)[0], atol=1e-9)
    if features >= 30:
        np.testing.assert_allclose(inputs @ found, targets, atol=1e-9)


def test_least_squares_of_dependent_features_has_minimum_norm():
    inputs = RANDOM.normal(size=(30, 4)) @ RANDOM.normal(size=(4, 20))
    targets = RANDOM.normal(size=(30, 3))
    expected = np.linalg.lstsq(inputs, targets, rcond=None)[0]
    np.testing.assert_allclose(LeastSquares(inputs).coefficients(targets), expected, atol=1e-9)


@pytest.mark.parametrize("features", [5, 80])
@pytest.mark.parametrize("penalty", [1e-3, 10.0])
def test_ridge_is_that_of_scikit_learn(features, penalty):
    inputs, targets = RANDOM.normal(size=(30, features)), RANDOM.normal(size=(30, 3))
    expected = Ridge(penalty, fit_intercept=False).fit(inputs, targets).coef_.T
    found = LeastSquares(inputs).coefficients(targets, penalty)
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_features_are_positive_and_the_first_do_not_depend_on_their_number():
    images = RANDOM.integers(0, 256, (10, 28, 28, 1)).astype(np.uint8)
    few, many = (Features(28 * 28, count, 3)(images) for count in (20, 50))
    np.testing.assert_allclose(many[:, :20], few)
    assert many.min() == 0
    assert 0.3 < (many > 0).mean() < 0.7
    assert np.abs(Features(28 * 28, 20, 4)(images) - few).max() > 0.1


def test_with_wrong_labels_changes_a_share_to_other_classes():
    labels = np.arange(1000) % 10
    images = Split(np.zeros((1000, 2, 2, 1), np.uint8), labels, [""] * 1000)
    changed = with_wrong_labels(images, 0.2, 0)
    assert (changed != labels).sum() == 200
    assert set(changed) == set(range(10))
    assert (with_wrong_labels(images, 0.0, 0) == labels).all()
    assert (with_wrong_labels(images, 0.2, 1) != changed).any()
