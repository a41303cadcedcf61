"""Degradations of images: what a poor scene, light, lens or sensor does to a picture.

Settings of a degradation are its strongest value; each image draws its own, from none to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from app.augmentation.random_numbers import (
    keys_from,
    module_of,
    pixel_normals,
    pixel_uniforms,
    uniforms,
)

# `(images (n, H, W, C) float32 from 0 to 1, strengths (n, 1, 1, 1), keys (n,) uint32)` -> new
# images, not yet clipped.
Degrade = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

TWO_SIDED = ("gamma", "offset")
CHANCE = 0.3  # that a degraded image has a given one of the degradations that are set
_STREAM = 3_000_017  # a separate stream: a blur does not depend on the rotation of the same image
_GRID = 4  # cells of a smooth background along each side
BANDS = 4  # of a Laplacian pyramid, at most
_PERIODS = (2.0, 8.0)  # pixels from stripe to stripe


@dataclass(frozen=True, kw_only=True)
class Degradations:
    """Which degradations images get, and how strong they are at most.

    A share of the images is degraded; each of those gets each degradation that is set with a
    chance of 30%, at a strength of its own.

    Attributes:
        degraded: Fraction of the images that are degraded, if any degradation is set.
        background: Brightness, from 0 to 1, of a smooth random background that shines through
            where the image is dark.
        occlusion: Sides of a rectangle of one random gray, as fractions of the image's sides.
        stripes: Amplitude, from 0 to 1, of a wave of random direction and 2 to 8 pixels.
        gamma: Pixels become `pixels ** 2**g`, with g to either side.
        contrast: Loss of contrast about middle gray: 1 leaves a gray image.
        offset: Brightness added, from 0 to 1, to either side.
        inversion: Whether there are negatives.
        blur: Standard deviation of a Gaussian blur, in pixels.
        band_dropout: How far each band of a Laplacian pyramid is weakened; 1 may remove it.
        shot_noise: Standard deviation of photon noise at white, from 0 to 1.
        noise: Standard deviation of Gaussian noise, from 0 to 1.
        impulse_noise: Fraction of the values that become black or white.
    """

    degraded: float = 0.6
    background: float = 0.0
    occlusion: float = 0.0
    stripes: float = 0.0
    gamma: float = 0.0
    contrast: float = 0.0
    offset: float = 0.0
    inversion: bool = False
    blur: float = 0.0
    band_dropout: float = 0.0
    shot_noise: float = 0.0
    noise: float = 0.0
    impulse_noise: float = 0.0

    @property
    def strengths(self) -> dict[str, float]:
        """The strongest value of each degradation that is set, in the order of their use."""
        return {name: value for name in DEGRADATIONS if (value := getattr(self, name))}

    def degrade(
        self, images: np.ndarray, positions: np.ndarray, seed: int, epoch: int
    ) -> np.ndarray:
        """Degrade a batch.

        Args:
            images: `(B, H, W, C)` uint8 or float32, pixels 0–255.
            positions: `(B,)` positions of the images in their dataset.
            seed: Seed of the run.
            epoch: Epoch, counted from 0.

        Returns:
            `(B, H, W, C)` of the same type.
        """
        drawn = self.draw_degradations(positions, seed, epoch)
        if not drawn:
            return images
        chosen = np.flatnonzero(np.any([strengths for strengths, _ in drawn.values()], axis=0))
        changed = images[chosen].astype(np.float32) / 255
        for name, (strengths, keys) in drawn.items():
            have = np.flatnonzero(strengths[chosen])
            if len(have):
                one = chosen[have]
                changed[have] = degrade(name, changed[have], strengths[one], keys[one])
        result = images.copy()
        result[chosen] = _levels(changed, images.dtype)
        return result

    def draw_degradations(
        self, positions: np.ndarray, seed: int, epoch: int
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Draw the strength `(B,)`, 0 for none, and key `(B,)` of each degradation that is set.

        Arguments as for `degrade`.
        """
        draws = uniforms(seed + _STREAM, epoch, positions, 1 + 3 * len(DEGRADATIONS)).T
        drawn = {}
        for number, name in enumerate(DEGRADATIONS):
            if limit := getattr(self, name):
                chances, amounts, words = draws[1 + 3 * number : 4 + 3 * number]
                amounts = 2 * amounts - 1 if name in TWO_SIDED else amounts
                chosen = (draws[0] < self.degraded) & (chances < CHANCE)
                drawn[name] = np.where(chosen, limit * amounts, 0), keys_from(words)
        return drawn


def degrade(name: str, images: np.ndarray, strengths: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return images with one degradation.

    Args:
        name: One of `DEGRADATIONS`.
        images: `(n, H, W, C)` float32 from 0 to 1.
        strengths: `(n,)`, from 0 for none; negative to the other side.
        keys: `(n,)` uint32; what is random about the degradation depends on them alone.

    Returns:
        `(n, H, W, C)` float32 from 0 to 1.
    """
    amounts = strengths.astype(np.float32)[:, np.newaxis, np.newaxis, np.newaxis]
    return module_of(images).clip(DEGRADATIONS[name](images, amounts, keys), 0, 1)


def _background(images: np.ndarray, levels: np.ndarray, keys: np.ndarray) -> np.ndarray:
    coarse = pixel_uniforms(keys, (_GRID, _GRID))
    down, across = (_enlarging(_GRID, side) for side in images.shape[1:3])
    smooth = (down @ coarse @ across.T)[..., np.newaxis]
    under = pixel_uniforms(keys + np.uint32(1), (1, 1, 1))  # 0: behind the image; 1: light on it
    return images + levels * smooth * (1 - images * (1 - under))


def _occlusion(images: np.ndarray, sides: np.ndarray, keys: np.ndarray) -> np.ndarray:
    xp = module_of(images)
    height, width = images.shape[1:3]
    drawn = pixel_uniforms(keys, (1, 1, 5))
    rows, columns = np.arange(height), np.arange(width)
    tall, wide, top, left, gray = xp.moveaxis(drawn, -1, 0)[..., np.newaxis]
    tall, wide = xp.ceil(sides * tall * height), xp.ceil(sides * wide * width)
    down = rows[:, np.newaxis, np.newaxis] - xp.floor(top * (height - tall + 1))
    across = columns[np.newaxis, :, np.newaxis] - xp.floor(left * (width - wide + 1))
    covered = (down >= 0) & (down < tall) & (across >= 0) & (across < wide)
    return xp.where(covered, gray, images)


def _stripes(images: np.ndarray, amplitudes: np.ndarray, keys: np.ndarray) -> np.ndarray:
    xp = module_of(images)
    height, width = images.shape[1:3]
    angle, phase, period = xp.moveaxis(pixel_uniforms(keys, (1, 1, 3)), -1, 0)[..., np.newaxis]
    shortest, longest = _PERIODS
    rows, columns = np.mgrid[:height, :width].astype(np.float32)[..., np.newaxis]
    along = xp.cos(np.pi * angle) * columns + xp.sin(np.pi * angle) * rows
    cycles = along / (shortest + (longest - shortest) * period) + phase
    return images + amplitudes * xp.sin(2 * np.pi * cycles)


def _gamma(images: np.ndarray, amounts: np.ndarray, keys: np.ndarray) -> np.ndarray:
    xp = module_of(images)
    return images ** xp.exp2(amounts)


def _contrast(images: np.ndarray, losses: np.ndarray, keys: np.ndarray) -> np.ndarray:
    return 0.5 + (1 - losses) * (images - 0.5)


def _offset(images: np.ndarray, amounts: np.ndarray, keys: np.ndarray) -> np.ndarray:
    return images + amounts


def _inversion(images: np.ndarray, amounts: np.ndarray, keys: np.ndarray) -> np.ndarray:
    xp = module_of(images)
    return xp.where(amounts > 0, 1 - images, images)


def _blur(images: np.ndarray, deviations: np.ndarray, keys: np.ndarray) -> np.ndarray:
    blurred = images.copy()
    for image, deviation in zip(blurred, deviations.ravel(), strict=True):
        if deviation > 0:
            image[...] = _smooth(image, float(deviation))
    return blurred


def _band_dropout(images: np.ndarray, losses: np.ndarray, keys: np.ndarray) -> np.ndarray:
    kept = 1 - losses * pixel_uniforms(keys, (1, 1, BANDS))
    changed = np.empty_like(images)
    for image, result, factors in zip(images, changed, kept[:, 0, 0], strict=True):
        rest, total = image, np.zeros_like(image)
        for level, factor in enumerate(factors):
            smooth = _smooth(image, 2.0**level)
            total += factor * (rest - smooth)
            rest = smooth
        result[...] = total + rest
    return changed


def _shot_noise(images: np.ndarray, deviations: np.ndarray, keys: np.ndarray) -> np.ndarray:
    xp = module_of(images)
    # Counts of many photons are nearly normal, with the brightness as their variance.
    return images + deviations * xp.sqrt(images) * pixel_normals(keys, images.shape[1:])


def _noise(images: np.ndarray, deviations: np.ndarray, keys: np.ndarray) -> np.ndarray:
    return images + deviations * pixel_normals(keys, images.shape[1:])


def _impulse_noise(images: np.ndarray, shares: np.ndarray, keys: np.ndarray) -> np.ndarray:
    xp = module_of(images)
    drawn = pixel_uniforms(keys, images.shape[1:])
    salted = xp.where(drawn < shares / 2, 1, images)
    return xp.where(drawn > 1 - shares / 2, 0, salted)


def _enlarging(cells: int, side: int) -> np.ndarray:
    """Return `(side, cells)` weights that enlarge an axis bilinearly."""
    centers = np.clip((np.arange(side) + 0.5) * cells / side - 0.5, 0, cells - 1)
    weights = 1 - np.abs(centers[:, np.newaxis] - np.arange(cells))
    return np.maximum(weights, 0).astype(np.float32)


def _smooth(image: np.ndarray, deviation: float) -> np.ndarray:
    blurred = cv2.GaussianBlur(image, (0, 0), deviation, borderType=cv2.BORDER_REPLICATE)
    return blurred.reshape(image.shape)  # OpenCV drops a single channel


def _levels(images: np.ndarray, dtype: np.dtype) -> np.ndarray:
    levels = 255 * images
    return (np.rint(levels) if np.issubdtype(dtype, np.integer) else levels).astype(dtype)


# In the order of a photograph: the scene, its light, the lens, the sensor.
DEGRADATIONS: dict[str, Degrade] = {
    "background": _background,
    "occlusion": _occlusion,
    "stripes": _stripes,
    "gamma": _gamma,
    "contrast": _contrast,
    "offset": _offset,
    "inversion": _inversion,
    "blur": _blur,
    "band_dropout": _band_dropout,
    "shot_noise": _shot_noise,
    "noise": _noise,
    "impulse_noise": _impulse_noise,
}
