"""Cosines of gradients and images, against SciPy and a network whose gradient is known."""

import keras
import numpy as np
import pytest
from scipy.spatial.distance import cosine

from app.insight.alignment import cosines, predicted_gradients
from tests.insight.networks import opened

RANDOM = np.random.default_rng(0)


def test_cosines_are_those_of_scipy():
    gradients = RANDOM.normal(size=(4, 5, 6, 3))
    images = RANDOM.integers(0, 256, (4, 5, 6, 3)).astype(np.uint8)
    expected = [
        1 - cosine(one.ravel(), other.ravel().astype(float))
        for one, other in zip(gradients, images, strict=True)
    ]
    np.testing.assert_allclose(cosines(gradients, images), expected, rtol=1e-9)


def test_cosines_of_a_black_image_are_zero():
    assert cosines(np.ones((1, 2, 2, 1)), np.zeros((1, 2, 2, 1), np.uint8)) == 0


@pytest.mark.parametrize("last", ["softmax", "sigmoid"])
def test_predicted_gradients_of_a_linear_network_are_its_weights(last):
    units = 3 if last == "softmax" else 1
    layers = keras.layers
    network = keras.Sequential(
        [keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(units, last, use_bias=False)]
    )
    model = opened(network, classes=max(units, 2), channels=1)
    images = RANDOM.integers(0, 256, (30, 4, 4, 1)).astype(np.uint8)
    weights = network.get_weights()[0].T.reshape(units, 4, 4, 1)
    if units == 1:
        weights = np.concatenate([-weights, weights])
    logits = (images[:, np.newaxis] * weights).sum(axis=(2, 3, 4))  # (30, K)
    np.testing.assert_allclose(
        predicted_gradients(model, images), weights[logits.argmax(axis=1)], rtol=1e-5
    )
