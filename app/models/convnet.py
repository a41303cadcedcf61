"""`convnet`: the lecture's network of convolution and pooling.

For photographs, Conv2D 32-64-128-128 with max pooling after each, Flatten, Dropout, Dense 512.
Images too small for four stages get the form for digits: Conv2D 32-64-64, pooling after the first
two, Flatten, Dropout, Dense 64. Source: Chollet, Deep Learning with Python, sections 5.1 and 5.2.
"""

from __future__ import annotations

import keras

from app.errors import AppError
from app.lecture.sizes import output_size
from app.models.output import output_layer

# Per stage: filters, and whether pooling follows.
_PHOTOGRAPH_STAGES = ((32, True), (64, True), (128, True), (128, True))
_DIGIT_STAGES = ((32, True), (64, True), (64, False))
_FILTER, _POOL = 3, 2


def build_convnet(
    input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return the untrained network for images `(H, W, C)` of pixels 0–255.

    Raises:
        AppError: If the image is too small for the stages of even the smaller form.
    """
    side = min(input_shape[:2])
    photographs = _sizes(side, _PHOTOGRAPH_STAGES)[-1][1] > 0
    stages = _PHOTOGRAPH_STAGES if photographs else _DIGIT_STAGES
    if _sizes(side, stages)[-1][1] < 1:
        raise AppError(
            f"An image of {input_shape[0]}×{input_shape[1]} is too small for the convnet: "
            + ", ".join(f"{name} → {size}" for name, size in _sizes(side, stages)),
            f"Expected sides of at least {_smallest(stages)} pixels; a stage leaves "
            f"(W − {_FILTER})/1 + 1 cells after convolution, then (W − {_POOL})/{_POOL} + 1.",
            f"Use --image-size {_smallest(stages)} or more, or --model dense.",
        )
    layers = keras.layers
    network = keras.Sequential(
        [keras.Input(input_shape), layers.Rescaling(1 / 255, name="rescaling")], name="convnet"
    )
    for number, (filters, pooled) in enumerate(stages, start=1):
        network.add(layers.Conv2D(filters, _FILTER, activation="relu", name=f"conv_{number}"))
        if pooled:
            network.add(layers.MaxPooling2D(_POOL, name=f"pool_{number}"))
    network.add(layers.Flatten(name="flatten"))
    network.add(layers.Dropout(dropout, name="dropout"))
    network.add(layers.Dense(512 if photographs else 64, activation="relu", name="dense_1"))
    network.add(output_layer(num_classes))
    return network


def _sizes(side: int, stages: tuple[tuple[int, bool], ...]) -> list[tuple[str, int]]:
    """Return the size after each operation, as far as there is something left."""
    sizes = [("input", side)]
    for number, (_, pooled) in enumerate(stages, start=1):
        for name, window, stride in (("conv", _FILTER, 1), ("pool", _POOL, _POOL)):
            if (name == "conv" or pooled) and sizes[-1][1] > 0:
                left = output_size(sizes[-1][1], window, stride)
                sizes.append((f"{name}_{number}", left))
    return sizes


def _smallest(stages: tuple[tuple[int, bool], ...]) -> int:
    return next(side for side in range(1, 1000) if _sizes(side, stages)[-1][1] > 0)
