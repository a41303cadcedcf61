"""Keras's `ImageDataGenerator` as it was: its order of draws, its matrix, its rounding.

Kept for those who must repeat an old experiment, with `legacy_quirks=True`: a height shift moves
images sideways and a width shift up and down, images that are not square turn about a point beside
their centre, a list of negative shifts counts as fractions, brightness passes through 8 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from app.keras2.image_data_generator.affine_transformations import (
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
    flip_axis,
)

if TYPE_CHECKING:
    from app.keras2.image_data_generator.image_data_generator import ImageDataGenerator

_MATRIX = ("theta", "tx", "ty", "shear", "zx", "zy")


def draw(generator: ImageDataGenerator, height: int, width: int) -> dict[str, Any]:
    """Draw one image's parameters from NumPy's global generator, in the old order."""
    random = np.random
    theta = _symmetric(generator.rotation_range)
    tx = _shift(generator.height_shift_range, height)
    ty = _shift(generator.width_shift_range, width)
    shear = _symmetric(generator.shear_range)
    lowest, highest = generator.zoom_range
    zx, zy = (1, 1) if lowest == highest == 1 else random.uniform(lowest, highest, 2)
    # Both are drawn always, whether wanted or not.
    flip_horizontal = (random.random() < 0.5) * generator.horizontal_flip
    flip_vertical = (random.random() < 0.5) * generator.vertical_flip
    intensity = None
    if generator.channel_shift_range != 0:
        intensity = _symmetric(generator.channel_shift_range)
    brightness = None
    if generator.brightness_range is not None:
        darkest, brightest = generator.brightness_range
        brightness = random.uniform(darkest, brightest)
    return {
        "theta": theta,
        "tx": tx,
        "ty": ty,
        "shear": shear,
        "zx": zx,
        "zy": zy,
        "flip_horizontal": flip_horizontal,
        "flip_vertical": flip_vertical,
        "channel_shift_intensity": intensity,
        "brightness": brightness,
    }


def apply(generator: ImageDataGenerator, image: np.ndarray, drawn: dict[str, Any]) -> np.ndarray:
    """Transform one image `(H, W, C)` or `(C, H, W)`, to the bit as Keras did."""
    row_axis, col_axis, channel_axis = (
        generator.row_axis - 1, generator.col_axis - 1, generator.channel_axis - 1,
    )  # fmt: skip
    matrix = {name: drawn[name] for name in _MATRIX if name in drawn}
    result = apply_affine_transform(
        image,
        **matrix,
        row_axis=row_axis,
        col_axis=col_axis,
        channel_axis=channel_axis,
        fill_mode=generator.fill_mode,
        cval=generator.cval,
        order=generator.interpolation_order,
        legacy_quirks=True,
    )
    if drawn.get("channel_shift_intensity") is not None:
        result = apply_channel_shift(result, drawn["channel_shift_intensity"], channel_axis)
    if drawn.get("flip_horizontal", False):
        result = flip_axis(result, col_axis)
    if drawn.get("flip_vertical", False):
        result = flip_axis(result, row_axis)
    if drawn.get("brightness") is not None:
        result = apply_brightness_shift(result, drawn["brightness"], scale=False)
    return result


def _symmetric(width: float) -> float:
    return np.random.uniform(-width, width) if width else 0


def _shift(shift: Any, size: int) -> float:
    # A list of zeros draws too; only an empty one does not.
    if not (np.size(shift) if np.ndim(shift) else shift):
        return 0
    try:  # a list, or a whole number
        drawn = np.random.choice(shift)
        drawn *= np.random.choice([-1, 1])
    except ValueError:
        drawn = np.random.uniform(-shift, shift)
    if np.max(shift) < 1:
        drawn *= size
    return drawn
