"""Initial kernels of unshared convolutions: every position starts as a `Conv2D` would.

Keras's initializers derive fans from a shape. Given `(P, F·C, K)`, they count the positions P as
part of the receptive field, and the weights are too small: in Keras 2, ten times at MNIST's size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras import initializers, ops, random


def positionwise(
    initializer: Callable[..., Any], window: Sequence[int], channels: int
) -> Callable[..., Any]:
    """Return an initializer of kernels `(P, F·C, K)` that fills each position separately.

    Args:
        initializer: Initializer of a shared kernel `(*window, channels, K)`.
        window: Cells of the window along each spatial axis.
        channels: C, channels of the input.

    Source: tensorflow#53688.
    """

    def initialize(shape: Sequence[int], dtype: str | None = None) -> Any:
        positions, _, filters = shape
        if isinstance(initializer, initializers.Orthogonal):
            return _orthogonal(initializer, shape, dtype)
        if not isinstance(initializer, initializers.VarianceScaling):
            return initializer(shape, dtype=dtype)
        cells = list(range(1, len(window) + 1))
        fans = {"input_axes": [*cells, -2], "output_axes": [*cells, -1]}
        scaled = initializers.VarianceScaling(
            initializer.scale, initializer.mode, initializer.distribution, initializer.seed, **fans
        )
        return ops.reshape(scaled((positions, *window, channels, filters), dtype=dtype), shape)

    return initialize


def _orthogonal(initializer: initializers.Orthogonal, shape: Sequence[int], dtype: Any) -> Any:
    """Return `(P, F·C, K)`, an orthogonal matrix per position."""
    positions, rows, columns = shape
    tall = (positions, max(rows, columns), min(rows, columns))
    q, r = ops.qr(random.normal(tall, seed=initializer.seed, dtype=dtype))
    # Q is uniform only once the signs of R's diagonal are positive.
    q = q * ops.expand_dims(ops.sign(ops.diagonal(r, axis1=-2, axis2=-1)), -2)
    return initializer.gain * (q if rows >= columns else ops.swapaxes(q, -1, -2))
