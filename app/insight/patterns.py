"""What a filter looks for: an image that excites it, found by gradient ascent.

Plain ascent ends in noise. What makes the patterns readable: each step is weighed, low frequencies
before high ones and colours as photographs mix them; the image is shifted by a few pixels before
each step, so that what survives does not hang on single pixels. The fewer pixels a cell sees, the
less of either. Source: Olah et al., Feature Visualization, 2017; Erhan et al., Visualizing
higher-layer features, 2009.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from scipy import fft

from app.insight.anatomy import Part, one_thread, run_until, to_numpy
from app.insight.gradients import value_and_gradient
from app.insight.opened_model import OpenedModel
from app.insight.receptive_fields import receptive_fields

_BATCH = 16
# Rates of the ascent, in units of the logit of a pixel: digits are black on white or white on
# black, photographs softer.
_RATE, _RATE_IN_COLOUR = 0.2, 0.12
_START = 0.1  # standard deviation of the noise to begin with, in the same units
_DECAY = 0.97  # per step, so that what a filter does not look at turns grey
_MAP_SHARE = 0.1  # of the other cells in what is climbed, which lead to a shut one
_LARGEST_SHIFT = 1 / 32  # of the image's side
_LARGEST_SHIFT_SEEN = 1 / 8  # of the side that a cell sees
_SHIFTED = 0.75  # of the steps; the rest polish
# They grow with what they are given, and are flat, or almost so, somewhere.
_GATES = (
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
# Standard deviations of natural colours along their own axes: light, blue–yellow, green–magenta;
# rows are red, green, blue. After the principal components of photographs' pixels.
_COLOURS = np.array([[0.57, 0.40, 0.12], [0.57, 0.00, -0.24], [0.57, -0.40, 0.12]], np.float32)


@dataclass(frozen=True)
class Pattern:
    """What one filter looks for.

    Attributes:
        filter: Its position in the layer.
        image: `(H, W, C)` uint8, all of it.
        cell: (row, column) of the cell that it was grown for.
        answer: The filter's answer there.
        is_dead: Whether no image was found that the filter answers to there.
    """

    filter: int
    image: np.ndarray
    cell: tuple[int, int]
    answer: float
    is_dead: bool


def patterns(
    model: OpenedModel,
    part: Part,
    filters: Sequence[int],
    *,
    steps: int = 48,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Pattern]:
    """Return an image for each filter that excites the cell in the middle of its map.

    Args:
        model: Whose filters.
        part: A layer `(B, H', W', F)`.
        filters: Which of its filters.
        steps: Of the ascent.
        seed: Of the noise to begin with, and of the shifts.
        progress: Called with (done, total) steps over all batches.
    """
    found: list[Pattern] = []
    batches = [list(filters[start : start + _BATCH]) for start in range(0, len(filters), _BATCH)]
    random = np.random.default_rng(seed)
    seen = _seen(model, part)
    for number, batch in enumerate(batches):

        def report(step: int, done: int = number * steps) -> None:
            progress(done + step, steps * len(batches))

        images, answers = _ascend(model, part, batch, seen, steps, random, report)
        found += [
            Pattern(k, image, middle_cell(part), float(answer), bool(answer <= 0))
            for k, image, answer in zip(batch, images, answers, strict=True)
        ]
    return found


def middle_cell(part: Part) -> tuple[int, int]:
    """Return the (row, column) in the middle of a layer's maps."""
    return part.output_shape[1] // 2, part.output_shape[2] // 2


def _seen(model: OpenedModel, part: Part) -> tuple[slice, slice]:
    """Return the rows and columns of the image that the cell in the middle sees."""
    field = receptive_fields(model).get(part.path)
    if field is None:
        return slice(0, model.image_size[0]), slice(0, model.image_size[1])
    axes = zip(field, middle_cell(part), model.image_size, strict=True)
    rows, columns = (slice(*axis.pixels_of(cell, length)) for axis, cell, length in axes)
    return rows, columns


def _ascend(
    model: OpenedModel,
    part: Part,
    filters: Sequence[int],
    seen: tuple[slice, slice],
    steps: int,
    random: np.random.Generator,
    progress: Callable[[int], None],
) -> tuple[np.ndarray, np.ndarray]:
    """Return images `(F, H, W, C)` uint8 and the answers `(F,)` to them."""
    height, width = model.image_size
    row, column = middle_cell(part)
    choice = np.eye(part.output_shape[-1], dtype=np.float32)[list(filters)]  # (F, K)

    def answers_to(images: Any) -> tuple[Any, Any]:
        maps = keras.ops.cast(run_until(model.keras_model, images, part), "float32")
        answers = keras.ops.sum(maps[:, row, column, :] * choice, axis=-1)  # (F,)
        elsewhere = keras.ops.sum(keras.ops.mean(maps, axis=(1, 2)) * choice, axis=-1)
        return answers + _MAP_SHARE * elsewhere, answers

    shape = (len(filters), height, width, model.channels)
    sides = [along.stop - along.start for along in seen]
    shifts = min(round(_LARGEST_SHIFT * min(height, width)), int(_LARGEST_SHIFT_SEEN * min(sides)))
    rate = _RATE if model.channels == 1 else _RATE_IN_COLOUR
    logits = _noise(random, shape, _START, max(sides))
    with _always_open(part):
        for step in range(steps):
            pixels = _pixels(logits)
            reach = shifts if step < _SHIFTED * steps else 0
            shift = tuple(random.integers(-reach, reach + 1, 2))
            _, gradient, _ = value_and_gradient(answers_to, np.roll(pixels, shift, (1, 2)))
            gradient = np.roll(gradient, (-shift[0], -shift[1]), (1, 2))
            upwards = _natural(gradient * pixels * (255.0 - pixels) / 255.0, max(sides))
            spread = upwards[(slice(None), *seen)].std(axis=(1, 2, 3), keepdims=True)
            shut = spread[:, 0, 0, 0] == 0
            upwards[~shut] /= spread[~shut]
            logits = _DECAY * logits + rate * upwards
            # Louder noise may open what is still shut everywhere.
            logits[shut] = _noise(random, logits[shut].shape, _START * (1 + step), max(sides))
            progress(step + 1)
    images = np.round(_pixels(logits)).astype(np.uint8)
    maps = to_numpy(run_until(model.keras_model, images, part))
    return images, maps[np.arange(len(filters)), row, column, list(filters)]


def _noise(
    random: np.random.Generator, shape: tuple[int, ...], spread: float, side: int
) -> np.ndarray:
    noise = _natural(random.normal(0.0, 1.0, shape).astype(np.float32), side)
    return noise * np.float32(spread / (noise.std() or 1.0) if noise.size else 1.0)


def _pixels(logits: np.ndarray) -> np.ndarray:
    """Return `(F, H, W, C)` values between 0 and 255."""
    return 255.0 / (1.0 + np.exp(-logits))


def _natural(step: np.ndarray, side: int) -> np.ndarray:
    """Weigh a step `(F, H, W, C)` so that smooth images in natural colours grow first.

    Frequencies are weighed by one over themselves, colours by the covariance of photographs'.

    Args:
        step: What is weighed.
        side: Pixels that a cell sees; longer waves, of which it sees but a slope, gain nothing.
    """
    if step.shape[-1] == 3:
        step = step @ (_COLOURS @ _COLOURS.T)
    height, width = step.shape[1:3]
    rows, columns = fft.fftfreq(height)[:, np.newaxis], fft.rfftfreq(width)[np.newaxis]
    frequency = np.maximum(np.hypot(rows, columns), 1.0 / side)
    weights = (1.0 / frequency)[np.newaxis, :, :, np.newaxis]
    spectrum = fft.rfft2(step, axes=(1, 2)) * weights
    return fft.irfft2(spectrum, s=(height, width), axes=(1, 2)).astype(np.float32)


@contextmanager
def _always_open(part: Part) -> Iterator[None]:
    """Let a layer pass on what it has before its activation while the block runs.

    Behind a shut ReLU no gradient says what would open it.
    """
    layer = part.layer
    with one_thread:
        if isinstance(layer, keras.layers.ReLU):
            opened = {"negative_slope": 1.0, "max_value": None, "threshold": 0.0}
        elif isinstance(layer, keras.layers.LeakyReLU):
            opened = {"negative_slope": 1.0}
        elif getattr(layer, "activation", None) in _GATES:
            opened = {"activation": keras.activations.linear}
        else:
            opened = {}
        closed = {name: getattr(layer, name) for name in opened}
        try:
            _set(layer, opened)
            yield
        finally:
            _set(layer, closed)


def _set(layer: keras.Layer, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(layer, name, value)
