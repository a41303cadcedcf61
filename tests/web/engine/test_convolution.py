"""Convolutions against SciPy's correlation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from tests.web.engine.programs import ProgramBuilder, positions, window

pytestmark = pytest.mark.slow

_SIDES, _FEW = st.integers(1, 9), st.integers(1, 3)
_PAIRS = st.tuples(_FEW, _FEW)
_PADDING = st.tuples(*[st.integers(0, 2)] * 4)  # top, bottom, left, right


def correlated(image, kernel, strides, dilation, padding):
    """Return one map `(OH, OW)` of an image `(H, W, C)` and a kernel `(kh, kw, C)`."""
    top, bottom, left, right = padding
    image = np.pad(image.astype(float), ((top, bottom), (left, right), (0, 0)))
    height, width, channels = kernel.shape
    spread = np.zeros(((height - 1) * dilation[0] + 1, (width - 1) * dilation[1] + 1, channels))
    spread[:: dilation[0], :: dilation[1]] = kernel
    return correlate(image, spread, mode="valid")[:: strides[0], :: strides[1], 0]


@st.composite
def geometries(draw):
    """Return `(H, W)`, the kernel's `(kh, kw)`, strides, dilation and padding that fit."""
    image, size = draw(st.tuples(_SIDES, _SIDES)), draw(_PAIRS)
    strides, dilation, padding = draw(_PAIRS), draw(_PAIRS), draw(_PADDING)
    sums = padding[0] + padding[1], padding[2] + padding[3]
    fitting = [
        max(side, (k - 1) * d + 1 - border)
        for side, k, d, border in zip(image, size, dilation, sums, strict=True)
    ]
    output = [
        positions(*values) for values in zip(fitting, size, strides, dilation, sums, strict=True)
    ]
    return fitting, size, strides, dilation, padding, output


@given(geometries(), _FEW, st.integers(1, 6), _FEW, st.booleans(), st.integers(0, 2**32 - 1))
@settings(max_examples=80)
def test_a_convolution_agrees_with_scipy(engine, geometry, channels, filters, groups, bias, seed):
    sides, size, strides, dilation, padding, output = geometry
    rng = np.random.default_rng(seed)
    image = rng.normal(size=(*sides, channels * groups)).astype(np.float32)
    kernel = rng.normal(size=(*size, channels, filters * groups)).astype(np.float32)
    weights = {"kernel": kernel}
    if bias:
        weights["bias"] = rng.normal(size=filters * groups).astype(np.float32)
    program = ProgramBuilder(image.shape).add(
        "conv", "conv", (*output, filters * groups), weights,
        **window(strides, dilation, padding), groups=groups,
    )  # fmt: skip
    result = engine.outputs(program.build(), image[np.newaxis])["conv"][0]
    for filter_, values in enumerate(np.moveaxis(result, -1, 0)):
        first = filter_ // filters * channels
        part = image[..., first : first + channels]
        expected = correlated(part, kernel[..., filter_], strides, dilation, padding)
        expected += weights["bias"][filter_] if bias else 0
        np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-5)


@given(
    _PAIRS,
    st.tuples(_SIDES, _SIDES),
    _PADDING,
    *[st.integers(8, 13)] * 2,
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=40)
def test_a_convolution_with_fewer_products_agrees_with_scipy(
    engine, more, image_sides, padding, channels, filters, bias, seed
):
    """Of 3×3 with stride 1; where all that a cell sees is zero, the sum is exactly zero."""
    rng = np.random.default_rng(seed)
    sides = [max(side, 3) + extra for side, extra in zip(image_sides, more, strict=True)]
    output = [side - 2 + sum(padding[2 * k : 2 * k + 2]) for k, side in enumerate(sides)]
    image = rng.normal(size=(*sides, channels)).astype(np.float32)
    image[rng.random(sides) < 0.5] = 0
    kernel = rng.normal(size=(3, 3, channels, filters)).astype(np.float32)
    weights = {"kernel": kernel}
    if bias:
        weights["bias"] = rng.normal(size=filters).astype(np.float32)
    program = ProgramBuilder(image.shape).add(
        "conv", "conv", (*output, filters), weights, **window(padding=padding), groups=1
    )
    result = engine.outputs(program.build(), image[np.newaxis])["conv"][0]
    is_seen = correlated(image != 0, np.ones((3, 3, channels)), (1, 1), (1, 1), padding) > 0.5
    for values, own, start in zip(
        np.moveaxis(result, -1, 0), np.moveaxis(kernel, -1, 0),
        weights.get("bias", np.zeros(filters, np.float32)), strict=True,
    ):  # fmt: skip
        expected = correlated(image, own, (1, 1), (1, 1), padding) + start
        np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(values[~is_seen], start)


@given(geometries(), _FEW, _FEW, st.booleans(), st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_a_depthwise_convolution_agrees_with_scipy(
    engine, geometry, channels, multiplier, bias, seed
):
    sides, size, strides, dilation, padding, output = geometry
    rng = np.random.default_rng(seed)
    image = rng.normal(size=(*sides, channels)).astype(np.float32)
    kernel = rng.normal(size=(*size, channels, multiplier)).astype(np.float32)
    weights = {"kernel": kernel}
    if bias:
        weights["bias"] = rng.normal(size=channels * multiplier).astype(np.float32)
    program = ProgramBuilder(image.shape).add(
        "conv", "depthwise", (*output, channels * multiplier), weights,
        **window(strides, dilation, padding),
    )  # fmt: skip
    result = engine.outputs(program.build(), image[np.newaxis])["conv"][0]
    for place, values in enumerate(np.moveaxis(result, -1, 0)):
        channel, copy = divmod(place, multiplier)
        own = kernel[:, :, channel : channel + 1, copy]
        part = image[..., channel : channel + 1]
        expected = correlated(part, own, strides, dilation, padding)
        expected += weights["bias"][place] if bias else 0
        np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-5)


@given(geometries(), _FEW, st.integers(1, 6), st.booleans(), st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_a_locally_connected_layer_has_its_own_kernel_at_each_place(
    engine, geometry, channels, filters, bias, seed
):
    sides, size, strides, dilation, padding, output = geometry
    rng = np.random.default_rng(seed)
    image = rng.normal(size=(*sides, channels)).astype(np.float32)
    kernel = rng.normal(size=(*output, *size, channels, filters)).astype(np.float32)
    weights = {"kernel": kernel}
    if bias:
        weights["bias"] = rng.normal(size=(*output, filters)).astype(np.float32)
    program = ProgramBuilder(image.shape).add(
        "local", "local", (*output, filters), weights,
        size=list(size), **window(strides, dilation, padding),
    )  # fmt: skip
    result = engine.outputs(program.build(), image[np.newaxis])["local"][0]
    for row, column, filter_ in np.ndindex(result.shape):
        own = kernel[row, column, ..., filter_]
        expected = correlated(image, own, strides, dilation, padding)[row, column]
        expected += weights["bias"][row, column, filter_] if bias else 0
        np.testing.assert_allclose(result[row, column, filter_], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("filters", [1, 3, 4, 5, 8])
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_a_dense_layer_agrees_with_a_matrix_product(engine, filters, columns):
    rng = np.random.default_rng(filters)
    image = rng.normal(size=(2, columns, 7)).astype(np.float32)
    kernel, bias = rng.normal(size=(7, filters)), rng.normal(size=filters)
    program = ProgramBuilder(image.shape).add(
        "dense", "dense", (2, columns, filters), {"kernel": kernel, "bias": bias}
    )
    result = engine.outputs(program.build(), image[np.newaxis])["dense"][0]
    np.testing.assert_allclose(result, image @ kernel + bias, rtol=1e-5, atol=1e-5)
