"""Convolution against the slides and SciPy; arrays as they are typed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import signal

from app.errors import AppError
from app.lecture.arrays import parse_array, show_array
from app.lecture.choices import CONVOLUTION_MODES
from app.lecture.convolution import convolution, convolve, cross_correlate

IMAGE, SOBEL = parse_array("1 2 3; 4 5 6; 7 8 9"), parse_array("-1 -2 -1; 0 0 0; 1 2 1")


def test_the_slides_vectors():
    a, b = parse_array("1 0 -1"), parse_array("0 1 2")
    trace = convolution(a, b)
    assert trace.result.tolist() == [0, 1, 2, -1, -2]
    assert trace.result.dtype == np.int64
    assert trace.show((2,)) == "c3 = a1·b3 + a2·b2 + a3·b1 = 1·2 + 0·1 + (−1)·0 = 2"


def test_the_slides_nine_results():
    found = convolve(IMAGE, SOBEL, "same")
    assert found.tolist() == [[-13, -20, -17], [-18, -24, -18], [13, 20, 17]]


def test_the_slides_entry_c33():
    a, b = np.ones((3, 3), int), np.ones((4, 5), int)
    assert (
        convolution(a, b)
        .show((2, 2))
        .startswith(
            "c33 = a11·b33 + a12·b32 + a13·b31 + a21·b23 + a22·b22 + a23·b21 + a31·b13 + a32·b12 + "
            "a33·b11 = "
        )
    )


numbers = {
    np.int64: st.integers(-50, 50),
    np.float64: st.floats(-50, 50),
    np.float32: st.floats(-50, 50, width=32),
}


@st.composite
def pairs(draw):
    rank, dtype = draw(st.integers(1, 2)), draw(st.sampled_from(list(numbers)))
    shapes = [draw(st.tuples(*[st.integers(1, 6)] * rank)) for _ in range(2)]
    return [draw(arrays(dtype, shape, elements=numbers[dtype])) for shape in shapes]


@settings(max_examples=150)
@given(pairs(), st.sampled_from(CONVOLUTION_MODES))
def test_convolution_agrees_with_scipy_with_its_terms_and_with_its_windows(pair, mode):
    a, b = pair
    image, kernel = (b, a) if a.size < b.size else (a, b)
    try:
        expected = signal.convolve(image, kernel, mode, method="direct")
    except ValueError:  # neither lies inside the other
        with pytest.raises(AppError, match="neither lies whole inside"):
            convolution(a, b, mode)
        return
    trace = convolution(a, b, mode)
    assert trace.result.shape == expected.shape
    np.testing.assert_allclose(trace.result, expected, rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(
        trace.full, signal.convolve(a, b, method="direct"), rtol=1e-4, atol=1e-2
    )
    for index, value in np.ndenumerate(trace.result):
        total = sum(term.a * term.b for term in trace.terms(index))
        assert total == pytest.approx(value, rel=1e-4, abs=1e-2)
        total = (trace.window(index) * trace.kernel).sum()
        assert total == pytest.approx(value, rel=1e-4, abs=1e-2)


@settings(max_examples=150)
@given(pairs(), st.sampled_from(CONVOLUTION_MODES))
def test_convolution_pads_with_as_many_zeros_as_the_kernel_needs(pair, mode):
    a, b = pair
    try:
        trace = convolution(a, b, mode)
    except AppError:
        return
    base, kernel = (b, a) if trace.kernel_is_a else (a, b)
    assert trace.kernel_is_a == (a.size < b.size)
    assert trace.image is base
    np.testing.assert_array_equal(trace.kernel, np.flip(kernel))
    inside = tuple(slice(n, n + s) for n, s in zip(trace.before, base.shape, strict=True))
    np.testing.assert_array_equal(trace.padded[inside], base)
    zeros = trace.padded.copy()
    zeros[inside] = 0
    assert not zeros.any()
    needed = [n + k - 1 for n, k in zip(trace.result.shape, kernel.shape, strict=True)]
    assert list(trace.padded.shape) == needed


def test_convolution_names_the_entries_as_the_slide():
    trace = convolution(IMAGE, SOBEL, "same")
    assert trace.result[0, 0] == trace.full[1, 1] == -13
    assert trace.show((0, 0)) == (
        "y[0,0] = c22 = a11·b22 + a12·b21 + a21·b12 + a22·b11 = 1·0 + 2·0 + 4·(−2) + 5·(−1) = −13"
    )


@pytest.mark.parametrize("kernel", ["A", "B"])
def test_convolution_with_a_chosen_kernel_keeps_the_size_of_the_image(kernel):
    a, b = parse_array("1 2 3"), parse_array("1 0 2 5 1")
    trace = convolution(a, b, "same", kernel)
    assert trace.full.tolist() == np.convolve(a, b).tolist()
    assert trace.result.shape == ((5,) if kernel == "A" else (3,))
    expected = np.flip(a if kernel == "A" else b)
    assert trace.kernel.tolist() == expected.tolist()


def test_learned_kernels_make_the_flip_irrelevant():
    """A layer that flips has the outputs of one that does not, with its kernel in reverse order."""
    np.testing.assert_array_equal(
        cross_correlate(IMAGE, SOBEL, "same"), convolve(IMAGE, np.flip(SOBEL), "same")
    )


def test_even_kernels_are_a_trap():
    """Flipping an even kernel by hand and giving it to Keras moves the result by one cell."""
    a, b = parse_array("1 2 3 4 5"), parse_array("1 10")
    assert convolve(a, b, "same").tolist() == [1, 12, 23, 34, 45]
    assert cross_correlate(a, np.flip(b), "same").tolist() == [12, 23, 34, 45, 50]
    odd = parse_array("1 10 100")
    assert (cross_correlate(a, np.flip(odd), "same") == convolve(a, odd, "same")).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no numbers"), ("  ", "no numbers"), (";", "empty row"), ("1 2;;3 4", "empty row"),
        ("1 2; 3", "2, 1 numbers"), ("1 a", "'a'"), ("1 nan", "'nan'"), ("inf", "'inf'"),
        ("1e20", "below 1e9"),
    ],
)  # fmt: skip
def test_slips_are_told(text, message):
    with pytest.raises(AppError, match=message):
        parse_array(text)


def test_arrays_are_read_as_they_are_typed():
    assert parse_array("1, 2;3 4;").tolist() == [[1, 2], [3, 4]]
    assert parse_array("1 2\n3 4").tolist() == [[1, 2], [3, 4]]
    assert parse_array("1 0.5").dtype == np.float64
    assert parse_array("-1").tolist() == [-1]
    assert show_array(np.array([[1, -10], [2.5, 3]])) == ["[   1  −10 ]", "[ 2.5    3 ]"]


def test_long_arrays_have_dots():
    lines = show_array(np.arange(1000)[:, np.newaxis])
    assert len(lines) == 41
    assert [lines[0], lines[20], lines[-1]] == ["[   0 ]", "[   … ]", "[ 999 ]"]


def test_wide_arrays_have_dots():
    (line,) = show_array(np.arange(1000))
    assert len(line) <= 76
    assert line.startswith("[   0    1")
    assert "…" in line
    assert line.endswith("998  999 ]")


def test_vectors_and_matrices_do_not_mix():
    with pytest.raises(AppError, match="A is a vector, B is a matrix"):
        convolve(np.ones(3), np.ones((2, 2)))
    with pytest.raises(ValueError, match="valid"):
        convolve(np.ones(3), np.ones(2), "half")
