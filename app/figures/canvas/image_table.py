"""Rows of images with labels. All lengths are in pixels of the saved figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from app.figures.canvas.sheet import (
    GAP,
    LABEL_SIZE,
    LABEL_SIZES,
    MARGIN,
    NOTE_COLOR,
    Sheet,
    cell_size,
    line_height,
)
from app.figures.canvas.style import INK, PIXELS_WIDE, VERMILLION, styled
from app.figures.canvas.text import fitting_size, shortened, wrap

_ROW_LABEL_WIDTH = 186


@dataclass(frozen=True)
class ImageRow:
    """A row of images.

    Attributes:
        images: Images `(H, W, C)` uint8 of one shape.
        label: Label before the row, bold up to a line break; may be empty.
        captions: Captions below the images, one each, or none at all.

    Raises:
        ValueError: If the numbers of images and captions differ.
    """

    images: Sequence[np.ndarray]
    label: str = ""
    captions: Sequence[str] = ()

    def __post_init__(self) -> None:
        good = len(self.captions) in (0, len(self.images))
        _check(good, len(self.captions), "captions", len(self.images))


@styled()
def table_of_images(
    rows: Sequence[ImageRow],
    column_labels: Sequence[str],
    *,
    title: str,
    note: str,
    first_is_original: bool = False,
) -> Figure:
    """Draw rows of images with a label before each row and above each column.

    Args:
        rows: Rows of images of one shape; they may differ in length.
        column_labels: One label per column, or none at all.
        title: Title of the figure.
        note: Note in small print below the title; may be empty.
        first_is_original: Whether the first column is framed.

    Raises:
        ValueError: If the numbers of columns and labels differ.
    """
    columns = max(len(row.images) for row in rows)
    _check(len(column_labels) in (0, columns), len(column_labels), "column_labels", columns)
    indent = _ROW_LABEL_WIDTH if any(row.label for row in rows) else 0
    wide, tall = cell_size(columns, PIXELS_WIDE - 2 * MARGIN - indent, rows[0].images[0].shape)
    spare = PIXELS_WIDE - 2 * MARGIN - indent - columns * (wide + GAP) + GAP
    left = MARGIN + indent + spare // 2
    sheet = Sheet(title, note)
    texts = [*column_labels, *(text for row in rows for text in row.captions)]
    size = fitting_size(texts, wide + GAP / 2, LABEL_SIZES)
    if column_labels:
        for column, label in enumerate(column_labels):
            color = VERMILLION if first_is_original and column == 0 else INK
            x = left + column * (wide + GAP) + wide / 2
            sheet.text(x, sheet.y, label, size=size, ha="center", color=color)
        sheet.y += line_height(LABEL_SIZE) + 4
    for row in rows:
        lines = _row_label(row.label)
        needed = len(lines) * line_height(LABEL_SIZE)
        for line_number, (line, style) in enumerate(lines):
            y = sheet.y + max(0, tall - needed) / 2 + line_number * line_height(LABEL_SIZE)
            sheet.text(MARGIN, y, line, **style)
        for column, image in enumerate(row.images):
            x = left + column * (wide + GAP)
            framed = first_is_original and column == 0
            sheet.image(image, (x, sheet.y, wide, tall), framed=framed)
            if row.captions:
                middle = x + wide / 2, sheet.y + tall + 4
                sheet.text(*middle, row.captions[column], size=size, ha="center")
        below = line_height(LABEL_SIZE) if row.captions else 0
        sheet.y += max(tall + below, needed) + GAP
    return sheet.finish(sheet.y - GAP)


def _row_label(label: str) -> list[tuple[str, dict[str, str]]]:
    """Return the lines of a label with their styles: a bold heading, then plain text."""
    heading, _, more = label.partition("\n")
    width = _ROW_LABEL_WIDTH - GAP
    lines: list[tuple[str, dict[str, str]]] = [
        (line, {"weight": "bold"}) for line in wrap(heading, width, LABEL_SIZE, bold=True)[:2]
    ]
    if more:
        fitting = " ".join(shortened(word, width, LABEL_SIZE) for word in more.split())
        lines += [(line, {"color": NOTE_COLOR}) for line in wrap(fitting, width, LABEL_SIZE)[:2]]
    return lines


def _check(good: bool, given: object, name: str, expected: object) -> None:
    if not good:
        raise ValueError(f"Received {given} `{name}`, expected {expected}.")
