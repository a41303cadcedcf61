"""The quality of a projection, against scikit-learn and closed forms."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from app.insight.embedding import (
    Projection,
    embed,
    features_and_logits,
    hidden_features,
    neighbor_accuracy,
    quality,
)
from tests.insight.networks import functional, opened, sequential

RANDOM = np.random.default_rng(0)
LABELS = np.arange(60) % 3
FEATURES = (RANDOM.normal(size=(60, 8)) + 1.2 * LABELS[:, np.newaxis]).astype(np.float32)


def test_neighbor_accuracy_matches_scikit_learn():
    expected = cross_val_score(KNeighborsClassifier(5), FEATURES, LABELS, cv=LeaveOneOut()).mean()
    assert neighbor_accuracy(FEATURES, LABELS) == pytest.approx(expected)
    assert neighbor_accuracy(np.eye(3), np.array([7, 7, 7])) == 1  # fewer points than neighbors


def test_quality_of_pca_has_the_explained_variance():
    found = quality(FEATURES, embed(FEATURES, Projection("pca")), LABELS, "pca")
    expected = PCA(2).fit(FEATURES).explained_variance_ratio_
    assert found.explained == pytest.approx(tuple(expected), rel=1e-4)
    assert found.features == neighbor_accuracy(FEATURES, LABELS)


def test_quality_of_the_features_themselves_is_perfect_and_of_noise_is_chance():
    plane = FEATURES[:, :2]
    assert quality(plane, plane, LABELS, "tsne").trustworthiness == 1
    noise = quality(FEATURES, RANDOM.normal(size=(60, 2)), LABELS, "tsne")
    assert noise.explained is None
    assert noise.trustworthiness < 0.65
    assert noise.plane < 0.6


def test_perplexity_is_at_most_a_third_of_the_images():
    assert Projection(perplexity=30).perplexity_of(1000) == 30
    assert Projection(perplexity=30).perplexity_of(31) == 10


@pytest.mark.parametrize("network", [sequential, functional])
def test_features_and_logits_are_those_of_runs_of_their_own(network):
    model = opened(network())
    images = RANDOM.integers(0, 256, (40, 24, 24, 3), np.uint8)
    features, logits = features_and_logits(model, images)
    np.testing.assert_allclose(features, hidden_features(model, images), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(logits, model.logits(images), rtol=1e-4, atol=1e-5)
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    softmax = exponents / exponents.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(softmax, model.values(images), atol=1e-5)
