"""Networks of all kinds, with random weights, opened."""

import keras

from app.classifier.inspected_model import InspectedModel
from app.layers import LocallyConnected2D, ResidualBlock

SIDE = 24


def opened(model: keras.Model, classes: int = 3, channels: int = 3) -> InspectedModel:
    names = tuple(f"class {k}" for k in range(classes))
    shape = (*model.input_shape[1:3], channels)
    return InspectedModel.wrap(model, name="test", class_names=names, image_shape=shape)


def sequential(last="softmax", units=3, channels=3) -> keras.Sequential:
    layers = keras.layers
    return keras.Sequential([
        keras.Input((SIDE, SIDE, channels)),
        layers.Rescaling(1 / 255, name="rescaling"),
        layers.Conv2D(6, 3, activation="relu", name="conv_1"),
        layers.MaxPooling2D(2, name="pool_1"),
        layers.Conv2D(8, 3, activation="relu", name="conv_2"),
        layers.Flatten(name="flatten"),
        layers.Dense(units, activation=last, name="output"),
    ])  # fmt: skip


def functional() -> keras.Model:
    layers = keras.layers
    inputs = keras.Input((SIDE, SIDE, 3))
    x = layers.Conv2D(6, 3, padding="same", name="stem")(inputs)
    left = layers.Conv2D(6, 5, padding="same", activation="relu", name="left")(x)
    right = layers.Conv2D(6, 1, name="right")(x)
    x = layers.Add(name="sum")([left, right])
    x = layers.ReLU(name="relu")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dense(3, name="logits")(x)
    return keras.Model(inputs, layers.Softmax(name="softmax")(x))


def nested() -> keras.Model:
    layers = keras.layers
    base = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Conv2D(4, 3, strides=2, name="inner_conv"),
            ResidualBlock(6, name="inner_block"),
        ],
        name="base",
    )
    return keras.Sequential([
        keras.Input((SIDE, SIDE, 3)),
        layers.Rescaling(1 / 255, name="rescaling"),
        base,
        layers.GlobalMaxPooling2D(name="top"),
        layers.Dense(1, activation="sigmoid", name="probability"),
    ])  # fmt: skip


def shared() -> keras.Model:
    """One ReLU is used at two sizes, and a dense layer ends in an operation."""
    layers = keras.layers
    relu = layers.ReLU(name="relu")
    inputs = keras.Input((SIDE, SIDE, 3))
    x = relu(layers.Conv2D(4, 3, name="conv_1")(inputs / 255.0))
    x = layers.MaxPooling2D(2, name="pool")(x)
    y = layers.Conv2D(4, 3, padding="same", name="conv_2")(x)
    x = relu(x + y)
    x = layers.Dense(3, name="scores")(layers.Flatten(name="flatten")(x))
    return keras.Model(inputs, keras.activations.softmax(x))


def local() -> keras.Sequential:
    layers = keras.layers
    return keras.Sequential([
        keras.Input((12, 10, 1)),
        LocallyConnected2D(4, 3, strides=3, activation="relu", name="local_1"),
        LocallyConnected2D(5, 2, name="local_2"),
        layers.Flatten(name="flatten"),
        layers.Dense(4, activation="relu", name="hidden"),
        layers.Dense(3, activation="softmax", name="output"),
    ])  # fmt: skip


KINDS = {
    "sequential": (sequential, 3),
    "functional": (functional, 3),
    "nested": (nested, 2),
    "shared": (shared, 3),
}
