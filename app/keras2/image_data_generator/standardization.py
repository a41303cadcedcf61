"""Preprocessing, rescaling, centering, normalization and whitening, and their statistics."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.errors import AppWarning

_EPSILON = 1e-6
_PART = 256  # images per partial sum


@dataclass
class Standardization:
    """Normalizes images, and computes what that needs; see `ImageDataGenerator` for most of it.

    Attributes:
        data_format: `channels_last` or `channels_first`.
        dtype: Type of the batches.
        mean: Mean per channel, of three axes, or `None` before `fit`.
        std: Standard deviation per channel, of three axes, or `None` before `fit`.
        zca_whitening_matrix: `(H·W·C, H·W·C)`, or `None` before `fit`.
    """

    featurewise_center: bool
    samplewise_center: bool
    featurewise_std_normalization: bool
    samplewise_std_normalization: bool
    zca_whitening: bool
    zca_epsilon: float
    rescale: float | None
    preprocessing_function: Callable[[np.ndarray], np.ndarray] | None
    data_format: str
    dtype: Any
    mean: np.ndarray | None
    std: np.ndarray | None
    zca_whitening_matrix: np.ndarray | None

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Normalize an image or a batch; floating `x` is changed in place."""
        x = self._samplewise(x)
        if self.featurewise_center:
            if self.mean is None:
                _warn_not_fit("featurewise_center")
            else:
                x -= self.mean
        if self.featurewise_std_normalization:
            if self.std is None:
                _warn_not_fit("featurewise_std_normalization")
            else:
                x /= self.std + _EPSILON
        if self.zca_whitening:
            if self.zca_whitening_matrix is None:
                _warn_not_fit("zca_whitening")
            else:
                flat = x.reshape(-1, math.prod(x.shape[-3:]))
                x = (flat @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    def fit(self, x: np.ndarray) -> None:
        """Compute what the featurewise arguments need.

        Args:
            x: `(N, H, W, C)` or `(N, C, H, W)`, as `prepare` returns it; changed in place.
        """
        x = self.normalize_samples(x)
        channel, *pixels = (1, 2, 3) if self.data_format == "channels_first" else (3, 1, 2)
        axes = (0, *pixels)
        shape = [1, 1, 1]
        shape[channel - 1] = x.shape[channel]
        if self.featurewise_center:
            self.mean = self.moments(x, axes)[0].reshape(shape)
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = self.moments(x, axes)[1].reshape(shape)
            x /= self.std + _EPSILON
        if self.zca_whitening:
            flat = x.reshape(len(x), -1)
            u, s, _ = np.linalg.svd(flat.T, full_matrices=False)
            scale = np.sqrt(len(x)) / (s + self.zca_epsilon)
            self.zca_whitening_matrix = (u * scale) @ u.T

    @property
    def computing_type(self) -> np.dtype:
        """Floating type in which whole numbers are normalized."""
        dtype = np.dtype(self.dtype)
        return dtype if np.issubdtype(dtype, np.floating) else np.dtype(np.float32)

    def prepare(self, x: Any) -> np.ndarray:
        """Return a copy of the data for `fit`, which may be transformed before."""
        return np.array(x, self.computing_type)

    def normalize_samples(self, x: np.ndarray) -> np.ndarray:
        """Do to the data of `fit` what needs no statistics."""
        for k, image in enumerate(x):
            x[k] = self._samplewise(image)
        return x

    def sample_axes(self, x: np.ndarray) -> tuple[int, ...] | None:
        """Return the axes of one image: a batch is centered image by image."""
        return (1, 2, 3) if x.ndim == 4 else None

    def moments(self, x: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean and the standard deviation over some axes."""
        # In float64, since sums of float32 stop growing after some ten million pixels, and in
        # parts, so that there is never a copy of all images.
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

    def _samplewise(self, x: np.ndarray) -> np.ndarray:
        """Do the part of the normalization that needs no statistics of the data."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if not np.issubdtype(x.dtype, np.floating):
            x = x.astype(self.computing_type)
        if self.rescale:
            x *= self.rescale
        axes = self.sample_axes(x)
        if self.samplewise_center:
            x -= np.mean(x, axis=axes, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, axis=axes, keepdims=True) + _EPSILON
        return x


def _warn_not_fit(argument: str) -> None:
    warnings.warn(
        f"`{argument}` is on, but the generator was not fit on any data, so it has no effect. "
        "Call `.fit(images)` first.",
        AppWarning,
        stacklevel=4,
    )
