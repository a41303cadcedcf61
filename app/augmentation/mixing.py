"""Random erasing, mixup and CutMix on a batch.

Sources: Zhong et al., Random Erasing, 2017; Zhang et al., mixup, 2017; Yun et al., CutMix, 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.augmentation.random_numbers import keys_from, uniforms, uniforms_at

# Separate streams, so that a rectangle does not depend on the rotation of the same image.
_ERASING, _MIXING = 1_000_003, 1_000_033
_ERASED_AREA, _ERASED_ASPECT = (0.02, 0.25), (0.4, 2.5)


def draw_erasing(
    share: float, positions: np.ndarray, seed: int, epoch: int, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the rectangles of `erase`.

    Args:
        share: Fraction of the images in which a rectangle of 2–25% of the area is erased.
        positions: `(B,)` positions in the dataset.
        seed: Seed of the run.
        epoch: Epoch, counted from 0.
        size: `(height, width)` of the images in pixels.

    Returns:
        `(B, 4)` int32: top, left, height and width, which are 0 where nothing is erased; and
        `(B,)` uint32 keys of the noise.
    """
    height, width = size
    chance, area, aspect, top, left, word = uniforms(seed + _ERASING, epoch, positions, 6).T
    area = height * width * np.interp(area, (0, 1), _ERASED_AREA)
    aspect = np.exp(np.interp(aspect, (0, 1), np.log(_ERASED_ASPECT)))
    tall = np.clip(np.rint(np.sqrt(area * aspect)), 1, height)
    wide = np.clip(np.rint(np.sqrt(area / aspect)), 1, width)
    boxes = np.stack([top * (height - tall + 1), left * (width - wide + 1), tall, wide], axis=1)
    boxes[chance >= share] = 0
    return boxes.astype(np.int32), keys_from(word)


def erase(images: np.ndarray, boxes: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Cover a rectangle of some images `(B, H, W, C)` with noise; see `draw_erasing`."""
    width, channels = images.shape[2:]
    erased = images.copy()
    for image, (top, left, tall, wide), key in zip(erased, boxes, keys, strict=True):
        if tall:
            rows = np.arange(top, top + tall)[:, np.newaxis, np.newaxis]
            columns = np.arange(left, left + wide)[:, np.newaxis]
            places = (rows * width + columns) * channels + np.arange(channels)
            noise = uniforms_at(key[np.newaxis], places.ravel().astype(np.uint32))
            image[top : top + tall, left : left + wide] = np.floor(256 * noise).reshape(
                tall, wide, channels
            )
    return erased


@dataclass(frozen=True)
class Mixing:
    """How the images of a batch are mixed with others of it.

    Attributes:
        partners: `(B,)` positions in the batch.
        shares: `(B,)` shares that the targets keep.
        boxes: `(B, 4)` int32: top, left, height and width of what is pasted; `None` to blend.
    """

    partners: np.ndarray
    shares: np.ndarray
    boxes: np.ndarray | None = None

    def images(self, images: np.ndarray) -> np.ndarray:
        """Return mixed images `(B, H, W, C)`."""
        if self.boxes is None:
            mixed = _blend(images, self)
            if np.issubdtype(images.dtype, np.integer):
                mixed = np.rint(mixed)
            return mixed.astype(images.dtype)
        mixed = images.copy()
        for k, (top, left, tall, wide) in enumerate(self.boxes):
            box = np.s_[top : top + tall, left : left + wide]
            mixed[k][box] = images[self.partners[k]][box]
        return mixed

    def targets(self, targets: np.ndarray) -> np.ndarray:
        """Return mixed targets `(B,)` or `(B, K)` float32."""
        return _blend(targets, self)


def mixing_draws(positions: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Return the `(B, 4)` random numbers of `mixup` and `cutmix`; arguments as `draw_erasing`."""
    return uniforms(seed + _MIXING, epoch, positions, 4)


def mixup(alpha: float, draws: np.ndarray) -> Mixing:
    """Return how to blend each image and its target with another one of the batch.

    Args:
        alpha: Shares are Beta(alpha, alpha).
        draws: `(B, 4)`, from `mixing_draws`.
    """
    return Mixing(*_pairs(draws, alpha))


def cutmix(alpha: float, draws: np.ndarray, size: tuple[int, int]) -> Mixing:
    """Return how to paste a rectangle of another image; targets are mixed by area.

    Args:
        alpha: The rectangle's area is 1 − Beta(alpha, alpha) of the image.
        draws: `(B, 4)`, from `mixing_draws`.
        size: `(height, width)` of the images in pixels.
    """
    height, width = size
    partners, shares = _pairs(draws, alpha)
    tall = np.rint(height * np.sqrt(1 - shares))
    wide = np.rint(width * np.sqrt(1 - shares))
    top, left = draws[:, 2] * (height - tall + 1), draws[:, 3] * (width - wide + 1)
    boxes = np.stack([top, left, tall, wide], axis=1).astype(np.int32)
    return Mixing(partners, 1 - tall * wide / (height * width), boxes)


def _pairs(draws: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Return each image's partner in the batch and its `(B,)` share."""
    from scipy.special import betaincinv  # takes 0.1 s, which `predict` need not wait for

    return np.argsort(draws[:, 0]), betaincinv(alpha, alpha, draws[:, 1])


def _blend(array: np.ndarray, mixing: Mixing) -> np.ndarray:
    kept = mixing.shares.astype(np.float32).reshape(-1, *[1] * (array.ndim - 1))
    return array * kept + array[mixing.partners] * (1 - kept)
