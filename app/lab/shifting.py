"""Images shifted by whole pixels, with their own content moving in at the border."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np

from app.data.dataset import Split
from app.training.small_run import probabilities_of

# Right, left, down, up: a measurement must not favor a direction.
DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0))


def crop(images: Split, margin: int, shift: tuple[int, int] = (0, 0)) -> Split:
    """Return the images without a margin on all sides; a shift (down, right) moves the content.

    Args:
        images: Images `(N, H, W, C)` in memory.
        margin: Pixels cut off on each side, at least as many as the shift.
        shift: Pixels by which the content moves down and to the right.
    """
    top, left = (margin - distance for distance in shift)
    height, width = (side - 2 * margin for side in images.pixels.shape[1:3])
    part = images.pixels[:, top : top + height, left : left + width]
    return replace(images, images=np.ascontiguousarray(part))


def predicted(
    network: keras.Model, images: Split, margin: int, shift: tuple[int, int] = (0, 0)
) -> np.ndarray:
    """Return the predicted classes `(N,)` of shifted images; see `crop`."""
    return probabilities_of(network, crop(images, margin, shift).pixels).argmax(axis=1)


def agreement(network: keras.Model, images: Split, margin: int, distance: int) -> np.ndarray:
    """Return the share of the four directions that keep the predicted class, `(N,)`.

    Args:
        network: Network for images without the margin.
        images: Images `(N, H, W, C)` with the margin.
        margin: Pixels cut off on each side.
        distance: Pixels by which the content is shifted, at most the margin.

    Source: Zhang, Making Convolutional Networks Shift-Invariant Again, 2019.
    """
    unmoved = predicted(network, images, margin)
    same = [
        predicted(network, images, margin, (down * distance, right * distance)) == unmoved
        for down, right in DIRECTIONS
    ]
    return np.mean(same, axis=0)
