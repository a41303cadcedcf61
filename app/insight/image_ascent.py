"""Gradient ascent from noise to images that maximize an objective, seen through small motions.

Before each step, every image is rotated, scaled and shifted at random, by one bilinear resample
over a gray border. A pattern that only works at exact pixels, such as a checkerboard, gains nothing
on average. Source: Olah et al., Feature Visualization, 2017, "transformation robustness".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from app.insight.fourier_images import FourierImages
from app.insight.gradients import Function, gradient_function

STEPS = 128
SMALL_FIELD = 16  # pixels; a smaller receptive field shows single weights, which motions blur
_ANGLE, _ZOOM = 8.0, 0.1  # degrees; largest change of the size
_LARGEST_SHIFT = 12 / 176  # of the image's shorter side
_LARGEST_FIELD_SHIFT = 1 / 8  # of the side of the receptive field
_GRAY = 127.5
# Each new start after an image without any gradient has that much more noise, up to full contrast.
_STRONGER, _STRONGEST = 2, 128


@dataclass(frozen=True)
class Ascent:
    """What is maximized.

    Attributes:
        objective: Function from images `(B, H, W, C)` of pixels 0–255 to values `(B,)` and a
            further tensor.
        shape: `(B, H, W, C)`; each image has a value of its own.
        field: Side of the part of the image that the objective depends on, in pixels.
    """

    objective: Function
    shape: tuple[int, int, int, int]
    field: int

    def maximize(
        self, random: np.random.Generator, progress: Callable[[int], None] = lambda step: None
    ) -> np.ndarray:
        """Return images `(B, H, W, C)` uint8.

        Args:
            random: Generator of the noise and of the motions.
            progress: Function called with the number of steps done, up to `STEPS`.
        """
        images = FourierImages(self.shape, random)
        reach = min(_LARGEST_SHIFT * min(self.shape[1:3]), _LARGEST_FIELD_SHIFT * self.field)
        differentiate = gradient_function(self.objective)
        motions = [np.eye(2, 3)] * self.shape[0]
        strength = 1.0
        for step in range(STEPS):
            if self.field >= SMALL_FIELD:
                motions = [_motion(random, self.shape[1:3], reach) for _ in motions]
            moved = _warped(images.pixels(), motions, back=False)
            _, gradient, _ = differentiate(moved)
            inactive = np.asarray(~gradient.any(axis=(1, 2, 3)))
            images.ascend(_warped(gradient, motions, back=True))
            if inactive.any():
                strength = min(_STRONGER * strength, _STRONGEST)
                images.restart(inactive, random, strength)
            progress(step + 1)
        return np.round(images.pixels()).astype(np.uint8)


def _motion(random: np.random.Generator, size: tuple[int, int], reach: float) -> np.ndarray:
    """Return a `(2, 3)` matrix from (x, y) in the moved image to (x, y) in the image."""
    angle = np.deg2rad(random.uniform(-_ANGLE, _ANGLE))
    zoom = random.uniform(1 - _ZOOM, 1 + _ZOOM)
    turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    center = np.array([(size[1] - 1) / 2, (size[0] - 1) / 2])
    shift = center - turn @ center + random.uniform(-reach, reach, 2)
    return np.column_stack([turn, shift])


def _warped(images: np.ndarray, motions: list[np.ndarray], *, back: bool) -> np.ndarray:
    """Move images `(B, H, W, C)`; or bring the gradients by moved images back.

    The exact gradient would spread each value over the four pixels that it was computed from. For
    motions that hardly change sizes, resampling the other way is close to it.
    """
    height, width = images.shape[1:3]
    flags = cv2.INTER_LINEAR | (0 if back else cv2.WARP_INVERSE_MAP)
    outside = (0.0 if back else _GRAY,) * 3
    moved = np.empty_like(images)
    for image, motion, result in zip(images, motions, moved, strict=True):
        warped = cv2.warpAffine(
            image, motion, (width, height), None, flags, cv2.BORDER_CONSTANT, outside
        )
        result[...] = warped.reshape(result.shape)  # OpenCV drops a single channel
        if back:
            result /= np.linalg.det(motion[:, :2])
    return moved
