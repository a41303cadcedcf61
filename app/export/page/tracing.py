"""Runs a layer or function on symbolic tensors, so that what it does becomes a graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from typing import Any, NamedTuple

import keras

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
    layer: Any, shapes: Sequence[tuple[int, ...]], path: str, *, as_list: bool
) -> Iterator[Trace]:
    """Give what a layer or activation function does with inputs of some shapes.

    The history of the output exists while the block runs.

    Args:
        layer: Layer or function.
        shapes: Shapes of the inputs, without the images.
        path: Path of the layer in the model.
        as_list: Whether it is called with a list of its inputs.

    Raises:
        NotLowerable: If it cannot be run on symbolic tensors, or changes variables.
    """
    inner = dict(_layers_inside(layer))
    inputs = tuple(keras.KerasTensor((None, *shape), "float32") for shape in shapes)
    with _unchanged_nodes(inner.values()):
        with keras.StatelessScope() as scope:
            output = _called(layer, list(inputs) if as_list else inputs[0], path)
        if scope.state_mapping:
            refuse(path, "changes variables when it is called", kind_of(layer))
        if not isinstance(output, keras.KerasTensor):
            refuse(path, f"returns a {type(output).__name__}", kind_of(layer))
        yield Trace(inputs, output, {id(child): name for name, child in inner.items()})


def kind_of(layer: Any) -> str:
    """Return the class of a layer, or the name of a function."""
    return getattr(layer, "__name__", type(layer).__name__)


def _called(layer: Any, argument: Any, path: str) -> Any:
    call = layer if _is_activation(layer) else layer.call
    known = {"training": False} if "training" in signature(call).parameters else {}
    try:
        return call(argument, **known)
    except Exception as error:
        # A user's layer may raise anything, and so may a backend that is given symbolic tensors.
        line = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".")
        refuse(path, f"cannot be run on symbolic tensors ({line})", kind_of(layer))


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
