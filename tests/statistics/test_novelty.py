"""Scores of foreign inputs against SciPy and scikit-learn."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import logsumexp, softmax
from scipy.stats import spearmanr
from sklearn.covariance import LedoitWolf
from sklearn.metrics import roc_auc_score

from app.errors import AppError
from app.statistics.novelty import (
    FeatureDistance,
    accepted,
    confidence_novelty,
    energy_novelty,
    separation,
)

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(0, 30, (50, 4)).astype(np.float32)


def test_confidence_novelty_is_what_the_softmax_leaves():
    expected = 1 - softmax(LOGITS.astype(np.float64), axis=1).max(axis=1)
    np.testing.assert_allclose(confidence_novelty(LOGITS), expected, atol=1e-12)


def test_energy_novelty_is_the_negative_logsumexp():
    expected = -logsumexp(LOGITS.astype(np.float64), axis=1)
    np.testing.assert_allclose(energy_novelty(LOGITS), expected, rtol=1e-6)


def test_energy_of_one_sigmoid_orders_as_its_probability():
    z = RANDOM.normal(0, 2, 40)
    logits = np.stack([-z / 2, z / 2], axis=1)
    assert spearmanr(confidence_novelty(logits), energy_novelty(logits)).statistic == 1
    np.testing.assert_allclose(confidence_novelty(logits), 1 / (1 + np.exp(np.abs(z))))


@pytest.mark.parametrize("images", [6, 200])
def test_feature_distance_is_mahalanobis_to_the_nearest_mean(images):
    labels = np.arange(images) % 3
    features = RANDOM.normal(0, 1, (images, 8)) * np.arange(1, 9) + 5 * labels[:, np.newaxis]
    means = np.stack([features[labels == k].mean(axis=0) for k in range(3)])
    precision = LedoitWolf(assume_centered=True).fit(features - means[labels]).precision_
    others = RANDOM.normal(0, 4, (20, 8))
    expected = cdist(others, means, "mahalanobis", VI=precision).min(axis=1) ** 2
    found = FeatureDistance.fit(features.astype(np.float32), labels).novelty(others)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_feature_distance_of_one_image_is_refused():
    with pytest.raises(AppError, match="at least two images"):
        FeatureDistance.fit(np.zeros((1, 3)), np.zeros(1, int))


def test_separation_is_the_auroc_of_scikit_learn_and_its_interval_covers():
    known, unknown = RANDOM.normal(0, 1, 120).round(1), RANDOM.normal(1, 1, 80).round(1)
    truth, scores = np.repeat([0, 1], [120, 80]), np.concatenate([known, unknown])
    found = separation(known, unknown)
    assert found.value == pytest.approx(roc_auc_score(truth, scores))
    drawn = []
    for _ in range(400):
        chosen = [RANDOM.choice(part, len(part)) for part in (known, unknown)]
        drawn.append(roc_auc_score(truth, np.concatenate(chosen)))
    assert found[1:] == pytest.approx(np.quantile(drawn, (0.025, 0.975)), abs=0.01)
    assert separation(known, unknown) == found
    assert separation(np.zeros(3), np.ones(4)) == (1, 1, 1)


def test_separation_of_nothing_is_refused():
    with pytest.raises(AppError, match="0 known and 3 unknown"):
        separation(np.array([]), np.ones(3))


def test_accepted_is_the_share_below_what_the_known_images_need():
    known = np.arange(1, 101) / 100
    assert accepted(known, np.array([0.1, 0.95, 0.951, 2.0]), 0.95) == 0.5
