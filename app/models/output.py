"""The last layer of a classifier."""

from __future__ import annotations

import keras


def output_layer(num_classes: int) -> keras.layers.Layer:
    """Return one sigmoid unit for two classes, else a softmax over all.

    Its result stays float32 under mixed precision: a probability near 1 needs the digits.
    """
    if num_classes == 2:
        return keras.layers.Dense(1, activation="sigmoid", dtype="float32", name="probability")
    return keras.layers.Dense(
        num_classes, activation="softmax", dtype="float32", name="probabilities"
    )
