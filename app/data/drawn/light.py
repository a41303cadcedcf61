"""What a camera does to a scene: light, color cast, blur and noise."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter


def photographed(image: Image.Image, rng: np.random.Generator) -> np.ndarray:
    """Return the picture of a scene at half its resolution.

    Args:
        image: The scene, `2 * size` pixels wide and high.
        rng: Random numbers for light and camera.

    Returns:
        `(size, size, 3)` uint8.
    """
    image = image.reduce(2)
    blur = rng.uniform(-0.9, 1.0)
    if blur > 0:
        image = image.filter(ImageFilter.BoxBlur(blur))
    pixels = np.asarray(image, dtype=np.float32)
    size = len(pixels)
    pixels = pixels.reshape(size, -1)  # (H, W * 3): NumPy is slow where the last axis is short
    across = np.linspace(-1, 1, size, dtype=np.float32)
    side, down = rng.normal(0, 0.13, 2).astype(np.float32)
    bowl = np.float32(max(0.0, rng.uniform(-0.07, 0.15))) * across**2
    gain = np.exp(rng.normal(0, 0.16) + rng.normal(0, 0.06, 3)).astype(np.float32)
    contrast = np.float32(rng.uniform(0.7, 1.15))
    field = (down * across - bowl)[:, None] + np.repeat(1 + side * across - bowl, 3)
    field *= np.tile(contrast * gain, size)
    field *= pixels
    field += 120 * (1 - contrast)
    if rng.random() < 0.05:
        field = np.repeat(field.reshape(size, size, 3).mean(axis=2), 3, axis=1)
    grain = np.float32(rng.uniform(1, 7)) * rng.standard_normal((size, size), dtype=np.float32)
    field += np.repeat(grain, 3, axis=1)
    np.clip(field, 0, 255, out=field)
    return field.astype(np.uint8).reshape(size, size, 3)
