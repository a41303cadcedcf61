from dataclasses import asdict

import numpy as np
import pytest
from scipy import ndimage

from app.augmentation.augmentation import Augmentation
from app.augmentation.tta import (
    View,
    augmentation_values,
    identity,
    mean_over_views,
    tta_views,
    views_of,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1), np.uint8)


def views(augment, dataset="mnist"):
    side = 28 if dataset == "mnist" else 160
    return views_of({"augment": augment, "dataset": dataset, "tta": True}, (side, side))


@pytest.mark.parametrize(
    ("augment", "dataset", "count"),
    [
        ("none", "mnist", 5),
        ("digits", "mnist", 7),
        ("rotation_range=3", "mnist", 5),  # never rotated as far as the rotated views
        ("horizontal_flip=true", "mnist", 5),  # a mirrored digit is another
        ("photographs", "catsdogs", 4),
        ("strong", "catsdogs", 4),
        ("horizontal_flip=true,zoom_range=[.8,1]", "catsdogs", 4),
        ("zoom_range=[.6,1]", "catsdogs", 2),
        ("lecture", "catsdogs", 2),  # as often reduced as magnified
        ("none", "catsdogs", 1),
        ("a name of tomorrow", "catsdogs", 1),
        ("a name of tomorrow", "mnist", 5),
    ],
)
def test_views_of_settings_suit_the_augmentation(augment, dataset, count):
    assert len(views(augment, dataset)) == count


def test_views_of_a_run_without_tta_is_the_identity():
    digits = {"augment": "digits", "dataset": "mnist", "tta": False}
    assert views_of(digits, (28, 28)) == (identity,)


@pytest.mark.parametrize(("side", "count"), [(28, 5), (224, 1)])
def test_tta_views_without_augmentation_depend_on_the_size(side, count):
    assert len(tta_views(Augmentation(), (side, side))) == count


def test_translations_and_rotations_equal_scipy():
    itself, down, up, right, left, rotated, turned_back = views("digits")
    np.testing.assert_array_equal(itself(IMAGES), IMAGES)
    for view, shift in ((down, (1, 0)), (up, (-1, 0)), (right, (0, 1)), (left, (0, -1))):
        wanted = ndimage.shift(IMAGES, (0, *shift, 0), order=1, mode="nearest")
        np.testing.assert_array_equal(view(IMAGES), wanted)
    for view, degrees in ((rotated, 7), (turned_back, -7)):
        pixels = IMAGES.astype("float32")
        wanted = ndimage.rotate(pixels, degrees, (1, 2), reshape=False, order=1, mode="nearest")
        np.testing.assert_allclose(view(pixels), wanted, atol=0.05)


def test_view_as_numbers_gives_the_same_images():
    for view in (*views("digits"), *views("photographs", "catsdogs")):
        again = View(**asdict(view))
        np.testing.assert_array_equal(again(IMAGES), view(IMAGES))


def test_flipped_view_is_mirrored():
    np.testing.assert_array_equal(views("lecture", "catsdogs")[1](IMAGES), IMAGES[:, :, ::-1])


def test_center_crop_equals_scipy():
    _, center_crop, _, mirrored_middle = views("photographs", "catsdogs")
    pixels = IMAGES.astype("float32")
    scale = (0.5 + 1.15) / 2  # the mean of that setting's range
    offset = (1 - scale) * 27 / 2  # the center stays
    wanted = ndimage.affine_transform(
        pixels, (1, scale, scale, 1), (0, offset, offset, 0), order=1, mode="nearest"
    )
    np.testing.assert_allclose(center_crop(pixels), wanted, atol=0.05)
    np.testing.assert_allclose(mirrored_middle(pixels), wanted[:, :, ::-1], atol=0.05)


def test_the_mean_of_the_probabilities():
    def brightness(images):
        return images.mean(axis=(1, 2), dtype="float64")

    found = mean_over_views(brightness, IMAGES, views("digits"))
    each = [brightness(view(IMAGES)) for view in views("digits")]
    np.testing.assert_allclose(found, np.mean(each, axis=0))


def test_augmentation_values_of_a_reference_import_nothing():
    values = augmentation_values({"augment": "no_such_package:augment"})
    assert values["reference"] == "no_such_package:augment"
    assert values["rotation_range"] == 0
    assert augmentation_values({"augment": "none"}) is None
    assert augmentation_values({"augment": "digits"})["rotation_range"] == 10
