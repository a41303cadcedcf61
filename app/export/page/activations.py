"""Activation functions of a program, with their parameters.

    relu          min(max_value, x where x > threshold, else 0)
                  − negative_slope · max(0, threshold − x);
                  max_value is infinite, and the others are 0, unless they are given
    leaky_relu    x where x > 0, else negative_slope · x
    elu           x where x > 0, else alpha · (eˣ − 1)
    selu          1.05070098 · (x where x > 0, else 1.67326324 · (eˣ − 1))
    gelu          x · Φ(x); with `approximate`, 0.5 · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))
    silu          x / (1 + e⁻ˣ)
    mish          x · tanh(ln(1 + eˣ))
    softplus      ln(1 + eˣ)
    softsign      x / (1 + |x|)
    exponential   eˣ
    sigmoid       1 / (1 + e⁻ˣ)
    log_sigmoid   −ln(1 + e⁻ˣ)
    hard_sigmoid  min(1, max(0, x/6 + 1/2))
    hard_silu     x · hard_sigmoid(x)
    tanh          tanh x
    hard_tanh     min(1, max(−1, x))
    softmax       eˣ / Σ eˣ over the last axis
    log_softmax   x − ln Σ eˣ over the last axis
    linear        x

The parameters of other functions than relu are always given.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from app.export.page.builder import Step, Value, array

FUNCTIONS: dict[str, dict[str, Any]] = {
    "relu": {},
    "relu6": {"function": "relu", "max_value": 6.0},
    "leaky_relu": {"negative_slope": 0.2},
    "elu": {"alpha": 1.0},
    "selu": {},
    "gelu": {"approximate": False},
    "silu": {},
    "mish": {},
    "softplus": {},
    "softsign": {},
    "exponential": {},
    "sigmoid": {},
    "log_sigmoid": {},
    "hard_sigmoid": {},
    "hard_silu": {},
    "tanh": {},
    "hard_tanh": {},
    "softmax": {},
    "log_softmax": {},
    "linear": {},
}


def emit_function(step: Step, function: str, **parameters: Any) -> Value:
    """Append an activation; parameters that are `None` are left out."""
    attributes = {"function": function} | FUNCTIONS[function] | parameters
    given = {key: value for key, value in attributes.items() if value is not None}
    return step.emit("activation", step.shape, given)


def then_activation(step: Step, value: Value) -> Value:
    """Append the activation of a layer, if it has one, to the value before it."""
    function = step.layer.activation
    if function is None or function is keras.activations.linear:
        return value
    return apply_function(step, function, value)


def apply_function(step: Step, function: Any, value: Value) -> Value:
    """Append an activation function of Keras, or one that is made of its operations."""
    name = getattr(function, "__name__", type(function).__name__)
    suffix = name if name.isidentifier() else "activation"
    return _function(step.of(value).part(f":{suffix}"), function, name)


def lower_activation(step: Step) -> Value:
    """Lower `Activation`."""
    function = step.layer.activation
    return _function(step, function, getattr(function, "__name__", ""))


def _function(step: Step, function: Any, name: str) -> Value:
    if name in FUNCTIONS and function is getattr(keras.activations, name, None):
        return emit_function(step, name)
    return step.follow(function, step.inputs, step.place._replace(owner=step.layer_type))


def lower_relu(step: Step) -> Value:
    """Lower `ReLU`, and the operation of `keras.activations.relu`."""
    layer = step.layer
    given = {
        "max_value": None if layer.max_value is None else float(layer.max_value),
        "negative_slope": float(layer.negative_slope) or None,
        "threshold": float(layer.threshold) or None,
    }
    return emit_function(step, "relu", **given)


def lower_leaky_relu(step: Step) -> Value:
    """Lower `LeakyReLU`."""
    return emit_function(step, "leaky_relu", negative_slope=float(step.layer.negative_slope))


def lower_elu(step: Step) -> Value:
    """Lower `ELU`."""
    return emit_function(step, "elu", alpha=float(step.layer.alpha))


def lower_gelu(step: Step) -> Value:
    """Lower the operation of `keras.ops.gelu`."""
    return emit_function(step, "gelu", approximate=bool(step.layer.approximate))


def lower_softmax(step: Step) -> Value:
    """Lower `Softmax`, and the operation of `keras.ops.softmax`."""
    return emit_function(step, _along_last_axis(step, "softmax"))


def lower_log_softmax(step: Step) -> Value:
    """Lower the operation of `keras.ops.log_softmax`."""
    return emit_function(step, _along_last_axis(step, "log_softmax"))


def _along_last_axis(step: Step, function: str) -> str:
    axis = step.layer.axis
    axes = list(axis) if isinstance(axis, list | tuple) else [axis]
    if axes not in ([-1], [len(step.shape)]):
        step.refuse(f"takes the {function} over axis {axis}")
    return function


def lower_prelu(step: Step) -> Value:
    """Lower `PReLU`: the part above zero, plus a multiple of the part below."""
    alpha = array(step.layer.alpha)
    if alpha.size != alpha.shape[-1]:
        step.refuse(f"has a slope for every cell, {alpha.shape}")
    above = emit_function(step.part("/above"), "relu")
    turned = step.part("/turned").emit("rescale", step.shape, {"scale": -1.0, "offset": 0.0})
    below = emit_function(step.of(turned).part("/below"), "relu")
    slopes = np.broadcast_to(-alpha.ravel(), step.shape[-1:]).tolist()
    scaled = (
        step.of(below).part("/scaled").emit("rescale", step.shape, {"scale": slopes, "offset": 0.0})
    )
    return step.of(above, scaled).emit("add", step.shape)
