"""Shifts, turns, sizes, viewpoints and light, against NumPy and SciPy."""

import numpy as np
import pytest
from scipy import ndimage

from app.lab.transformations import TRANSFORMATIONS, _homography

BY_NAME = {one.name: one for one in TRANSFORMATIONS}


@pytest.fixture(scope="module")
def images():
    random = np.random.default_rng(0)
    coarse = random.uniform(0, 255, (2, 6, 6, 3))
    return np.rint(ndimage.zoom(coarse, (1, 41 / 6, 41 / 6, 1), order=1)).astype(np.uint8)


@pytest.mark.parametrize("one", TRANSFORMATIONS, ids=lambda one: one.name)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_neutral_level_changes_nothing(one, channels, images):
    some = images[..., :channels]
    same = one.apply(some, one.neutral, "reflect")
    assert same.shape == some.shape
    assert same.dtype == np.uint8
    assert np.abs(same.astype(int) - some).max() <= 1


@pytest.mark.parametrize("one", TRANSFORMATIONS, ids=lambda one: one.name)
def test_levels_rise_and_change_more_toward_the_ends(one, images):
    assert list(one.levels) == sorted(one.levels)
    assert one.neutral in one.levels
    middle = one.levels.index(one.neutral)
    changes = [np.abs(one.apply(images, v, "nearest").astype(int) - images).mean()
               for v in one.levels]  # fmt: skip
    assert changes[0] > changes[middle - 1] > changes[middle]
    assert changes[-1] > changes[middle + 1] > changes[middle]


def test_a_shift_moves_the_content_right_by_whole_pixels(images):
    moved = BY_NAME["horizontal shift"].apply(images, 0.1, "nearest")
    assert (moved[:, :, 4:] == images[:, :, :-4]).all()
    assert (moved[:, :, :4] == images[:, :, :1]).all()


def test_a_shift_moves_the_content_down_by_whole_pixels(images):
    moved = BY_NAME["vertical shift"].apply(images, -0.1, "nearest")
    assert (moved[:, :-4] == images[:, 4:]).all()
    assert (moved[:, -4:] == images[:, -1:]).all()


def test_a_quarter_turn_is_numpys(images):
    turned = BY_NAME["rotation"].apply(images, 90.0, "nearest")
    assert np.abs(turned.astype(int) - np.rot90(images, axes=(1, 2))).max() <= 1


def test_twice_the_size_shows_the_middle(images):
    large = BY_NAME["scale"].apply(images, 2.0, "nearest")
    assert np.abs(large[:, 20, 20].astype(int) - images[:, 20, 20]).max() <= 1
    assert np.abs(large[:, 0, 40].astype(int) - images[:, 10, 30]).max() <= 1


@pytest.mark.parametrize("degrees", [-45.0, 15.0, 60.0])
def test_another_viewpoint_is_scipys(degrees, images):
    seen = BY_NAME["viewpoint"].apply(images, degrees, "nearest")
    rows, columns = np.mgrid[:41, :41]
    places = np.stack([columns.ravel(), rows.ravel(), np.ones(41 * 41)])
    x, y, z = _homography(41, 41, np.deg2rad(degrees)) @ places
    for image, result in zip(images, seen, strict=True):
        for channel in range(3):
            expected = ndimage.map_coordinates(
                image[..., channel].astype(float), [y / z, x / z], order=1, mode="nearest"
            ).reshape(41, 41)
            # OpenCV knows places to a 32nd of a pixel.
            assert np.abs(result[..., channel] - expected).max() < 8


def test_viewpoints_from_left_and_right_are_mirrored(images):
    left = BY_NAME["viewpoint"].apply(images, -30.0, "nearest")
    right = BY_NAME["viewpoint"].apply(images[:, :, ::-1], 30.0, "nearest")
    assert np.abs(left.astype(int) - right[:, :, ::-1]).max() <= 8


def test_nearer_things_are_larger():
    """Of a wall that is turned away on its right, the left edge appears taller."""
    image = np.zeros((1, 41, 41, 1), np.uint8)
    image[:, 10:31] = 255  # a band from side to side
    seen = BY_NAME["viewpoint"].apply(image, 45.0, "nearest")[0, ..., 0] > 127
    heights = seen.sum(axis=0)
    assert heights[5] > heights[20] > heights[35]


def test_light_multiplies(images):
    half = BY_NAME["illumination"].apply(images, 0.5, "nearest")
    assert np.abs(half - images / 2).max() <= 0.5
    assert BY_NAME["illumination"].apply(images, 4.0, "nearest").max() == 255
