"""The last layer of a classifier: for one label per image, or for any number of them."""

from __future__ import annotations

import keras

from app.errors import AppError


def output_layer(num_classes: int) -> keras.layers.Layer:
    """Return one sigmoid unit for two classes, else a softmax over all.

    Its result stays float32 under mixed precision: a probability near 1 needs the digits.
    """
    if num_classes == 2:
        return keras.layers.Dense(1, activation="sigmoid", dtype="float32", name="probability")
    return keras.layers.Dense(
        num_classes, activation="softmax", dtype="float32", name="probabilities"
    )


def with_independent_outputs(network: keras.Model, num_classes: int) -> keras.Model:
    """Return a network with one sigmoid unit per class in the place of its last layer.

    Args:
        network: Untrained classifier that ends in a dense layer; its other layers are shared.
        num_classes: Number of classes, each of which an image has or not.

    Raises:
        AppError: If it ends in another layer.
    """
    last = network.layers[-1]
    if not isinstance(last, keras.layers.Dense):
        raise AppError(
            f"The network '{network.name}' ends in the layer '{last.name}', "
            f"{type(last).__name__}, which multi-label training would have to replace.",
            "Expected a network that ends in a dense layer, as the builder's contract says.",
        )
    outputs = keras.layers.Dense(
        num_classes, activation="sigmoid", dtype="float32", name="probabilities"
    )
    if isinstance(network, keras.Sequential):
        shape = network.input_shape[1:]
        return keras.Sequential(
            [keras.Input(shape), *network.layers[:-1], outputs], name=network.name
        )
    return keras.Model(network.inputs, outputs(last.input), name=network.name)
