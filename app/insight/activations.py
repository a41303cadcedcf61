"""Response maps: where in an image each filter of a layer is active, and how strongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from app.classifier.hooks import LayerInfo, layer_outputs
from app.classifier.inspected_model import InspectedModel
from app.classifier.layer_kinds import role_of
from app.insight.receptive_fields import ImageField, receptive_fields


@dataclass(frozen=True)
class ResponseMaps:
    """The activations of one layer for one image.

    Attributes:
        path: Path of the layer.
        maps: `(F, H', W')` float32.
        field: Receptive field of a cell; `None` for the whole image, or if it is unknown.
    """

    path: str
    maps: np.ndarray
    field: ImageField | None

    @property
    def is_dead(self) -> np.ndarray:
        """`(F,)`: whether a filter is active nowhere."""
        return np.abs(self.maps).max(axis=(1, 2)) == 0

    @property
    def limit(self) -> float:
        """The largest absolute activation; 1 if all are zero."""
        return float(np.abs(self.maps).max()) or 1.0

    @property
    def strongest_first(self) -> np.ndarray:
        """`(F,)` filters by their largest absolute activation."""
        return np.argsort(-np.abs(self.maps).max(axis=(1, 2)), kind="stable")

    @property
    def peak(self) -> tuple[int, int, int]:
        """(filter, row, column) of the largest absolute activation."""
        filter_, row, column = np.unravel_index(np.abs(self.maps).argmax(), self.maps.shape)
        return int(filter_), int(row), int(column)


def response_maps(
    model: InspectedModel, image: np.ndarray, layers: Sequence[str] | None = None
) -> list[ResponseMaps]:
    """Return the response maps of layers, in one run of the network.

    Args:
        model: Inspected model.
        image: `(H, W, C)` uint8 of the model's size.
        layers: Paths; by default every convolution, locally connected, pooling and activation
            layer and block that has more than one cell.

    Raises:
        AppError: If a layer is unknown or has no spatial axes.

    Source: lecture, "Response map"; Chollet, Deep Learning with Python, section 5.4.
    """
    if layers is None:
        infos = [info for info in model.layers if _has_response_maps(info)]
    else:
        infos = [model.spatial_layer(path) for path in layers]
    outputs = layer_outputs(model.keras_model, image[np.newaxis], infos)
    fields = receptive_fields(model)
    return [
        ResponseMaps(info.path, outputs[info.path][0].transpose(2, 0, 1), fields.get(info.path))
        for info in infos
    ]


def _has_response_maps(info: LayerInfo) -> bool:
    is_active = isinstance(info.layer, _ACTIVATIONS)
    return info.is_spatial and (is_active or role_of(info.layer) not in ("dense", "other"))


_ACTIVATIONS = (
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ELU,
)
