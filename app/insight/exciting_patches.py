"""The patches of a dataset that excite each filter most.

Source: Zeiler & Fergus, Visualizing and Understanding Convolutional Networks, 2013; Lee et al.,
Convolutional deep belief networks, 2009, for the hierarchy that they show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.data.pixels import Images
from app.insight.anatomy import Part, run_until, to_numpy
from app.insight.opened_model import OpenedModel
from app.insight.receptive_fields import ImageField

_BATCH = 32
_GREY = 128


@dataclass(frozen=True)
class Patch:
    """What one cell saw when a filter answered strongly.

    Attributes:
        pixels: `(h, w, C)` uint8, the receptive field; grey outside the image.
        image: Position of the image.
        answer: The filter's answer there.
    """

    pixels: np.ndarray
    image: int
    answer: float


def exciting_patches(
    model: OpenedModel,
    images: Images,
    part: Part,
    filters: Sequence[int],
    field: ImageField | None,
    *,
    cell: tuple[int, int] | None = None,
    count: int = 9,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[list[Patch]]:
    """Return the patches that excite filters most, at most one of each image.

    Args:
        model: Whose filters.
        images: `N` images of the model's size.
        part: A layer `(B, H', W', F)`.
        filters: Which of its filters.
        field: Receptive field of its cells; `None` for the whole image.
        cell: The only (row, column) of the maps that is searched; `None` for all of them.
        count: Patches per filter.
        progress: Called with (done, total) images.

    Returns:
        Per filter, the strongest patch first; only those with an answer above zero.
    """
    columns = part.output_shape[2]
    first = 0 if cell is None else cell[0] * columns + cell[1]
    searched = slice(None) if cell is None else slice(first, first + 1)
    answers = np.empty((len(images), len(filters)), np.float32)
    cells = np.empty((len(images), len(filters)), np.int64)
    for start in range(0, len(images), _BATCH):
        chosen = np.arange(start, min(start + _BATCH, len(images)))
        maps = to_numpy(run_until(model.keras_model, images[chosen], part))[..., list(filters)]
        flat = maps.reshape(len(chosen), -1, len(filters))[:, searched]
        answers[chosen], cells[chosen] = flat.max(axis=1), first + flat.argmax(axis=1)
        progress(int(chosen[-1]) + 1, len(images))
    found = []
    for k in range(len(filters)):
        best = np.argsort(-answers[:, k], kind="stable")[:count]
        found.append([
            Patch(
                crop(images[np.array([i])][0], field, *divmod(int(cells[i, k]), columns)),
                int(i),
                float(answers[i, k]),
            )
            for i in best
            if answers[i, k] > 0
        ])  # fmt: skip
    return found


def crop(image: np.ndarray, field: ImageField | None, row: int, column: int) -> np.ndarray:
    """Return what one cell sees of an image `(H, W, C)`; padding comes out grey.

    A field as large as the image or larger shows the whole image.
    """
    height, width = image.shape[:2]
    if field is None or field.rows.size >= height or field.columns.size >= width:
        return image
    patch = np.full((*field.size, image.shape[2]), _GREY, np.uint8)
    top, bottom = field.rows.pixels_of(row, height)
    left, right = field.columns.pixels_of(column, width)
    first_row = field.rows.start + row * field.rows.step
    first_column = field.columns.start + column * field.columns.step
    inside = image[top:bottom, left:right]
    if inside.size == 0:
        return patch
    patch[top - first_row : bottom - first_row, left - first_column : right - first_column] = inside
    return patch
