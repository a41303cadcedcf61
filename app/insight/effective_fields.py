"""The effective receptive field: the pixels that a unit really depends on.

In the theoretical receptive field, pixels in the middle reach a unit on many more paths than those
at the border. The gradient of the central unit by the pixels shows it: its absolute value, averaged
over images, falls off like a Gaussian.

Source: Luo et al., Understanding the Effective Receptive Field in Deep Convolutional Neural
Networks, 2016; their share of 95.45% is that of ±2 standard deviations of a Gaussian.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from app.classifier.hooks import LayerInfo, layer_output
from app.classifier.inspected_model import InspectedModel
from app.insight.feature_visualization import center_cell
from app.insight.gradients import value_and_gradient
from app.insight.receptive_fields import ImageField, receptive_fields
from app.insight.untrained import untrained

SHARE = 0.9545
_BATCH = 16


def pixel_influence(model: InspectedModel, images: np.ndarray, layer: LayerInfo) -> np.ndarray:
    """Return how much a layer's central unit depends on each pixel, `(H, W)`, with the sum 1.

    It is the absolute gradient of the sum of the unit's channels, summed over colors and images;
    zero everywhere if no gradient reaches the pixels.

    Args:
        model: Model with the layer.
        images: `(N, H, W, C)` uint8 of the model's size.
        layer: Layer with the output `(B, H', W', F)`.
    """
    row, column = center_cell(layer)

    def unit(batch: Any) -> tuple[Any, Any]:
        maps = keras.ops.cast(layer_output(model.keras_model, batch, layer), "float32")
        values = keras.ops.sum(maps[:, row, column], axis=-1)
        return values, values

    total = np.zeros(model.image_size)
    for start in range(0, len(images), _BATCH):
        _, gradient, _ = value_and_gradient(unit, images[start : start + _BATCH])
        total += np.abs(gradient).sum(axis=(0, 3))
    return total / (total.sum() or 1.0)


def effective_width(influence: np.ndarray, share: float = SHARE) -> float:
    """Return the side of a square with as many pixels as hold a share of the influence.

    Args:
        influence: `(H, W)`, not negative, with the sum 1; the fewest pixels are counted.
        share: Share of the influence.
    """
    largest_first = np.sort(influence.ravel())[::-1]
    # A sum of shares may end just below the whole.
    count = np.searchsorted(np.cumsum(largest_first), share * influence.sum() - 1e-12) + 1
    return float(np.sqrt(count))


def effective_fields(
    model: InspectedModel, layer: LayerInfo, filters: Sequence[int], images: np.ndarray
) -> list[ImageField | None]:
    """Return for each filter the middle part of its receptive field that drives its central unit.

    It is the smallest square around the center that holds a share of 95.45% of the unit's absolute
    gradient in an image of the filter's own; the theoretical field if no gradient reaches the
    pixels, and `None` if that is unknown.

    Args:
        model: Model with the layer.
        layer: Layer with the output `(B, H', W', F)`.
        filters: `N` positions of filters in the layer.
        images: `(N, H, W, C)` uint8 of the model's size, such as the visualizations of the filters.
    """
    field = receptive_fields(model).get(layer.path)
    if field is None:
        return [None] * len(filters)
    cell = center_cell(layer)
    chosen = np.eye(layer.output_shape[-1], dtype=np.float32)[list(filters)]  # (N, F)
    found: list[ImageField | None] = []
    for start in range(0, len(images), _BATCH):
        batch = slice(start, start + _BATCH)

        def units(pixels: Any, chosen: np.ndarray = chosen[batch]) -> tuple[Any, Any]:
            maps = keras.ops.cast(layer_output(model.keras_model, pixels, layer), "float32")
            values = keras.ops.sum(maps[:, cell[0], cell[1]] * chosen, axis=-1)
            return values, values

        _, gradients, _ = value_and_gradient(units, images[batch])
        found += [_driving(field, cell, one) for one in np.abs(gradients).sum(axis=-1)]
    return found


def _driving(field: ImageField, cell: tuple[int, int], influence: np.ndarray) -> ImageField:
    """Return the smallest middle part of a field with the share of the influence `(H, W)`."""
    for size in range(1, max(field.size) + 1):
        part = field.middle(size)
        top, bottom = part.rows.pixels_of(cell[0], influence.shape[0])
        left, right = part.columns.pixels_of(cell[1], influence.shape[1])
        inside = influence[top:bottom, left:right].sum()
        if inside > 0 and inside >= SHARE * influence.sum():
            return part
    return field


def effective_widths(
    model: InspectedModel,
    images: np.ndarray,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, tuple[float, float]]:
    """Return `{path: (trained, untrained)}`: effective widths in pixels of layers with maps.

    Args:
        model: Model to measure; the untrained one is a copy of it.
        images: `(N, H, W, C)` uint8 of the model's size.
        progress: Function called with (done, total) layers.

    Raises:
        AppError: If the network cannot be built again.
    """
    before = untrained(model)
    parts = [part for part in model.outer_layers if part.is_spatial]
    found = {}
    for number, part in enumerate(parts):
        trained, start = (
            effective_width(pixel_influence(network, images, network.layer(part.path)))
            for network in (model, before)
        )
        found[part.path] = trained, start
        progress(number + 1, len(parts))
    return found
