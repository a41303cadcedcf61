"""Ways to halve a map: the layers that experiments compare."""

from __future__ import annotations

from collections.abc import Callable

import keras

from app.layers import BlurPooling2D, L2NormPooling2D

layers = keras.layers

# The layers that follow a convolution and its activation.
_POOLING: dict[str, Callable[[], list[keras.Layer]]] = {
    "max pooling": lambda: [layers.MaxPooling2D(2, padding="same")],
    "average pooling": lambda: [layers.AveragePooling2D(2, padding="same")],
    "L2 pooling": lambda: [L2NormPooling2D(2, padding="same")],
    "stride": lambda: [],
    "max pooling + blur": lambda: [
        layers.MaxPooling2D(2, strides=1, padding="same"), BlurPooling2D(3)
    ],
    "no pooling": lambda: [],
}  # fmt: skip


def downsampled_convolution(kind: str, filters: int) -> list[keras.Layer]:
    """Return a 3×3 convolution, batch normalization, ReLU, and what halves the map.

    Args:
        kind: `max pooling`, `average pooling`, `L2 pooling`; `stride` of the convolution itself;
            `max pooling + blur`, the maximum of neighbors at every cell, then a blur with stride
            (Zhang, 2019); or `no pooling`, which keeps the size. All have the same weights.
        filters: Number of filters.
    """
    strides = 2 if kind == "stride" else 1
    return [
        layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False),
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
        *_POOLING[kind](),
    ]
