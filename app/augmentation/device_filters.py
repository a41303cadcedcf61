"""Gaussian filters on an accelerator, with a kernel for each image; see `degradations`."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from app.augmentation.degradations import BANDS
from app.augmentation.random_numbers import pixel_uniforms


def blur_kernels(deviations: np.ndarray, largest: float) -> np.ndarray:
    """Return `(B, 2 r + 1)` float32 kernels, with the radius r of the largest deviation.

    Args:
        deviations: `(B,)` standard deviations in pixels; 0 leaves an image as it is.
        largest: Largest possible deviation.
    """
    taps = np.arange(-_radius(largest), _radius(largest) + 1)
    sigmas = np.where(deviations > 0, deviations, 1)[:, np.newaxis]
    radii = np.array([_radius(one) for one in deviations])[:, np.newaxis]
    kernels = np.where(np.abs(taps) <= radii, np.exp(-0.5 * (taps / sigmas) ** 2), 0)
    kernels[deviations <= 0] = taps == 0
    return (kernels / kernels.sum(axis=1, keepdims=True)).astype(np.float32)


def with_kernels(images: jax.Array, kernels: jax.Array) -> jax.Array:
    """Filter images `(B, H, W, C)` along both axes; edge pixels continue outside.

    Args:
        images: `(B, H, W, C)`.
        kernels: `(B, 2 r + 1)`, one for each image, or `(1, 2 r + 1)`.
    """
    radius = kernels.shape[1] // 2
    for axis in (1, 2):
        pads = [(radius, radius) if k == axis else (0, 0) for k in range(4)]
        padded = jnp.pad(images, pads, mode="edge")
        side = images.shape[axis]
        images = sum(
            kernels[:, tap, jnp.newaxis, jnp.newaxis, jnp.newaxis]
            * jax.lax.slice_in_dim(padded, tap, tap + side, axis=axis)
            for tap in range(2 * radius + 1)
        )
    return images


def weaken_bands(images: jax.Array, losses: jax.Array, keys: jax.Array) -> jax.Array:
    """Weaken the bands of a Laplacian pyramid; see `degradations.Degradations`."""
    kept = 1 - losses[:, jnp.newaxis] * pixel_uniforms(keys, (BANDS,))
    rest, total = images, jnp.zeros_like(images)
    for level in range(BANDS):
        smooth = with_kernels(images, blur_kernels(np.array([2.0**level]), 2.0**level))
        total += kept[:, level, jnp.newaxis, jnp.newaxis, jnp.newaxis] * (rest - smooth)
        rest = smooth
    return total + rest


def _radius(deviation: float) -> int:
    """Return the radius of OpenCV's kernel for float images."""
    return (round(8 * deviation + 1) | 1) // 2
