"""Rescaling, centring, normalising and whitening of single images, and the statistics for it."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np

from app.errors import AppWarning

if TYPE_CHECKING:
    from app.augmentation.generator.image_data_generator import ImageDataGenerator

_EPSILON = 1e-6


def standardize(generator: ImageDataGenerator, x: np.ndarray) -> np.ndarray:
    """Normalise `x` as the generator's arguments say; see `ImageDataGenerator.standardize`."""
    if generator.preprocessing_function:
        x = generator.preprocessing_function(x)
    if not np.issubdtype(x.dtype, np.floating):
        x = x.astype(generator.dtype)
    if generator.rescale:
        x *= generator.rescale
    # A batch is centred image by image, as "samplewise" says.
    each = (1, 2, 3) if x.ndim == 4 and not generator.legacy_quirks else None
    if generator.samplewise_center:
        x -= np.mean(x, axis=each, keepdims=True)
    if generator.samplewise_std_normalization:
        x /= np.std(x, axis=each, keepdims=True) + _EPSILON
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


def fit_statistics(generator: ImageDataGenerator, x: np.ndarray) -> None:
    """Compute what the featurewise arguments need, from `(N, H, W, C)` or `(N, C, H, W)`.

    `x` is changed in place.
    """
    axes = (0, generator.row_axis, generator.col_axis)
    shape = [1, 1, 1]
    shape[generator.channel_axis - 1] = x.shape[generator.channel_axis]
    if generator.featurewise_center:
        generator.mean = np.mean(x, axis=axes).reshape(shape)
        x -= generator.mean
    if generator.featurewise_std_normalization:
        generator.std = np.std(x, axis=axes).reshape(shape)
        x /= generator.std + _EPSILON
    if generator.zca_whitening:
        flat = x.reshape(len(x), -1)
        u, s, _ = np.linalg.svd(flat.T, full_matrices=False)
        scale = np.sqrt(len(x)) / (s + generator.zca_epsilon)
        generator.zca_whitening_matrix = (u * scale) @ u.T


def _warn_not_fit(argument: str) -> None:
    warnings.warn(
        f"`{argument}` is asked for, but the generator was not fit on any data, so nothing is "
        "done. Call `.fit(images)` first.",
        AppWarning,
        stacklevel=4,
    )
