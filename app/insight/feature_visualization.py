"""Feature visualization: images that maximize a filter's activation, or a class's logit.

Gradient ascent of the central units of a map, and weakly of the whole map, on images that are
parametrized by `FourierImages` and moved as in `image_ascent`. Several images of one filter are
kept apart by the similarity of their Gram matrices: they show whether it detects more than one
thing.

Source: Olah et al., Feature Visualization, 2017; Erhan et al., Visualizing higher-layer features,
2009; Simonyan et al., Deep Inside Convolutional Networks, 2013, for classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from app.classifier.hooks import LayerInfo, hook_lock, layer_output, to_numpy
from app.classifier.inspected_model import InspectedModel
from app.insight.diversity import gram_similarity
from app.insight.image_ascent import SMALL_FIELD, STEPS, Ascent
from app.insight.receptive_fields import receptive_fields
from app.layers import LocallyConnected2D

_BATCH = 16
_MAP_WEIGHT = 0.1  # of the mean over the map in the objective; it guides an inactive unit
_DIVERSITY_WEIGHT = 0.5  # of the similarity of a filter's images, relative to the activation
# The central unit alone is maximized in a map with fewer units across, or whose receptive field has
# fewer steps to the next unit.
_FEWEST_UNITS, _FEWEST_STEPS = 9, 4
# Monotonic activations that are flat, or nearly so, somewhere.
_ACTIVATIONS = (
    keras.activations.relu,
    keras.activations.relu6,
    keras.activations.leaky_relu,
    keras.activations.elu,
    keras.activations.selu,
    keras.activations.softplus,
    keras.activations.sigmoid,
    keras.activations.hard_sigmoid,
    keras.activations.tanh,
)


@dataclass(frozen=True)
class FeatureVisualization:
    """An image that maximizes one filter's activation.

    Attributes:
        filter: Position of the filter in the layer.
        image: `(H, W, C)` uint8.
        cell: (row, column) of the central cell of the map.
        activation: Activation of the filter there.
        is_dead: Whether no image was found that activates the filter there.
    """

    filter: int
    image: np.ndarray
    cell: tuple[int, int]
    activation: float
    is_dead: bool


@dataclass(frozen=True)
class VisualizationSettings:
    """Settings of a visualization.

    Attributes:
        images: Number of images of each filter; several are made to differ.
        seed: Seed of the initial noise and of the motions.
    """

    images: int = 1
    seed: int = 0


ONE_IMAGE = VisualizationSettings()


def visualize_filters(
    model: InspectedModel,
    layer: LayerInfo,
    filters: Sequence[int],
    *,
    settings: VisualizationSettings = ONE_IMAGE,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[FeatureVisualization]:
    """Return images for each filter, one filter after another, that maximize the middle of its map.

    The objective is the mean of the middle 3×3 units, or the central one alone where the others see
    other pixels, and a tenth of the mean over the map. Several images of a filter lose as much of
    it as the similarity of their Gram matrices times a weight.

    Args:
        model: Model with the filters.
        layer: Layer with the output `(B, H', W', F)`.
        filters: Positions of filters in the layer.
        settings: Number of images of each filter, and the seed.
        progress: Function called with (done, total) steps over all batches.
    """
    results: list[FeatureVisualization] = []
    count = settings.images
    size = max(1, _BATCH // count)
    batches = [
        [k for k in filters[start : start + size] for _ in range(count)]
        for start in range(0, len(filters), size)
    ]
    random = np.random.default_rng(settings.seed)
    cell = center_cell(layer)
    for number, batch in enumerate(batches):

        def report(step: int, done: int = number * STEPS) -> None:
            progress(done + step, STEPS * len(batches))

        with _bypass_activation(layer.layer):
            images = _ascent(model, layer, batch, count).maximize(random, report)
        maps = to_numpy(layer_output(model.keras_model, images, layer))
        activations = maps[np.arange(len(batch)), cell[0], cell[1], batch]
        results += [
            FeatureVisualization(k, image, cell, float(value), bool(value <= 0))
            for k, image, value in zip(batch, images, activations, strict=True)
        ]
    return results


def visualize_classes(
    model: InspectedModel,
    classes: Sequence[int],
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> np.ndarray:
    """Return an image for each class that maximizes its logit, `(K, H, W, C)` uint8.

    Args:
        model: Model with the classes; a single sigmoid unit has two.
        classes: Positions of classes.
        seed: Seed of the initial noise and of the motions.
        progress: Function called with (done, total) steps.
    """
    shape = (len(classes), *model.image_size, model.channels)
    chosen = np.eye(len(model.class_names), dtype=np.float32)[list(classes)]  # (K, classes)

    def objective(images: Any) -> tuple[Any, Any]:
        outputs = keras.ops.cast(model.keras_model(images, training=False), "float32")
        scores = [model.score_of(k)(outputs) for k in range(len(model.class_names))]
        return keras.ops.sum(keras.ops.stack(scores, axis=-1) * chosen, axis=-1), outputs

    with model.linear_output():
        ascent = Ascent(objective, shape, max(model.image_size))
        return ascent.maximize(np.random.default_rng(seed), lambda step: progress(step, STEPS))


def is_unshared(model: InspectedModel, part: LayerInfo) -> bool:
    """Return whether every cell of a layer's maps has a filter of its own.

    It has in a locally connected layer and in all layers after it.
    """
    before = model.layers[: model.layers.index(part) + 1]
    return any(isinstance(other.layer, LocallyConnected2D) for other in before)


def center_cell(layer: LayerInfo) -> tuple[int, int]:
    """Return the (row, column) of the central cell of a layer's maps."""
    return layer.output_shape[1] // 2, layer.output_shape[2] // 2


def _ascent(model: InspectedModel, layer: LayerInfo, filters: list[int], count: int) -> Ascent:
    """Return the ascent of activations in the middle of maps, of `count` images of each filter."""
    field = receptive_fields(model).get(layer.path)
    sides = model.image_size if field is None else field.size
    rows, columns = (
        slice(center - reach, center + reach + 1)
        for center, reach in zip(center_cell(layer), _reaches(model, layer), strict=True)
    )
    chosen = np.eye(layer.output_shape[-1], dtype=np.float32)[filters]  # (B, F)

    def objective(images: Any) -> tuple[Any, Any]:
        maps = keras.ops.cast(layer_output(model.keras_model, images, layer), "float32")
        middle = keras.ops.mean(maps[:, rows, columns], axis=(1, 2))  # (B, F)
        everywhere = keras.ops.mean(maps, axis=(1, 2))
        values = keras.ops.sum((middle + _MAP_WEIGHT * everywhere) * chosen, axis=-1)
        if count > 1:  # relative to the activation, whose scale is the layer's own
            weight = _DIVERSITY_WEIGHT * keras.ops.stop_gradient(keras.ops.abs(values))
            values = values - weight * gram_similarity(maps, count)
        return values, middle

    shape = (len(filters), *model.image_size, model.channels)
    return Ascent(objective, shape, min(*sides, *model.image_size))


def _reaches(model: InspectedModel, layer: LayerInfo) -> tuple[int, int]:
    """Return how many units beside the central one are maximized with it, per axis: 0 or 1.

    Units of one filter that see other pixels would each grow a copy of its pattern, and those of a
    small map would fill the image with them. Without weight sharing, they are other filters.
    """
    field = receptive_fields(model).get(layer.path)
    if field is None or is_unshared(model, layer):
        return 0, 0
    beside = [
        int(
            cells >= _FEWEST_UNITS
            and axis.size >= SMALL_FIELD
            and axis.size >= _FEWEST_STEPS * axis.step
        )
        for axis, cells in zip(field, layer.output_shape[1:3], strict=True)
    ]
    return beside[0], beside[1]


@contextmanager
def _bypass_activation(layer: keras.Layer) -> Iterator[None]:
    """Replace a layer's activation by the identity while the block runs.

    A ReLU that is inactive has no gradient.
    """
    with hook_lock:
        if isinstance(layer, keras.layers.ReLU):
            settings = {"negative_slope": 1.0, "max_value": None, "threshold": 0.0}
        elif isinstance(layer, keras.layers.LeakyReLU):
            settings = {"negative_slope": 1.0}
        elif getattr(layer, "activation", None) in _ACTIVATIONS:
            settings = {"activation": keras.activations.linear}
        else:
            settings = {}
        originals = {name: getattr(layer, name) for name in settings}
        try:
            _set(layer, settings)
            yield
        finally:
            _set(layer, originals)


def _set(layer: keras.Layer, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(layer, name, value)
