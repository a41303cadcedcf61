"""The device computes the views of the CPU."""

import cv2
import numpy as np
import pytest

from app.augmentation.augmentation import Augmentation
from app.augmentation.degradations import DEGRADATIONS
from app.augmentation.presets import (
    DIGITS,
    LECTURE,
    PHOTOGRAPHS,
    ROBUST_DIGITS,
    ROBUST_PHOTOGRAPHS,
    STRONG,
)  # fmt: skip
from app.data.pixels import shrink

pytest.importorskip("jax", reason="jax is not installed")
from app.augmentation.on_device import DeviceImages

POSITIONS = np.arange(24)
TARGETS = np.eye(5, dtype=np.float32)[POSITIONS % 5]


def smooth_images(height, width, channels):
    """Pictures whose neighboring pixels are alike, as in photographs."""
    noise = np.random.default_rng(0).integers(0, 256, (24, 9, 9, channels), np.uint8)
    enlarged = [cv2.resize(one, (width, height), interpolation=cv2.INTER_CUBIC) for one in noise]
    return np.stack(enlarged).reshape(24, height, width, channels)


DRAWN, PHOTOS = smooth_images(28, 28, 1), smooth_images(60, 70, 3)


def both(augmentation, images, side=None, seed=3):
    """Return the images and targets of the CPU and of the device."""
    expected, targets = augmentation(images, POSITIONS, seed, 1), TARGETS
    if side is not None:
        expected = shrink(expected, side)
    if augmentation.mixes:
        expected, targets = augmentation.mix(expected, targets, POSITIONS, seed, 1)
    found = DeviceImages(images, TARGETS).batch(POSITIONS, augmentation, seed, 1, side)
    np.testing.assert_array_equal(found[1], targets)
    assert found[0].dtype == np.uint8
    return np.asarray(found[0]).astype(int), expected.astype(int)


@pytest.mark.parametrize(
    ("augmentation", "images", "side"),
    [
        (DIGITS, DRAWN, None),
        (ROBUST_DIGITS, DRAWN, None),
        (LECTURE, PHOTOS, None),
        (Augmentation(rotation_range=30, fill_mode="constant", cval=300), PHOTOS, None),
        (Augmentation(width_shift_range=0.4, zoom_range=0.5, fill_mode="wrap"), PHOTOS, None),
        (Augmentation(zoom_range=0.3, aspect_range=1.5), PHOTOS, None),
        (Augmentation(horizontal_flip=True, alternating_flip=True), PHOTOS, None),
        (Augmentation(height_shift_range=[7], fill_mode="reflect"), DRAWN, None),
        (Augmentation(channel_shift_range=60, brightness_range=[0.3, 1.8]), PHOTOS, None),
        (Augmentation(cutmix=1.0, horizontal_flip=True), PHOTOS, 32),
        (Augmentation(mixup=0.4, vertical_flip=True), DRAWN, 20),
        (Augmentation(random_erasing=0.7), PHOTOS, 45),
        *[
            (Augmentation(degraded=1.0, **{name: 2.0 if name == "blur" else 0.5}), PHOTOS, None)
            for name in DEGRADATIONS
            if name != "inversion"
        ],
        (Augmentation(degraded=1.0, inversion=True), DRAWN, None),
    ],
)
def test_views_are_those_of_the_cpu(augmentation, images, side):
    for seed in (0, 3):
        found, expected = both(augmentation, images, side, seed)
        assert np.abs(found - expected).max() <= 1


@pytest.mark.parametrize("augmentation", [PHOTOGRAPHS, STRONG, ROBUST_PHOTOGRAPHS])
def test_a_rounding_that_later_stages_amplify_is_rare(augmentation):
    found, expected = both(augmentation, PHOTOS)
    difference = np.abs(found - expected)
    assert (difference > 1).mean() < 2e-3
    assert difference.mean() < 0.1


def test_without_augmentation_images_are_only_chosen():
    chosen = np.array([5, 2, 2])
    images, targets = DeviceImages(PHOTOS, TARGETS).batch(chosen, None, 0, 0)
    np.testing.assert_array_equal(images, PHOTOS[chosen])
    np.testing.assert_array_equal(targets, TARGETS[chosen])
