"""The convolution demo against Keras's layer."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import AppError
from app.lecture.volumes import example_layer, output_of, steps


@settings(max_examples=30)
@given(st.integers(3, 8), st.integers(3, 8), st.integers(1, 4), st.integers(1, 3),
       st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(0, 9))  # fmt: skip
def test_agrees_with_keras(width, height, depth, filters, side, stride, padding, seed):
    try:
        layer = example_layer((width, height, depth), filters, side, stride, padding, seed)
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


def test_the_lectures_sizes():
    layer = example_layer((5, 5, 3), 2, 3, 2, 1, 0)
    assert layer.padded.shape == (7, 7, 3)
    assert output_of(layer).shape == (3, 3, 2)
    assert len(list(steps(layer))) == 18


@pytest.mark.parametrize("settings", [((5, 5, 0), 2, 3, 2, 1), ((5, 5, 3), 0, 3, 2, 1)])
def test_nothing_is_refused(settings):
    with pytest.raises(AppError, match="Expected positive"):
        example_layer(*settings, 0)
