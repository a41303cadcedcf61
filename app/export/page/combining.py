"""Lowers layers and operations that combine several values, or a value with a constant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from app.export.page.activations import emit_function
from app.export.page.builder import Step, Value, array
from app.export.page.normalization import rescaled
from app.export.page.pooling import reshaped


def lower_add(step: Step) -> Value:
    """Lower `Add`."""
    return _merged(step, "add")


def lower_multiply(step: Step) -> Value:
    """Lower `Multiply`."""
    return _merged(step, "multiply")


def lower_subtract(step: Step) -> Value:
    """Lower `Subtract`."""
    return _merged(step, "subtract")


def lower_average(step: Step) -> Value:
    """Lower `Average`: the sum, then its share."""
    total = _merged(step.part("/sum"), "add")
    return rescaled(step.of(total), 1 / len(step.inputs), 0.0)


def lower_maximum(step: Step) -> Value:
    """Lower `Maximum`: max(x, y) = y + relu(x − y)."""
    return _extreme(step, upper=True)


def lower_minimum(step: Step) -> Value:
    """Lower `Minimum`: min(x, y) = y − relu(y − x)."""
    return _extreme(step, upper=False)


def lower_concatenate(step: Step) -> Value:
    """Lower `Concatenate` along the last axis, and the operation of `keras.ops.concatenate`."""
    if step.layer.axis not in (-1, len(step.shape)):
        step.refuse(f"concatenates along axis {step.layer.axis}")
    channels = sum(value.shape[-1] for value in step.inputs)
    return step.emit("concatenate", (*step.shape[:-1], channels))


def _merged(step: Step, kind: str) -> Value:
    """Append an operation on all inputs, after those that bring them to one shape."""
    inputs = broadcast(step)
    return step.of(*inputs).emit(kind, inputs[0].shape)


def _extreme(step: Step, *, upper: bool) -> Value:
    first, *others = broadcast(step)
    for number, other in enumerate(others, start=1):
        last = number == len(others)
        pair = (first, other) if upper else (other, first)
        inner = step if last else step.part(f"/{number}")
        difference = inner.of(*pair).part("/difference").emit("subtract", other.shape)
        positive = emit_function(inner.of(difference).part("/positive"), "relu")
        first = inner.of(other, positive).emit("add" if upper else "subtract", other.shape)
    return first


def broadcast(step: Step) -> list[Value]:
    """Append what brings the inputs to one shape, as Keras's layers do; return them.

    A vector counts as a map of one cell.
    """
    values = list(step.inputs)
    rank = max(len(value.shape) for value in values)
    for index, value in enumerate(values):
        if len(value.shape) < rank:
            part = step.of(value).part(f"/cell_{index + 1}")
            values[index] = reshaped(part, (1, 1, *value.shape))
    shape = tuple(max(sizes) for sizes in zip(*(value.shape for value in values), strict=True))
    return [_enlarged(step, value, shape, index) for index, value in enumerate(values, start=1)]


def _enlarged(step: Step, value: Value, shape: Sequence[int], index: int) -> Value:
    """Append what repeats a value along the axes where it has one cell."""
    for size, target in zip(value.shape, shape, strict=True):
        if size not in (1, target):
            step.refuse(f"combines {value.shape} with {tuple(shape)}")
    if value.shape[-1] != shape[-1]:
        copies = step.of(*(value,) * shape[-1]).part(f"/channels_{index}")
        value = copies.emit("concatenate", (*value.shape[:-1], shape[-1]))
    if value.shape != shape:
        factors = [target // size for size, target in zip(value.shape, shape, strict=True)][:2]
        part = step.of(value).part(f"/cells_{index}")
        attributes = {"size": factors, "interpolation": "nearest"}
        value = part.emit("upsample", shape, attributes)
    return value


def lower_arithmetic(step: Step) -> Value:
    """Lower x + y, x − y, x · y or x / y of `keras.ops`, where one may be a constant.

    A constant is a number or a weight with one value, or one per channel.
    """
    first, second = step.operands
    sign = step.layer_name
    if isinstance(first, Value) and isinstance(second, Value):
        if len(first.shape) != len(second.shape):  # NumPy would take the images for rows
            step.refuse(f"combines {first.shape} with {second.shape}")
        if sign not in _MERGED:
            step.refuse("divides by values")
        return _MERGED[sign](step)
    if isinstance(first, Value):
        scale, offset = _of_constant(step, sign, _constant(step, second))
    else:
        constant = _constant(step, first)
        if sign not in ("Add", "Multiply", "Subtract"):
            step.refuse("divides by values or compares them with a constant")
        scale, offset = _of_constant(step, sign, constant)
        if sign == "Subtract":
            scale, offset = np.float64(-1.0), constant
    return rescaled(step, scale, offset)


def _of_constant(step: Step, sign: str, constant: np.ndarray) -> tuple[Any, Any]:
    if sign == "Add":
        return 1.0, constant
    if sign == "Subtract":
        return 1.0, -constant
    if sign == "Multiply":
        return constant, 0.0
    if sign in ("Divide", "TrueDivide") and np.all(constant != 0):
        return 1 / constant, 0.0
    step.refuse("computes with a constant that it cannot use")


def _constant(step: Step, operand: Any) -> np.ndarray:
    if isinstance(operand, int | float):
        return np.asarray(operand, np.float64)
    if isinstance(operand, keras.Variable):
        return array(operand).astype(np.float64)
    step.refuse(f"computes with a {type(operand).__name__}, which may change from call to call")


def lower_negative(step: Step) -> Value:
    """Lower −x."""
    return rescaled(step, -1.0, 0.0)


def lower_clip(step: Step) -> Value:
    """Lower the operation of `keras.ops.clip`: min(b, max(a, x)) = a + min(b − a, relu(x − a))."""
    low, high = (_constant(step, limit) for limit in (step.layer.x_min, step.layer.x_max))
    if low.ndim or high.ndim or high < low:
        step.refuse(f"clips to {step.layer.x_min} and {step.layer.x_max}")
    shifted = rescaled(step.part("/shifted"), 1.0, -low)
    clipped = emit_function(step.of(shifted).part("/clipped"), "relu", max_value=float(high - low))
    return rescaled(step.of(clipped), 1.0, low)


_MERGED = {
    "Add": lower_add,
    "Subtract": lower_subtract,
    "Multiply": lower_multiply,
    "Maximum": lower_maximum,
    "Minimum": lower_minimum,
}
