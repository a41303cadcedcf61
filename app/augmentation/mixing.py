"""Random erasing, mixup and CutMix on a batch.

Sources: Zhong et al., Random Erasing, 2017; Zhang et al., mixup, 2017; Yun et al., CutMix, 2019.
"""

from __future__ import annotations

import numpy as np

from app.augmentation.random_numbers import uniforms

# Separate streams, so that a rectangle does not depend on the rotation of the same image.
_ERASING, _MIXING = 1_000_003, 1_000_033
_ERASED_AREA, _ERASED_ASPECT = (0.02, 0.25), (0.4, 2.5)


def erase(
    images: np.ndarray, share: float, positions: np.ndarray, seed: int, epoch: int
) -> np.ndarray:
    """Cover a random rectangle of some images with noise.

    Args:
        images: `(B, H, W, C)`.
        share: Fraction of the images in which a rectangle of 2–25% of the area is erased.
        positions: `(B,)` positions in the dataset.
        seed: Seed of the run.
        epoch: Epoch, counted from 0.
    """
    height, width, channels = images.shape[1:]
    erased = images.copy()
    draws = uniforms(seed + _ERASING, epoch, positions, 5)
    for image, position, (chance, area, aspect, top, left) in zip(
        erased, positions, draws, strict=True
    ):
        if chance >= share:
            continue
        area = height * width * np.interp(area, (0, 1), _ERASED_AREA)
        aspect = np.exp(np.interp(aspect, (0, 1), np.log(_ERASED_ASPECT)))
        tall = int(np.clip(round(np.sqrt(area * aspect)), 1, height))
        wide = int(np.clip(round(np.sqrt(area / aspect)), 1, width))
        y, x = int(top * (height - tall + 1)), int(left * (width - wide + 1))
        noise = np.random.default_rng((seed, epoch, int(position))).integers(
            0, 256, (tall, wide, channels)
        )
        image[y : y + tall, x : x + wide] = noise
    return erased


def mixing_draws(positions: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Return the `(B, 4)` random numbers of `mixup` and `cutmix`; arguments as for `erase`."""
    return uniforms(seed + _MIXING, epoch, positions, 4)


def mixup(
    images: np.ndarray, targets: np.ndarray, alpha: float, draws: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Blend each image and its target with another one of the batch.

    Args:
        images: `(B, H, W, C)`.
        targets: `(B,)` or `(B, K)` float32.
        alpha: Mixing weights are Beta(alpha, alpha).
        draws: `(B, 4)`, from `mixing_draws`.
    """
    partner, share = _pairs(draws, alpha)
    kept = _expand(share, images)
    mixed = images * kept + images[partner] * (1 - kept)
    if np.issubdtype(images.dtype, np.integer):
        mixed = np.rint(mixed)
    return mixed.astype(images.dtype), _blend(targets, partner, share)


def cutmix(
    images: np.ndarray, targets: np.ndarray, alpha: float, draws: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Paste a rectangle of another image of the batch; targets are mixed by area.

    Args:
        images: `(B, H, W, C)`.
        targets: `(B,)` or `(B, K)` float32.
        alpha: The rectangle's area is 1 − Beta(alpha, alpha) of the image.
        draws: `(B, 4)`, from `mixing_draws`.
    """
    height, width = images.shape[1:3]
    partner, share = _pairs(draws, alpha)
    tall = np.rint(height * np.sqrt(1 - share)).astype(int)
    wide = np.rint(width * np.sqrt(1 - share)).astype(int)
    top = (draws[:, 2] * (height - tall + 1)).astype(int)
    left = (draws[:, 3] * (width - wide + 1)).astype(int)
    mixed = images.copy()
    for k, other in enumerate(partner):
        box = np.s_[top[k] : top[k] + tall[k], left[k] : left[k] + wide[k]]
        mixed[k][box] = images[other][box]
    return mixed, _blend(targets, partner, 1 - tall * wide / (height * width))


def _pairs(draws: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Return each image's partner in the batch and its `(B,)` weight."""
    from scipy.special import betaincinv  # takes 0.1 s, which `predict` need not wait for

    return np.argsort(draws[:, 0]), betaincinv(alpha, alpha, draws[:, 1])


def _blend(targets: np.ndarray, partner: np.ndarray, share: np.ndarray) -> np.ndarray:
    kept = _expand(share, targets)
    return targets * kept + targets[partner] * (1 - kept)


def _expand(share: np.ndarray, array: np.ndarray) -> np.ndarray:
    return share.astype(np.float32).reshape(-1, *[1] * (array.ndim - 1))
