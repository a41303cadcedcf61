"""`quick`: a network for digits that trains in seconds.

Two pixels of each edge, which digits leave empty, are cut off; then three normalized convolutions
of 16, 32 and 32 filters, 5×5 with stride 3 and twice 3×3, none padded, so that 24, 7, 5 and 3
cells are left of a side of 28; Flatten; probabilities. All strides are in the first convolution,
which passes no gradient on: the one with respect to the input of a strided convolution takes a CPU
twice as long as its forward pass. Source: Springenberg et al., Striving for simplicity: the all
convolutional net, 2014, which strides instead of pooling.
"""

from __future__ import annotations

import keras

from app.layers.fused_batch_normalization import FusedBatchNormalization
from app.models.output import output_layer
from app.models.stages import Step, require_fit

_EDGE = 2
# Filters, their side, their stride; filters by sixteens, the numbers that a register of AVX-512
# holds.
_CONVOLUTIONS = ((16, 5, 3), (32, 3, 1), (32, 3, 1))


def build_quick(
    input_shape: tuple[int, int, int], num_classes: int, dropout: float
) -> keras.Sequential:
    """Return the untrained network for images `(H, W, C)` of pixels 0–255.

    Raises:
        AppError: If the image is too small.
    """
    steps = [Step("edge", 2 * _EDGE + 1, 1)]  # as much as such a window would take
    steps += [
        Step(f"conv_{number}", side, stride)
        for number, (_, side, stride) in enumerate(_CONVOLUTIONS, start=1)
    ]
    require_fit(input_shape, steps, "quick network")
    layers = keras.layers
    stack = [
        keras.Input(input_shape),
        layers.Cropping2D(_EDGE, name="edge"),
        layers.Rescaling(1 / 127.5, offset=-1, name="rescaling"),  # of fewer pixels
    ]
    for number, (filters, side, stride) in enumerate(_CONVOLUTIONS, start=1):
        stack += [
            layers.Conv2D(
                filters,
                side,
                stride,
                use_bias=False,  # the normalization that follows has an offset
                kernel_initializer="he_normal",
                name=f"conv_{number}",
            ),
            FusedBatchNormalization(momentum=0.95, name=f"norm_{number}"),
            layers.ReLU(name=f"relu_{number}"),
        ]
    stack.append(layers.Flatten(name="flatten"))
    if dropout:
        stack.append(layers.Dropout(dropout, name="dropout"))
    stack.append(output_layer(num_classes))
    return keras.Sequential(stack, name="quick")
