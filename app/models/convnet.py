"""`convnet`: the lecture's network of convolution and pooling.

For photographs, Conv2D 32-64-128-128 with max pooling after each, Flatten, Dropout, Dense 512.
Images too small for four stages get the form for digits: Conv2D 32-64-64, pooling after the first
two, Flatten, Dropout, Dense 64. Source: Chollet, Deep Learning with Python, sections 5.1 and 5.2.
"""

from __future__ import annotations

import keras

from app.models.output import output_layer
from app.models.stages import Step, fits, require_fit

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
    photographs = fits(min(input_shape[:2]), _steps(_PHOTOGRAPH_STAGES))
    stages = _PHOTOGRAPH_STAGES if photographs else _DIGIT_STAGES
    require_fit(input_shape, _steps(stages), "convnet")
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


def _steps(stages: tuple[tuple[int, bool], ...]) -> list[Step]:
    steps = []
    for number, (_, pooled) in enumerate(stages, start=1):
        steps.append(Step(f"conv_{number}", _FILTER, 1))
        if pooled:
            steps.append(Step(f"pool_{number}", _POOL, _POOL))
    return steps
