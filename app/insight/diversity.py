"""How alike are images to a layer? The similarity of their Gram matrices, for diverse images.

The Gram matrix of a layer's maps has the products of all pairs of channels, summed over positions:
it tells textures and parts apart, wherever they are in the image.

Source: Olah et al., Feature Visualization, 2017, "Diversity"; Gatys et al., Texture Synthesis
Using Convolutional Neural Networks, 2015, for Gram matrices.
"""

from __future__ import annotations

from typing import Any

import keras

_EPSILON = 1e-6  # below it, the squared length of a Gram matrix counts as zero


def gram_similarity(maps: Any, count: int) -> Any:
    """Return the mean cosine of each image's Gram matrix and those of the others of its group.

    Args:
        maps: Tensor `(B, H', W', F)` of a layer's outputs; `count` images in a row are one group.
        count: Number of images of each group, at least 2; it divides `B`.

    Returns:
        Tensor `(B,)`: 1 for equal images, 0 for images without any common pair of channels.
    """
    batch, height, width, channels = maps.shape
    cells = keras.ops.reshape(maps, (batch, height * width, channels))
    gram = keras.ops.matmul(keras.ops.transpose(cells, (0, 2, 1)), cells) / (height * width)
    rows = keras.ops.reshape(gram, (batch // count, count, channels * channels))
    squares = keras.ops.sum(keras.ops.square(rows), axis=-1, keepdims=True)
    rows = rows * keras.ops.rsqrt(squares + _EPSILON)
    cosines = keras.ops.matmul(rows, keras.ops.transpose(rows, (0, 2, 1)))  # (groups, count, count)
    others = keras.ops.sum(cosines * (1.0 - keras.ops.eye(count)), axis=-1) / (count - 1)
    return keras.ops.reshape(others, (batch,))
