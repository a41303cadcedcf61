"""Matrices as grids of numbers, with a marked window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.figures.canvas.pixels import POINT
from app.figures.canvas.sheet import GAP, LINE_WIDTH, MARGIN, NOTE_COLOR, Sheet, line_height
from app.figures.canvas.style import (
    BLUE,
    FAINT,
    GREEN,
    ORANGE,
    PIXELS_WIDE,
    PURPLE,
    SKY,
    VERMILLION,
    styled,
)
from app.figures.canvas.text import text_width

Box = tuple[int, int, int, int]  # top, left, rows, columns

_LARGEST_CELL, _READABLE_CELL, _SMALLEST_CELL = 72, 28, 16
_LARGEST_TEXT, _SMALLEST_TEXT = 14, 5  # points
_WEIGHT_SIZE, _LINE_SIZE = 8, 10
_WEIGHT_COLOR = "#8B0000"  # dark red, legible on the window's blue
_ABOVE_WEIGHT = 0.36, 0.32  # position of a value in a cell that also shows a weight
_BETWEEN = 34  # pixels, between matrices
_CAPTION_SIZE = 9
_CAPTION = line_height(_CAPTION_SIZE)
_SLIDE_HEIGHT = 760  # pixels: height of all matrices
_DIGIT = 0.64 * POINT  # pixels: width of a digit of one point


@dataclass(frozen=True)
class Grid:
    """A matrix.

    Attributes:
        caption: Caption above the matrix.
        values: `(rows, columns)` numbers; NaN leaves a cell empty.
        box: Window to mark, or `None`.
        inside: Cells that are not padding, which is gray; `None` for all.
        filled: Number of cells with numbers, row by row; `None` for all.
        faces: `(rows, columns, 3)` colors of the cells, each from 0 to 1; `None` for white.
        weights: Numbers in the corners of the window's cells, or `None`.
    """

    caption: str
    values: np.ndarray
    box: Box | None = None
    inside: Box | None = None
    filled: int | None = None
    faces: np.ndarray | None = None
    weights: np.ndarray | None = None


def shades(values: np.ndarray, full: float) -> np.ndarray:
    """Return `(rows, columns, 3)` colors: white at zero, blue at `full`."""
    return _tinted(SKY, np.asarray(values)[..., np.newaxis] / full)


def patchwork(shape: tuple[int, int], side: int) -> np.ndarray:
    """Return `(rows, columns, 3)` colors: squares of `side` cells in four colors."""
    rows, columns = np.indices(shape) // side % 2
    colors = np.array([_tinted(color, 0.4) for color in (SKY, ORANGE, GREEN, PURPLE)])
    return colors[2 * rows + columns]


def _tinted(color: str, share: float | np.ndarray) -> np.ndarray:
    return 1 - share * (1 - np.array(to_rgb(color)))


@styled()
def matrix_sheet(
    rows: Sequence[Sequence[Grid]], *, title: str, note: str, text: str = ""
) -> Figure:
    """Draw rows of matrices with cells of one size; a matrix that does not fit starts a new row.

    Args:
        rows: Rows from top to bottom, each with matrices from left to right.
        title: Title of the figure.
        note: Note in small print below the title.
        text: Text below the matrices, such as the sum of the marked cell.
    """
    sheet = Sheet(title, note)
    cell = _cell_size(rows)
    placed, height = _layout(rows, cell)
    for grid, x, y in placed:
        sheet.text(x, sheet.y + y, grid.caption, size=_CAPTION_SIZE, color=NOTE_COLOR)
        draw_grid(sheet, grid, x, sheet.y + y + _CAPTION, cell)
    sheet.y += height
    for line in text.splitlines():
        sheet.text(MARGIN, sheet.y, line, size=_LINE_SIZE)
        sheet.y += line_height(_LINE_SIZE)
    return sheet.finish(sheet.y)


def fits_a_line(text: str) -> bool:
    """Return whether a line of `text` fits below matrices."""
    return text_width(text, _LINE_SIZE) <= LINE_WIDTH


def draw_grid(sheet: Sheet, grid: Grid, x: float, y: float, cell: int) -> None:
    """Draw a matrix with cells `cell` pixels wide, without its caption."""
    filled = grid.values.size if grid.filled is None else grid.filled
    fitting = int((cell - 8) / (_letters(grid) * _DIGIT))
    size = max(_SMALLEST_TEXT, min(_LARGEST_TEXT, int(cell / 4), fitting))
    for number, ((row, column), value) in enumerate(np.ndenumerate(grid.values)):
        at = x + column * cell, y + row * cell
        sheet.axes.add_patch(
            Rectangle(
                at, cell, cell, facecolor=_face(grid, row, column), edgecolor="#AAAAAA",
                linewidth=0.4,
            )
        )  # fmt: skip
        if np.isfinite(value) and number < filled:
            has_weight = (
                grid.weights is not None and grid.box is not None and _covers(grid.box, row, column)
            )
            right, down = _ABOVE_WEIGHT if has_weight else (0.5, 0.5)
            middle = at[0] + right * cell, at[1] + down * cell
            sheet.text(*middle, _shown(value), size=size, ha="center", va="center")
    if grid.box is not None and grid.weights is not None:
        for (row, column), weight in np.ndenumerate(grid.weights):
            corner = x + (grid.box[1] + column + 1) * cell - 3, y + (grid.box[0] + row + 1) * cell
            sheet.text(*corner, f"×{_shown(weight)}", size=_WEIGHT_SIZE, ha="right", va="bottom",
                       color=_WEIGHT_COLOR, weight="bold")  # fmt: skip
    if grid.box is not None:
        top, left, tall, wide = grid.box
        color = VERMILLION if tall * wide == 1 else BLUE
        window = x + left * cell, y + top * cell, wide * cell, tall * cell
        sheet.outline(window, color, 3)


def _cell_size(rows: Sequence[Sequence[Grid]]) -> int:
    """Return the side of a cell: as large as fits on a slide, and large enough to be legible."""
    columns = max(grid.values.shape[1] for row in rows for grid in row)
    largest = int(min(_LARGEST_CELL, (PIXELS_WIDE - 2 * MARGIN) / columns))
    for cell in range(largest, _READABLE_CELL, -1):
        if _layout(rows, cell)[1] <= _SLIDE_HEIGHT:
            return cell
    return max(_SMALLEST_CELL, min(_READABLE_CELL, largest))


def _layout(
    rows: Sequence[Sequence[Grid]], cell: int
) -> tuple[list[tuple[Grid, float, float]], float]:
    """Return each matrix with its upper left corner, and the height of all."""
    placed = []
    y: float = 0
    for row in rows:
        x: float = MARGIN
        tallest = 0
        for grid in row:
            wide = max(grid.values.shape[1] * cell, text_width(grid.caption, _CAPTION_SIZE))
            if x > MARGIN and x + wide > PIXELS_WIDE - MARGIN:
                y += _CAPTION + tallest + GAP
                x, tallest = MARGIN, 0
            placed.append((grid, x, y))
            tallest = max(tallest, grid.values.shape[0] * cell)
            x += wide + _BETWEEN
        y += _CAPTION + tallest + 2 * GAP
    return placed, y


def _face(grid: Grid, row: int, column: int) -> str | np.ndarray:
    """Return the color of a cell."""
    if grid.box is not None and _covers(grid.box, row, column):
        return SKY
    if grid.inside is not None and not _covers(grid.inside, row, column):
        return FAINT
    return "white" if grid.faces is None else grid.faces[row, column]


def _letters(grid: Grid) -> int:
    """Return the length of the longest number, drawn or not."""
    return max((len(_shown(x)) for x in grid.values.flat if np.isfinite(x)), default=1)


def _shown(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _covers(box: Box, row: int, column: int) -> bool:
    top, left, tall, wide = box
    return top <= row < top + tall and left <= column < left + wide
