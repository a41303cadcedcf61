"""Lowers operations of `keras.ops` that move a window, and products with a matrix."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from app.export.page.arithmetic import constant
from app.export.page.builder import Step, Value
from app.export.page.convolutions import window_geometry
from app.layers.sliding_window import SlidingWindow


def lower_conv_operation(step: Step) -> Value:
    """Lower the operation of `keras.ops.conv` with a kernel that does not change."""
    kernel = _kernel(step, 4)
    positions, attributes = _geometry(step, kernel.shape[:2], step.layer.dilation_rate)
    channels, filters = kernel.shape[2:]
    groups = step.shape[-1] // channels
    if groups * channels != step.shape[-1] or filters % groups:
        step.refuse(f"applies a kernel of {kernel.shape} to {step.shape}")
    weights = {"kernel": kernel, "bias": np.zeros(filters)}
    return step.emit("conv", (*positions, filters), {**attributes, "groups": groups}, weights)


def lower_depthwise_operation(step: Step) -> Value:
    """Lower the operation of `keras.ops.depthwise_conv` with a kernel that does not change."""
    kernel = _kernel(step, 4)
    positions, attributes = _geometry(step, kernel.shape[:2], step.layer.dilation_rate)
    channels = kernel.shape[2] * kernel.shape[3]
    weights = {"kernel": kernel, "bias": np.zeros(channels)}
    return step.emit("depthwise", (*positions, channels), attributes, weights)


def lower_matmul(step: Step) -> Value:
    """Lower the operation of `keras.ops.matmul` with a matrix that does not change."""
    kernel = _kernel(step, 2)
    weights = {"kernel": kernel, "bias": np.zeros(kernel.shape[1])}
    return step.emit("dense", (*step.shape[:-1], kernel.shape[1]), {}, weights)


def lower_pool_operation(step: Step) -> Value:
    """Lower the operations of `keras.ops.max_pool` and `keras.ops.average_pool`."""
    size = _pair(step.layer.pool_size)
    positions, attributes = _geometry(step, size, 1)
    kind = {"MaxPool": "max_pool", "AveragePool": "average_pool"}[step.layer_name]
    del attributes["dilation"]
    return step.emit(kind, (*positions, step.shape[-1]), {"size": list(size), **attributes})


def _kernel(step: Step, rank: int) -> np.ndarray:
    if len(step.inputs) != 1 or not isinstance(step.operands[0], Value):
        step.refuse("multiplies values with each other")
    kernel = constant(step, step.operands[1])
    if kernel.ndim != rank:
        step.refuse(f"has a kernel of the shape {kernel.shape}")
    return kernel


def _geometry(
    step: Step, size: tuple[int, ...], dilation: Any
) -> tuple[tuple[int, ...], dict[str, list[int]]]:
    layer = step.layer
    if (layer.data_format or keras.config.image_data_format()) == "channels_first":
        step.refuse("has the channels first")
    strides = _pair(size if layer.strides is None else layer.strides)
    return window_geometry(step, SlidingWindow(size, strides, _pair(dilation), layer.padding))


def _pair(value: Any) -> tuple[int, ...]:
    return (value, value) if isinstance(value, int) else tuple(value)
