"""Lowers layers with a kernel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.export.page.activations import then_activation
from app.export.page.builder import Step, Value, array
from app.layers.sliding_window import SlidingWindow


def window_geometry(
    step: Step, window: SlidingWindow
) -> tuple[tuple[int, ...], dict[str, list[int]]]:
    """Return the number of positions, and the attributes strides, dilation and padding."""
    spatial = step.needs_map()[:2]
    positions = window.positions(spatial)
    if 0 in positions:
        step.refuse(f"has a window that does not fit {spatial} cells")
    zeros = [number for axis in window.zeros(spatial) for number in axis]
    return positions, {
        "strides": list(window.strides),
        "dilation": list(window.dilation),
        "padding": zeros,
    }


def window_of(layer: Any) -> SlidingWindow:
    """Return the window of one of Keras's convolutions."""
    return SlidingWindow(
        tuple(layer.kernel_size), tuple(layer.strides), tuple(layer.dilation_rate), layer.padding
    )


def lower_conv(step: Step) -> Value:
    """Lower `Conv2D`."""
    layer = step.layer
    positions, attributes = window_geometry(step, window_of(layer))
    value = step.emit(
        "conv",
        (*positions, layer.filters),
        {**attributes, "groups": layer.groups},
        {"kernel": array(layer.kernel), "bias": _bias(layer, (layer.filters,))},
    )
    return then_activation(step, value)


def lower_depthwise(step: Step) -> Value:
    """Lower `DepthwiseConv2D`."""
    layer = step.layer
    positions, attributes = window_geometry(step, window_of(layer))
    channels = step.shape[-1] * layer.depth_multiplier
    weights = {"kernel": array(layer.kernel), "bias": _bias(layer, (channels,))}
    value = step.emit("depthwise", (*positions, channels), attributes, weights)
    return then_activation(step, value)


def lower_separable(step: Step) -> Value:
    """Lower `SeparableConv2D`: a depthwise convolution, then one of 1×1."""
    layer = step.layer
    positions, attributes = window_geometry(step, window_of(layer))
    depthwise, pointwise = array(layer.depthwise_kernel), array(layer.pointwise_kernel)
    channels = pointwise.shape[2]
    middle = step.part("/depthwise").emit(
        "depthwise",
        (*positions, channels),
        attributes,
        {"kernel": depthwise, "bias": np.zeros(channels)},
    )
    value = (
        step.of(middle)
        .part("/pointwise")
        .emit(
            "conv",
            (*positions, layer.filters),
            {"strides": [1, 1], "dilation": [1, 1], "padding": [0, 0, 0, 0], "groups": 1},
            {"kernel": pointwise, "bias": _bias(layer, (layer.filters,))},
        )
    )
    return then_activation(step, value)


def lower_local(step: Step) -> Value:
    """Lower `LocallyConnected2D`."""
    layer = step.layer
    positions, attributes = window_geometry(step, layer.window)
    shape = (*positions, *layer.kernel_size, step.shape[-1], layer.filters)
    kernel = array(layer.kernel)
    if kernel.size != math.prod(shape):
        step.refuse(f"was built for images of another size than {step.shape}")
    weights = {
        "kernel": kernel.reshape(shape),
        "bias": _bias(layer, (*positions, layer.filters)),
    }
    value = step.emit(
        "local",
        (*positions, layer.filters),
        {"size": list(layer.kernel_size), **attributes},
        weights,
    )
    return then_activation(step, value)


def lower_dense(step: Step) -> Value:
    """Lower `Dense`."""
    layer = step.layer
    weights = {"kernel": array(layer.kernel), "bias": _bias(layer, (layer.units,))}
    value = step.emit("dense", (*step.shape[:-1], layer.units), {}, weights)
    return then_activation(step, value)


def _bias(layer: Any, shape: Sequence[int]) -> np.ndarray:
    return np.zeros(shape) if layer.bias is None else array(layer.bias)
