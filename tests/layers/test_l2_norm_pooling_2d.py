import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from app.layers import L2NormPooling2D
from tests.layers.references import EXAMPLES, array, gradients


@given(
    st.integers(1, 9), st.integers(1, 9), st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.none() | st.tuples(st.integers(1, 4), st.integers(1, 4)), st.booleans(), st.booleans(),
)  # fmt: skip
@settings(max_examples=EXAMPLES)
def test_every_geometry_against_a_loop(height, width, window, strides, same, first):
    if not same:
        height, width = max(height, window[0]), max(width, window[1])
    images = np.random.default_rng(0).normal(size=(2, height, width, 3)).astype("float32")
    padding = "same" if same else "valid"
    steps = window if strides is None else strides
    # Positions and padding as Keras's own pooling has them; the norm is of zeros outside.
    rows, columns = keras.layers.MaxPooling2D(window, strides, padding)(images).shape[1:3]
    top = max((rows - 1) * steps[0] + window[0] - height, 0) // 2 if same else 0
    left = max((columns - 1) * steps[1] + window[1] - width, 0) // 2 if same else 0
    padded = np.pad(images, ((0, 0), (top, 9), (left, 9), (0, 0))).astype(np.float64)
    expected = np.empty((2, rows, columns, 3))
    for i in range(rows):
        for j in range(columns):
            y, x = i * steps[0], j * steps[1]
            cells = padded[:, y : y + window[0], x : x + window[1]]
            expected[:, i, j] = np.sqrt((cells**2).sum(axis=(1, 2)))
    layer = L2NormPooling2D(window, strides, padding)
    np.testing.assert_allclose(array(layer(images)), expected, atol=1e-5)
    assert layer.compute_output_shape(images.shape) == expected.shape
    if first:
        turned = L2NormPooling2D(window, strides, padding, "channels_first")
        outputs = array(turned(images.transpose(0, 3, 1, 2)))
        np.testing.assert_allclose(outputs.transpose(0, 2, 3, 1), expected, atol=1e-5)


def test_against_scipy():
    image = np.random.default_rng(0).normal(size=(12, 15))
    summed = ndimage.convolve(image**2, np.ones((3, 3)), mode="constant")
    pooled = array(L2NormPooling2D(3, 1, "same")(image[np.newaxis, ..., np.newaxis]))
    np.testing.assert_allclose(pooled[0, ..., 0], np.sqrt(summed), rtol=1e-5)


def test_l2_norm_pooling_lies_between_average_and_maximum():
    images = np.abs(np.random.default_rng(0).normal(size=(1, 8, 8, 2)).astype("float32"))
    norm = array(L2NormPooling2D()(images))
    assert (norm >= array(keras.layers.MaxPooling2D()(images)) - 1e-6).all()
    assert (norm <= 4 * array(keras.layers.AveragePooling2D(2)(images)) + 1e-6).all()


def test_l2_norm_pooling_gradient_is_value_over_norm_and_zero_at_zero():
    images = np.zeros((1, 4, 4, 1), "float32")
    images[0, :2, :2, 0] = [[3, 0], [0, -4]]
    images[0, 2:, 2:, 0] = 1e-30  # its square is too small for float32
    found = gradients(L2NormPooling2D(), images, np.ones((1, 2, 2, 1), "float32"))[0]
    expected = np.zeros_like(images)
    expected[0, :2, :2, 0] = [[0.6, 0], [0, -0.8]]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_does_not_overflow(policy):
    outputs = L2NormPooling2D(dtype=policy)(np.full((1, 2, 2, 1), 300, "float32"))
    assert keras.backend.standardize_dtype(outputs.dtype) == policy.removeprefix("mixed_")
    assert float(array(keras.ops.cast(outputs, "float32"))[0, 0, 0, 0]) == pytest.approx(600, 0.01)


def test_whole_numbers_are_pixels():
    pixels = np.full((1, 2, 2, 1), 100, "uint8")
    outputs = array(L2NormPooling2D()(pixels))
    assert outputs.dtype == np.float32
    assert outputs[0, 0, 0, 0] == 200


def test_save_and_load_and_no_parameters(tmp_path):
    model = keras.Sequential([keras.Input((7, 6, 2)), L2NormPooling2D((3, 2), 1, "same")])
    assert model.count_params() == 0
    images = np.random.default_rng(0).normal(size=(2, 7, 6, 2)).astype("float32")
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(array(model(images)), array(loaded(images)))
    assert loaded.layers[0].get_config() == model.layers[0].get_config()


def test_unknown_sizes():
    outputs = L2NormPooling2D()(keras.Input((None, None, 3)))
    assert outputs.shape == (None, None, None, 3)
    with pytest.raises(ValueError, match=r"height and width.*\(None, None, 8, 3\)"):
        L2NormPooling2D(padding="same")(keras.Input((None, 8, 3)))


@pytest.mark.parametrize(
    ("arguments", "shape", "words"),
    [
        ({"pool_size": 0}, (8, 8, 1), "pool_size=0"),
        ({"strides": (1, 2, 3)}, (8, 8, 1), r"strides=\(1, 2, 3\)"),
        ({"padding": "centered"}, (8, 8, 1), "one of valid, same. Received: padding='centered'"),
        ({"data_format": "last"}, (8, 8, 1), "data_format='last'"),
        ({"pool_size": 9}, (8, 8, 1), r"\(9, 9\) does not fit"),
        ({}, (8, 8), "rank 4"),
    ],
)
def test_bad_input(arguments, shape, words):
    with pytest.raises(ValueError, match=words):
        L2NormPooling2D(**arguments)(keras.Input(shape))
