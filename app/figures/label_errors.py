"""Images whose labels are suspect, as a contact sheet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.figures.canvas.contact_sheet import contact_sheet
from app.figures.canvas.style import Figure

_COLUMNS = 10


def label_errors_figure(
    images: Sequence[np.ndarray | None], captions: Sequence[str], *, dataset: str, total: int
) -> Figure:
    """Draw images with suspect labels, the most suspect first.

    Args:
        images: Images `(H, W, C)` uint8, at least one; `None` for an empty cell.
        captions: Text below each image: its label, the class that it looks like, its name.
        dataset: Display name of the dataset.
        total: Number of suspect labels.
    """
    which = f"the first {len(images):,} of" if len(images) < total else "all"
    title = f"{dataset}: {which} {total:,} suspect labels, the most suspect first"
    return contact_sheet(images, captions, columns=_COLUMNS, title=title)
