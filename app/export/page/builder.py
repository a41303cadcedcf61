"""Collects the operations of a program while a network is followed."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, NoReturn

import keras
import numpy as np

from app.export.page.program import Operation, refuse


class Value(NamedTuple):
    """An operation's output: its name and its shape, `(H, W, C)` or `(N,)`."""

    name: str
    shape: tuple[int, ...]


class Place(NamedTuple):
    """Where a layer is: its path in the Keras model, and the name of its operations.

    They differ where a layer is used twice: the second use has the name `path@2`.

    Attributes:
        path: Path of the layer.
        name: Name of the operation.
        owner: Class of the layer, where an operation belongs to it; else empty.
    """

    path: str = ""
    name: str = ""
    owner: str = ""

    def inner(self, path: str) -> Place:
        """Return the place of a layer or operation inside this one."""
        return Place(*(f"{outer}/{path}" if outer else path for outer in self[:2]))


class Builder:
    """The operations and tensors so far.

    Args:
        image_shape: `(H, W, C)` of the images.
    """

    def __init__(self, image_shape: tuple[int, int, int]):
        self.operations: list[Operation] = []
        self.tensors: dict[str, np.ndarray] = {}
        self._names: set[str] = set()
        self._uses: Counter[str] = Counter()
        self._stored: dict[tuple[Any, ...], str] = {}
        self.image = self.add(
            Operation("input", "input", (), image_shape, layer="input", layer_type="InputLayer"), {}
        )

    def add(self, operation: Operation, weights: Mapping[str, np.ndarray]) -> Value:
        """Append an operation with its weights, by what they are."""
        name = self._unused(operation.name)
        self._names.add(name)
        names = {
            role: self._tensor(replace(operation, name=name), role, array)
            for role, array in weights.items()
        }
        self.operations.append(replace(operation, name=name, weights=names))
        return Value(name, operation.output_shape)

    def next_use(self, place: Place) -> Place:
        """Return the place of this use of a layer; the first has the layer's own name."""
        self._uses[place.name] += 1
        number = self._uses[place.name]
        return place._replace(name=f"{place.name}@{number}") if number > 1 else place

    def _tensor(self, operation: Operation, role: str, array: np.ndarray) -> str:
        """Store a tensor and return its name; a layer that is used twice stores it once."""
        array = np.ascontiguousarray(array, np.float32)
        name = f"{operation.name}/{role}"
        # Within a layer, different weights may be equal at first, and not for long.
        weight = re.sub(r"@\d+", "", operation.name)
        key = operation.layer, weight, role, array.shape, array.tobytes()
        if key not in self._stored:
            self._stored[key] = name
            self.tensors[name] = array
        return self._stored[key]

    def _unused(self, name: str) -> str:
        number, candidate = 1, name
        while candidate in self._names:
            number += 1
            candidate = f"{name}@{number}"
        return candidate


@dataclass(frozen=True)
class Step:
    """One use of a layer or operation, while it is lowered.

    Attributes:
        builder: The program so far.
        layer: Keras layer, or operation of `keras.ops`.
        operands: What it takes, with constants.
        place: Its place in the model.
        layer_type: Class of the layer that it belongs to.
        follow: Function that lowers a call on inputs at a place, by following it.
    """

    builder: Builder
    layer: Any
    place: Place
    operands: tuple[Any, ...]
    layer_type: str
    follow: Callable[[Callable[..., Any], tuple[Value, ...], Place], Value]

    @property
    def inputs(self) -> tuple[Value, ...]:
        """The operands that are no constants."""
        return tuple(value for value in self.operands if isinstance(value, Value))

    @property
    def layer_name(self) -> str:
        """Class of the layer or operation itself."""
        return type(self.layer).__name__

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the first input."""
        return self.inputs[0].shape

    def refuse(self, reason: str) -> NoReturn:
        """Raise `NotLowerable` for this layer."""
        refuse(self.place.path, reason, self.layer_type)

    def part(self, suffix: str) -> Step:
        """Return a step for a part of the layer, whose operation has the suffix in its name."""
        return replace(self, place=self.place._replace(name=f"{self.place.name}{suffix}"))

    def of(self, *inputs: Value) -> Step:
        """Return the step with other inputs."""
        return replace(self, operands=inputs)

    def emit(
        self,
        kind: str,
        shape: Sequence[int],
        attributes: Mapping[str, Any] | None = None,
        weights: Mapping[str, np.ndarray] | None = None,
    ) -> Value:
        """Append an operation of this step's name, inputs and layer.

        Raises:
            NotLowerable: If the output is neither a map nor a vector, or an attribute is not
                finite.
        """
        shape = tuple(int(size) for size in shape)
        if len(shape) not in (1, 3) or min(shape) < 1:
            self.refuse(f"has outputs of the shape {shape}, neither (H, W, C) nor (N,)")
        try:
            plain = json.loads(json.dumps(dict(attributes or {}), allow_nan=False))
        except ValueError:
            self.refuse(f"has settings that are not finite: {attributes}")
        names = tuple(value.name for value in self.inputs)
        operation = Operation(
            self.place.name, kind, names, shape, plain, {}, self.place.path, self.layer_type
        )
        return self.builder.add(operation, weights or {})

    def needs_map(self) -> tuple[int, int, int]:
        """Return the shape of the input, which must be a map.

        Raises:
            NotLowerable: If it is a vector.
        """
        if len(self.shape) != 3:
            self.refuse(f"is applied to {self.shape}")
        height, width, channels = self.shape
        return height, width, channels


def array(variable: Any) -> np.ndarray:
    """Return a weight as a float32 array."""
    return np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(variable, "float32")))
