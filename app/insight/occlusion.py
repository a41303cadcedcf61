"""Occlusion: how much of a class's score is lost when a patch of the image is covered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.errors import AppError
from app.insight.anatomy import to_numpy
from app.insight.baseline import border_colour
from app.insight.opened_model import OpenedModel

CELLS = 15
_BATCH = 45
_PATCH_SHARE = 5  # the patch's side is this part of the image's


def occlusion(
    model: OpenedModel,
    image: np.ndarray,
    class_index: int | None = None,
    *,
    cells: int = CELLS,
    patch: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> np.ndarray:
    """Cover an image patch by patch and return what that costs.

    Args:
        model: Whose reasons.
        image: `(H, W, C)` uint8, of the model's size.
        class_index: Which class; by default the most probable one.
        cells: Positions of the patch along each axis; their centres are spread evenly.
        patch: Its side in pixels; by default a fifth of the image's shorter side. It has the
            colour of the image's border.
        progress: Called with (done, total).

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
            chosen = places[start : start + _BATCH]
            covered = np.repeat(image[np.newaxis], len(chosen), axis=0)
            for copy, (row, column) in zip(covered, chosen, strict=True):
                copy[max(0, row) : row + side, max(0, column) : column + side] = colour
            lost[start : start + len(chosen)] = whole - scores(covered)
            progress(start + len(chosen), len(places))
    return lost.reshape(cells, cells)
