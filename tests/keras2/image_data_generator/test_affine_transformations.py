"""The functions of `keras.preprocessing.image`, against tf_keras, to the bit."""

import numpy as np
import pytest

from app.keras2 import image_data_generator as ours

tf_keras = pytest.importorskip("tf_keras")
theirs = tf_keras.preprocessing.image

RANDOM = [
    ("random_rotation", (40,)), ("random_shift", (0.2, 0.3)), ("random_shear", (30,)),
    ("random_zoom", ((0.5, 1.5),)), ("random_zoom", ((1, 1),)),
]  # fmt: skip
AXES = [{}, {"row_axis": 0, "col_axis": 1, "channel_axis": 2}, {"row_axis": 2, "col_axis": 1}]


def image(height, width, axes, channels=3):
    pixels = np.random.default_rng(0).uniform(0, 255, (height, width, channels))
    pixels = pixels.astype(np.float32)
    if axes.get("channel_axis") == 2:
        return pixels
    planes = pixels.transpose(2, 0, 1)
    return planes.transpose(0, 2, 1) if axes.get("row_axis") == 2 else planes


@pytest.mark.parametrize(("name", "arguments"), RANDOM, ids=str)
@pytest.mark.parametrize("axes", AXES, ids=str)
@pytest.mark.parametrize("fill", [{}, {"fill_mode": "constant", "cval": 9}], ids=str)
@pytest.mark.parametrize("size", [(12, 12), (9, 14)], ids=str)
def test_random_functions_with_quirks_give_the_pixels_of_keras(name, arguments, axes, fill, size):
    x = image(*size, axes)
    results = []
    for module, quirks in ((theirs, {}), (ours, {"legacy_quirks": True})):
        np.random.seed(3)
        result = getattr(module, name)(x, *arguments, **axes, **fill, **quirks)
        results.append((result, np.random.random()))
    np.testing.assert_array_equal(results[0][0], results[1][0])
    assert results[0][1] == results[1][1]


@pytest.mark.parametrize(("name", "arguments"), [RANDOM[0], RANDOM[2], RANDOM[3]], ids=str)
def test_random_functions_of_square_images_give_the_pixels_of_keras(name, arguments):
    x = image(11, 11, {})
    np.random.seed(3)
    expected = getattr(theirs, name)(x, *arguments)
    np.random.seed(3)
    np.testing.assert_array_equal(getattr(ours, name)(x, *arguments), expected)


def test_random_shift_moves_along_the_axis_of_its_argument():
    x = np.zeros((1, 9, 15), np.float32)
    x[0, 4, 7] = 1
    for width, height in ((0.3, 0), (0, 0.3)):
        np.random.seed(1)
        moved = ours.random_shift(x, width, height)[0]
        rows, columns = np.nonzero(moved)
        assert (set(rows) == {4}) == (height == 0)
        assert (set(columns) == {7}) == (width == 0)


def test_apply_affine_transform_rotates_about_the_center():
    x = np.arange(5 * 8, dtype=np.float32).reshape(1, 5, 8)
    turned = ours.apply_affine_transform(x, theta=180)
    np.testing.assert_allclose(turned[0, 1:-1, 1:-1], x[0, ::-1, ::-1][1:-1, 1:-1], atol=1e-3)


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("stretch", [1.0, 3.0])
def test_brightness_gives_the_pixels_of_keras(scale, stretch):
    x = image(6, 7, AXES[1]) * stretch - (50 if stretch > 1 else 0)
    for factor in (0.3, 1.0, 1.7):
        np.testing.assert_array_equal(
            ours.apply_brightness_shift(x, factor, scale),
            theirs.apply_brightness_shift(x, factor, scale),
        )
    results = []
    for module in (ours, theirs):
        np.random.seed(0)
        results.append(module.random_brightness(x, (0.5, 1.5), scale))
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("channel_axis", [0, 2])
def test_channel_shift_gives_the_pixels_of_keras(channel_axis):
    x = image(6, 7, AXES[1] if channel_axis == 2 else {})
    np.testing.assert_array_equal(
        ours.apply_channel_shift(x, 30, channel_axis),
        theirs.apply_channel_shift(x, 30, channel_axis),
    )
    results = []
    for module in (ours, theirs):
        np.random.seed(0)
        results.append(module.random_channel_shift(x, 30, channel_axis))
    np.testing.assert_array_equal(*results)


def test_bad_arguments_raise():
    x = image(6, 7, {})
    for call in (
        lambda: ours.random_zoom(x, [0]),
        lambda: ours.random_brightness(x, [0]),
        lambda: ours.apply_affine_transform(x[0], theta=3),
        lambda: ours.apply_affine_transform(x, theta=3, row_axis=0),
        lambda: ours.apply_affine_transform(x, theta=3, row_axis=0, channel_axis=1),
    ):
        with pytest.raises(ValueError, match="Received"):
            call()
