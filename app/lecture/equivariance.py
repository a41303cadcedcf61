"""Translation equivariance and invariance, measured without any training.

`f` is equivariant to a shift T if `f(T x) = T f(x)`: the response shifts with the image. It is
invariant if `f(T x) = f(x)`: the response stays the same. Images are shifted and convolved
periodically, on a black canvas, so that nothing is lost at a border.

Sources: lecture, "Translation Invariance", "CNNs: characteristics"; Azulay and Weiss (2019), "Why
do deep convolutional networks generalize so poorly to small image transformations?"; Zhang (2019),
"Making convolutional networks shift-invariant again".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.lecture.convolution import cross_correlate
from app.lecture.kernels import KERNELS, response
from app.lecture.pooling import pool

Operation = Callable[[np.ndarray], np.ndarray]

_SIDE_UNIT = 4  # pixels: the canvas holds a whole number of steps of every layer


@dataclass(frozen=True)
class Layer:
    """A convolution and what follows it, without parameters that would need training.

    Attributes:
        name: Name for tables and figures.
        stride: Pixels between the cells of its output.
        apply: Function from a periodic `(H, W)` image to its output `(H / stride, W / stride)`.
    """

    name: str
    stride: int
    apply: Operation


def layers(weights: np.ndarray) -> list[Layer]:
    """Return a convolution of stride 1, and four ways to halve its output.

    Args:
        weights: `(k, l)` kernel, which is not flipped, as in networks.
    """

    def convolution(image: np.ndarray) -> np.ndarray:
        return response(image, np.flip(weights), border="wrap")

    def activation(image: np.ndarray) -> np.ndarray:
        return np.maximum(convolution(image), 0)

    return [
        Layer("convolution", 1, convolution),
        Layer("convolution, stride 2", 2, lambda x: convolution(x)[::2, ::2]),
        Layer("conv., ReLU, max pooling", 2, lambda x: pool(activation(x), "max", 2, 2)),
        Layer("conv., ReLU, average pooling", 2, lambda x: pool(activation(x), "average", 2, 2)),
        Layer("conv., ReLU, blur pooling", 2, lambda x: _blur_pool(activation(x))),
    ]


def heads(weights: np.ndarray) -> dict[str, Operation]:
    """Return functions from a periodic image to the features that a classifier receives.

    Args:
        weights: `(k, l)` kernel.
    """
    full, strided, pooled, _, blurred = (layer.apply for layer in layers(weights))
    return {
        "Flatten": lambda x: np.maximum(full(x), 0).ravel(),
        "Flatten after max pooling": lambda x: pooled(x).ravel(),
        "Flatten after 4×4 max pooling": lambda x: pool(pooled(x), "max", 2, 2).ravel(),
        "global average": lambda x: _mean(np.maximum(full(x), 0)),
        "global average after stride 2": lambda x: _mean(np.maximum(strided(x), 0)),
        "global average after max pooling": lambda x: _mean(pooled(x)),
        "global average after blur pooling": lambda x: _mean(blurred(x)),
    }


def on_canvas(image: np.ndarray, margin: int) -> np.ndarray:
    """Return an image on a black canvas with at least `margin` pixels on every side.

    Args:
        image: `(H, W)`.
        margin: Pixels; at least the largest shift plus the radius of the kernel.

    Returns:
        float64; both sides are multiples of 4, so that strided layers remain periodic.
    """
    padding = [(margin, margin + -(side + 2 * margin) % _SIDE_UNIT) for side in image.shape]
    return np.pad(image.astype(np.float64), padding)


def shift(values: np.ndarray, cells: float) -> np.ndarray:
    """Return a periodic map shifted to the right.

    A fraction of a cell is interpolated by a phase shift of the Fourier transform. This is exact
    for a map that is sampled densely enough (Shannon's theorem), so what remains is aliasing.

    Args:
        values: `(H, W)`.
        cells: Distance in cells; may be a fraction.
    """
    if float(cells).is_integer():
        return np.roll(values, int(cells), axis=1)
    width = values.shape[1]
    phases = np.exp(-2j * np.pi * np.fft.rfftfreq(width) * cells)
    return np.fft.irfft(np.fft.rfft(values, axis=1) * phases, width, axis=1)


def equivariance_error(layer: Layer, image: np.ndarray, pixels: int) -> float:
    """Return `‖f(T x) − T f(x)‖ / ‖f(x)‖`; 0 for an equivariant layer.

    Args:
        layer: Layer to test.
        image: `(H, W)` canvas.
        pixels: Shift to the right; the output shifts by `pixels / stride` cells.
    """
    before = layer.apply(image)
    difference = layer.apply(shift(image, pixels)) - shift(before, pixels / layer.stride)
    return _relative(difference, before)


def invariance_error(head: Operation, image: np.ndarray, pixels: int) -> float:
    """Return `‖g(T x) − g(x)‖ / ‖g(x)‖`; 0 for invariant features.

    Args:
        head: Function from an image to features.
        image: `(H, W)` canvas.
        pixels: Shift to the right.
    """
    before = head(image)
    return _relative(head(shift(image, pixels)) - before, before)


@dataclass(frozen=True)
class BorderError:
    """Differences of a zero-padded convolution between two overlapping views of one image.

    Attributes:
        inside: Largest difference where no window touches the padding.
        at_border: Largest difference elsewhere.
        response: Largest response, to compare with.
    """

    inside: float
    at_border: float
    response: float


def border_error(image: np.ndarray, weights: np.ndarray, pixels: int) -> BorderError:
    """Compare the zero-padded responses of two crops of an image, `pixels` apart.

    Zero padding ties a response near the border to its position (Islam et al. 2020, "How much
    position information do convolutional neural networks encode?").

    Args:
        image: `(H, W)`.
        weights: `(k, l)` kernel.
        pixels: Distance of the crops; less than W.
    """
    width = image.shape[1] - pixels
    values = image.astype(np.float64)
    first = cross_correlate(values[:, :width], weights, "same")[:, pixels:]
    second = cross_correlate(values[:, pixels:], weights, "same")[:, : width - pixels]
    difference = np.abs(first - second)
    columns = weights.shape[1] // 2
    # Above and below, the padding is the same in both; left and right it is not.
    inside = difference[:, columns : difference.shape[1] - columns]
    edges = np.delete(difference, np.s_[columns : difference.shape[1] - columns], axis=1)
    largest = max(np.abs(first).max(initial=0), np.abs(second).max(initial=0))
    return BorderError(float(inside.max(initial=0)), float(edges.max(initial=0)), float(largest))


def _blur_pool(activation: np.ndarray) -> np.ndarray:
    """Return max pooling with stride 1, a binomial blur, then every second cell (Zhang 2019)."""
    dense = pool(np.pad(activation, ((0, 1), (0, 1)), mode="wrap"), "max", 2, 1)
    return response(dense, KERNELS["gaussian-blur"].weights, border="wrap")[::2, ::2]


def _mean(values: np.ndarray) -> np.ndarray:
    return values.mean(keepdims=True).ravel()


def _relative(difference: np.ndarray, reference: np.ndarray) -> float:
    length = np.linalg.norm(reference)
    return float(np.linalg.norm(difference) / length) if length else 0.0
