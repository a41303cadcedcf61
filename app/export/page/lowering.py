"""Lowers a Keras model: follows its graph, layer by layer, from the image to the outputs.

A layer of a type that is not in the registry, such as `ResidualBlock` or one of your own, is run on
symbolic tensors, as Keras does when a functional model is built. What it did with them is a graph
again, which is followed. A layer that does anything else than to apply layers and `keras.ops` to
its inputs is refused, because the graph would not hold all that it does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import keras

from app.export.page.builder import Builder, Place, Step, Value
from app.export.page.normalization import lower_identity
from app.export.page.program import Description, Program, refuse
from app.export.page.registry import OPERATIONS, TAKE_INTEGERS, lowering_of
from app.export.page.tracing import kind_of, traced


def lower(model: keras.Model, description: Description) -> Program:
    """Return the program of an image classifier.

    It is float32 throughout: a model in bfloat16 or float16 differs by its own rounding.

    Args:
        model: Built Keras model, from one image `(H, W, C)` to one output.
        description: What the program says of the model; the network is lowered for its image shape.

    Raises:
        NotLowerable: If a layer cannot be lowered.
    """
    builder = Builder(description.image_shape)
    walk = _Walk(builder)
    value = walk.through_layer(model, (builder.image,), Place())
    if value.name != builder.operations[-1].name:  # the last operation has the outputs
        lower_identity(walk.step(model, (value,), Place(model.name, model.name)))
    return Program(description, tuple(builder.operations), builder.tensors)


class _Walk:
    """The way through a model.

    Args:
        builder: The program so far.
    """

    def __init__(self, builder: Builder):
        self.builder = builder

    def step(self, layer: Any, operands: tuple[Any, ...], place: Place) -> Step:
        """Return the step of lowering a layer or operation."""
        kind = place.owner or kind_of(layer)
        return Step(self.builder, layer, place, operands, kind, self.through_trace)

    def through_layer(
        self, layer: Any, inputs: tuple[Value, ...], place: Place, *, as_list: bool = False
    ) -> Value:
        """Lower one use of a layer or model."""
        kind = kind_of(layer)
        if getattr(layer, "quantization_mode", None):
            refuse(place.path, f"is quantized to {layer.quantization_mode}", kind)
        if not _is_from_keras(type(layer).__call__):
            refuse(place.path, "has a `__call__` of its own", kind)
        lowering = lowering_of(layer)
        if lowering is not None:
            if getattr(layer, "data_format", None) == "channels_first":
                refuse(place.path, "has the channels first", kind)
            return lowering(self.step(layer, inputs, place))
        if _has_graph(layer):
            return self.through_model(layer, inputs, place)
        return self.through_trace(layer, inputs, place, as_list=as_list)

    def through_model(self, model: Any, inputs: tuple[Value, ...], place: Place) -> Value:
        """Lower a functional or Sequential model."""
        kind = kind_of(model)
        counts = len(model.inputs), len(model.outputs)
        if counts != (len(inputs), 1):
            reason = f"has {counts[0]} inputs and {counts[1]} outputs, not one of each"
            refuse(place.path, reason, kind)
        for tensor, value in zip(model.inputs, inputs, strict=True):
            expected = tuple(tensor.shape[1:])
            if not _fits(expected, value.shape):
                refuse(place.path, f"takes {expected} and is given {value.shape}", kind)
            if place.path and not _is_float(tensor):
                refuse(place.path, f"converts its inputs to {tensor.dtype}", kind)
        values = {id(tensor): value for tensor, value in zip(model.inputs, inputs, strict=True)}

        def place_of(operation: Any) -> Place:
            return place.inner(operation.name)

        # A model hands its own `training` to all its layers, whatever they were called with.
        return self.through_graph(model.outputs[0], values, place_of, ("training",))

    def through_trace(
        self, layer: Any, inputs: tuple[Value, ...], place: Place, *, as_list: bool = False
    ) -> Value:
        """Lower what a layer or function does with symbolic tensors."""
        kind = place.owner or kind_of(layer)
        numbers: Counter[str] = Counter()

        def place_of(operation: Any) -> Place:
            if isinstance(operation, keras.Layer):
                if id(operation) in trace.paths:
                    return place.inner(trace.paths[id(operation)])
                reason = f"calls the layer '{operation.name}', which it does not hold"
                refuse(place.path, reason, kind)
            name = kind_of(operation).lower()
            numbers[name] += 1
            inner = place.inner(f"{name}_{numbers[name]}")
            # What an operation returns belongs to the layer that calls it.
            return inner._replace(path=place.path, owner=kind) if place.path else inner

        shapes = [value.shape for value in inputs]
        with traced(layer, shapes, place, as_list=as_list) as trace:
            values = {id(t): value for t, value in zip(trace.inputs, inputs, strict=True)}
            value = self.through_graph(trace.output, values, place_of)
        if place.path and (value in inputs or self._hides_output(place.path, value)):
            return lower_identity(self.step(layer, (value,), place))
        return value

    def _hides_output(self, path: str, value: Value) -> bool:
        """Return whether the last operation of a layer is another than the one of its output."""
        own = [one.name for one in self.builder.operations if one.layer == path]
        return bool(own) and own[-1] != value.name

    def through_graph(
        self,
        output: Any,
        values: dict[int, Value],
        place_of: Callable[[Any], Place],
        replaced: Sequence[str] = (),
    ) -> Value:
        """Lower what a symbolic tensor depends on, and return its value.

        Args:
            output: Symbolic tensor.
            values: Values of symbolic tensors by `id`; those of the inputs at least.
            place_of: Place of a layer or operation.
            replaced: Names of arguments that have no effect.
        """
        waiting = [output]
        while waiting:
            if id(waiting[-1]) in values:
                waiting.pop()
                continue
            operation, node_index, _ = waiting[-1]._keras_history
            node = operation._inbound_nodes[node_index]
            missing = [t for t in node.input_tensors if id(t) not in values]
            if missing:
                waiting += reversed(missing)
            else:
                place = self.builder.next_use(place_of(operation))
                if len(node.outputs) != 1 or not node.input_tensors:
                    refuse(place.path, "has no input, or more than one output", kind_of(operation))
                named = node.arguments.kwargs.items()
                arguments = [value for name, value in named if name not in replaced]
                arguments = [*node.arguments.args, *arguments]
                value = self.through_call(operation, arguments, values, place)
                _compare(waiting[-1], value, place, operation)
                values[id(waiting.pop())] = value
        return values[id(output)]

    def through_call(
        self, operation: Any, arguments: list[Any], values: dict[int, Value], place: Place
    ) -> Value:
        """Lower one call of a layer or operation."""
        kind = kind_of(operation)
        arguments = [one for one in arguments if one is not None and one is not False]
        if not isinstance(operation, keras.Layer):
            return self._through_operation(operation, arguments, values, place)
        as_list = isinstance(arguments[0], list | tuple)
        tensors = list(arguments[0]) if as_list else [arguments[0]]
        if len(arguments) > 1 or any(id(tensor) not in values for tensor in tensors):
            refuse(place.path, "is called with more than its inputs, such as training=True", kind)
        if type(operation) not in TAKE_INTEGERS and not all(map(_is_float, tensors)):
            refuse(place.path, "computes with whole numbers", kind)
        inputs = tuple(values[id(tensor)] for tensor in tensors)
        return self.through_layer(operation, inputs, place, as_list=as_list)

    def _through_operation(
        self, operation: Any, arguments: list[Any], values: dict[int, Value], place: Place
    ) -> Value:
        kind = kind_of(operation)
        lowering = OPERATIONS.get(kind)
        if lowering is None or not _is_from_keras(type(operation)):
            refuse(place.path, f"uses the operation {kind}", place.owner)
        operands = list(arguments[0]) if isinstance(arguments[0], list | tuple) else arguments
        if not all(_is_float(one) for one in operands if isinstance(one, keras.KerasTensor)):
            refuse(place.path, "computes with whole numbers", kind)
        known = tuple(values.get(id(operand), operand) for operand in operands)
        return lowering(self.step(operation, known, place))


def _has_graph(layer: Any) -> bool:
    """Return whether a layer is a functional or Sequential model that runs as its graph says."""
    if not _is_from_keras(type(layer).call):
        return False
    if isinstance(layer, keras.Sequential):
        return layer._functional is not None
    return isinstance(layer, keras.Function)


def _compare(tensor: Any, value: Value, place: Place, operation: Any) -> None:
    """Raise `NotLowerable` if Keras says that an output has another shape."""
    expected = tuple(tensor.shape[1:])
    if not _fits(expected, value.shape):
        reason = f"has outputs of the shape {expected}, which would become {value.shape}"
        refuse(place.path, reason, kind_of(operation))


def _fits(expected: tuple[int | None, ...], shape: tuple[int, ...]) -> bool:
    return len(expected) == len(shape) and all(
        side in (None, size) for side, size in zip(expected, shape, strict=True)
    )


def _is_from_keras(thing: Any) -> bool:
    return thing.__module__.startswith("keras.src.")


def _is_float(tensor: Any) -> bool:
    return "float" in keras.backend.standardize_dtype(tensor.dtype)
