"""The functions of `keras.preprocessing.image` that transform one image.

They return the pixels of Keras 2, with two faults fixed: images that are not square rotate about
their center, and `random_shift` moves along the axis that its argument names. `legacy_quirks=True`
restores the faults. Random numbers come from NumPy's global generator, in the order of Keras 2.

Args that the functions share:
    x: `(C, H, W)` image, or another order of axes by the three axis arguments.
    row_axis: Axis of the rows.
    col_axis: Axis of the columns.
    channel_axis: Axis of the channels, the first or the last one.
    fill_mode: Pixels outside the image: `nearest`, `constant`, `reflect` or `wrap`.
    cval: Pixel value for `constant`.
    interpolation_order: Order of the spline; 1 is bilinear.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from PIL import ImageEnhance
from scipy import ndimage


def random_rotation(
    x: np.ndarray,
    rg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
    *,
    legacy_quirks: bool = False,
) -> np.ndarray:
    """Rotate an image by up to `rg` degrees to either side."""
    theta = np.random.uniform(-rg, rg)
    return apply_affine_transform(
        x, theta=theta, row_axis=row_axis, col_axis=col_axis,
        channel_axis=channel_axis, fill_mode=fill_mode, cval=cval, order=interpolation_order,
        legacy_quirks=legacy_quirks,
    )  # fmt: skip


def random_shift(
    x: np.ndarray,
    wrg: float,
    hrg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
    *,
    legacy_quirks: bool = False,
) -> np.ndarray:
    """Shift an image by up to the fractions `wrg` of its width and `hrg` of its height."""
    down = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    right = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    tx, ty = (down, right) if legacy_quirks else (right, down)
    return apply_affine_transform(
        x, tx=tx, ty=ty, row_axis=row_axis, col_axis=col_axis,
        channel_axis=channel_axis, fill_mode=fill_mode, cval=cval, order=interpolation_order,
        legacy_quirks=legacy_quirks,
    )  # fmt: skip


def random_shear(
    x: np.ndarray,
    intensity: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
    *,
    legacy_quirks: bool = False,
) -> np.ndarray:
    """Shear an image by up to `intensity` degrees to either side."""
    shear = np.random.uniform(-intensity, intensity)
    return apply_affine_transform(
        x, shear=shear, row_axis=row_axis, col_axis=col_axis,
        channel_axis=channel_axis, fill_mode=fill_mode, cval=cval, order=interpolation_order,
        legacy_quirks=legacy_quirks,
    )  # fmt: skip


def random_zoom(
    x: np.ndarray,
    zoom_range: Sequence[float],
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
    *,
    legacy_quirks: bool = False,
) -> np.ndarray:
    """Scale an image by two factors between the two of `zoom_range`; below 1 magnifies."""
    lowest, highest = _two(zoom_range, "zoom_range")
    zx, zy = (1, 1) if lowest == highest == 1 else np.random.uniform(lowest, highest, 2)
    return apply_affine_transform(
        x, zx=zx, zy=zy, row_axis=row_axis, col_axis=col_axis,
        channel_axis=channel_axis, fill_mode=fill_mode, cval=cval, order=interpolation_order,
        legacy_quirks=legacy_quirks,
    )  # fmt: skip


def random_channel_shift(
    x: np.ndarray, intensity_range: float, channel_axis: int = 0
) -> np.ndarray:
    """Add a number of up to `intensity_range` levels to all channels."""
    intensity = np.random.uniform(-intensity_range, intensity_range)
    return apply_channel_shift(x, intensity, channel_axis=channel_axis)


def random_brightness(
    x: np.ndarray, brightness_range: Sequence[float], scale: bool = True
) -> np.ndarray:
    """Scale the brightness by a factor between the two of `brightness_range`."""
    darkest, brightest = _two(brightness_range, "brightness_range")
    return apply_brightness_shift(x, np.random.uniform(darkest, brightest), scale)


def apply_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Add `intensity` levels, clipped to the darkest and brightest value of the image."""
    return np.clip(x + intensity, np.min(x), np.max(x))


def apply_brightness_shift(x: np.ndarray, brightness: float, scale: bool = True) -> np.ndarray:
    """Multiply by `brightness` through 8 bits.

    Args:
        x: `(H, W, C)` image.
        brightness: Factor; 1 changes nothing.
        scale: Whether to stretch the image to 0–255 first. Without it only images with values
            outside 0–255 are stretched, and come back in their own range.
    """
    lowest, highest = np.min(x), np.max(x)
    outside = bool(lowest < 0 or highest > 255)
    picture = keras.utils.array_to_img(x, scale=outside or scale)
    result = keras.utils.img_to_array(ImageEnhance.Brightness(picture).enhance(brightness))
    return result / 255 * (highest - lowest) + lowest if outside and not scale else result


def apply_affine_transform(
    x: np.ndarray,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
    *,
    legacy_quirks: bool = False,
) -> np.ndarray:
    """Rotate, shift, shear and scale an image about its center, in one resample.

    Args:
        x: Image of three axes.
        theta: Rotation in degrees.
        tx: Shift along the width in pixels; positive moves the content to the left.
        ty: Shift along the height in pixels; positive moves the content up.
        shear: Shear angle in degrees.
        zx: Scale along the width; below 1 magnifies.
        zy: Scale along the height.
        row_axis: Axis of the rows.
        col_axis: Axis of the columns.
        channel_axis: Axis of the channels, the first or the last one.
        fill_mode: Pixels outside the image: `nearest`, `constant`, `reflect` or `wrap`.
        cval: Pixel value for `constant`.
        order: Order of the spline; 1 is bilinear.
        legacy_quirks: Rotate images that are not square about a point off their center.

    Raises:
        ValueError: If `x` does not have three axes, or the axis arguments do not name them.
    """
    if sorted((row_axis, col_axis, channel_axis)) != [0, 1, 2] or channel_axis == 1:
        raise ValueError(
            f"Received `row_axis`={row_axis}, `col_axis`={col_axis} and "
            f"`channel_axis`={channel_axis}. Expected 0, 1 and 2, channels first or last."
        )
    if np.ndim(x) != 3:
        raise ValueError(
            f"Received an image of shape {np.shape(x)}. Expected rows, columns and channels."
        )
    if not (theta or tx or ty or shear or zx != 1 or zy != 1):
        return x
    angle, slant = np.deg2rad(theta), np.deg2rad(shear)
    cos, sin = np.cos(angle), np.sin(angle)
    rotation = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    shift = np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    shearing = np.array([[1, -np.sin(slant), 0], [0, np.cos(slant), 0], [0, 0, 1]])
    zoom = np.array([[zx, 0, 0], [0, zy, 0], [0, 0, 1]])
    matrix = np.dot(np.dot(np.dot(rotation, shift), shearing), zoom)
    height, width = x.shape[row_axis], x.shape[col_axis]
    # The matrix is of (x, y); Keras confused height and width here.
    size = (height, width) if legacy_quirks else (width, height)
    matrix = transform_matrix_offset_center(matrix, *size)
    if col_axis > row_axis:  # SciPy's order is (row, column)
        matrix = matrix[[1, 0, 2]][:, [1, 0, 2]]
    planes = np.moveaxis(x, channel_axis, 0)
    warped = [
        ndimage.affine_transform(
            plane, matrix[:2, :2], matrix[:2, 2], order=order, mode=fill_mode, cval=cval
        )
        for plane in planes
    ]
    return np.moveaxis(np.stack(warped), 0, channel_axis)


def transform_matrix_offset_center(matrix: np.ndarray, x: float, y: float) -> np.ndarray:
    """Return the matrix `(3, 3)` of the transformation about the center of `x` × `y` pixels."""
    first, second = float(x) / 2 - 0.5, float(y) / 2 - 0.5
    there = np.array([[1, 0, first], [0, 1, second], [0, 0, 1]])
    back = np.array([[1, 0, -first], [0, 1, -second], [0, 0, 1]])
    return np.dot(np.dot(there, matrix), back)


def flip_axis(x: np.ndarray, axis: int) -> np.ndarray:
    """Flip an image along an axis."""
    return np.flip(np.asarray(x), axis)


def _two(values: Sequence[float], name: str) -> tuple[float, float]:
    if len(values) != 2:
        raise ValueError(f"Received `{name}`={values!r}. Expected two numbers.")
    return values[0], values[1]
