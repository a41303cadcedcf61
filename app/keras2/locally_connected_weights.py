"""Weights of Keras 2's locally connected layers, in the layout of this project's.

Keras 2 stored them in three layouts, which differ in the rank of the kernel. P are positions, S the
sizes of the image, O those of the output, F the cells of the window, C channels, K filters. Several
axes are in raster order.

| implementation | `channels_last` | `channels_first` |
|---|---|---|
| 1: one product per position | `(P, F·C, K)` | `(P, C·F, K)` |
| 2: dense, masked | `(*S, C, *O, K)` | `(C, *S, K, *O)` |
| 3: sparse | values by (output, input) | the same, in that order of axes |

The bias is `(*O, K)`, but for `channels_first` Keras 2 read its numbers as `(K, *O)`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from app.layers.base_locally_connected import BaseLocallyConnected


def from_keras2(layer: BaseLocallyConnected, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the weights of a Keras 2 layer in the layout of this project's layer.

    Args:
        layer: Built layer of the same settings.
        weights: Kernel of Keras 2, and its bias if there is one.

    Returns:
        Weights for `layer.set_weights`.

    Raises:
        ValueError: If the layer is not built, or the weights are those of other settings.

    Source: tf_keras 2.21, `layers/locally_connected` and `backend.local_conv`.
    """
    if not layer.built:
        raise ValueError(f"The layer '{layer.name}' must be built before it gets weights.")
    shapes = [np.shape(weight) for weight in weights]
    forms = keras2_shapes(layer)
    bias = [tuple(variable.shape) for variable in layer.weights[1:]]
    if not shapes or shapes[0] not in forms or shapes[1:] != bias:
        raise ValueError(
            f"The weights do not belong to the layer '{layer.name}': received shapes {shapes}, "
            f"expected a kernel of one of {forms}" + (f" and a bias of {bias[0]}." if bias else ".")
        )
    return [_kernel(layer, weights[0]), *(_bias(layer, bias) for bias in weights[1:])]


def keras2_shapes(layer: BaseLocallyConnected) -> list[tuple[int, ...]]:
    """Return the shape of a built layer's kernel in each of Keras 2's implementations."""
    spatial, channels = layer.built_for()
    positions, filters = layer.window.positions(spatial), layer.filters
    connections = int((layer.window.cells(spatial) >= 0).sum())
    dense = (*spatial, channels, *positions, filters)
    if layer.data_format == "channels_first":
        dense = (channels, *spatial, filters, *positions)
    return [tuple(layer.kernel.shape), dense, (connections * channels * filters,)]


def _kernel(layer: BaseLocallyConnected, kernel: np.ndarray) -> np.ndarray:
    """Return the kernel as `(P, F·C, K)`."""
    spatial, channels = layer.built_for()
    cells = layer.window.cells(spatial)  # (P, F)
    channels_first = layer.data_format == "channels_first"
    sizes = (math.prod(spatial), channels, len(cells), layer.filters)
    if kernel.ndim == 1:
        full = _from_sparse(kernel, cells, sizes, channels_first)
    elif kernel.ndim > 3:
        full = _from_dense(kernel, cells, sizes, channels_first)
    elif channels_first:
        full = kernel.reshape(len(cells), channels, -1, layer.filters).swapaxes(1, 2)
    else:
        return kernel
    return full.reshape(len(cells), -1, layer.filters)


def _from_dense(
    kernel: np.ndarray, cells: np.ndarray, sizes: tuple[int, int, int, int], channels_first: bool
) -> np.ndarray:
    """Pick `(P, F, C, K)` from the weights between all inputs and all outputs."""
    inputs, channels, positions, filters = sizes
    if channels_first:
        dense = kernel.reshape(channels, inputs, filters, positions).transpose(1, 0, 3, 2)
    else:
        dense = kernel.reshape(inputs, channels, positions, filters)
    picked = dense[cells, :, np.arange(positions)[:, np.newaxis]]  # (P, F, C, K)
    return np.where((cells >= 0)[..., np.newaxis, np.newaxis], picked, 0)


def _from_sparse(
    kernel: np.ndarray, cells: np.ndarray, sizes: tuple[int, int, int, int], channels_first: bool
) -> np.ndarray:
    """Put the values, sorted by (output, input), in their places of `(P, F, C, K)`."""
    inputs, channels, positions, filters = sizes
    position = np.arange(positions).reshape(-1, 1, 1, 1)
    cell = cells[..., np.newaxis, np.newaxis]
    channel = np.arange(channels)[:, np.newaxis]
    filter_ = np.arange(filters)
    if channels_first:
        row, column = filter_ * positions + position, channel * inputs + cell
    else:
        row, column = position * filters + filter_, cell * channels + channel
    rank = row * (inputs * channels) + column  # (P, F, C, K)
    places = np.flatnonzero(np.broadcast_to(cell >= 0, rank.shape))
    full = np.zeros(rank.size, kernel.dtype)
    full[places[np.argsort(rank.ravel()[places])]] = kernel
    return full.reshape(rank.shape)


def _bias(layer: BaseLocallyConnected, bias: np.ndarray) -> np.ndarray:
    """Return the bias as `(*O, K)`."""
    if layer.data_format == "channels_first":
        return np.moveaxis(bias.reshape(bias.shape[-1], *bias.shape[:-1]), 0, -1)
    return bias
