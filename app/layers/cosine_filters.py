"""Kernels that are cosine functions, for a convolution that sees pixels.

They are nearly the principal components of patches of photographs: orthogonal filters, whose
responses are nearly uncorrelated. Source: Ahmed et al., Discrete cosine transform, 1974.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

# Luma, and the differences red − blue and green − magenta; each set of rows is orthogonal.
_COLORS = {1: [[1]], 3: [[1, 1, 1], [1, 0, -1], [1, -2, 1]]}
# Photographs have less contrast in color than in luma: a color counts as so much more frequency.
_COLOR_COSTS = (0.0, 2.0, 3.0)


@keras.saving.register_keras_serializable(package="convlab")
class CosineFilters(keras.initializers.Initializer):
    """Kernels `(F, F, C, K)`: K/2 cosine functions of lowest frequency, then their negatives.

    C is 1 or 3. Each filter has the norm 1.
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """Return the kernels `shape`."""
        return keras.ops.convert_to_tensor(cosine_filters(*shape[1:]), dtype)

    def get_config(self) -> dict[str, Any]:
        """Return no settings: the shape determines the kernels."""
        return {}


def cosine_filters(side: int, channels: int, count: int) -> np.ndarray:
    """Return `(side, side, channels, count)` filters; see `CosineFilters`.

    Raises:
        ValueError: If there are no `count / 2` such functions.
    """
    half = count // 2
    if count % 2 or half > side * side * channels:
        raise ValueError(
            f"Received `count`={count}. Expected an even number up to {2 * side * side * channels}."
        )
    phases = np.pi * (np.arange(side) + 0.5) / side
    waves = np.cos(np.outer(np.arange(side), phases))  # (frequency, cell)
    waves /= np.linalg.norm(waves, axis=1, keepdims=True)
    colors = np.array(_COLORS[channels], float)
    colors /= np.linalg.norm(colors, axis=1, keepdims=True)
    filters = np.einsum("ui,vj,kc->kuvijc", waves, waves, colors)
    across = np.arange(side)
    costs = np.add.outer(_COLOR_COSTS[:channels], np.hypot.outer(across, across))
    lowest = np.argsort(costs, axis=None, kind="stable")[:half]
    chosen = np.moveaxis(filters.reshape(-1, side, side, channels)[lowest], 0, -1)
    return np.concatenate([chosen, -chosen], axis=-1)
