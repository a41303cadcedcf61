"""Statistics of batch normalization, re-estimated and restored."""

import keras
import numpy as np
import pytest

from app.lab.normalization import normalizations, own_statistics
from app.layers import FusedBatchNormalization, ResidualBlock

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("kind", [keras.layers.BatchNormalization, FusedBatchNormalization])
@pytest.mark.parametrize("count", [8, 300])
def test_own_statistics_are_mean_and_variance_of_the_images(kind, count):
    network = keras.Sequential([keras.Input((6, 5, 2)), kind(epsilon=1e-6)])
    images = RANDOM.normal((3, -1), (2, 0.5), (count, 6, 5, 2)).astype("float32")
    before = [array.copy() for array in network.get_weights()]
    with own_statistics(network, images):
        layer = network.layers[-1]
        batches = np.split(images, max(1, count // 100))
        mean = np.mean([one.mean(axis=(0, 1, 2)) for one in batches], axis=0)
        variance = np.mean([one.var(axis=(0, 1, 2)) for one in batches], axis=0)
        np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-4)
        np.testing.assert_allclose(layer.moving_variance, variance, rtol=1e-4)
        expected = (images[:3] - mean) / np.sqrt(variance)
        np.testing.assert_allclose(network(images[:3]), expected, atol=1e-3)
    for one, other in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert network.layers[-1].momentum == kind().momentum


def test_normalizations_are_found_within_blocks():
    network = keras.Sequential(
        [keras.Input((8, 8, 3)), ResidualBlock(4, residuals=2), keras.layers.Flatten()]
    )
    assert len(normalizations(network)) == 3


def test_own_statistics_ignore_dropout_and_survive_an_error():
    network = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Dropout(0.9), keras.layers.BatchNormalization()]
    )
    images = RANDOM.random((16, 4, 4, 1), np.float32)
    before = network.get_weights()
    with pytest.raises(KeyError), own_statistics(network, images):
        np.testing.assert_allclose(network.layers[-1].moving_mean, [images.mean()], rtol=1e-4)
        raise KeyError
    assert network.layers[0].rate == 0.9
    for one, other in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
