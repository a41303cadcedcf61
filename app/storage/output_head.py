"""The end of a network: the operations that decide what its outputs are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

# They move or scale values, but do not make probabilities of scores: layers, and operations
# between layers, by the names of their classes.
_PASSING = frozenset({
    "ActivityRegularization", "Add", "AlphaDropout", "Average", "AveragePooling2D",
    "BatchNormalization", "Cast", "Concatenate", "Dropout", "ExpandDims", "Flatten",
    "FusedBatchNormalization", "GaussianDropout", "GaussianNoise", "GlobalAveragePooling2D",
    "GlobalMaxPooling2D", "Identity", "MaxPooling2D", "Mean", "Permute", "Rescaling", "Reshape",
    "SpatialDropout2D", "Squeeze", "Transpose",
})  # fmt: skip
_ACTIVATION_LAYERS = {
    "Softmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid", "ReLU": "relu",
    "Relu": "relu", "Relu6": "relu6", "LeakyReLU": "leaky_relu", "LeakyRelu": "leaky_relu",
    "PReLU": "leaky_relu", "ELU": "elu", "Elu": "elu", "Tanh": "tanh", "Softplus": "softplus",
}  # fmt: skip


def last_operations(tensor: Any) -> Iterator[Any]:
    """Yield the layers or operations that decide what a symbolic tensor holds.

    Layers that only move or scale values are skipped; models inside are entered.

    Args:
        tensor: The output of a functional or Sequential model.
    """
    yield from _walk(tensor, (), set())


def activations_at_the_end(tensor: Any) -> set[str]:
    """Return the names of the activations of `last_operations`; `unknown` for others."""
    return {activation_of(operation) for operation in last_operations(tensor)}


def activation_of(operation: Any) -> str:
    """Return the name of an operation's activation: `linear` for one that has none."""
    name = type(operation).__name__
    if name in _ACTIVATION_LAYERS:
        return _ACTIVATION_LAYERS[name]
    if not hasattr(operation, "activation"):
        return "unknown"
    activation = operation.activation
    if activation is None:
        return "linear"
    name = getattr(activation, "__name__", "")
    # A user's function may have the name of one of Keras's.
    return name if getattr(keras.activations, name, None) is activation else "unknown"


def _walk(tensor: Any, outer: tuple[Any, ...], seen: set[tuple[int, int]]) -> Iterator[Any]:
    if (id(tensor), len(outer)) in seen:
        return
    seen.add((id(tensor), len(outer)))
    operation, node_index, tensor_index = tensor._keras_history
    node = operation._inbound_nodes[node_index]
    if isinstance(operation, keras.Model) and getattr(operation, "outputs", None):
        yield from _walk(operation.outputs[tensor_index], (*outer, (operation, node)), seen)
    elif isinstance(operation, keras.layers.InputLayer) and outer:
        model, outer_node = outer[-1]
        position = [id(one) for one in model.inputs].index(id(tensor))
        yield from _walk(outer_node.input_tensors[position], outer[:-1], seen)
    elif _passes(operation):
        for source in node.input_tensors:
            yield from _walk(source, outer, seen)
    else:
        yield operation


def _passes(operation: Any) -> bool:
    if isinstance(operation, keras.layers.Activation):
        return activation_of(operation) == "linear"
    return type(operation).__name__ in _PASSING
