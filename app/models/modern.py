"""`modern` and `large`: residual blocks with batch normalization, averaged over all positions.

Photographs pass a stem that leaves a quarter of each side; then blocks halve the image while they
widen, until 3 to 5 cells are left; global average pooling, Dropout, probabilities. Source: He et
al., Deep Residual Learning for Image Recognition, 2015; Lin et al., Network in Network, 2013.
"""

from __future__ import annotations

import keras

from app.errors import AppError
from app.layers.fused_batch_normalization import FusedBatchNormalization
from app.layers.residual_block import ResidualBlock
from app.models.output import output_layer

_PHOTOGRAPH_SIDE = 64
_SMALLEST_SIDE = 6
_SIZES = {"modern": (16, 1), "large": (24, 2)}  # filters of the first block, residuals of each


def build_modern(
    input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return the untrained network `modern` for images `(H, W, C)` of pixels 0–255.

    Raises:
        AppError: If the image is too small for one block.
    """
    return _build("modern", input_shape, num_classes, dropout)


def build_large(
    input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return `modern` with half as many filters again, and a further convolution in each block.

    Raises:
        AppError: If the image is too small for one block.
    """
    return _build("large", input_shape, num_classes, dropout)


def _build(
    name: str, input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    width, residuals = _SIZES[name]
    side = min(input_shape[:2])
    if side < _SMALLEST_SIDE:
        raise AppError(
            f"An image of {input_shape[0]}×{input_shape[1]} is too small for the network '{name}': "
            f"a block halves it, {side} → {side // 2}, where a 3×3 filter no longer fits.",
            f"Expected sides of at least {_SMALLEST_SIDE} pixels.",
            f"Use --image-size {_SMALLEST_SIDE} or more, or --model dense.",
        )
    layers = keras.layers
    network = keras.Sequential(
        [keras.Input(input_shape), layers.Rescaling(1 / 127.5, offset=-1, name="rescaling")],
        name=name,
    )
    if side >= _PHOTOGRAPH_SIDE:
        network.add(
            layers.Conv2D(2 * width, 5, strides=2, padding="same", use_bias=False, name="stem")
        )
        network.add(layers.MaxPooling2D(2, name="stem_pool"))
        network.add(FusedBatchNormalization(momentum=0.9, name="stem_norm"))
        network.add(layers.ReLU(name="stem_relu"))
        width, side = 4 * width, side // 4
    number = 1
    while side >= _SMALLEST_SIDE:
        network.add(ResidualBlock(width, residuals, name=f"block_{number}"))
        number, width, side = number + 1, 2 * width, side // 2
    network.add(layers.GlobalAveragePooling2D(name="average"))
    network.add(layers.Dropout(dropout, name="dropout"))
    network.add(output_layer(num_classes))
    return network
