"""Geometric transformations of a batch: drawn parameters, and one affine matrix per image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Shift = float | int | Sequence[float]


@dataclass(frozen=True)
class Transforms:
    """Drawn parameters of `B` images; every array is `(B,)`.

    Attributes:
        rotation: Degrees; positive rotates the content counterclockwise on the screen.
        shift_x: Pixels along the width; positive moves the content left.
        shift_y: Pixels along the height; positive moves the content up.
        shear: Degrees.
        zoom_x: Source pixels per pixel along the width: below 1 magnifies.
        zoom_y: Source pixels per pixel along the height.
        flip_horizontal: Whether to flip left to right, after all of the above.
        flip_vertical: Whether to flip upside down.
        channel_shift: Levels added to all channels, or `None` for no shift.
        brightness: Factors, or `None` for no change.
    """

    rotation: np.ndarray
    shift_x: np.ndarray
    shift_y: np.ndarray
    shear: np.ndarray
    zoom_x: np.ndarray
    zoom_y: np.ndarray
    flip_horizontal: np.ndarray
    flip_vertical: np.ndarray
    channel_shift: np.ndarray | None = None
    brightness: np.ndarray | None = None

    @classmethod
    def identity(cls, count: int) -> Transforms:
        """Return the transforms that leave `count` images as they are."""
        zeros, ones, no = np.zeros(count), np.ones(count), np.zeros(count, bool)
        return cls(zeros, zeros, zeros, zeros, ones, ones, no, no)

    def matrices(self, height: int, width: int) -> np.ndarray:
        """Return `(B, 2, 3)` matrices from the result's pixels (x, y, 1) to the source's (x, y).

        Rotation · shift · shear · zoom about the center, in the order of Keras's
        `ImageDataGenerator`, then the flips.
        """
        angle, shear = np.deg2rad(self.rotation), np.deg2rad(self.shear)
        cos, sin = np.cos(angle), np.sin(angle)
        mirrored_zoom_x = np.where(self.flip_horizontal, -self.zoom_x, self.zoom_x)
        mirrored_zoom_y = np.where(self.flip_vertical, -self.zoom_y, self.zoom_y)
        # R · [[1, −sin s], [0, cos s]] · diag(zoom): written out, since products of many 2×2
        # matrices cost more than warping a small image.
        matrices = np.empty((len(angle), 2, 3))
        matrices[:, 0, 0] = cos * mirrored_zoom_x
        matrices[:, 1, 0] = sin * mirrored_zoom_x
        matrices[:, 0, 1] = (-cos * np.sin(shear) - sin * np.cos(shear)) * mirrored_zoom_y
        matrices[:, 1, 1] = (-sin * np.sin(shear) + cos * np.cos(shear)) * mirrored_zoom_y
        center_x, center_y = (width - 1) / 2, (height - 1) / 2
        shift_x = cos * self.shift_x - sin * self.shift_y
        shift_y = sin * self.shift_x + cos * self.shift_y
        for row, center, shift in ((0, center_x, shift_x), (1, center_y, shift_y)):
            moved = matrices[:, row, 0] * center_x + matrices[:, row, 1] * center_y
            matrices[:, row, 2] = center + shift - moved
        return matrices


def pixel_shifts(shift: Shift, size: int) -> float | np.ndarray:
    """Return how far images may move to either side.

    Args:
        shift: A float below 1 is a fraction of `size`, from 1 on it counts pixels; an int `n` means
            whole pixels below `n`; a sequence lists the shifts, as fractions if all are below 1.
        size: Width or height in pixels.

    Returns:
        The limit of a continuous range, or the `(n,)` shifts to choose from. Source: Keras,
        `ImageDataGenerator`.
    """
    if isinstance(shift, int):
        return np.arange(shift, dtype=float) if shift else 0.0
    if isinstance(shift, float):
        return shift * size if shift < 1 else shift
    values = np.array(shift, float)
    return values * size if np.abs(values).max() < 1 else values


def draw_shifts(shift: Shift, size: int, amount: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Return `(B,)` shifts in pixels, from two `(B,)` uniforms in [0, 1)."""
    pixels = pixel_shifts(shift, size)
    if isinstance(pixels, float):
        return (2 * amount - 1) * pixels
    return pixels[(amount * len(pixels)).astype(int)] * np.where(side < 0.5, -1.0, 1.0)
