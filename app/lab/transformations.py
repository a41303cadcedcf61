"""Transformations that should not matter: shift, rotation, scale, viewpoint and light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from app.augmentation.color import scale_brightness
from app.augmentation.resampling import resample
from app.augmentation.transforms import Transforms

_BORDERS = {"nearest": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT}
# Distance of the camera in widths of the image: about the field of view of a phone.
_DISTANCE = 1.2


@dataclass(frozen=True)
class Transformation:
    """A transformation that does not change the class of an image.

    Attributes:
        name: Name of the transformation.
        unit: Unit of the levels.
        levels: Levels from one extreme to the other.
        neutral: Level that changes nothing.
        apply: `(images (B, H, W, C) uint8, level, fill mode)` -> images of the same shape.
    """

    name: str
    unit: str
    levels: tuple[float, ...]
    neutral: float
    apply: Callable[[np.ndarray, float, str], np.ndarray]


def _shift_right(images: np.ndarray, share: float, fill_mode: str) -> np.ndarray:
    count, width = len(images), images.shape[2]
    # Positive moves the content, so the sampling point moves the other way.
    shift = np.full(count, -float(round(share * width)))
    return _resample(images, replace(Transforms.identity(count), shift_x=shift), fill_mode)


def _shift_down(images: np.ndarray, share: float, fill_mode: str) -> np.ndarray:
    count, height = len(images), images.shape[1]
    shift = np.full(count, -float(round(share * height)))
    return _resample(images, replace(Transforms.identity(count), shift_y=shift), fill_mode)


def _rotate(images: np.ndarray, degrees: float, fill_mode: str) -> np.ndarray:
    angle = np.full(len(images), float(degrees))
    return _resample(images, replace(Transforms.identity(len(images)), rotation=angle), fill_mode)


def _scale(images: np.ndarray, size: float, fill_mode: str) -> np.ndarray:
    zoom = np.full(len(images), 1 / size)
    transforms = replace(Transforms.identity(len(images)), zoom_x=zoom, zoom_y=zoom)
    return _resample(images, transforms, fill_mode)


def _resample(images: np.ndarray, transforms: Transforms, fill_mode: str) -> np.ndarray:
    return resample(images, transforms.matrices(*images.shape[1:3]), fill_mode)


def _move_camera(images: np.ndarray, degrees: float, fill_mode: str) -> np.ndarray:
    """View the image, as if it hung on a wall, from the side."""
    height, width, channels = images.shape[1:]
    matrix = _homography(height, width, np.deg2rad(degrees))
    seen = np.empty_like(images)
    for image, result in zip(images, seen, strict=True):
        warped = cv2.warpPerspective(
            image,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=_BORDERS[fill_mode],
        )
        result[...] = warped.reshape(height, width, channels)
    return seen


def _homography(height: int, width: int, angle: float) -> np.ndarray:
    """Return the matrix from output pixels (x, y, 1) to input pixels.

    The camera moves on a circle around the vertical axis through the center of the image.
    """
    middle = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])
    distance = _DISTANCE * width
    # A point (x, y) of the wall lies at depth `distance + x·sin` and appears at
    # `distance · (x·cos, y) / depth`.
    seen = np.array([
        [np.cos(angle), 0, 0],
        [0, 1, 0],
        [np.sin(angle) / distance, 0, 1],
    ])  # fmt: skip
    return middle @ np.linalg.inv(seen) @ np.linalg.inv(middle)


def _light(images: np.ndarray, factor: float, fill_mode: str) -> np.ndarray:
    return scale_brightness(images, np.full(len(images), factor))


_SHIFTS = (-0.21, -0.14, -0.07, 0.0, 0.07, 0.14, 0.21)
SHIFTS = (
    Transformation(
        "horizontal shift", "share of the width, to the right", _SHIFTS, 0.0, _shift_right
    ),
    Transformation("vertical shift", "share of the height, down", _SHIFTS, 0.0, _shift_down),
)
TRANSFORMATIONS = (
    *SHIFTS,
    Transformation(
        "rotation", "degrees counterclockwise",
        (-60.0, -30.0, -15.0, 0.0, 15.0, 30.0, 60.0), 0.0, _rotate,
    ),
    Transformation("scale", "times the size", (0.5, 0.65, 0.8, 1.0, 1.25, 1.5, 2.0), 1.0, _scale),
    Transformation(
        "viewpoint", "degrees about the vertical axis",
        (-60.0, -40.0, -20.0, 0.0, 20.0, 40.0, 60.0), 0.0, _move_camera,
    ),
    Transformation(
        "illumination", "times the light", (0.2, 0.35, 0.5, 1.0, 1.5, 2.0, 3.0), 1.0, _light
    ),
)  # fmt: skip
