"""Response maps: where in an image each filter of a layer answers, and how strongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from app.insight.anatomy import Part, outputs_of
from app.insight.opened_model import OpenedModel
from app.insight.receptive_fields import ImageField, receptive_fields, window_of
from app.layers import ResidualBlock


@dataclass(frozen=True)
class ResponseMaps:
    """One layer's answer to one image.

    Attributes:
        path: Of the layer.
        maps: `(F, H', W')` float32.
        field: What each cell sees of the image; `None` for all of it, or if it is unknown.
    """

    path: str
    maps: np.ndarray
    field: ImageField | None

    @property
    def is_dead(self) -> np.ndarray:
        """`(F,)`: whether a filter answers nowhere."""
        return np.abs(self.maps).max(axis=(1, 2)) == 0

    @property
    def limit(self) -> float:
        """The largest size of any answer; one for a layer that is silent."""
        return float(np.abs(self.maps).max()) or 1.0

    @property
    def strongest_first(self) -> np.ndarray:
        """`(F,)` filters by their largest answer, of either sign."""
        return np.argsort(-np.abs(self.maps).max(axis=(1, 2)), kind="stable")

    @property
    def peak(self) -> tuple[int, int, int]:
        """(filter, row, column) of the largest answer."""
        filter_, row, column = np.unravel_index(np.abs(self.maps).argmax(), self.maps.shape)
        return int(filter_), int(row), int(column)


def response_maps(
    model: OpenedModel, image: np.ndarray, layers: Sequence[str] | None = None
) -> list[ResponseMaps]:
    """Return the response maps of layers, in one run of the network.

    Args:
        model: Whose.
        image: `(H, W, C)` uint8, of the model's size.
        layers: Paths; by default every convolution, locally connected, pooling and activation
            layer and residual block that has more than one cell.

    Raises:
        AppError: If a layer is unknown or has no spatial axes.

    Source: lecture, "Response map"; Chollet, Deep Learning with Python, section 5.4.
    """
    if layers is None:
        parts = [part for part in model.parts if _responds(part)]
    else:
        parts = [model.part_with_maps(path) for path in layers]
    outputs = outputs_of(model.keras_model, image[np.newaxis], parts)
    fields = receptive_fields(model)
    return [
        ResponseMaps(part.path, outputs[part.path][0].transpose(2, 0, 1), fields.get(part.path))
        for part in parts
    ]


def _responds(part: Part) -> bool:
    return part.has_maps and (window_of(part.layer) is not None or isinstance(part.layer, _OTHERS))


_OTHERS = (
    keras.layers.Conv2DTranspose,
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ELU,
    ResidualBlock,
)
