"""Shifts of images, and networks that differ in their downsampling alone."""

import keras
import numpy as np
import pytest

from app.data.dataset import Split
from app.lab.shift_consistency import network_of
from app.lab.shifting import agreement, crop


def split(images):
    return Split(images, np.zeros(len(images), np.int64), [""] * len(images))


@pytest.mark.parametrize("shift", [(0, 0), (0, 1), (3, 0), (-2, 3)])
def test_crop_moves_the_content_as_numpy_roll_does(shift):
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 20, 3)).astype(np.uint8)
    moved = np.roll(images, shift, axis=(1, 2))  # what wraps around lies in the margin
    np.testing.assert_array_equal(crop(split(images), 3, shift).pixels, moved[:, 3:-3, 3:-3])


def test_all_networks_have_the_same_weights_and_sizes():
    kinds = ("max pooling", "average pooling", "L2 pooling", "stride", "max pooling + blur")
    networks = [network_of(kind, (48, 48, 3), 2) for kind in kinds]
    assert len({network.count_params() for network in networks}) == 1
    sizes = {network.layers[-2].input.shape[1:3] for network in networks}
    assert sizes == {(6, 6)}


def test_agreement_is_one_for_a_network_that_sees_no_positions_and_none_for_a_corner():
    images = np.zeros((3, 8, 8, 1), np.uint8)
    images[1, 4, 4], images[2, 1, 1] = 255, 255
    place = keras.layers

    def network(head):
        layers = [keras.Input((6, 6, 1)), place.Rescaling(1 / 255), *head]
        built = keras.Sequential([*layers, place.Dense(1, activation="sigmoid")])
        weights = built.layers[-1].weights
        weights[0].assign(np.full(weights[0].shape, 100.0))
        weights[1].assign([-1.0])
        return built

    everywhere = network([place.GlobalMaxPooling2D()])
    np.testing.assert_array_equal(agreement(everywhere, split(images), 1, 1), [1, 1, 0.5])
    corner = network([place.Cropping2D(((0, 5), (0, 5))), place.Flatten()])
    np.testing.assert_array_equal(agreement(corner, split(images), 1, 1), [1, 1, 0])
