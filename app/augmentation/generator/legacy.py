"""Keras's `ImageDataGenerator` as it was: its order of draws, its matrix, its rounding.

Kept for those who must repeat an old experiment, with `legacy_quirks=True`: a height shift moves
images sideways and a width shift up and down, images that are not square turn about a point beside
their centre, a list of negative shifts counts as fractions, brightness passes through 8 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from PIL import ImageEnhance
from scipy import ndimage

if TYPE_CHECKING:
    from app.augmentation.generator.image_data_generator import ImageDataGenerator


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
    channels_first = generator.data_format == "channels_first"
    planes = image if channels_first else np.moveaxis(image, -1, 0)  # (C, H, W)
    planes = _warped(generator, planes, drawn)
    if drawn.get("channel_shift_intensity") is not None:
        lowest, highest = np.min(planes), np.max(planes)
        planes = np.clip(planes + drawn["channel_shift_intensity"], lowest, highest)
    if drawn.get("flip_horizontal", False):
        planes = planes[:, :, ::-1]
    if drawn.get("flip_vertical", False):
        planes = planes[:, ::-1]
    result = planes if channels_first else np.moveaxis(planes, 0, -1)
    if drawn.get("brightness") is not None:
        result = _brightened(result, drawn["brightness"])
    return result


def _warped(generator: ImageDataGenerator, planes: np.ndarray, drawn: dict[str, Any]) -> np.ndarray:
    theta, shear = drawn.get("theta", 0), drawn.get("shear", 0)
    tx, ty = drawn.get("tx", 0), drawn.get("ty", 0)
    zx, zy = drawn.get("zx", 1), drawn.get("zy", 1)
    if not (theta or tx or ty or shear or zx != 1 or zy != 1):
        return planes
    angle, slant = np.deg2rad(theta), np.deg2rad(shear)
    cos, sin = np.cos(angle), np.sin(angle)
    rotation = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    shift = np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    shearing = np.array([[1, -np.sin(slant), 0], [0, np.cos(slant), 0], [0, 0, 1]])
    zoom = np.array([[zx, 0, 0], [0, zy, 0], [0, 0, 1]])
    matrix = np.dot(np.dot(np.dot(rotation, shift), shearing), zoom)
    # Height and width are confused here, and the axes are swapped after the shift.
    first, second = planes.shape[1] / 2 - 0.5, planes.shape[2] / 2 - 0.5
    there = np.array([[1, 0, first], [0, 1, second], [0, 0, 1]])
    back = np.array([[1, 0, -first], [0, 1, -second], [0, 0, 1]])
    matrix = np.dot(np.dot(there, matrix), back)[[1, 0, 2]][:, [1, 0, 2]]
    return np.stack(
        [
            ndimage.affine_transform(
                plane,
                matrix[:2, :2],
                matrix[:2, 2],
                order=generator.interpolation_order,
                mode=generator.fill_mode,
                cval=generator.cval,
            )
            for plane in planes
        ]
    )


def _brightened(image: np.ndarray, factor: float) -> np.ndarray:
    lowest, highest = np.min(image), np.max(image)
    outside = bool(lowest < 0 or highest > 255)
    picture = keras.utils.array_to_img(image, scale=outside)
    result = keras.utils.img_to_array(ImageEnhance.Brightness(picture).enhance(factor))
    return result / 255 * (highest - lowest) + lowest if outside else result


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
