"""The forms that a shift range can take, in pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Shift = float | int | Sequence[float]


def pixel_shifts(shift: Shift, size: int) -> float | np.ndarray:
    """Return how far images may move, to either side.

    Args:
        shift: A float below 1 is a fraction of `size`, from 1 on it counts pixels; an int `n` means
            whole pixels below `n`; a sequence lists the shifts, as fractions if all are below 1.
        size: Width or height in pixels.

    Returns:
        A limit, for anything between; or the `(n,)` shifts to choose from. Source: Keras,
        `ImageDataGenerator`.
    """
    if isinstance(shift, int):
        return np.arange(shift, dtype=float) if shift else 0.0
    if isinstance(shift, float):
        return shift * size if shift < 1 else shift
    values = np.array(shift, float)
    return values * size if np.abs(values).max() < 1 else values


def draw_shifts(shift: Shift, size: int, chosen: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Draw `(B,)` pixels by two `(B,)` uniforms in [0, 1)."""
    pixels = pixel_shifts(shift, size)
    if isinstance(pixels, float):
        return (2 * chosen - 1) * pixels
    return pixels[(chosen * len(pixels)).astype(int)] * np.where(side < 0.5, -1.0, 1.0)
