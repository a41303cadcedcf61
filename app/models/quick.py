"""`quick`: most of what digits teach, in seconds.

Two pixels of each edge, which digits leave empty, are cut off; then three normalised convolutions
of 16, 24 and 48 filters, the first two with stride 2 and none padded, so that 24, 11, 5 and 3 cells
are left of a side of 28; Flatten; probabilities. Source: Springenberg et al., Striving for
simplicity: the all convolutional net, 2014, which strides instead of pooling.
"""

from __future__ import annotations

import keras

from app.layers.fused_batch_normalization import FusedBatchNormalization
from app.models.output import output_layer
from app.models.stages import Step, require_fit

_EDGE = 2
_FILTERS_AND_STRIDES = ((16, 2), (24, 2), (48, 1))
_FILTER = 3


def build_quick(
    input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return the untrained network for images `(H, W, C)` of pixels 0–255.

    Raises:
        AppError: If the image is too small.
    """
    steps = [Step("edge", 2 * _EDGE + 1, 1)]  # as much as such a window would take
    steps += [
        Step(f"conv_{number}", _FILTER, stride)
        for number, (_, stride) in enumerate(_FILTERS_AND_STRIDES, start=1)
    ]
    require_fit(input_shape, steps, "quick network")
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 127.5, offset=-1, name="rescaling"),
            layers.Cropping2D(_EDGE, name="edge"),
        ],
        name="quick",
    )
    for number, (filters, stride) in enumerate(_FILTERS_AND_STRIDES, start=1):
        network.add(
            layers.Conv2D(
                filters,
                _FILTER,
                stride,
                use_bias=False,  # the normalisation that follows has an offset
                kernel_initializer="he_normal",
                name=f"conv_{number}",
            )
        )
        network.add(FusedBatchNormalization(momentum=0.95, name=f"norm_{number}"))
        network.add(layers.ReLU(name=f"relu_{number}"))
    network.add(layers.Flatten(name="flatten"))
    if dropout:
        network.add(layers.Dropout(dropout, name="dropout"))
    network.add(output_layer(num_classes))
    return network
