"""A chain of convolutions with its pooling layers removed: what pooling is for, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import keras

from app.classifier.inspected_model import InspectedModel
from app.classifier.layer_kinds import role_of, window_of
from app.insight.architecture import is_chain
from app.lecture.receptive_field import PIXEL, through_window


@dataclass(frozen=True)
class DenseInputs:
    """The first dense layer behind Flatten.

    Attributes:
        units: Its neurons.
        with_pooling: Its inputs.
        without_pooling: (width, height, depth) of the volume that it would receive without pooling.
    """

    units: int
    with_pooling: int
    without_pooling: tuple[int, int, int]

    @property
    def weights(self) -> tuple[int, int]:
        """Weights without biases: with pooling, and without."""
        width, height, depth = self.without_pooling
        return self.with_pooling * self.units, width * height * depth * self.units


def unpooled_field(model: InspectedModel) -> int | None:
    """Return the pixels across that the convolutions alone would see; `None` unless a chain."""
    if not is_chain(model.keras_model):
        return None
    field = PIXEL
    for info in model.layers:
        window = window_of(info.layer)
        if window is not None and role_of(info.layer) != "pooling":
            field = through_window(
                field, window.sizes[1], window.strides[1], dilation=window.dilation[1]
            )
    return field.size


def dense_inputs(model: InspectedModel) -> DenseInputs | None:
    """Return the first dense layer behind Flatten; `None` if there is none, or no pooling."""
    if not is_chain(model.keras_model):
        return None
    size, depth, pooled, is_flat = model.image_size, model.channels, False, False
    for info in model.outer_layers:
        window = window_of(info.layer)
        if isinstance(info.layer, keras.layers.Flatten):
            is_flat = True
        elif is_flat and isinstance(info.layer, keras.layers.Dense):
            inputs = info.input_shape[-1]
            found = DenseInputs(info.layer.units, inputs, (size[1], size[0], depth))
            return found if pooled else None
        elif role_of(info.layer) == "pooling":
            pooled = True
        elif role_of(info.layer) == "block":
            return None  # its layers may pool as well
        elif window is not None:
            height, width = window.positions(size)
            size, depth = (height, width), info.output_shape[-1]
    return None
