"""Lowers layers that combine several values."""

from __future__ import annotations

from collections.abc import Sequence

from app.export.page.activations import emit_function
from app.export.page.builder import Step, Value
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
