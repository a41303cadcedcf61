"""The lecture's arithmetic against Keras, the project's layers and SciPy."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import signal

from app.errors import AppError
from app.lecture.convolution import cross_correlate
from app.lecture.parameters import count_layer
from app.lecture.pooling import KINDS, pool, windows
from app.lecture.sizes import output_size
from app.lecture.volumes import example_layer, output_of, steps

NUMBERS = st.floats(-50, 50, width=32)


@settings(max_examples=40)
@given(st.data())
def test_cross_correlate_agrees_with_keras_and_scipy(keras, data):
    size = st.tuples(st.integers(4, 8), st.integers(4, 8))
    kernel = st.tuples(st.integers(1, 4), st.integers(1, 4))
    a = data.draw(arrays(np.float32, size, elements=NUMBERS))
    b = data.draw(arrays(np.float32, kernel, elements=NUMBERS))
    for padding in ("same", "valid"):
        expected = keras.ops.conv(
            a[np.newaxis, :, :, np.newaxis], b[:, :, np.newaxis, np.newaxis], padding=padding
        )
        expected = keras.ops.convert_to_numpy(expected)[0, :, :, 0]
        np.testing.assert_allclose(cross_correlate(a, b, padding), expected, atol=1e-2)
    np.testing.assert_allclose(
        cross_correlate(a, b), signal.correlate(a, b, method="direct"), rtol=1e-4, atol=1e-2
    )


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 5))
@settings(max_examples=60)
def test_output_size_agrees_with_keras(keras, width, filter_size, stride):
    ours = output_size(width, filter_size, stride)
    if ours:
        layer = keras.layers.Conv1D(1, filter_size, stride)
        assert layer.compute_output_shape((1, width, 1))[1] == ours


@settings(max_examples=20)
@given(st.integers(5, 12), st.integers(5, 12), st.integers(1, 3), st.integers(1, 4),
       st.integers(1, 3), st.integers(1, 5))  # fmt: skip
def test_count_layer_agrees_with_the_layers(keras, width, height, depth, side, stride, filters):
    from app.layers import LocallyConnected2D

    if (width - side) % stride or (height - side) % stride:
        return
    count = count_layer((width, height, depth), side, stride, 0, filters)
    for layer, expected in (
        (keras.layers.Conv2D(filters, side, stride), count.shared),
        (LocallyConnected2D(filters, side, stride), count.unshared),
    ):
        layer.build((None, height, width, depth))
        assert layer.count_params() == expected
    assert layer.compute_output_shape((1, height, width, depth))[1:] == (
        count.output[1], count.output[0], filters,
    )  # fmt: skip


@settings(max_examples=30)
@given(st.integers(3, 8), st.integers(3, 8), st.integers(1, 4), st.integers(1, 3),
       st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(0, 9))  # fmt: skip
def test_steps_agree_with_keras(keras, width, height, depth, filters, side, stride, padding, seed):
    try:
        layer = example_layer((width, height, depth), (filters, side), stride, padding, seed)
    except AppError as error:
        assert "not whole" in str(error) or "at most" in str(error)
        return
    expected = keras.ops.conv(
        layer.padded[np.newaxis].astype(np.float32),
        layer.filters.transpose(1, 2, 3, 0).astype(np.float32),
        strides=stride,
        padding="valid",
    )
    expected = keras.ops.convert_to_numpy(expected)[0] + layer.biases
    np.testing.assert_array_equal(output_of(layer), expected)
    for step in steps(layer):
        assert step.value == step.sums.sum() + layer.biases[step.filter]


@settings(max_examples=60)
@given(st.data(), st.integers(1, 4), st.integers(1, 4), st.sampled_from(list(KINDS)))
def test_pool_agrees_with_the_layers(keras, data, window, stride, kind):
    from app.layers import L2NormPooling2D

    layers = {
        "max": keras.layers.MaxPooling2D,
        "average": keras.layers.AveragePooling2D,
        "l2": L2NormPooling2D,
    }
    side = st.integers(window, 9)
    shape = data.draw(st.tuples(side, side, st.integers(1, 3)))
    image = data.draw(arrays(np.float32, shape, elements=st.floats(-50, 50, width=32)))
    expected = layers[kind](window, stride)(image[np.newaxis])
    expected = keras.ops.convert_to_numpy(expected)[0]
    pooled = pool(image, kind, window, stride)
    np.testing.assert_allclose(pooled, expected, rtol=1e-4, atol=1e-4)
    # Each map by itself, and each cell from its own window.
    np.testing.assert_array_equal(pool(image[..., 0], kind, window, stride), pooled[..., 0])
    cells = windows(image, window, stride)
    assert cells.shape[:3] == pooled.shape
    last = pool(cells[-1, -1, -1], kind, window, 1)
    np.testing.assert_allclose(last, pooled[-1:, -1:, -1], rtol=1e-6)
