"""`dense`: the lecture's baseline, which treats an image as one vector.

Flatten → Dense 512 → probabilities. Source: lecture, "Dense for images?"; Chollet, Deep Learning
with Python, section 2.1.
"""

from __future__ import annotations

import keras

from app.models.output import output_layer


def build_dense(
    input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return the untrained network for images `(H, W, C)` of pixels 0–255."""
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 255, name="rescaling"),
            layers.Flatten(name="flatten"),
            layers.Dense(512, activation="relu", name="dense_1"),
        ],
        name="dense",
    )
    if dropout:
        network.add(layers.Dropout(dropout, name="dropout"))
    network.add(output_layer(num_classes))
    return network
