"""Runs a layer or function on symbolic tensors, so that what it does becomes a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from inspect import signature
from textwrap import shorten
from typing import Any, NamedTuple

import keras
import numpy as np

from app.export.page.builder import Place
from app.export.page.program import refuse


class Trace(NamedTuple):
    """What a layer or function did with symbolic tensors.

    Attributes:
        inputs: The symbolic tensors.
        output: What it returned, with its history.
        paths: `{id of a layer inside: path from the layer}`.
    """

    inputs: tuple[Any, ...]
    output: Any
    paths: dict[int, str]


@contextmanager
def traced(
    layer: Any, shapes: Sequence[tuple[int, ...]], place: Place, *, as_list: bool
) -> Iterator[Trace]:
    """Give what a layer or activation function does with inputs of some shapes.

    It runs twice, since what it does must not depend on anything but its inputs. The history of the
    output exists while the block runs.

    Args:
        layer: Layer or function.
        shapes: Shapes of the inputs, without the images.
        place: Place of the layer in the model.
        as_list: Whether it is called with a list of its inputs.

    Raises:
        NotLowerable: If it cannot be run on symbolic tensors, changes variables, or does not do
            the same twice.
    """
    inner = dict(_layers_inside(layer))
    unbuilt = [name for name, child in inner.items() if not child.built]
    with _unchanged_nodes(inner.values()):
        first, second = (_called(layer, shapes, place, as_list=as_list) for _ in range(2))
        if not _did_the_same(first, second):
            reason = "does not do the same whenever it is called"
            refuse(place.path, reason, place.owner or kind_of(layer))
        new = [name for name in unbuilt if inner[name].weights]
        if new:  # random weights that were made a moment ago
            refuse(place.path, f"was not built: '{new[0]}' had no weights", kind_of(layer))
        yield Trace(*first, {id(child): name for name, child in inner.items()})


def kind_of(layer: Any) -> str:
    """Return the class of a layer, or the name of a function."""
    return getattr(layer, "__name__", type(layer).__name__)


def _called(
    layer: Any, shapes: Sequence[tuple[int, ...]], place: Place, *, as_list: bool
) -> tuple[tuple[Any, ...], Any]:
    """Return symbolic inputs, and what the layer makes of them."""
    kind = place.owner or kind_of(layer)
    call = layer if _is_activation(layer) else layer.call
    known = {"training": False} if "training" in signature(call).parameters else {}
    reason = ""
    for batch in (None, 1):  # some layers have to know the number of images
        inputs = tuple(keras.KerasTensor((batch, *shape), "float32") for shape in shapes)
        run = partial(call, list(inputs) if as_list else inputs[0], **known)
        with keras.StatelessScope() as scope:
            output = _at_inference(run)
        if isinstance(output, Exception):
            line = (str(output).strip().splitlines() or [repr(output)])[0]
            line = shorten(line, 120, placeholder=" …").rstrip(".")
            reason = reason or f"cannot be run on symbolic tensors ({line})"
            continue
        if scope.state_mapping:
            refuse(place.path, "changes variables when it is called", kind)
        if not isinstance(output, keras.KerasTensor):
            refuse(place.path, f"returns a {type(output).__name__}", kind)
        return inputs, output
    refuse(place.path, reason, kind)


def _at_inference(run: Callable[[], Any]) -> Any:
    """Return what a function returns or raises where a layer calls it at inference.

    Layers that it calls take `training` from the layer that calls them.
    """
    outcomes: list[Any] = []

    class Outer(keras.layers.Layer):
        def call(self, inputs: Any, training: bool | None = None) -> Any:
            try:
                outcomes.append(run())
            except Exception as error:
                # A user's layer may raise anything, and so may a backend given symbolic tensors.
                outcomes.append(error)
            return inputs

    Outer()(np.zeros(1), training=False)
    return outcomes[0]


def _did_the_same(first: tuple[Any, Any], second: tuple[Any, Any]) -> bool:
    """Return whether two runs applied the same to their inputs, with the same constants."""
    records = [_record(*run) for run in (first, second)]
    return len(records[0]) == len(records[1]) and all(map(_equal, *records))


def _record(inputs: Sequence[Any], output: Any) -> list[Any]:
    """Return the layers, operations and arguments behind a symbolic tensor, which are numbered."""
    numbers = {id(tensor): number for number, tensor in enumerate(inputs)}
    record: list[Any] = []
    waiting = [output] if id(output) not in numbers else []
    while waiting:
        operation, node_index, _ = waiting.pop()._keras_history
        node = operation._inbound_nodes[node_index]
        if isinstance(operation, keras.Layer):
            record.append(operation)
        else:
            settings = {k: v for k, v in vars(operation).items() if k[0] != "_" and k != "name"}
            record += [type(operation), *keras.tree.flatten(settings)]
        for argument in keras.tree.flatten((node.arguments.args, node.arguments.kwargs)):
            if isinstance(argument, keras.KerasTensor):
                if id(argument) not in numbers:
                    numbers[id(argument)] = len(numbers)
                    waiting.append(argument)
                argument = numbers[id(argument)]
            record.append(argument)
    return record


def _equal(one: Any, other: Any) -> bool:
    if one is other or (isinstance(one, str | type) and one == other):
        return True
    try:
        return np.array_equal(*map(keras.ops.convert_to_numpy, (one, other)))
    except (TypeError, ValueError):
        return False


def _is_activation(layer: Any) -> bool:
    return not isinstance(layer, keras.Layer)


def _layers_inside(layer: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the layers inside a layer, at all depths, with their paths from it."""
    if _is_activation(layer):
        return
    for child in layer._flatten_layers(include_self=False, recursive=False):
        yield f"{prefix}{child.name}", child
        yield from _layers_inside(child, f"{prefix}{child.name}/")


@contextmanager
def _unchanged_nodes(layers: Iterable[Any]) -> Iterator[None]:
    """Forget the symbolic calls of layers that are made while the block runs.

    A layer that was called once has one output, which a second call would make ambiguous.
    """
    lists = [nodes for layer in layers for nodes in (layer._inbound_nodes, layer._outbound_nodes)]
    lengths = [len(nodes) for nodes in lists]
    try:
        yield
    finally:
        for nodes, length in zip(lists, lengths, strict=True):
            del nodes[length:]
