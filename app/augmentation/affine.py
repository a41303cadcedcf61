"""Random affine transformation of a batch: one matrix and one resample per image.

Rotation, shifts, shear, zoom and flip are drawn for the whole batch at once and multiplied into
one matrix per image, which OpenCV applies with the GIL released.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from app.augmentation.random_numbers import uniforms


@dataclass(frozen=True)
class RandomAffine:
    """Ranges to draw from; an image keeps its size, new pixels repeat the nearest old one.

    Attributes:
        rotation: Degrees to either side.
        width_shift: Fraction of the width, to either side.
        height_shift: Fraction of the height, to either side.
        shear: Degrees to either side.
        zoom: Scales lie in [1 − zoom, 1 + zoom], drawn apart for height and width.
        horizontal_flip: Mirror half of the images.

    Source: lecture, "Data Augmentation in Keras".
    """

    rotation: float = 0.0
    width_shift: float = 0.0
    height_shift: float = 0.0
    shear: float = 0.0
    zoom: float = 0.0
    horizontal_flip: bool = False

    def __call__(
        self, images: np.ndarray, positions: np.ndarray, seed: int, epoch: int
    ) -> np.ndarray:
        """Transform a batch.

        Args:
            images: `(B, H, W, C)` uint8.
            positions: `(B,)` positions of the images in their dataset.
            seed: Seed of the run.
            epoch: Epoch, counted from 0.

        Returns:
            `(B, H, W, C)` uint8.
        """
        height, width, channels = images.shape[1:]
        transformed = np.empty_like(images)
        for image, matrix, result in zip(
            images,
            self.matrices(positions, seed, epoch, height, width),
            transformed,
            strict=True,
        ):
            warped = cv2.warpAffine(
                image,
                matrix,
                (width, height),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            result[...] = warped.reshape(height, width, channels)  # OpenCV drops a single channel
        return transformed

    def matrices(
        self, positions: np.ndarray, seed: int, epoch: int, height: int, width: int
    ) -> np.ndarray:
        """Return `(B, 2, 3)` matrices from the result's pixels (x, y, 1) to the source's."""
        draws = uniforms(seed, epoch, positions, 7).T  # (7, B)
        signed = 2.0 * draws[:6] - 1.0
        angle = np.deg2rad(self.rotation * signed[0])
        shear = np.deg2rad(self.shear * signed[1])
        shift_x = self.width_shift * width * signed[2]
        shift_y = self.height_shift * height * signed[3]
        zoom_x = 1.0 + self.zoom * signed[4]
        zoom_y = 1.0 + self.zoom * signed[5]
        mirror = np.where(self.horizontal_flip & (draws[6] < 0.5), -1.0, 1.0)

        zero, one = np.zeros_like(angle), np.ones_like(angle)
        rotation = _stack([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        sheared = _stack([[one, -np.sin(shear)], [zero, np.cos(shear)]])
        scaled = _stack([[zoom_x * mirror, zero], [zero, zoom_y]])
        linear = rotation @ sheared @ scaled  # (B, 2, 2)
        centre = np.array([(width - 1) / 2, (height - 1) / 2])
        shift = np.stack([shift_x, shift_y], axis=-1)  # (B, 2)
        offset = centre + shift - linear @ centre
        return np.concatenate([linear, offset[..., np.newaxis]], axis=-1)


def _stack(rows: list[list[np.ndarray]]) -> np.ndarray:
    """Return `(B, 2, 2)` from two rows of two `(B,)` arrays."""
    return np.moveaxis(np.array(rows), -1, 0)
