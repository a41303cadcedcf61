"""Image corruptions in five severities.

Noise (three kinds), Gaussian and motion blur, brightness, contrast, JPEG and pixelation are as
strong as in ImageNet-C, whose images have 224 pixels; others are blurred in proportion to their
size, but by at least a third of that. No severity may make an image unreadable for people: contrast
keeps a tenth, where ImageNet-C keeps a twentieth, and no image is reduced to fewer than 8 pixels.
So numbers are not comparable with those of MNIST-C or ImageNet-C. (`lab robustness --mnist-c` reads
the published MNIST-C.) Fog is mixed in by their rule and numbers, but is smooth noise of four
octaves, stretched to its full range in each image, instead of a cut from a plasma fractal. Spatter
follows ImageNet-C's idea with other amounts. Darkness, rain, stickers and graffiti are this
project's own, after the lecture's stop sign.

Sources: Mu & Gilmer, MNIST-C, 2019; Hendrycks & Dietterich, Benchmarking neural network robustness
to common corruptions and perturbations, 2019.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from PIL import Image

from app.lab.obstructions import graffiti, rain, spatter, stickers

# `(image (H, W, C) float32 from 0 to 1, severity from 0 to 4, random numbers)` -> image.
Corruption = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]
SEVERITIES = (1, 2, 3, 4, 5)
_REFERENCE_SIDE = 224
_SMALLEST_SCALE = 1 / 3  # of lengths: digits of 28 pixels get strokes blurred, but not erased
_SMALLEST_SIDE = 8


def corrupt(images: np.ndarray, name: str, severity: int, positions: Sequence[int]) -> np.ndarray:
    """Return corrupted images.

    Args:
        images: `(N, H, W, C)` uint8.
        name: One of `CORRUPTIONS`.
        severity: From 1 to 5.
        positions: `N` positions of the images; each has its own random numbers, the same for all
            severities.

    Returns:
        `(N, H, W, C)` uint8.
    """
    apply = CORRUPTIONS[name]
    number = list(CORRUPTIONS).index(name)
    corrupted = np.empty_like(images)
    for result, image, position in zip(corrupted, images, positions, strict=True):
        random = np.random.default_rng((number, position))
        changed = apply(image.astype(np.float32) / 255, severity - 1, random)
        result[...] = np.rint(255 * np.clip(changed, 0, 1)).reshape(image.shape)
    return corrupted


def _gaussian_noise(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    deviation = (0.08, 0.12, 0.18, 0.26, 0.38)[severity]
    return image + random.normal(scale=deviation, size=image.shape)


def _shot_noise(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    photons = (60, 25, 12, 5, 3)[severity]  # of a white pixel
    return random.poisson(image * photons) / photons


def _impulse_noise(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    share = (0.03, 0.06, 0.09, 0.17, 0.27)[severity]
    draws = random.random(image.shape)
    salted = np.where(draws < share / 2, 1.0, image)
    return np.where(draws > 1 - share / 2, 0.0, salted)


def _gaussian_blur(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    deviation = (1, 2, 3, 4, 6)[severity] * _length_scale(image)
    return cv2.GaussianBlur(image, (0, 0), deviation, borderType=cv2.BORDER_REPLICATE)


def _motion_blur(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    radius, deviation = ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15))[severity]
    scale = _length_scale(image)
    reach = max(1, round(2 * radius * scale))  # ImageMagick's kernel has 2·radius + 1 taps
    angle = np.deg2rad(random.uniform(-45, 45))
    # What the camera saw while it moved: weights of a one-sided Gaussian along a line.
    steps = np.arange(reach + 1)
    weights = np.exp(-((steps / (deviation * scale)) ** 2) / 2)
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    rows = np.rint(reach + np.sin(angle) * steps).astype(int)
    columns = np.rint(reach + np.cos(angle) * steps).astype(int)
    np.add.at(kernel, (rows, columns), weights / weights.sum())
    return cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE)


def _fog(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    thickness = (1.5, 2.0, 2.5, 2.5, 3.0)[severity]
    decay = (2.0, 2.0, 1.7, 1.5, 1.4)[severity]
    height, width = image.shape[:2]
    field = np.zeros((height, width), np.float32)
    for octave in range(4):
        cells = 2 ** (octave + 1) + 1
        coarse = random.random((cells, cells)).astype(np.float32)
        smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        field += np.asarray(smooth, np.float32) / decay**octave
    field -= field.min()
    field /= max(float(field.max()), 1e-6)
    brightest = float(image.max())
    return (image + thickness * field[..., np.newaxis]) * brightest / (brightest + thickness)


def _brightness(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    return _with_value(image, lambda value: value + (0.1, 0.2, 0.3, 0.4, 0.5)[severity])


def _darkness(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    # Dusk: less light, and more of the sensor's noise in it.
    light = (0.6, 0.45, 0.3, 0.2, 0.1)[severity]
    return light * image + random.normal(scale=0.02, size=image.shape)


def _contrast(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    mean = image.mean(axis=(0, 1), keepdims=True)
    return (image - mean) * (0.4, 0.3, 0.2, 0.15, 0.1)[severity] + mean


def _jpeg(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    buffer = io.BytesIO()
    _picture(image).save(buffer, "JPEG", quality=(25, 18, 15, 10, 7)[severity])
    with Image.open(buffer) as decoded:
        return _array(decoded)


def _pixelate(image: np.ndarray, severity: int, random: np.random.Generator) -> np.ndarray:
    share = (0.6, 0.5, 0.4, 0.3, 0.25)[severity]
    height, width = image.shape[:2]
    small = _picture(image).resize(
        tuple(max(min(side, _SMALLEST_SIDE), int(side * share)) for side in (width, height)),
        Image.Resampling.BOX,
    )
    return _array(small.resize((width, height), Image.Resampling.NEAREST))


def _with_value(image: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Change the value of a color, hue and saturation staying: its largest channel."""
    value = image.max(axis=-1, keepdims=True)
    changed = np.clip(change(value), 0, 1)
    gray = np.broadcast_to(changed, image.shape)
    return np.where(value > 0, image * (changed / np.maximum(value, 1e-6)), gray)


def _length_scale(image: np.ndarray) -> float:
    return max(_SMALLEST_SCALE, max(image.shape[:2]) / _REFERENCE_SIDE)


def _picture(image: np.ndarray) -> Image.Image:
    pixels = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def _array(picture: Image.Image) -> np.ndarray:
    pixels = np.asarray(picture, np.float32) / 255
    return pixels[..., np.newaxis] if pixels.ndim == 2 else pixels


CORRUPTIONS: dict[str, Corruption] = {
    "Gaussian noise": _gaussian_noise,
    "shot noise": _shot_noise,
    "impulse noise": _impulse_noise,
    "Gaussian blur": _gaussian_blur,
    "motion blur": _motion_blur,
    "fog": _fog,
    "rain": rain,
    "spatter": spatter,
    "brightness": _brightness,
    "darkness": _darkness,
    "contrast": _contrast,
    "JPEG": _jpeg,
    "pixelation": _pixelate,
    "stickers": stickers,
    "graffiti": graffiti,
}
