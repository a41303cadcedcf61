"""What Keras computes where the page computes an operation, to compare both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import keras
import numpy as np

from app.classifier.hooks import hook_lock, layer_outputs, to_numpy
from app.classifier.inspected_model import InspectedModel
from app.errors import AppError
from app.export.page import NotLowerable, Operation, describe, lower
from app.names import listed

_LOWERED: WeakKeyDictionary[keras.Model, dict[str, Operation]] = WeakKeyDictionary()


def operation_outputs(
    model: InspectedModel, image: np.ndarray, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return Keras's float32 outputs of layers and of operations of the program.

    Args:
        model: Inspected model.
        image: `(H, W, C)` uint8 of the model's size.
        names: Paths of layers, or names of operations: the last one of a layer, or the one before
            the layer's activation.

    Returns:
        `{name: (H', W', F) or (N,)}`.

    Raises:
        AppError: If there is no such layer, or Keras does not show the operation.
    """
    paths = {info.path: info for info in model.layers}
    shown: dict[str, np.ndarray] = {}
    outputs, inner = {}, {}
    for name in names:
        operation = _operations(model).get(name)
        if operation is not None and operation.kind == "input":
            shown[name] = image.astype(np.float32)
            continue
        layer = operation.layer if operation is not None else name
        if operation is None or _is_last(model, operation):
            outputs[name] = model.layer(layer)
        elif layer in paths and callable(getattr(paths[layer].layer, "activation", None)):
            inner[name] = paths[layer].layer
        else:
            raise AppError(
                f"Keras does not show the operation '{name}'.",
                f"Expected one of: {listed([*paths], name)}.",
            )
    with _recording(inner) as recorded:
        found = layer_outputs(model.keras_model, image[np.newaxis], [*outputs.values()])
    shown |= {name: found[info.path][0] for name, info in outputs.items()}
    return shown | {name: value[0] for name, value in recorded.items()}


@contextmanager
def _recording(layers: dict[str, Any]) -> Iterator[dict[str, np.ndarray]]:
    """Yield a dictionary that gets what the activations of layers are applied to."""
    recorded: dict[str, np.ndarray] = {}
    with hook_lock, ExitStack() as changes:
        for name, layer in layers.items():
            changes.enter_context(_recorded(name, layer, recorded))
        yield recorded


@contextmanager
def _recorded(name: str, layer: Any, recorded: dict[str, np.ndarray]) -> Iterator[None]:
    activation = layer.activation

    def applied(values: Any) -> Any:
        recorded[name] = to_numpy(values)
        return activation(values)

    layer.activation = applied
    try:
        yield
    finally:
        layer.activation = activation


def _operations(model: InspectedModel) -> dict[str, Operation]:
    """Return the operations of a model's program by name; none if it has no program."""
    if model.keras_model not in _LOWERED:
        try:
            operations = lower(model.keras_model, describe(model)).operations
        except NotLowerable:
            operations = ()
        _LOWERED[model.keras_model] = {operation.name: operation for operation in operations}
    return _LOWERED[model.keras_model]


def _is_last(model: InspectedModel, operation: Operation) -> bool:
    same = [one for one in _operations(model).values() if one.layer == operation.layer]
    return same[-1].name == operation.name
