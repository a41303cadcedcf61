"""`modern`: residual blocks with batch normalisation, averaged over all positions.

A stem that halves the image, residual blocks that halve it again while they widen, global average
pooling, Dropout, probabilities. Source: He et al., Deep Residual Learning for Image Recognition,
2015; Lin et al., Network in Network, 2013.
"""

from __future__ import annotations

import keras

from app.errors import AppError
from app.layers.residual_block import ResidualBlock
from app.models.output import output_layer

_SMALLEST_SIDE = 8
_PHOTOGRAPH_SIDE = 64


def build_modern(
    input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return the untrained network for images `(H, W, C)` of pixels 0–255.

    Raises:
        AppError: If the image is too small to be halved three times.
    """
    side = min(input_shape[:2])
    if side < _SMALLEST_SIDE:
        raise AppError(
            f"An image of {input_shape[0]}×{input_shape[1]} is too small for the modern network: "
            f"it is halved three times, {side} → {side / 2:g} → {side / 4:g} → {side / 8:g}.",
            f"Expected sides of at least {_SMALLEST_SIDE} pixels.",
            f"Use --image-size {_SMALLEST_SIDE} or more, or --model dense.",
        )
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 127.5, offset=-1, name="rescaling"),
            layers.Conv2D(32, 5, strides=2, padding="same", use_bias=False, name="stem"),
            layers.BatchNormalization(name="stem_norm"),
            layers.ReLU(name="stem_relu"),
        ],
        name="modern",
    )
    if side >= _PHOTOGRAPH_SIDE:
        network.add(layers.MaxPooling2D(2, name="stem_pool"))
        widths = (64, 128, 256)
    else:
        widths = (64, 128)
    for number, width in enumerate(widths, start=1):
        network.add(ResidualBlock(width, strides=2, name=f"block_{number}"))
    network.add(layers.GlobalAveragePooling2D(name="average"))
    network.add(layers.Dropout(dropout, name="dropout"))
    network.add(output_layer(num_classes))
    return network
