"""Matrices as grids of numbers, with the window that slides over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.plots.sheet import GAP, MARGIN, NOTE_COLOUR, Sheet, line_height
from app.plots.style import BLUE, FAINT, PIXELS_WIDE, SKY, VERMILLION, styled

_LARGEST_CELL, _SMALLEST_CELL = 46, 16
_BETWEEN, _LETTER = 34, 10.5  # pixels: between matrices, and of a caption's letter


@dataclass(frozen=True)
class Grid:
    """A matrix.

    Attributes:
        caption: Above it.
        values: `(rows, columns)`; a cell that is not a number stays empty.
        box: `(top, left, rows, columns)` of the window that is marked, or `None`.
        margin: Cells around it that are padding, and grey.
    """

    caption: str
    values: np.ndarray
    box: tuple[int, int, int, int] | None = None
    margin: int = 0


@styled()
def matrix_sheet(
    rows: Sequence[Sequence[Grid]], *, title: str, note: str, text: str = ""
) -> Figure:
    """Draw rows of matrices, one cell as large as the other; what does not fit goes below.

    Args:
        rows: From the top down; in each, matrices from left to right.
        title: Says what is seen.
        note: In small print below the title.
        text: Below everything, such as the sum of the marked cell.
    """
    sheet = Sheet(title, note)
    label = line_height(9)
    room = PIXELS_WIDE - 2 * MARGIN
    cell = min(
        (room - (len(row) - 1) * _BETWEEN) / sum(grid.values.shape[1] for grid in row)
        for row in rows
    )
    cell = int(max(_SMALLEST_CELL, min(_LARGEST_CELL, cell)))
    for row in rows:
        x: float = MARGIN
        tallest = 0.0
        for grid in row:
            wide = max(grid.values.shape[1] * cell, _LETTER * len(grid.caption))
            if x > MARGIN and x + wide > PIXELS_WIDE - MARGIN:
                sheet.y += label + tallest + GAP
                x, tallest = MARGIN, 0.0
            sheet.text(x, sheet.y, grid.caption, size=9, color=NOTE_COLOUR)
            _draw(sheet, grid, x, sheet.y + label, cell)
            tallest = max(tallest, grid.values.shape[0] * cell)
            x += wide + _BETWEEN
        sheet.y += label + tallest + 2 * GAP
    for line in text.splitlines():
        sheet.text(MARGIN, sheet.y, line)
        sheet.y += line_height(10)
    return sheet.finish(sheet.y)


def _draw(sheet: Sheet, grid: Grid, x: float, y: float, cell: int) -> None:
    rows, columns = grid.values.shape
    size = max(6, min(11, int(cell / 4)))
    for (row, column), value in np.ndenumerate(grid.values):
        at = x + column * cell, y + row * cell
        inside = (
            grid.margin <= row < rows - grid.margin
            and grid.margin <= column < columns - grid.margin
        )
        face = "white" if inside else FAINT
        if grid.box is not None and _covers(grid.box, row, column):
            face = SKY
        sheet.axes.add_patch(
            Rectangle(at, cell, cell, facecolor=face, edgecolor="#AAAAAA", linewidth=0.4)
        )
        if np.isfinite(value):
            text = f"{value:g}".replace("-", "−")
            middle = at[0] + cell / 2, at[1] + cell / 2
            sheet.text(*middle, text, size=size, ha="center", va="center")
    if grid.box is not None:
        top, left, tall, wide = grid.box
        colour = VERMILLION if tall * wide == 1 else BLUE
        sheet.outline(x + left * cell, y + top * cell, wide * cell, tall * cell, colour, 3)


def _covers(box: tuple[int, int, int, int], row: int, column: int) -> bool:
    top, left, tall, wide = box
    return top <= row < top + tall and left <= column < left + wide
