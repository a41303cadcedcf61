"""The top-activating patches of a dataset for each filter.

Source: Zeiler & Fergus, Visualizing and Understanding Convolutional Networks, 2013; Lee et al.,
Convolutional deep belief networks, 2009, for the hierarchy that they show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.classifier.hooks import LayerInfo, layer_output, to_numpy
from app.classifier.inspected_model import InspectedModel
from app.data.pixels import Images
from app.insight.feature_visualization import center_cell, is_unshared
from app.insight.receptive_fields import ImageField

_BATCH = 32
_COUNT = 9  # patches per filter
_GRAY = 128


@dataclass(frozen=True)
class Patch:
    """A place in an image that activates a filter; `crop` returns its pixels.

    Attributes:
        image: Position of the image.
        cell: (row, column) of the cell.
        activation: Activation of the filter there.
    """

    image: int
    cell: tuple[int, int]
    activation: float


def top_patches(
    model: InspectedModel,
    images: Images,
    layer: LayerInfo,
    filters: Sequence[int],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[list[Patch]]:
    """Return up to nine top-activating patches of each filter, at most one of each image.

    Where every cell has filters of its own, only the middle cell is searched.

    Args:
        model: Model with the filters.
        images: `N` images of the model's size.
        layer: Layer with the output `(B, H', W', F)`.
        filters: Positions of filters in the layer.
        progress: Function called with (done, total) images.

    Returns:
        Patches of each filter with a positive activation, the strongest first.
    """
    cell = center_cell(layer) if is_unshared(model, layer) else None
    columns = layer.output_shape[2]
    first = 0 if cell is None else cell[0] * columns + cell[1]
    searched = slice(None) if cell is None else slice(first, first + 1)
    activations = np.empty((len(images), len(filters)), np.float32)
    cells = np.empty((len(images), len(filters)), np.int64)
    for start in range(0, len(images), _BATCH):
        indices = np.arange(start, min(start + _BATCH, len(images)))
        maps = to_numpy(layer_output(model.keras_model, images[indices], layer))[..., list(filters)]
        flat = maps.reshape(len(indices), -1, len(filters))[:, searched]
        activations[indices], cells[indices] = flat.max(axis=1), first + flat.argmax(axis=1)
        progress(int(indices[-1]) + 1, len(images))
    patches = []
    for k in range(len(filters)):
        best = np.argsort(-activations[:, k], kind="stable")[:_COUNT]
        patches.append([
            Patch(int(i), divmod(int(cells[i, k]), columns), float(activations[i, k]))
            for i in best
            if activations[i, k] > 0
        ])  # fmt: skip
    return patches


def top_images(
    model: InspectedModel,
    images: Images,
    classes: Sequence[int],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[list[tuple[int, float]]]:
    """Return the nine images with the largest logit of each class, the largest first.

    Args:
        model: Model with the classes.
        images: `N` images of the model's size.
        classes: Positions of classes.
        progress: Function called with (done, total) images.

    Returns:
        (position of the image, logit) of each, by class.
    """
    rows = []
    for start in range(0, len(images), _BATCH):
        indices = np.arange(start, min(start + _BATCH, len(images)))
        rows.append(model.logits(images[indices]))
        progress(int(indices[-1]) + 1, len(images))
    logits = np.concatenate(rows)  # (N, K)
    return [
        [(int(i), float(logits[i, k])) for i in np.argsort(-logits[:, k], kind="stable")[:_COUNT]]
        for k in classes
    ]


def crop(image: np.ndarray, field: ImageField | None, row: int, column: int) -> np.ndarray:
    """Return the receptive field of one cell in an image `(H, W, C)`; padding is gray.

    If the field is as large as the image or larger, it is the whole image.
    """
    height, width = image.shape[:2]
    if field is None or field.rows.size >= height or field.columns.size >= width:
        return image
    patch = np.full((*field.size, image.shape[2]), _GRAY, np.uint8)
    top, bottom = field.rows.pixels_of(row, height)
    left, right = field.columns.pixels_of(column, width)
    first_row = field.rows.start + row * field.rows.step
    first_column = field.columns.start + column * field.columns.step
    inside = image[top:bottom, left:right]
    if inside.size == 0:
        return patch
    patch[top - first_row : bottom - first_row, left - first_column : right - first_column] = inside
    return patch
