"""`deep` and `mini`: stacks of normalized convolutions for digits, large and very small.

Each stage is a convolution, pooling where the image is halved, batch normalization and ReLU. A
depthwise convolution over the remaining positions replaces the average at the end, because the
position of a stroke distinguishes digits. Source: Simonyan &
Zisserman, VGG, 2014; Howard et al., MobileNets, 2017, for depthwise convolution.
"""

from __future__ import annotations

from typing import NamedTuple

import keras

from app.errors import AppError
from app.layers.fused_batch_normalization import FusedBatchNormalization
from app.models.output import output_layer


class Stage(NamedTuple):
    """A convolution: its filters, their side in cells, and whether the image is halved."""

    filters: int
    side: int
    pooled: bool


_DEEP = (Stage(48, 5, True), Stage(96, 3, False), Stage(96, 3, True),
         Stage(128, 3, False), Stage(128, 3, False))  # fmt: skip
_MINI = (Stage(8, 3, False), Stage(12, 3, True), Stage(16, 3, False),
         Stage(16, 3, True), Stage(20, 3, False))  # fmt: skip


def build_deep(
    input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return the untrained large network for images `(H, W, C)` of pixels 0–255.

    Raises:
        AppError: If the image is too small to be halved twice.
    """
    return _stack("deep", _DEEP, input_shape, num_classes, dropout)


def build_mini(
    input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return the untrained network of 9,406 weights for 28×28 pixels; else as `build_deep`."""
    return _stack("mini", _MINI, input_shape, num_classes, dropout)


_SMALLEST_SIDE = 4  # two halvings leave one cell


def _stack(
    name: str,
    stages: tuple[Stage, ...],
    input_shape: tuple[int, int, int],
    num_classes: int,
    dropout: float,
) -> keras.Sequential:
    height, width, _ = input_shape
    if min(height, width) < _SMALLEST_SIDE:
        raise AppError(
            f"An image of {height}×{width} is too small for the network '{name}', which halves it "
            "twice.",
            f"Expected sides of at least {_SMALLEST_SIDE} pixels.",
            f"Use --image-size {_SMALLEST_SIDE} or more, or --model dense.",
        )
    layers = keras.layers
    network = keras.Sequential(
        [keras.Input(input_shape), layers.Rescaling(1 / 127.5, offset=-1, name="rescaling")],
        name=name,
    )
    for number, stage in enumerate(stages, start=1):
        network.add(
            layers.Conv2D(
                stage.filters,
                stage.side,
                padding="same",
                use_bias=False,  # the normalization that follows has an offset
                kernel_initializer="he_normal",
                name=f"conv_{number}",
            )
        )
        if stage.pooled:
            network.add(layers.MaxPooling2D(2, name=f"pool_{number}"))
            height, width = height // 2, width // 2
        network.add(FusedBatchNormalization(momentum=0.95, name=f"norm_{number}"))
        network.add(layers.ReLU(name=f"relu_{number}"))
    network.add(layers.DepthwiseConv2D((height, width), use_bias=False, name="places"))
    network.add(FusedBatchNormalization(momentum=0.95, name="places_norm"))
    network.add(layers.Flatten(name="flatten"))
    if dropout:
        network.add(layers.Dropout(dropout, name="dropout"))
    network.add(output_layer(num_classes))
    return network
