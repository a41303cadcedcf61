"""Images of a dataset, one row per class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from app.figures.canvas.contact_sheet import contact_sheet
from app.figures.canvas.style import Figure


def dataset_figure(
    rows: Mapping[str, Sequence[np.ndarray]], *, dataset: str, num_classes: int
) -> Figure:
    """Draw training images of some classes, one row per class.

    Args:
        rows: Images `(H, W, C)` uint8 by the names of their classes; at least one image.
        dataset: Display name of the dataset.
        num_classes: Number of its classes.
    """
    columns = max(map(len, rows.values()))
    images: list[np.ndarray | None] = []
    captions: list[str] = []
    for name, row in rows.items():
        missing = columns - len(row)
        images += [*row, *[None] * missing]
        captions += [name] * len(row) + [""] * missing
    are_all = len(rows) == num_classes
    classes = "each class" if are_all else f"{len(rows)} of {num_classes} classes"
    title = f"{dataset}: training images of {classes}, one row per class"
    return contact_sheet(images, captions, columns=columns, title=title)
