"""The classical kernels against SciPy, and what is known of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage, signal

from app.errors import AppError
from app.lecture.arrays import parse_array
from app.lecture.convolution import convolve
from app.lecture.kernels import KERNELS, kernel_named, response

RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.integers(0, 256, (12, 17)).astype(np.uint8)
DERIVATIVES = {"sobel-x", "sobel-y", "laplacian", "prewitt-x", "prewitt-y", "outline",
               "gaussian-dx", "gabor"}  # fmt: skip


@pytest.mark.parametrize("name", KERNELS)
def test_sums(name):
    kernel = KERNELS[name]
    assert kernel.weights.sum() == pytest.approx(0 if name in DERIVATIVES else 1)
    assert kernel.keeps_brightness == (name not in DERIVATIVES)
    assert kernel.numbers.dtype == np.int64  # with an exact factor
    even = response(np.full((4, 5), 100), kernel.weights)
    np.testing.assert_allclose(even, 0 if name in DERIVATIVES else 100, atol=1e-9)


@pytest.mark.parametrize("name", KERNELS)
def test_agrees_with_scipy_and_with_the_lecture_s_convolution(name):
    weights = KERNELS[name].weights
    found = response(IMAGE, weights)
    expected = ndimage.convolve(IMAGE.astype(float), weights, mode="reflect")
    np.testing.assert_allclose(found, expected, atol=1e-9)
    inside = (slice(2, -2), slice(2, -2))
    for same in (convolve(IMAGE.astype(float), weights, "same"),
                 signal.convolve(IMAGE.astype(float), weights, "same", "direct")):  # fmt: skip
        np.testing.assert_allclose(found[inside], same[inside], atol=1e-9)


@settings(max_examples=60)
@given(st.data())
def test_kernels_of_every_size(data):
    sides = st.tuples(st.integers(1, 6), st.integers(1, 6))
    weights = data.draw(arrays(np.int64, sides, elements=st.integers(-9, 9)))
    image = data.draw(arrays(np.uint8, sides))
    found = response(image, weights)
    assert found.shape == image.shape
    rows, columns = (side // 2 for side in weights.shape)
    mirrored = np.pad(image.astype(float), ((rows, rows), (columns, columns)), "symmetric")
    expected = convolve(mirrored, weights, "same")
    height, width = image.shape
    expected = expected[rows : rows + height, columns : columns + width]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_slide_s_sobel():
    image, slide = parse_array("1 2 3; 4 5 6; 7 8 9"), parse_array("-1 -2 -1; 0 0 0; 1 2 1")
    np.testing.assert_array_equal(KERNELS["sobel-y"].numbers, slide)
    assert response(image, slide)[1, 1] == -24  # brighter below: negative


def test_of_a_ramp_sobel_is_constant_and_the_laplacian_zero():
    ramp = np.tile(np.arange(9) * 3, (6, 1))
    inside = (slice(None), slice(1, -1))
    assert (response(ramp, KERNELS["sobel-x"].weights)[inside] == -8 * 3).all()
    assert (response(ramp, KERNELS["prewitt-x"].weights)[inside] == -6 * 3).all()
    assert (response(ramp, KERNELS["laplacian"].weights)[inside] == 0).all()
    assert (response(ramp, KERNELS["sobel-y"].weights) == 0).all()
    assert (response(ramp.T, KERNELS["sobel-y"].weights)[1:-1] == -8 * 3).all()


def test_the_identity_leaves_everything_and_a_relief_is_bright_at_the_lower_right():
    assert (response(IMAGE, KERNELS["identity"].weights) == IMAGE).all()
    square = np.zeros((9, 9))
    square[3:6, 3:6] = 1
    relief = response(square, KERNELS["emboss"].weights)
    assert relief[5, 5] > 1 > 0 > relief[2, 2]


def test_a_gaussian_counts_the_middle_most_and_blurs_twice_like_once_wider():
    small, large = KERNELS["gaussian-blur"], KERNELS["gaussian-blur-5"]
    assert small.numbers.max() == small.numbers[1, 1] == 4
    np.testing.assert_allclose(convolve(small.weights, small.weights), large.weights)


def test_channels_are_convolved_one_by_one():
    colors = RANDOM.integers(0, 256, (8, 9, 3)).astype(np.uint8)
    weights = KERNELS["sharpen"].weights
    found = response(colors, weights)
    for channel in range(3):
        np.testing.assert_array_equal(found[..., channel], response(colors[..., channel], weights))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(
        AppError, match=r"no kernel 'sobel'\.\nExpected one of: identity, .*outline"
    ):
        kernel_named("sobel")


@pytest.mark.parametrize("name", KERNELS)
def test_separable_kernels_are_a_column_times_a_row(name):
    kernel = KERNELS[name]
    assert (kernel.factors is not None) == (np.linalg.matrix_rank(kernel.numbers) == 1)
    if kernel.factors is not None:
        column, row = kernel.factors
        np.testing.assert_array_equal(np.outer(column, row), kernel.numbers)
        twice = ndimage.convolve1d(IMAGE.astype(float), column, axis=0, mode="reflect")
        twice = ndimage.convolve1d(twice, row, axis=1, mode="reflect") / kernel.divisor
        np.testing.assert_allclose(twice, response(IMAGE, kernel.weights), atol=1e-9)


def test_sobel_without_a_flip_agrees_with_scipy():
    found = response(IMAGE, np.flip(KERNELS["sobel-x"].weights))
    np.testing.assert_allclose(found, ndimage.sobel(IMAGE.astype(float), axis=1), atol=1e-9)


def test_gabor_is_odd_and_prefers_its_own_orientation():
    numbers = KERNELS["gabor"].numbers
    np.testing.assert_array_equal(numbers, -np.flip(numbers))
    rows, columns = np.mgrid[:24, :24]
    along, across = (np.cos(np.pi * (columns + sign * rows) / (2 * np.sqrt(2))) for sign in (1, -1))
    strong, weak = (np.abs(response(wave, numbers)[4:-4, 4:-4]).max() for wave in (along, across))
    assert strong > 5 * weak
