"""Networks with untied and with shared weights, of equal operations or of equal parameters."""

from __future__ import annotations

import keras
import numpy as np

from app.layers.locally_connected_2d import LocallyConnected2D
from app.models.output import output_layer

UNTIED = "untied"
FLOPS, PARAMETERS = "shared, equal FLOPs", "shared, equal parameters"
ARMS = (UNTIED, FLOPS, PARAMETERS)
_FILTERS = 8


def network_of(arm: str, shape: tuple[int, ...], num_classes: int) -> keras.Sequential:
    """Return the network of an arm, for images `(H, W, C)`."""
    if arm != PARAMETERS:
        return _network(_FILTERS, shape, num_classes, untied=arm == UNTIED)
    most = network_of(UNTIED, shape, num_classes).count_params()
    # The number of parameters is quadratic in the number of filters: from three points.
    found = [_network(k, shape, num_classes).count_params() for k in (1, 2, 3)]
    filters = np.roots(np.polyfit((1, 2, 3), found, 2) - np.array([0, 0, most])).max()
    return _network(int(filters + 1e-6), shape, num_classes)


def _network(
    filters: int, shape: tuple[int, ...], num_classes: int, *, untied: bool = False
) -> keras.Sequential:
    layer = LocallyConnected2D if untied else keras.layers.Conv2D
    return keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Rescaling(1 / 255),
            layer(filters, 5, strides=2, activation="relu"),
            layer(filters, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            output_layer(num_classes),
        ]
    )
