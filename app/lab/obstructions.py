"""Obstructions of the view: rain, spatter, stickers, graffiti.

Images are `(H, W, C)` float32 of 0 to 1, severities 0 to 4.
"""

from __future__ import annotations

import cv2
import numpy as np

# Larger images get drops as large in proportion.
_REFERENCE_SIDE = 28


def rain(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    """Draw bright streaks, all at nearly one slant."""
    height, width = image.shape[:2]
    number = (8, 14, 22, 32, 45)[severity]
    slant = random.uniform(-0.35, 0.35)
    layer = np.zeros((height, width), np.float32)
    for x, y, share in zip(
        random.uniform(-0.2, 1.2, number), random.uniform(-0.1, 1.0, number),
        random.uniform(0.1, 0.22, number), strict=True,
    ):  # fmt: skip
        start = round(x * width), round(y * height)
        end = round((x + slant * share) * width), round((y + share) * height)
        cv2.line(layer, start, end, 1.0, _thickness(image, 0.5), cv2.LINE_AA)
    strength = 0.75 * layer[..., np.newaxis]
    return image * (1 - strength) + strength * 0.85


def spatter(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    """Throw mud: blobs of smooth noise above a threshold, dark gray. After MNIST-C."""
    height, width = image.shape[:2]
    scale = max(height, width) / _REFERENCE_SIDE
    share = (0.06, 0.1, 0.15, 0.22, 0.3)[severity]
    noise = random.normal(size=(height, width)).astype(np.float32)
    liquid = cv2.GaussianBlur(noise, (0, 0), 1.2 * scale)
    covered = (liquid > np.quantile(liquid, 1 - share)).astype(np.float32)
    mask = cv2.GaussianBlur(covered, (0, 0), 0.4 * scale)[..., np.newaxis]
    return image * (1 - mask) + mask * 63 / 255


def stickers(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    """Put up to five black or white rectangles somewhere in the middle."""
    height, width = image.shape[:2]
    covered = image.copy()
    side = (0.16, 0.17, 0.18, 0.19, 0.2)[severity]
    for number in range(severity + 1):
        tall, wide = (max(1, round(side * length)) for length in (height, width))
        top = int(random.integers(height // 6, max(height // 6 + 1, height - height // 6 - tall)))
        left = int(random.integers(width // 6, max(width // 6 + 1, width - width // 6 - wide)))
        covered[top : top + tall, left : left + wide] = number % 2  # black, white, black, …
    return covered


def graffiti(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    """Scrawl one to five strokes across the image, each in a color of its own."""
    height, width, channels = image.shape
    sprayed = image.copy()
    for _ in range(severity + 1):
        points = np.stack(
            [np.sort(random.uniform(0, width, 5)), random.uniform(0, height, 5)], axis=1
        )
        mask = np.zeros((height, width), np.float32)
        curve = [np.rint(_smooth(points)).astype(np.int32)]
        cv2.polylines(mask, curve, False, 1.0, _thickness(image, 1.0), cv2.LINE_AA)
        color = np.asarray(random.uniform(0.3, 1.0, channels), np.float32)
        sprayed = sprayed * (1 - mask[..., np.newaxis]) + mask[..., np.newaxis] * color
    return sprayed


def _smooth(points: np.ndarray) -> np.ndarray:
    """Return a curve `(M, 2)` that the points `(N, 2)` pull at: a Bézier curve."""
    along = np.linspace(0, 1, 40)[:, np.newaxis]
    curve = np.repeat(points[np.newaxis], len(along), axis=0)
    while curve.shape[1] > 1:  # de Casteljau
        curve = curve[:, :-1] * (1 - along[..., np.newaxis]) + curve[:, 1:] * along[..., np.newaxis]
    return curve[:, 0]


def _thickness(image: np.ndarray, pixels: float) -> int:
    return max(1, round(pixels * max(image.shape[:2]) / _REFERENCE_SIDE))
