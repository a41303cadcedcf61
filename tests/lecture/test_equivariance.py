"""Equivariance and invariance against SciPy, known spectra and exact identities."""

import numpy as np
import pytest
from scipy import ndimage

from app.lecture.equivariance import (
    Layer,
    border_error,
    equivariance_error,
    heads,
    invariance_error,
    layers,
    on_canvas,
    shift,
)
from app.lecture.kernels import KERNELS

RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.integers(0, 256, (15, 18)).astype(np.uint8)
CANVAS = on_canvas(IMAGE, 9)
SOBEL = KERNELS["sobel-x"].weights


def test_on_canvas_keeps_the_image_and_fits_the_strides():
    assert CANVAS.shape == (36, 36)
    np.testing.assert_array_equal(CANVAS[9:24, 9:27], IMAGE)
    assert CANVAS.sum() == IMAGE.sum()


@pytest.mark.parametrize("cells", [1, -3, 0.5, 2.25])
def test_shift_agrees_with_scipy(cells):
    odd = CANVAS[:, :-1]  # an even width has a Nyquist frequency, whose phase is not defined
    spectrum = ndimage.fourier_shift(np.fft.fft2(odd), (0, cells))
    np.testing.assert_allclose(shift(odd, cells), np.fft.ifft2(spectrum).real, atol=1e-9)


def test_convolution_agrees_with_scipy():
    convolution = layers(SOBEL)[0]
    expected = ndimage.correlate(CANVAS, SOBEL, mode="wrap")
    np.testing.assert_allclose(convolution.apply(CANVAS), expected, atol=1e-9)


@pytest.mark.parametrize("pixels", [1, 2, 3, 8])
def test_convolution_is_equivariant_exactly(pixels):
    assert equivariance_error(layers(SOBEL)[0], CANVAS, pixels) == 0


@pytest.mark.parametrize("layer", layers(SOBEL)[1:], ids=lambda layer: layer.name)
def test_layers_of_stride_2_are_equivariant_to_even_shifts_only(layer):
    assert layer.apply(CANVAS).shape == (18, 18)
    for even in (2, 4, 6):
        assert equivariance_error(layer, CANVAS, even) == pytest.approx(0, abs=1e-12)
    for odd in (1, 3, 5):
        assert equivariance_error(layer, CANVAS, odd) > 0.01


@pytest.mark.parametrize(("frequency", "aliased"), [(7, False), (11, True)])
def test_odd_shifts_alias_only_above_the_nyquist_frequency_of_the_stride(frequency, aliased):
    """Of 40 pixels, a stride of 2 leaves 20 cells, which hold frequencies below 10."""
    wave = np.cos(2 * np.pi * frequency * np.arange(40) / 40)[np.newaxis].repeat(4, axis=0)
    strided = layers(KERNELS["identity"].weights)[1]
    error = equivariance_error(strided, wave, 1)
    # Shifted by half a cell, an aliased wave has the opposite sign: a difference of 2.
    assert error == pytest.approx(2 if aliased else 0, abs=1e-9)


def test_blur_pooling_aliases_least():
    names = [layer.name for layer in layers(SOBEL)]
    errors = dict(
        zip(names, [equivariance_error(one, CANVAS, 1) for one in layers(SOBEL)], strict=True)
    )
    del errors["convolution"]
    assert min(errors, key=errors.__getitem__) == "conv., ReLU, blur pooling"


def test_max_pooling_agrees_with_scipy():
    layer = next(one for one in layers(SOBEL) if "max pooling" in one.name)
    activation = np.maximum(ndimage.correlate(CANVAS, SOBEL, mode="wrap"), 0)
    expected = ndimage.maximum_filter(activation, size=2, origin=-1, mode="wrap")[::2, ::2]
    np.testing.assert_allclose(layer.apply(CANVAS), expected, atol=1e-9)


def test_global_average_is_invariant_and_flatten_is_not():
    found = heads(SOBEL)
    for pixels in (1, 2, 3):
        assert invariance_error(found["global average"], CANVAS, pixels) < 1e-12
        assert invariance_error(found["Flatten"], CANVAS, pixels) > 0.5
    after_stride = found["global average after stride 2"]
    assert invariance_error(after_stride, CANVAS, 2) < 1e-12
    assert invariance_error(after_stride, CANVAS, 1) > 1e-4


def test_border_error_is_zero_inside_and_not_at_the_border():
    found = border_error(IMAGE, SOBEL, 1)
    assert found.inside == 0
    assert found.at_border > 0
    black = np.pad(IMAGE, 4)
    assert border_error(black, SOBEL, 1).at_border == 0


def test_errors_of_a_black_image_are_zero():
    identity = Layer("identity", 1, lambda x: x)
    assert equivariance_error(identity, np.zeros((4, 4)), 1) == 0
