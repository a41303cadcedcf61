"""Networks. Each builder returns an uncompiled `keras.Sequential`.

Contract: `build(input_shape (H, W, C), num_classes, dropout)`; the network takes pixels 0–255 and
rescales them itself; it ends in one sigmoid unit for two classes, else in a softmax.
`app.models.output` replaces that end where an image has any number of labels.
"""

from __future__ import annotations

from collections.abc import Callable

import keras

from app.errors import AppError
from app.references import call_reference
from app.registries import MODELS

Builder = Callable[[tuple[int, int, int], int, float], keras.Model]


def build_model(
    name: str,
    input_shape: tuple[int, int, int],
    num_classes: int,
    dropout: float,
    builder: Builder | None = None,
) -> keras.Model:
    """Return an untrained network.

    Args:
        name: Name in `app.registries.MODELS`, or a reference to a builder.
        input_shape: `(H, W, C)` of the images.
        num_classes: Number of classes.
        dropout: Dropout rate of the last features.
        builder: Builder to call in place of the named one.

    Raises:
        AppError: If there is no such builder, the images are too small for the network, or a
            user's builder returns something else than the contract says.
    """
    builder = builder or MODELS.load(name)
    network: keras.Model = call_reference(
        builder, name, "--model", input_shape, num_classes, dropout, returns=keras.Model
    )
    shapes = network.input_shape, network.output_shape
    expected = (None, *input_shape), (None, 1 if num_classes == 2 else num_classes)
    if shapes != expected:
        raise AppError(
            f"--model '{name}' returned a network from {shapes[0]} to {shapes[1]}.",
            f"Expected one from {expected[0]} to {expected[1]}: images {input_shape} of "
            f"{num_classes} classes; two classes share one sigmoid unit.",
        )
    return network
