"""`local`: convolutions first, then locally connected layers with unshared filters.

Edges look the same everywhere, so convolution and pooling detect them. The parts of a centered
image differ by position, so locally connected layers follow. For photographs: Conv2D 32-64-64 with
max pooling after each. For smaller images: Conv2D 32 and pooling. Then LocallyConnected2D 16-16,
the second with stride 2, Flatten, Dropout, Dense. Source: lecture, "CNN: NOT parameter sharing";
after Taigman et al., DeepFace, 2014, whose local layers have 16 filters.
"""

from __future__ import annotations

import keras

from app.layers.locally_connected_2d import LocallyConnected2D
from app.models.output import output_layer
from app.models.stages import Step, fits, require_fit

_PHOTOGRAPH_FILTERS, _DIGIT_FILTERS = (32, 64, 64), (32,)
_LOCAL_FILTERS, _LOCAL_STRIDES = 16, (1, 2)
_FILTER, _POOL = 3, 2


def build_local(
    input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return the untrained network for images `(H, W, C)` of pixels 0–255.

    Raises:
        AppError: If the image is too small for the layers of even the smaller form.
    """
    photographs = fits(min(input_shape[:2]), _steps(len(_PHOTOGRAPH_FILTERS)))
    shared = _PHOTOGRAPH_FILTERS if photographs else _DIGIT_FILTERS
    require_fit(input_shape, _steps(len(shared)), "local network")
    layers = keras.layers
    network = keras.Sequential(
        [keras.Input(input_shape), layers.Rescaling(1 / 255, name="rescaling")], name="local"
    )
    for number, filters in enumerate(shared, start=1):
        network.add(layers.Conv2D(filters, _FILTER, activation="relu", name=f"conv_{number}"))
        network.add(layers.MaxPooling2D(_POOL, name=f"pool_{number}"))
    for number, stride in enumerate(_LOCAL_STRIDES, start=1):
        network.add(
            LocallyConnected2D(
                _LOCAL_FILTERS, _FILTER, stride, activation="relu", name=f"local_{number}"
            )
        )
    network.add(layers.Flatten(name="flatten"))
    network.add(layers.Dropout(dropout, name="dropout"))
    network.add(layers.Dense(512 if photographs else 64, activation="relu", name="dense_1"))
    network.add(output_layer(num_classes))
    return network


def _steps(num_shared: int) -> list[Step]:
    steps = []
    for number in range(1, num_shared + 1):
        steps += [Step(f"conv_{number}", _FILTER, 1), Step(f"pool_{number}", _POOL, _POOL)]
    for number, stride in enumerate(_LOCAL_STRIDES, start=1):
        steps.append(Step(f"local_{number}", _FILTER, stride))
    return steps
