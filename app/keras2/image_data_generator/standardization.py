"""Rescaling, centring, normalising and whitening of single images, and the statistics for it."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from app.errors import AppWarning

if TYPE_CHECKING:
    from app.keras2.image_data_generator.image_data_generator import ImageDataGenerator

_EPSILON = 1e-6
_PART = 256  # images


def standardize(generator: ImageDataGenerator, x: np.ndarray) -> np.ndarray:
    """Normalise `x` as the generator's arguments say; see `ImageDataGenerator.standardize`."""
    x = standardize_samples(generator, x)
    if generator.featurewise_center:
        if generator.mean is None:
            _warn_not_fit("featurewise_center")
        else:
            x -= generator.mean
    if generator.featurewise_std_normalization:
        if generator.std is None:
            _warn_not_fit("featurewise_std_normalization")
        else:
            x /= generator.std + _EPSILON
    if generator.zca_whitening:
        if generator.zca_whitening_matrix is None:
            _warn_not_fit("zca_whitening")
        else:
            flat = x.reshape(-1, math.prod(x.shape[-3:]))
            x = (flat @ generator.zca_whitening_matrix).reshape(x.shape)
    return x


def standardize_samples(generator: ImageDataGenerator, x: np.ndarray) -> np.ndarray:
    """Do the part of `standardize` that needs no statistics of the data."""
    if generator.preprocessing_function:
        x = generator.preprocessing_function(x)
    if not np.issubdtype(x.dtype, np.floating):
        x = x.astype(computing_type(generator))
    if generator.rescale:
        x *= generator.rescale
    # A batch is centred image by image, as "samplewise" says.
    each = (1, 2, 3) if x.ndim == 4 and not generator.legacy_quirks else None
    if generator.samplewise_center:
        x -= np.mean(x, axis=each, keepdims=True)
    if generator.samplewise_std_normalization:
        x /= np.std(x, axis=each, keepdims=True) + _EPSILON
    return x


def fit_statistics(generator: ImageDataGenerator, x: np.ndarray) -> None:
    """Compute what the featurewise arguments need, from `(N, H, W, C)` or `(N, C, H, W)`.

    `x` is changed in place.
    """
    axes = (0, generator.row_axis, generator.col_axis)
    shape = [1, 1, 1]
    shape[generator.channel_axis - 1] = x.shape[generator.channel_axis]
    moments = _moments_as_keras_did if generator.legacy_quirks else _moments
    if generator.featurewise_center:
        generator.mean = moments(x, axes)[0].reshape(shape)
        x -= generator.mean
    if generator.featurewise_std_normalization:
        generator.std = moments(x, axes)[1].reshape(shape)
        x /= generator.std + _EPSILON
    if generator.zca_whitening:
        flat = x.reshape(len(x), -1)
        u, s, _ = np.linalg.svd(flat.T, full_matrices=False)
        scale = np.sqrt(len(x)) / (s + generator.zca_epsilon)
        generator.zca_whitening_matrix = (u * scale) @ u.T


def _moments(x: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    # In float64, for sums of float32 stop growing after some ten million pixels, and in parts,
    # so that there is never a copy of all images.
    sums: Any = 0.0
    squares: Any = 0.0
    for start in range(0, len(x), _PART):
        part = x[start : start + _PART].astype(np.float64)
        sums = sums + part.sum(axes)
        squares = squares + np.square(part).sum(axes)
    count = x.size / np.size(sums)
    mean = sums / count
    std = np.sqrt(np.maximum(squares / count - mean**2, 0))
    return mean.astype(x.dtype), std.astype(x.dtype)


def _moments_as_keras_did(x: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    return np.mean(x, axis=axes), np.std(x, axis=axes)


def computing_type(generator: ImageDataGenerator) -> np.dtype:
    """Return the floating type in which whole numbers are normalised."""
    own = np.dtype(generator.dtype)
    return own if np.issubdtype(own, np.floating) else np.dtype(np.float32)


def _warn_not_fit(argument: str) -> None:
    warnings.warn(
        f"`{argument}` is asked for, but the generator was not fit on any data, so nothing is "
        "done. Call `.fit(images)` first.",
        AppWarning,
        stacklevel=4,
    )
