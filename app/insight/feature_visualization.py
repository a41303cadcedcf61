"""Feature visualization: an image that maximizes a filter's activation, by gradient ascent.

Plain ascent ends in noise. Two methods make the images readable. Each step is preconditioned: low
frequencies grow before high ones, in the colors of photographs. The image is shifted by a few
pixels before each step, so that the result does not depend on single pixels. Both are weaker for
cells with a small receptive field.

Source: Olah et al., Feature Visualization, 2017; Erhan et al., Visualizing higher-layer features,
2009.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from scipy import fft

from app.classifier.hooks import LayerInfo, hook_lock, layer_output, to_numpy
from app.classifier.inspected_model import InspectedModel
from app.insight.gradients import value_and_gradient
from app.insight.receptive_fields import receptive_fields
from app.layers import LocallyConnected2D

_BATCH = 16
_STEPS = 48  # of gradient ascent
# Learning rates, in units of a pixel's logit: digits have full contrast, photographs less.
_RATE, _RATE_IN_COLOR = 0.2, 0.12
_INITIAL_NOISE = 0.1  # standard deviation, in the same units
_DECAY = 0.97  # per step: pixels without influence turn gray
_MAP_WEIGHT = 0.1  # of the mean over the map in the objective; it guides an inactive cell
_LARGEST_SHIFT = 1 / 32  # of the image's side
_LARGEST_FIELD_SHIFT = 1 / 8  # of the side of the receptive field
_SHIFTED_STEPS = 0.75  # share of the steps; the rest refine
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
# Standard deviations of natural colors along their principal axes: light, blue–yellow,
# green–magenta; rows are red, green, blue.
_COLORS = np.array([[0.57, 0.40, 0.12], [0.57, 0.00, -0.24], [0.57, -0.40, 0.12]], np.float32)


@dataclass(frozen=True)
class FeatureVisualization:
    """An image that maximizes one filter's activation.

    Attributes:
        filter: Position of the filter in the layer.
        image: `(H, W, C)` uint8.
        cell: (row, column) of the maximized cell.
        activation: Activation of the filter there.
        is_dead: Whether no image was found that activates the filter there.
    """

    filter: int
    image: np.ndarray
    cell: tuple[int, int]
    activation: float
    is_dead: bool


def visualize_filters(
    model: InspectedModel,
    layer: LayerInfo,
    filters: Sequence[int],
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[FeatureVisualization]:
    """Return an image for each filter that maximizes the central cell of its map.

    Args:
        model: Model with the filters.
        layer: Layer with the output `(B, H', W', F)`.
        filters: Positions of filters in the layer.
        seed: Seed of the initial noise and of the shifts.
        progress: Function called with (done, total) steps over all batches.
    """
    results: list[FeatureVisualization] = []
    batches = [list(filters[start : start + _BATCH]) for start in range(0, len(filters), _BATCH)]
    random = np.random.default_rng(seed)
    for number, batch in enumerate(batches):

        def report(step: int, done: int = number * _STEPS) -> None:
            progress(done + step, _STEPS * len(batches))

        images, activations = _Objective(model, layer, batch).maximize(random, report)
        results += [
            FeatureVisualization(k, image, center_cell(layer), float(value), bool(value <= 0))
            for k, image, value in zip(batch, images, activations, strict=True)
        ]
    return results


def is_unshared(model: InspectedModel, part: LayerInfo) -> bool:
    """Return whether every cell of a layer's maps has a filter of its own.

    It has in a locally connected layer and in all layers after it.
    """
    before = model.layers[: model.layers.index(part) + 1]
    return any(isinstance(other.layer, LocallyConnected2D) for other in before)


def center_cell(layer: LayerInfo) -> tuple[int, int]:
    """Return the (row, column) of the central cell of a layer's maps."""
    return layer.output_shape[1] // 2, layer.output_shape[2] // 2


@dataclass(frozen=True)
class _Objective:
    """The activations of filters in the central cell of a layer."""

    model: InspectedModel
    layer: LayerInfo
    filters: list[int]

    def __call__(self, images: Any) -> tuple[Any, Any]:
        """Return what is maximized, `(F,)`, and the activations, `(F,)`, for `(F, H, W, C)`."""
        row, column = center_cell(self.layer)
        selection = np.eye(self.layer.output_shape[-1], dtype=np.float32)[self.filters]  # (F, K)
        maps = layer_output(self.model.keras_model, images, self.layer)
        maps = keras.ops.cast(maps, "float32")
        activations = keras.ops.sum(maps[:, row, column, :] * selection, axis=-1)  # (F,)
        elsewhere = keras.ops.sum(keras.ops.mean(maps, axis=(1, 2)) * selection, axis=-1)
        return activations + _MAP_WEIGHT * elsewhere, activations

    def maximize(
        self, random: np.random.Generator, progress: Callable[[int], None]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return images `(F, H, W, C)` uint8 and their activations `(F,)`."""
        field = self._central_field()
        side = max(axis.stop - axis.start for axis in field)
        reach = self._largest_shift(field)
        rate = _RATE if self.model.channels == 1 else _RATE_IN_COLOR
        shape = (len(self.filters), *self.model.image_size, self.model.channels)
        logits = _noise(random, shape, _INITIAL_NOISE, side)
        with _bypass_activation(self.layer.layer):
            for step in range(_STEPS):
                pixels = _pixels(logits)
                if step >= _SHIFTED_STEPS * _STEPS:
                    reach = 0
                shift = tuple(random.integers(-reach, reach + 1, 2))
                _, gradient, _ = value_and_gradient(self, np.roll(pixels, shift, (1, 2)))
                gradient = np.roll(gradient, (-shift[0], -shift[1]), (1, 2))
                upwards = _precondition(gradient * pixels * (255.0 - pixels) / 255.0, side)
                spread = upwards[(slice(None), *field)].std(axis=(1, 2, 3), keepdims=True)
                inactive = spread[:, 0, 0, 0] == 0
                upwards[~inactive] /= spread[~inactive]
                logits = _DECAY * logits + rate * upwards
                # Stronger noise may activate a filter that is inactive everywhere.
                noise = _INITIAL_NOISE * (1 + step)
                logits[inactive] = _noise(random, logits[inactive].shape, noise, side)
                progress(step + 1)
        images = np.round(_pixels(logits)).astype(np.uint8)
        maps = to_numpy(layer_output(self.model.keras_model, images, self.layer))
        row, column = center_cell(self.layer)
        return images, maps[np.arange(len(self.filters)), row, column, self.filters]

    def _central_field(self) -> tuple[slice, slice]:
        """Return the rows and columns of the central cell's receptive field."""
        size = self.model.image_size
        field = receptive_fields(self.model).get(self.layer.path)
        if field is None:
            return slice(0, size[0]), slice(0, size[1])
        axes = zip(field, center_cell(self.layer), size, strict=True)
        rows, columns = (slice(*axis.pixels_of(cell, length)) for axis, cell, length in axes)
        return rows, columns

    def _largest_shift(self, field: tuple[slice, slice]) -> int:
        of_image = round(_LARGEST_SHIFT * min(self.model.image_size))
        return min(
            of_image, int(_LARGEST_FIELD_SHIFT * min(axis.stop - axis.start for axis in field))
        )


def _noise(
    random: np.random.Generator, shape: tuple[int, ...], spread: float, side: int
) -> np.ndarray:
    noise = _precondition(random.normal(0.0, 1.0, shape).astype(np.float32), side)
    return noise * np.float32(spread / (noise.std() or 1.0) if noise.size else 1.0)


def _pixels(logits: np.ndarray) -> np.ndarray:
    """Return `(F, H, W, C)` values between 0 and 255."""
    return 255.0 / (1.0 + np.exp(-logits))


def _precondition(step: np.ndarray, side: int) -> np.ndarray:
    """Weight a step `(F, H, W, C)` so that smooth images in natural colors grow first.

    Frequencies are weighted by 1/f, colors by their covariance in photographs.

    Args:
        step: Step to weight.
        side: Side of the receptive field in pixels; longer waves gain nothing.
    """
    if step.shape[-1] == 3:
        step = step @ (_COLORS @ _COLORS.T)
    height, width = step.shape[1:3]
    rows, columns = fft.fftfreq(height)[:, np.newaxis], fft.rfftfreq(width)[np.newaxis]
    frequency = np.maximum(np.hypot(rows, columns), 1.0 / side)
    weights = (1.0 / frequency)[np.newaxis, :, :, np.newaxis]
    spectrum = fft.rfft2(step, axes=(1, 2)) * weights
    return fft.irfft2(spectrum, s=(height, width), axes=(1, 2)).astype(np.float32)


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
