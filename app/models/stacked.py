"""`deep` and the family `stack-N`: normalized convolutions for digits.

`stack-N` is the largest network of a family with at most N weights, all of one shape: five 3×3
convolutions with filters in proportions of 2 : 3 : 4 : 4 : 5. `stack-10000` has 8, 12, 16, … of
them. `deep` halves the image after its first convolution, 5×5, and so needs half the arithmetic of
a `stack` of as many weights.

Each stage is a convolution, pooling where the image is halved, batch normalization and ReLU. A
depthwise convolution over the remaining positions replaces the average at the end, because the
position of a stroke distinguishes digits. Source: Simonyan &
Zisserman, VGG, 2014; Howard et al., MobileNets, 2017, for depthwise convolution.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import partial
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


def build_deep(
    input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return the untrained large network for images `(H, W, C)` of pixels 0–255.

    Raises:
        AppError: If the image is too small to be halved twice.
    """
    return _stack("deep", _DEEP, input_shape, num_classes, dropout)


def build_stack(
    most_weights: int, input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return the largest untrained network of the family with at most so many weights.

    Args:
        most_weights: Largest number of weights, moving statistics of the normalization included.
        input_shape: `(H, W, C)` of the images.
        num_classes: Number of classes.
        dropout: Dropout rate of the last features.

    Raises:
        AppError: If the smallest network has more weights, or the image is too small.
    """
    widths = range(_SMALLEST_WIDTH, _LARGEST_WIDTH)
    counts = partial(_count_of_width, input_shape=input_shape, num_classes=num_classes)
    fitting = bisect_right(widths, most_weights, key=counts)
    if not fitting:
        raise AppError(
            f"--model stack-{most_weights}: a network of {most_weights:,} weights.",
            f"Expected at least {counts(widths[0]):,} weights, those of the smallest network for "
            f"{num_classes} classes of images {'×'.join(map(str, input_shape))}.",
            f"Use --model stack-{counts(widths[0])} or a larger number.",
        )
    stages = _stages_of_width(widths[fitting - 1])
    return _stack(f"stack-{most_weights}", stages, input_shape, num_classes, dropout)


def _stages_of_width(width: int) -> tuple[Stage, ...]:
    """Return a network's convolutions; the width is in eighths of a filter of the first one."""
    return tuple(
        Stage(max(1, int(ratio * width / 8 + 0.5)), 3, pooled) for ratio, pooled in _FAMILY
    )


def _count_of_width(width: int, input_shape: tuple[int, int, int], num_classes: int) -> int:
    """Return the number of weights of a network without building it."""
    height, columns, channels = input_shape
    count = 0
    for stage in _stages_of_width(width):
        count += channels * stage.filters * stage.side**2 + _NORMALIZATION * stage.filters
        channels = stage.filters
    units = 1 if num_classes == 2 else num_classes
    places = (height // 4) * (columns // 4) + _NORMALIZATION
    return count + channels * places + (channels + 1) * units


_FAMILY = ((1, False), (1.5, True), (2, False), (2, True), (2.5, False))  # filters, pooled
_SMALLEST_WIDTH, _LARGEST_WIDTH = 4, 8000  # eighths of a filter of the first convolution
_NORMALIZATION = 4  # weights of each channel: scale, offset, mean, variance
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
