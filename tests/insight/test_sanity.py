"""Sanity checks: rank correlations against SciPy, and what is randomized when."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from app.classifier.hooks import to_numpy
from app.insight.sanity import _randomized, rank_correlation, sanity_checks
from tests.insight.networks import SIDE, opened, sequential


def test_rank_correlation_matches_scipy_and_ignores_signs():
    random = np.random.default_rng(0)
    first, second = random.normal(size=(2, 9, 8))
    expected = spearmanr(np.abs(first).ravel(), np.abs(second).ravel()).statistic
    assert rank_correlation(first, second) == pytest.approx(expected)
    assert rank_correlation(first, -np.exp(np.abs(first))) == pytest.approx(1)  # monotonic
    assert rank_correlation(first, np.ones((9, 8))) == 0


def test_randomized_goes_from_the_output_to_the_input():
    model = opened(sequential())
    original = {part.path: part.layer.get_weights() for part in model.layers}
    changed = []
    for name, network in _randomized(model, 3):
        changed.append((name, {
            part.path for part in network.layers if part.layer.weights
            and np.abs(to_numpy(part.layer.kernel) - original[part.path][0]).max() > 0
        }))  # fmt: skip
    assert changed == [
        ("trained", set()),
        ("output", {"output"}),
        ("conv_2", {"output", "conv_2"}),
        ("conv_1", {"output", "conv_2", "conv_1"}),
    ]
    for part in model.layers:
        for weight, before in zip(part.layer.weights, original[part.path], strict=True):
            np.testing.assert_array_equal(to_numpy(weight), before)


def test_sanity_checks_fall_when_all_weights_are_random():
    model = opened(sequential())
    images = np.random.default_rng(0).integers(0, 256, (3, SIDE, SIDE, 3)).astype(np.uint8)
    found = {check.method: check for check in sanity_checks(model, images)}
    assert set(found) == {"gradient", "SmoothGrad", "integrated gradients", "Grad-CAM"}
    for check in found.values():
        assert check.stages == ("trained", "output", "conv_2", "conv_1")
        assert check.maps.shape == (4, SIDE, SIDE)
        assert check.correlations.shape == (4, 3)
        np.testing.assert_allclose(check.correlations[0], 1)
        assert check.correlations[-1].mean() < 0.6
