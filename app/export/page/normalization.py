"""Lowers layers that shift and scale values, drop them, or leave them as they are."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from app.export.page.activations import emit_function
from app.export.page.builder import Step, Value, array


def lower_rescaling(step: Step) -> Value:
    """Lower `Rescaling`."""
    return rescaled(step, step.layer.scale, step.layer.offset)


def rescaled(step: Step, scale: Any, offset: Any) -> Value:
    """Append x · scale + offset, for numbers or one value per channel."""
    attributes = {"scale": _per_channel(step, scale), "offset": _per_channel(step, offset)}
    return step.emit("rescale", step.shape, attributes)


def _per_channel(step: Step, value: Any) -> float | list[float]:
    values = np.asarray(value, np.float64)
    if values.size == 1:
        return float(values.item())
    if values.size != values.shape[-1] or values.size != step.shape[-1]:
        step.refuse(f"scales or shifts by values of the shape {values.shape}")
    return values.ravel().tolist()


def lower_normalization(step: Step) -> Value:
    """Lower `Normalization`."""
    layer = step.layer
    mean, variance = (array(part).astype(np.float64) for part in (layer.mean, layer.variance))
    deviation = np.maximum(np.sqrt(variance), keras.config.epsilon())
    if layer.invert:
        return rescaled(step, deviation, mean)
    return rescaled(step, 1 / deviation, -mean / deviation)


def lower_batch_normalization(step: Step) -> Value:
    """Lower `BatchNormalization`, which uses its moving statistics."""
    layer = step.layer
    _needs_last_axis(step, [layer.axis])
    weights = {
        "mean": array(layer.moving_mean),
        "variance": array(layer.moving_variance),
        **_scale_and_offset(step),
    }
    return step.emit("normalize", step.shape, {"epsilon": float(layer.epsilon)}, weights)


def lower_layer_normalization(step: Step) -> Value:
    """Lower `LayerNormalization` over the last axis."""
    layer = step.layer
    _needs_last_axis(step, list(layer.axis) if isinstance(layer.axis, list) else [layer.axis])
    if layer.rms_scaling:
        step.refuse("divides by the variance")
    attributes = {"epsilon": float(layer.epsilon)}
    return step.emit("layer_normalize", step.shape, attributes, _scale_and_offset(step))


def _scale_and_offset(step: Step) -> dict[str, np.ndarray]:
    channels, layer = step.shape[-1:], step.layer
    return {
        "gamma": np.ones(channels) if layer.gamma is None else array(layer.gamma),
        "beta": np.zeros(channels) if layer.beta is None else array(layer.beta),
    }


def _needs_last_axis(step: Step, axes: list[int]) -> None:
    if axes not in ([-1], [len(step.shape)]):
        step.refuse(f"normalizes along axis {axes}")


def lower_dropout(step: Step) -> Value:
    """Lower `Dropout`."""
    return step.emit("dropout", step.shape, {"rate": float(step.layer.rate)})


def lower_spatial_dropout(step: Step) -> Value:
    """Lower `SpatialDropout2D`."""
    return step.emit("dropout", step.shape, {"rate": float(step.layer.rate), "maps": True})


def lower_identity(step: Step) -> Value:
    """Lower a layer that does nothing at inference."""
    return emit_function(step, "linear")
