"""Errors on corrupted images as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.figures.canvas.sheet import GAP, MARGIN, Sheet, line_height
from app.figures.canvas.style import INK, PIXELS_WIDE, styled
from app.figures.canvas.text import cut_to, fitting_size

_NAME_WIDTH, _THUMBNAIL, _NO_THUMBNAIL, _MOST_WIDE_CELL = 190, 84, 52, 170
_LINE = 11  # half the distance between an error and its interval
_HEADINGS = (8, 7, 6)  # sizes of models' names, in points
_SHADES = "Oranges"


@dataclass(frozen=True)
class CorruptionRow:
    """A row of the table.

    Attributes:
        name: Name of the corruption.
        images: One image at each severity, or nothing.
        errors: For each model its error, and both ends of its interval.
    """

    name: str
    images: Sequence[np.ndarray]
    errors: Sequence[tuple[float, float, float]]


@styled()
def corruption_table(
    rows: Sequence[CorruptionRow], models: Sequence[str], *, title: str, note: str
) -> Figure:
    """Draw a row per corruption: its name, example images, and each model's error and interval.

    Args:
        rows: Rows from top to bottom.
        models: Names of the models, one per column.
        title: Title of the figure.
        note: Note in small print.
    """
    sheet = Sheet(title, note)
    most = max(len(row.images) for row in rows)
    left = MARGIN + _NAME_WIDTH + most * (_THUMBNAIL + 6) + GAP
    wide = min(_MOST_WIDE_CELL, (PIXELS_WIDE - MARGIN - left) / len(models))
    heading = fitting_size(models, wide - 4, _HEADINGS)
    for number, model in enumerate(models):
        text = cut_to(model, wide - 4, heading)
        middle = left + number * wide + (wide - 4) / 2
        sheet.text(middle, sheet.y, text, size=heading, ha="center")
    sheet.y += line_height(_HEADINGS[0]) + 4
    shades = matplotlib.colormaps[_SHADES]
    for row in rows:
        tall = _THUMBNAIL if row.images else _NO_THUMBNAIL
        middle_of_row = sheet.y + tall / 2.0
        sheet.text(MARGIN, middle_of_row, row.name, va="center", size=11)
        for place, image in enumerate(row.images):
            x = MARGIN + _NAME_WIDTH + place * (_THUMBNAIL + 6)
            sheet.image(image, (x, sheet.y, _THUMBNAIL, _THUMBNAIL))
        for number, (error, low, high) in enumerate(row.errors):
            at = left + number * wide
            sheet.axes.add_patch(
                Rectangle(
                    (at, sheet.y), wide - 4, tall, facecolor=shades(0.85 * error), edgecolor="none"
                )
            )
            for text, size, shift in (
                (f"{100 * error:.1f}%", 11, -_LINE), (f"{100 * low:.1f}–{100 * high:.1f}", 8, _LINE)
            ):  # fmt: skip
                sheet.text(
                    at + (wide - 4) / 2, middle_of_row + shift, text, ha="center", va="center",
                    size=size, color="white" if error > 0.6 else INK,
                )  # fmt: skip
        sheet.y += tall + 6
    return sheet.finish(sheet.y)
