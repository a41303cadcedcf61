"""One batch as training gets it, without Keras, so that pictures can show the very same.

Which images a batch holds and how each is augmented depends on (seed, epoch, position) alone.
"""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from app.data.images import Images


class Augment(Protocol):
    """Random transformation of a batch; what an image gets depends on (seed, epoch, position)."""

    @property
    def mixes(self) -> bool:
        """Whether `mix` is to be called."""

    def __call__(
        self, images: np.ndarray, positions: np.ndarray, seed: int, epoch: int
    ) -> np.ndarray:
        """Transform each image."""

    def mix(
        self, images: np.ndarray, targets: np.ndarray, positions: np.ndarray, seed: int, epoch: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mix images with one another, and their targets alike."""


def epoch_order(count: int, seed: int, epoch: int) -> np.ndarray:
    """Return the order `(count,)` in which an epoch of a run meets the images, by position."""
    return np.random.default_rng((seed, epoch)).permutation(count)


def prepare_batch(
    images: Images,
    chosen: np.ndarray,
    augment: Augment | None,
    seed: int,
    epoch: int,
    side: int | None = None,
) -> np.ndarray:
    """Return the images of a batch, each augmented on its own; they are not mixed yet.

    Args:
        images: All images of the split.
        chosen: `(B,)` positions in it.
        augment: Random transformation of a batch, or `None`.
        seed: Seed of the run.
        epoch: Epoch, counted from 0.
        side: Side in pixels that the augmented images are brought to, or `None`.

    Returns:
        `(B, H, W, C)` uint8.
    """
    batch = images[chosen]  # (B, H, W, C)
    if augment is not None:
        batch = augment(batch, chosen, seed, epoch)
    return batch if side is None else _resized(batch, side)


def _resized(images: np.ndarray, side: int) -> np.ndarray:
    count, height, width, channels = images.shape
    if (height, width) == (side, side):
        return images
    # The mean over the area of each new pixel: antialiased.
    small = [cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA) for image in images]
    return np.stack(small).reshape(count, side, side, channels)  # OpenCV drops a single channel
