"""Turned images, and means over passes with dropout."""

import keras
import numpy as np

from app.lab.uncertain_rotation import mean_with_dropout, turned

RANDOM = np.random.default_rng(0)


def test_turned_by_ninety_degrees_is_numpy_rot90():
    images = RANDOM.integers(0, 256, (2, 15, 15, 1)).astype(np.uint8)
    np.testing.assert_array_equal(turned(images, 0), images)
    np.testing.assert_array_equal(turned(images, 90), np.rot90(images, axes=(1, 2)))


def test_mean_with_dropout_without_dropout_is_one_pass():
    network = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    )
    images = RANDOM.random((5, 4, 4, 1), np.float32)
    np.testing.assert_allclose(mean_with_dropout(network, images, 3), network(images), rtol=1e-5)


def test_mean_with_dropout_is_less_certain():
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense(2, "softmax", use_bias=False)
    network = keras.Sequential([keras.Input((100,)), keras.layers.Dropout(0.5), dense])
    dense.set_weights([np.stack([np.ones(100), -np.ones(100)], axis=1) * 0.05])
    images = RANDOM.normal(0.2, 1, (50, 100)).astype("float32")
    single = np.asarray(network(images)).max(axis=1).mean()
    assert mean_with_dropout(network, images, 200).max(axis=1).mean() < single - 0.02
