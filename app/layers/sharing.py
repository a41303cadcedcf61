"""Convert between shared and unshared weights: `Conv2D` to `LocallyConnected2D` and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from keras import layers, ops

from app.layers.base_locally_connected import BaseLocallyConnected
from app.layers.locally_connected_1d import LocallyConnected1D
from app.layers.locally_connected_2d import LocallyConnected2D
from app.layers.sliding_window import Size

_UNSHARED = {layers.Conv1D: LocallyConnected1D, layers.Conv2D: LocallyConnected2D}
_SHARED = {unshared: shared for shared, unshared in _UNSHARED.items()}


class Shared(NamedTuple):
    """Result of `share`.

    Attributes:
        layer: A built `Conv1D` or `Conv2D`.
        residual: Error of the approximation, relative to the norm of the unshared weights: 0 if
            every position had the same kernel and bias, near 1 if they had nothing in common.
    """

    layer: layers.Layer
    residual: float


def unshare(layer: layers.Layer, input_shape: Sequence[Size] | None = None) -> BaseLocallyConnected:
    """Return a locally connected layer that computes the same as a convolution.

    Args:
        layer: A built `Conv1D` or `Conv2D`, which is not changed.
        input_shape: Shape of its inputs, batch first. By default the shape that it was built with.

    Returns:
        A built `LocallyConnected1D` or `LocallyConnected2D` of the same name and settings, every
        position of which has the convolution's kernel and bias.

    Raises:
        ValueError: If the layer is of another kind or not built, has groups or causal padding, or
            if the size of its inputs is unknown.

    Example:
        The other layers of `loose` stay those of `trained`: train one of the two.

        >>> loose = keras.Sequential([keras.Input((28, 28, 1))])
        >>> for layer in trained.layers:
        ...     loose.add(unshare(layer) if layer.name == "conv_3" else layer)

    Source: lecture, "CNN: parameter sharing".
    """
    kind = _UNSHARED.get(type(layer))
    if kind is None or not layer.built:
        raise ValueError(f"`unshare` expects a built Conv1D or Conv2D. Received: {layer}")
    config = {k: v for k, v in layer.get_config().items() if not k.startswith("lora")}
    if config["padding"] == "causal":
        raise ValueError(
            f"`unshare` knows the paddings valid and same. Received: '{layer.name}' with "
            "padding='causal'"
        )
    unshared = kind.from_config(config)
    shape = layer.get_build_config()["input_shape"] if input_shape is None else input_shape
    unshared.build(shape)
    kernel = ops.convert_to_numpy(layer.kernel)
    if unshared.built_for()[1] != kernel.shape[-2]:
        raise ValueError(
            f"'{layer.name}' was built for {kernel.shape[-2]} channels. Received: "
            f"input_shape={tuple(shape)}"
        )
    values = [kernel.reshape(-1, kernel.shape[-1])]
    if layer.use_bias:
        values.append(ops.convert_to_numpy(layer.bias))
    unshared.set_weights(
        [np.broadcast_to(v, w.shape) for v, w in zip(values, unshared.weights, strict=True)]
    )
    return unshared


def share(layer: BaseLocallyConnected) -> Shared:
    """Return the convolution closest to a locally connected layer, and how close it is.

    Closest means that on inputs of independent values of equal variance the outputs differ least,
    in the mean square. That is the mean of the kernels over all positions, where cells of a window
    that lie in the padding do not count, and the mean of the biases.

    Args:
        layer: A built `LocallyConnected1D` or `LocallyConnected2D`, which is not changed.

    Raises:
        ValueError: If the layer is of another kind or not built, or its padding is one that
            convolutions do not have.

    Source: lecture, "CNN: parameter sharing".
    """
    kind = _SHARED.get(type(layer))
    if kind is None or not layer.built:
        raise ValueError(
            f"`share` expects a built LocallyConnected1D or LocallyConnected2D. Received: {layer}"
        )
    spatial, channels = layer.built_for()
    cells = layer.window.cells(spatial)
    seen = (cells >= 0)[..., np.newaxis, np.newaxis]  # (P, F, 1, 1)
    kernels = ops.convert_to_numpy(layer.kernel)
    kernels = kernels.reshape(*cells.shape, channels, layer.filters)
    kernels = np.where(seen, kernels, 0).astype(np.float64)  # (P, F, C, K)
    kernel = kernels.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    biases = np.zeros((1, layer.filters))
    if layer.use_bias:
        biases = ops.convert_to_numpy(layer.bias).reshape(-1, layer.filters).astype(np.float64)
    bias = biases.mean(axis=0)
    missed = np.square(np.where(seen, kernels - kernel, 0)).sum() + np.square(biases - bias).sum()
    size = np.square(kernels).sum() + np.square(biases).sum()

    shared = kind.from_config(layer.get_config() | {"padding": _shared_padding(layer, spatial)})
    shared.build(layer.get_build_config()["input_shape"])
    weights = [kernel.reshape(shared.kernel.shape)]
    shared.set_weights([*weights, bias] if layer.use_bias else weights)
    return Shared(shared, float(np.sqrt(missed / size)) if size else 0.0)


def _shared_padding(layer: BaseLocallyConnected, spatial: Sequence[int]) -> str:
    """Return the convolution's name for the padding."""
    if layer.padding != "centered":
        return layer.padding
    if layer.window.zeros(spatial) != layer.window._replace(padding="same").zeros(spatial):
        raise ValueError(
            f"'{layer.name}' has padding='centered' with kernel_size={layer.kernel_size}, "
            f"strides={layer.strides}, which no padding of a convolution equals on inputs of "
            f"spatial size {tuple(spatial)}. Expected an odd kernel and stride 1, or other padding."
        )
    return "same"
