"""The networks of the invariance experiment: a convnet with three of its parts exchanged.

The lecture's convnet has its features flattened, no batch normalization, and pixels from 0 to 1.
Networks with other properties under shifts or in the dark differ in all three. Here each part is
exchanged alone and together with the others.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import keras

from app.models.output import output_layer

HEADS = ("Flatten", "global average")
NORMS = ("", "batch norm.")
SCALES = ("0 to 1", "−1 to 1")
# Half of the lecture's, so that forty networks are trained in minutes.
_FILTERS = (16, 32, 32)
_UNITS = 64


class Parts(NamedTuple):
    """What a convnet is made of: one of `HEADS`, of `NORMS` and of `SCALES`."""

    head: str
    norm: str
    scale: str

    @property
    def name(self) -> str:
        """Text such as `Flatten, pixels 0 to 1` or `Flatten, batch norm., pixels 0 to 1`."""
        return ", ".join(part for part in (self.head, self.norm, f"pixels {self.scale}") if part)


CONVNETS = tuple(Parts(*parts) for parts in product(HEADS, NORMS, SCALES))
LECTURE, NORMALIZED = CONVNETS[0], Parts(HEADS[1], NORMS[1], SCALES[0])


def build_convnet_of(
    parts: Parts, input_shape: tuple[int, int, int], num_classes: int
) -> keras.Sequential:
    """Return the untrained convnet for images `(H, W, C)` of pixels 0–255."""
    layers = keras.layers
    scale, offset = (1 / 255, 0.0) if parts.scale == SCALES[0] else (1 / 127.5, -1.0)
    network = keras.Sequential([keras.Input(input_shape), layers.Rescaling(scale, offset)])
    for number, filters in enumerate(_FILTERS):
        network.add(layers.Conv2D(filters, 3))
        if parts.norm == NORMS[1]:
            network.add(layers.BatchNormalization(momentum=0.9))
        network.add(layers.ReLU())
        if number < len(_FILTERS) - 1:
            network.add(layers.MaxPooling2D(2))
    pooled = parts.head == HEADS[1]
    network.add(layers.GlobalAveragePooling2D() if pooled else layers.Flatten())
    network.add(layers.Dense(_UNITS, activation="relu"))
    network.add(output_layer(num_classes))
    return network
