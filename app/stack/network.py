"""From a stack to a Keras network, and from a network of those layers back to a stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from app import layers as own_layers
from app.errors import AppError
from app.models.output import output_layer
from app.stack.kinds import KINDS
from app.stack.sizes import MOST_PARAMETERS, size_stack
from app.stack.stack import Stack, parse_stack


def build_network(
    stack: Stack, input_shape: tuple[int, int, int], num_classes: int
) -> keras.Sequential:
    """Return an untrained network, which ends in the layer of the probabilities.

    Raises:
        AppError: If a layer does not fit where it stands.
    """
    for row in size_stack(stack, input_shape, num_classes):
        if row.problem:
            raise AppError(f"Layer {row.name}: {row.problem}", fix=row.fix)
    network = keras.Sequential([keras.Input(input_shape)], name="stack")
    for layer in stack:
        network.add(_layer(layer.kind, layer.name, layer.arguments))
    network.add(output_layer(num_classes))
    assert network.count_params() <= MOST_PARAMETERS
    return network


def _layer(kind: str, name: str, arguments: Mapping[str, Any]) -> keras.layers.Layer:
    if kind == "Rescaling":
        low, high = arguments["low"], arguments["high"]
        return keras.layers.Rescaling((high - low) / 255, offset=low, name=name)
    make = getattr(own_layers if KINDS[kind].is_own else keras.layers, kind)
    given = dict(arguments)
    if kind == "DepthwiseConv2D":
        given["depthwise_initializer"] = given.pop("kernel_initializer")
    layer: keras.layers.Layer = make(**given, name=name)
    return layer


def stack_of(network: keras.Sequential) -> Stack:
    """Return the stack of a network, without the layer of its probabilities.

    Raises:
        AppError: If it holds a layer that a stack cannot hold.
    """
    return parse_stack([_description(layer) for layer in network.layers[:-1]])


def _description(layer: keras.layers.Layer) -> dict[str, Any]:
    config, kind = layer.get_config(), type(layer).__name__
    if isinstance(layer, own_layers.FusedBatchNormalization):
        kind = "BatchNormalization"
    elif kind == "ReLU":
        kind, config = "Activation", {"activation": "relu"}
    elif kind == "Rescaling":
        low = config["offset"]
        config = {"low": low, "high": low + round(255 * config["scale"], 6)}
    if kind not in KINDS:
        raise AppError(f"The layer '{layer.name}' is a {kind}.", f"Expected: {', '.join(KINDS)}.")
    if "depthwise_initializer" in config:
        config["kernel_initializer"] = config["depthwise_initializer"]
    if not layer.trainable:
        raise AppError(f"The layer '{layer.name}' is frozen.", "Expected layers that learn.")
    return {
        "layer": kind,
        **{name: _value(config[name]) for name in KINDS[kind].arguments},
    }


def _value(value: Any) -> Any:
    """Return the value of an argument as a stack has it: one number for both axes, a name."""
    while isinstance(value, list | tuple):
        value = value[0]
    if isinstance(value, Mapping):  # an initializer
        return {"GlorotUniform": "glorot_uniform", "HeNormal": "he_normal"}[value["class_name"]]
    return value
