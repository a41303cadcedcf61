"""Occlusion: how much of a class's score is lost when a patch of the image is covered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.classifier.hooks import to_numpy
from app.classifier.inspected_model import InspectedModel
from app.errors import AppError

CELLS = 15
_BATCH = 45
_PATCH_SHARE = 5  # the patch's side is this part of the image's


def border_colour(image: np.ndarray) -> np.ndarray:
    """Return the mean of the outermost pixels of `(H, W, C)` per channel, `(C,)` float32.

    It is the background of a digit, and often of a photograph.
    """
    edges = [image[0], image[-1], image[1:-1, 0], image[1:-1, -1]]  # each (N, C)
    return np.concatenate(edges).astype(np.float32).mean(axis=0)


def occlusion(
    model: InspectedModel,
    image: np.ndarray,
    class_index: int | None = None,
    *,
    cells: int = CELLS,
    patch: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> np.ndarray:
    """Cover an image patch by patch and return the decrease of a class's score.

    Args:
        model: Model to explain.
        image: `(H, W, C)` uint8 of the model's size.
        class_index: Class to explain; by default the most probable one.
        cells: Number of positions of the patch along each axis, evenly spread.
        patch: Side of the patch in pixels; by default a fifth of the image's shorter side. It has
            the colour of the image's border.
        progress: Function called with (done, total).

    Returns:
        `(cells, cells)` float32: the score of the class (a logit) less that of the covered image,
        negative where covering helps.

    Raises:
        AppError: If `patch` or `cells` do not fit the image.

    Source: Zeiler & Fergus, Visualizing and Understanding Convolutional Networks, 2013.
    """
    height, width = image.shape[:2]
    side = patch if patch is not None else max(1, min(height, width) // _PATCH_SHARE)
    for name, value, most in (("patch", side, min(height, width)),
                              ("cells", cells, min(height, width))):  # fmt: skip
        if not 1 <= value <= most:
            raise AppError(
                f"The {name} of an occlusion map is {value} for an image of {height}×{width}.",
                f"Expected a whole number from 1 to {most}.",
            )
    if class_index is None:
        class_index = model.class_index(None, image)
    colour = np.round(border_colour(image)).astype(np.uint8)
    rows = np.round((np.arange(cells) + 0.5) * height / cells - side / 2).astype(int)
    columns = np.round((np.arange(cells) + 0.5) * width / cells - side / 2).astype(int)
    places = [(row, column) for row in rows for column in columns]
    lost = np.empty(len(places), np.float32)
    score = model.score_of(class_index)

    def scores(batch: np.ndarray) -> np.ndarray:
        return to_numpy(score(model.keras_model(batch, training=False)))

    with model.linear_output():
        whole = scores(image[np.newaxis])[0]
        for start in range(0, len(places), _BATCH):
            batch_places = places[start : start + _BATCH]
            covered = np.repeat(image[np.newaxis], len(batch_places), axis=0)
            for copy, (row, column) in zip(covered, batch_places, strict=True):
                copy[max(0, row) : row + side, max(0, column) : column + side] = colour
            lost[start : start + len(batch_places)] = whole - scores(covered)
            progress(start + len(batch_places), len(places))
    return lost.reshape(cells, cells)
