"""Ways to halve a map, and the small networks of experiments that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras

from app.layers import BlurPooling2D, L2NormPooling2D
from app.models.output import output_layer

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


def downsampled_network(
    kind: str,
    filters: Sequence[int],
    shape: tuple[int, ...],
    num_classes: int,
    *,
    head: type[keras.Layer] = layers.GlobalAveragePooling2D,
) -> keras.Sequential:
    """Return a network of downsampled convolutions for images with values from 0 to 255.

    Args:
        kind: Way of downsampling, as for `downsampled_convolution`.
        filters: Number of filters of each convolution.
        shape: `(H, W, C)` of the images.
        num_classes: Number of classes.
        head: Layer between the last map and the output, made without arguments.
    """
    network = keras.Sequential([keras.Input(shape), layers.Rescaling(1 / 255)], name="network")
    for number in filters:
        for layer in downsampled_convolution(kind, number):
            network.add(layer)
    network.add(head())
    network.add(output_layer(num_classes))
    return network
