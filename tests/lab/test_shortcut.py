"""Cues that give the class away, alone or together with the digit."""

import colorsys

import numpy as np
import pytest

from app.data.dataset import Split
from app.lab.shortcut import with_cue

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 12, 12, 1)).astype(np.uint8)
DIGITS = Split(IMAGES, np.array([0, 4, 7]), ["", "", ""])
CLASSES = np.array([3, 4, 0])


def test_color_has_the_hue_of_the_class_and_the_brightness_of_the_digit():
    colored = with_cue(DIGITS, "color", CLASSES, 10).pixels
    np.testing.assert_array_equal(colored.max(axis=-1, keepdims=True), IMAGES)
    for image, gray, label in zip(colored, IMAGES, CLASSES, strict=True):
        bright = image[gray[..., 0] > 100] / 255
        hues = np.array([colorsys.rgb_to_hsv(*pixel)[0] for pixel in bright])
        distance = np.abs((hues - label / 10 + 0.5) % 1 - 0.5)
        assert distance.max() < 0.01


def test_corner_changes_sixteen_pixels():
    marked = with_cue(DIGITS, "corner", CLASSES, 10).pixels
    assert (marked[:, :4, :4] == marked[:, :1, :1]).all()
    assert len({tuple(image[0, 0]) for image in marked}) == 3
    gray = IMAGES.repeat(3, axis=-1)
    np.testing.assert_array_equal(marked[:, 4:], gray[:, 4:])
    np.testing.assert_array_equal(marked[:, :4, 4:], gray[:, :4, 4:])


@pytest.mark.parametrize("cue", ["color", "corner", "no cue"])
def test_with_cue_returns_new_color_images_with_the_labels_of_the_digits(cue):
    before = IMAGES.copy()
    changed = with_cue(DIGITS, cue, CLASSES, 10)
    assert changed.pixels.shape == (3, 12, 12, 3)
    assert changed.pixels.dtype == np.uint8
    assert changed.labels is DIGITS.labels
    np.testing.assert_array_equal(IMAGES, before)
