"""Lowers operations of `keras.ops` on values, or on values and constants.

A constant is a number, a weight, or an array that a layer holds.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from app.export.page import combining
from app.export.page.activations import emit_function
from app.export.page.builder import Step, Value
from app.export.page.normalization import lower_identity, rescaled


def lower_arithmetic(step: Step) -> Value:
    """Lower x + y, x − y, x · y, x / y, max(x, y) or min(x, y)."""
    first, second = step.operands
    sign = step.layer_name
    if isinstance(first, Value) and isinstance(second, Value):
        if len(first.shape) != len(second.shape):  # NumPy would take the images for rows
            step.refuse(f"combines {first.shape} with {second.shape}")
        if sign not in _MERGED:
            step.refuse("divides by values")
        return _MERGED[sign](step)
    number = constant(step, second if isinstance(first, Value) else first)
    if sign in ("Maximum", "Minimum"):
        return _limited(step, number, sign)
    if sign == "Add":
        return rescaled(step, 1.0, number)
    if sign == "Multiply":
        return rescaled(step, number, 0.0)
    if sign == "Subtract" and isinstance(first, Value):
        return rescaled(step, 1.0, -number)
    if sign == "Subtract":
        return rescaled(step, -1.0, number)
    if isinstance(second, Value) or not np.all(number):
        step.refuse("divides by values, or by zero")
    return rescaled(step, 1 / number, 0.0)


_MERGED = {
    "Add": combining.lower_add,
    "Subtract": combining.lower_subtract,
    "Multiply": combining.lower_multiply,
    "Maximum": combining.lower_maximum,
    "Minimum": combining.lower_minimum,
}


def constant(step: Step, operand: Any) -> np.ndarray:
    """Return a constant as a float64 array.

    Raises:
        NotLowerable: If it is none.
    """
    try:
        values = keras.ops.convert_to_numpy(operand)
        return np.asarray(values).astype(np.float64)
    except (TypeError, ValueError):
        step.refuse(f"computes with a {type(operand).__name__}")


def _limited(step: Step, limit: np.ndarray, sign: str) -> Value:
    """Append max(x, c) = c + relu(x − c), or min(x, c) = c − relu(c − x)."""
    scale = 1.0 if sign == "Maximum" else -1.0
    beyond = rescaled(step.part("/beyond"), scale, -scale * limit)
    positive = emit_function(step.of(beyond).part("/positive"), "relu")
    return rescaled(step.of(positive), scale, limit)


def lower_clip(step: Step) -> Value:
    """Lower the operation of `keras.ops.clip`: min(b, max(a, x)) = a + min(b − a, relu(x − a))."""
    low, high = (constant(step, limit) for limit in (step.layer.x_min, step.layer.x_max))
    if low.ndim or high.ndim or high < low:
        step.refuse(f"clips to {step.layer.x_min} and {step.layer.x_max}")
    shifted = rescaled(step.part("/shifted"), 1.0, -low)
    clipped = emit_function(step.of(shifted).part("/clipped"), "relu", max_value=float(high - low))
    return rescaled(step.of(clipped), 1.0, low)


def lower_negative(step: Step) -> Value:
    """Lower −x."""
    return rescaled(step, -1.0, 0.0)


def lower_square(step: Step) -> Value:
    """Lower x²."""
    return step.of(*step.inputs * 2).emit("multiply", step.shape)


def lower_absolute(step: Step) -> Value:
    """Lower |x| = relu(x) + relu(−x)."""
    above = emit_function(step.part("/above"), "relu")
    turned = rescaled(step.part("/turned"), -1.0, 0.0)
    below = emit_function(step.of(turned).part("/below"), "relu")
    return step.of(above, below).emit("add", step.shape)


def lower_cast(step: Step) -> Value:
    """Lower a conversion between types of floating-point numbers: the program has one."""
    dtype = step.layer.dtype
    if dtype is not None and "float" not in keras.backend.standardize_dtype(dtype):
        step.refuse(f"converts values to {dtype}")
    return lower_identity(step)
