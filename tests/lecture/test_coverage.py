"""How often windows cover pixels: against a loop, SciPy and the slide's words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from app.errors import AppError
from app.lecture.coverage import coverage, stacked_sizes
from app.lecture.sizes import output_size

SIZES = st.tuples(st.integers(1, 12), st.integers(1, 12))


def test_the_slide_s_corner_and_middle():
    counts = coverage((5, 5), 3, 1, 0)
    assert (counts[0, 0], counts[2, 2], counts.min(), counts.max()) == (1, 9, 1, 9)
    padded = coverage((5, 5), 3, 1, 1)
    assert (padded[0, 0], padded[2, 2], padded.min(), padded.max()) == (4, 9, 4, 9)


@settings(max_examples=150)
@given(SIZES, st.integers(1, 6), st.integers(1, 5), st.integers(0, 7))
def test_agrees_with_a_sliding_loop(size, side, stride, padding):
    width, height = size
    if side > min(size) + 2 * padding:
        with pytest.raises(AppError, match=f"A filter of {side} cells"):
            coverage(size, side, stride, padding)
        return
    counts = np.zeros((height + 2 * padding, width + 2 * padding), int)
    for top in range(0, counts.shape[0] - side + 1, stride):
        for left in range(0, counts.shape[1] - side + 1, stride):
            counts[top : top + side, left : left + side] += 1
    expected = counts[padding : padding + height, padding : padding + width]
    np.testing.assert_array_equal(coverage(size, side, stride, padding), expected)
    # Zeros are covered like pixels.
    around = coverage((width + 2 * padding, height + 2 * padding), side, stride, 0)
    np.testing.assert_array_equal(around, counts)


@settings(max_examples=60)
@given(SIZES, st.integers(1, 6), st.integers(0, 7))
def test_steps_of_one_are_scipy_s_convolution_of_ones(size, side, padding):
    width, height = size
    if side > min(size) + 2 * padding:
        return
    rows, columns = (output_size(length, side, 1, padding) for length in (height, width))
    found = signal.convolve(np.ones((rows, columns)), np.ones((side, side)), method="direct")
    inside = found[padding : padding + height, padding : padding + width]
    np.testing.assert_array_equal(coverage(size, side, 1, padding), inside)


def test_sizes_layer_after_layer():
    assert stacked_sizes((5, 5), 3, 1, 0, 4) == [(5, 5), (3, 3), (1, 1)]
    assert stacked_sizes((5, 5), 3, 1, 1, 2) == [(5, 5), (5, 5), (5, 5)]
    assert stacked_sizes((7, 4), 3, 2, 0, 4) == [(7, 4), (3, 1)]
    assert stacked_sizes((3, 3), 5, 1, 0, 4) == [(3, 3)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((0, 5), 3, 1, 1), "W, the input, is 0"), (((5, 5), 0, 1, 1), "F, the filter"),
        (((5, 5), 3, 0, 1), "S, the stride"), (((5, 5), 3, 1, -1), "P, the padding"),
        (((5, 2), 3, 1, 0), "padding of 1"),
    ],
)  # fmt: skip
def test_impossible_windows_are_told(arguments, message):
    with pytest.raises(AppError, match=message):
        coverage(*arguments)
