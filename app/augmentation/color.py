"""Color of whole batches: channel shift, brightness, jitter. Pixels are 0–255."""

from __future__ import annotations

import cv2
import numpy as np

# ITU-R BT.601, as Pillow converts RGB to gray.
LUMA = np.array([0.299, 0.587, 0.114])


def shift_channels(images: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Add a number to every pixel, clipped to each image's own darkest and brightest value.

    Args:
        images: `(B, H, W, C)` uint8 or float32.
        amounts: `(B,)` levels.

    Returns:
        `(B, H, W, C)` of the same type. Source: Keras, `ImageDataGenerator`.
    """
    lowest = images.min(axis=(1, 2, 3), keepdims=True)
    highest = images.max(axis=(1, 2, 3), keepdims=True)
    shifted = images + _per_image(amounts)
    return _as(images, np.clip(shifted, lowest, highest))


def scale_brightness(images: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Multiply every pixel, clipped to 0–255.

    Floats keep their fractions. Values that lie outside 0–255 already are not clipped further
    than their image's own range.

    Args:
        images: `(B, H, W, C)` uint8 or float32.
        factors: `(B,)`; 0 is black, 1 changes nothing.

    Returns:
        `(B, H, W, C)` of the same type.
    """
    scaled = images * _per_image(factors)
    lowest = np.minimum(images.min(axis=(1, 2, 3), keepdims=True), 0)
    highest = np.maximum(images.max(axis=(1, 2, 3), keepdims=True), 255)
    return _as(images, np.clip(scaled, lowest, highest))


def jitter_color(images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
    """Change brightness, contrast and saturation.

    Args:
        images: `(B, H, W, C)` uint8 or float32, gray or RGB.
        strengths: `(B, 3)` factors of brightness, contrast and saturation.

    Returns:
        `(B, H, W, C)` of the same type; saturation leaves gray images as they are.
    """
    # Contrast scales around the mean, saturation around each pixel's gray value. All three are
    # linear: one matrix and one offset per image.
    channels = images.shape[-1]
    jittered = np.empty_like(images)
    for image, changed, (brightness, contrast, saturation) in zip(
        images, jittered, strengths, strict=True
    ):
        matrix = np.eye(channels, channels + 1)
        mean = np.mean(cv2.mean(image)[:channels])
        if channels == 3:
            matrix[:, :3] = saturation * matrix[:, :3] + (1 - saturation) * LUMA
        matrix[:, :channels] *= brightness * contrast
        matrix[:, channels] = (1 - contrast) * brightness * mean
        changed[...] = cv2.transform(image, matrix).reshape(image.shape)
    return jittered if jittered.dtype == np.uint8 else np.clip(jittered, 0, 255)


def _per_image(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32)[:, np.newaxis, np.newaxis, np.newaxis]


def _as(images: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Return `changed` in the type of `images`, rounded if that is an integer type."""
    if np.issubdtype(images.dtype, np.integer):
        changed = np.rint(changed)
    return changed.astype(images.dtype)
