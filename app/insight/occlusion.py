"""Occlusion: decrease of a class score when a patch of the image is covered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from app.classifier.hooks import to_numpy
from app.classifier.inspected_model import InspectedModel
from app.errors import AppError
from app.insight.choices import OCCLUSION_CELLS

_BATCH = 12  # images; whatever else is asked of the model waits for one batch
_PATCH_SHARE = 5  # the patch's side is this part of the image's


@dataclass(frozen=True)
class Occluder:
    """A patch that covers an image, place by place. It has the color of the image's border.

    Attributes:
        cells: Number of places along each axis, evenly spread.
        side: Side of the patch in pixels; `None` for a fifth of the image's shorter side.
    """

    cells: int = OCCLUSION_CELLS
    side: int | None = None


DEFAULT_OCCLUDER = Occluder()


def border_color(image: np.ndarray) -> np.ndarray:
    """Return the mean of the outermost pixels of `(H, W, C)` per channel, `(C,)` float32.

    It is the background of a digit, and often of a photograph.
    """
    edges = [image[0], image[-1], image[1:-1, 0], image[1:-1, -1]]  # each (N, C)
    return np.concatenate(edges).astype(np.float32).mean(axis=0)


def occlusion(
    model: InspectedModel,
    image: np.ndarray,
    class_index: int | None = None,
    occluder: Occluder = DEFAULT_OCCLUDER,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> np.ndarray:
    """Cover an image patch by patch and return the decrease of a class's score.

    Args:
        model: Model to explain.
        image: `(H, W, C)` uint8 of the model's size.
        class_index: Class to explain; by default the most probable one.
        occluder: Patch and its places.
        progress: Function called with (done, total).

    Returns:
        `(cells, cells)` float32: the score of the class (a logit) less that of the covered image,
        negative where covering helps.

    Raises:
        AppError: If the patch or its places do not fit the image.

    Source: Zeiler & Fergus, Visualizing and Understanding Convolutional Networks, 2013.
    """
    for lost in occlusion_parts(model, image, class_index, occluder):
        progress(int(np.isfinite(lost).sum()), lost.size)
    return lost


def occlusion_parts(
    model: InspectedModel,
    image: np.ndarray,
    class_index: int | None = None,
    occluder: Occluder = DEFAULT_OCCLUDER,
) -> Iterator[np.ndarray]:
    """Yield the map of `occlusion` while it is filled, coarse to fine.

    The first map knows the middle of the image and of its quarters; NaN is not known yet.

    Args:
        model: Model to explain; between two maps, it may be used for something else.
        image: `(H, W, C)` uint8 of the model's size.
        class_index: Class to explain; by default the most probable one.
        occluder: Patch and its places.

    Raises:
        AppError: If the patch or its places do not fit the image.
    """
    height, width = image.shape[:2]
    shorter = min(height, width)
    cells = occluder.cells
    side = max(1, shorter // _PATCH_SHARE) if occluder.side is None else occluder.side
    for name, value, most in (("patch", side, shorter), ("cells", cells, shorter)):
        if not 1 <= value <= most:
            raise AppError(
                f"The {name} of an occlusion map is {value} for an image of {height}×{width}.",
                f"Expected a whole number from 1 to {most}.",
            )
    if class_index is None:
        class_index = model.class_index(None, image)
    color = np.round(border_color(image)).astype(np.uint8)
    rows = np.round((np.arange(cells) + 0.5) * height / cells - side / 2).astype(int)
    columns = np.round((np.arange(cells) + 0.5) * width / cells - side / 2).astype(int)
    lost = np.full((cells, cells), np.nan, np.float32)
    score = model.score_of(class_index)

    def scores(batch: np.ndarray) -> np.ndarray:
        with model.linear_output():
            return to_numpy(score(model.keras_model(batch, training=False)))

    whole = scores(image[np.newaxis])[0]
    for down, across in _coarse_first(cells):
        covered = np.repeat(image[np.newaxis], len(down), axis=0)
        for copy, row, column in zip(covered, rows[down], columns[across], strict=True):
            copy[max(0, row) : row + side, max(0, column) : column + side] = color
        lost[down, across] = whole - scores(covered)
        yield lost.copy()


def _coarse_first(cells: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield batches of rows and columns of a map: first the middle, then halfway between."""
    halvings = np.array([_halvings(k, cells) for k in range(cells)])
    level = np.maximum.outer(halvings, halvings)
    level[level == 0] = 1  # the middle is no batch by itself
    for one in np.unique(level):
        down, across = np.nonzero(level == one)
        for start in range(0, len(down), _BATCH):
            yield down[start : start + _BATCH], across[start : start + _BATCH]


def _halvings(place: int, count: int) -> int:
    """Return how often `count` places are halved until one is the middle."""
    first, end, halvings = 0, count, 0
    while (middle := (first + end) // 2) != place:
        first, end = (first, middle) if place < middle else (middle + 1, end)
        halvings += 1
    return halvings
