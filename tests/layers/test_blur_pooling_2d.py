import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, stats

from app.layers import BlurPooling2D
from tests.layers.references import EXAMPLES, array, gradients

RANDOM = np.random.default_rng(0)


def blurred(image, size, strides):
    """Return SciPy's convolution of an image `(H, W)` with the binomial kernel, subsampled."""
    line = stats.binom.pmf(np.arange(size), size - 1, 0.5)
    for axis in (0, 1):
        image = ndimage.correlate1d(image, line, axis, mode="mirror")
    return image[::strides, ::strides]


@given(st.integers(4, 12), st.integers(4, 12), st.integers(1, 7), st.integers(1, 4), st.booleans())
@settings(max_examples=EXAMPLES)
def test_every_geometry_against_scipy(height, width, size, strides, first):
    images = RANDOM.normal(size=(2, height, width, 3)).astype("float32")
    expected = np.stack(
        [
            np.stack([blurred(one[..., channel], size, strides) for channel in range(3)], -1)
            for one in images.astype(np.float64)
        ]
    )
    layer = BlurPooling2D(size, strides)
    np.testing.assert_allclose(array(layer(images)), expected, atol=1e-5)
    assert layer.compute_output_shape(images.shape) == expected.shape
    if first:
        turned = BlurPooling2D(size, strides, "channels_first")
        outputs = array(turned(images.transpose(0, 3, 1, 2)))
        np.testing.assert_allclose(outputs.transpose(0, 2, 3, 1), expected, atol=1e-5)


def test_a_constant_image_stays_as_it_is():
    outputs = array(BlurPooling2D(5)(np.full((1, 7, 9, 2), 3, "float32")))
    np.testing.assert_allclose(outputs, 3, rtol=1e-6)


def test_a_checkerboard_aliases_under_a_stride_but_not_behind_the_blur():
    board = (np.indices((8, 8)).sum(axis=0) % 2).astype("float32")[np.newaxis, ..., np.newaxis]
    moved = np.roll(board, 1, axis=2)
    strided = keras.layers.MaxPooling2D(1, strides=2)
    assert np.abs(array(strided(board)) - array(strided(moved))).max() == 1
    np.testing.assert_allclose(array(BlurPooling2D()(board)), 0.5)
    np.testing.assert_allclose(array(BlurPooling2D()(moved)), 0.5)


def test_the_gradient_is_the_transposed_blur():
    images = RANDOM.normal(size=(1, 6, 6, 1)).astype("float32")
    weighting = RANDOM.normal(size=(1, 3, 3, 1)).astype("float32")
    found = gradients(BlurPooling2D(), images, weighting)[0][0, ..., 0]
    expected = np.empty((6, 6))
    for cell in np.ndindex(6, 6):
        one = np.zeros((6, 6))
        one[cell] = 1
        expected[cell] = (blurred(one, 3, 2) * weighting[0, ..., 0]).sum()
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_save_and_load_and_no_parameters(tmp_path):
    model = keras.Sequential([keras.Input((7, 6, 2)), BlurPooling2D(5, 3)])
    assert model.count_params() == 0
    images = RANDOM.normal(size=(2, 7, 6, 2)).astype("float32")
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(array(model(images)), array(loaded(images)))
    assert loaded.layers[0].get_config() == model.layers[0].get_config()


def test_half_precision():
    outputs = BlurPooling2D(dtype="mixed_float16")(np.full((1, 4, 4, 1), 300, "float32"))
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"


def test_unknown_sizes_stay_unknown():
    outputs = BlurPooling2D()(keras.Input((None, 8, 3)))
    assert outputs.shape == (None, None, 4, 3)


@pytest.mark.parametrize(
    ("arguments", "shape", "words"),
    [
        ({"pool_size": 0}, (8, 8, 1), "pool_size=0"),
        ({"pool_size": (3, 3)}, (8, 8, 1), r"pool_size=\(3, 3\)"),
        ({"strides": 1.5}, (8, 8, 1), "strides=1.5"),
        ({"data_format": "last"}, (8, 8, 1), "data_format='last'"),
        ({"pool_size": 5}, (8, 2, 1), "needs sides above 2"),
        ({}, (8, 8), "rank 4"),
    ],
)
def test_bad_input(arguments, shape, words):
    with pytest.raises(ValueError, match=words):
        BlurPooling2D(**arguments)(keras.Input(shape))
