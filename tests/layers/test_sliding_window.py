import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.layers.sliding_window import SlidingWindow, joined, output_shape, split_shape
from tests.layers.references import EXAMPLES

pair = st.tuples(st.integers(1, 12), st.integers(1, 12))
windows = st.builds(
    SlidingWindow,
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.just((1, 1)) | st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.just((1, 1)) | st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.sampled_from(["valid", "same", "centered"]),
)


def large_enough(spatial, window):
    """Return sizes that the window fits."""
    if window.padding != "valid":
        return spatial
    return tuple(map(max, spatial, window.reaches()))


@given(pair, windows)
@settings(max_examples=EXAMPLES)
def test_locally_connected_output_shape_matches_keras(spatial, window):
    spatial = large_enough(spatial, window)
    if max(window.strides) > 1:  # Keras's convolutions have one or the other
        window = window._replace(dilation=(1, 1))
    padding = "valid" if window.padding == "valid" else "same"
    shared = keras.layers.Conv2D(
        1, window.sizes, window.strides, padding, dilation_rate=window.dilation
    )
    expected = shared.compute_output_shape((None, *spatial, 1))[1:3]
    assert window.positions(spatial) == expected


@given(pair, windows)
@settings(max_examples=EXAMPLES)
def test_cells_are_those_of_a_padded_picture_of_indices(spatial, window):
    spatial = large_enough(spatial, window)
    sizes, strides, dilation, _ = window
    positions = window.positions(spatial)
    picture = np.pad(
        np.arange(np.prod(spatial)).reshape(spatial), window.zeros(spatial), constant_values=-1
    )
    expected = [
        [
            picture[i * strides[0] + a * dilation[0], j * strides[1] + b * dilation[1]]
            for a, b in itertools.product(range(sizes[0]), range(sizes[1]))
        ]
        for i, j in itertools.product(range(positions[0]), range(positions[1]))
    ]
    np.testing.assert_array_equal(window.cells(spatial), expected)


def test_shapes():
    assert split_shape("L", (None, 5, 6, 3), 2, "channels_last") == ((5, 6), 3)
    assert split_shape("L", (None, 3, 5, 6), 2, "channels_first") == ((5, 6), 3)
    assert joined(1, (5, 6), 3, "channels_last") == (1, 5, 6, 3)
    assert joined(1, (5, 6), 3, "channels_first") == (1, 3, 5, 6)
    window = SlidingWindow((3, 3), (2, 2), (1, 1), "valid")
    assert output_shape("L", (None, None, 9, 3), window, 7, "channels_last") == (None, None, 4, 7)
    with pytest.raises(ValueError, match=r"The window of L, \(3, 3\) does not fit.*\(None, 2\)"):
        output_shape("L", (None, None, 2, 3), window, 7, "channels_last")
