"""The kernels of a locally connected layer as a field over the positions of its output."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from app.figures.canvas.pixels import Box
from app.figures.canvas.sheet import (
    GAP,
    LABEL_SIZE,
    MARGIN,
    SIGNED_BAR_HEIGHT,
    Sheet,
    line_height,
    shown_size,
)
from app.figures.canvas.style import INK, PIXELS_WIDE, styled

_COLUMNS = 8
_FIELD, _BAR_WIDTH = 640, 320  # pixels
_LINE = 0.5  # points


@styled()
def untied_kernels(
    norms: np.ndarray,
    captions: Sequence[str],
    field: tuple[str, np.ndarray],
    *,
    title: str,
    note: str,
) -> Figure:
    """Draw the norm of each filter's kernel at every position, and one filter's kernels.

    Args:
        norms: `(K, rows, columns)` norms, black to white from the smallest to the largest.
        captions: `K` names of the filters.
        field: Heading, and `(rows · h, columns · w)` weights of one filter and input map.
        title: Title of the figure.
        note: Note in small print below the title.
    """
    sheet = Sheet(title, note)
    width = (PIXELS_WIDE - 2 * MARGIN - (_COLUMNS - 1) * GAP) // _COLUMNS
    wide, tall = shown_size(width, norms.shape[1:])
    text = f"L2 norm of the kernel at each position{_scale(norms)}"
    sheet.text(MARGIN, sheet.y, text, weight="bold")
    sheet.y += line_height(LABEL_SIZE)
    pitch = tall + line_height(8) + GAP
    for number, (level, caption) in enumerate(zip(_levels(norms), captions, strict=True)):
        row, column = divmod(number, _COLUMNS)
        x, y = MARGIN + column * (width + GAP), sheet.y + row * pitch
        sheet.image(level, (x, y, wide, tall))
        sheet.text(x + wide / 2, y + tall + 3, caption, size=8, ha="center")
    sheet.y += -(-len(norms) // _COLUMNS) * pitch
    heading, weights = field
    sheet.text(MARGIN, sheet.y, heading, weight="bold")
    sheet.y += line_height(LABEL_SIZE)
    limit = float(np.abs(weights).max()) or 1.0
    box = (MARGIN, sheet.y, *shown_size(_FIELD, weights.shape))
    sheet.signed_map(weights, limit, box)
    _draw_lines(sheet, norms.shape[1:], box)
    right, bottom = MARGIN + _FIELD + 3 * GAP, sheet.y + box[3]
    sheet.signed_bar(limit, "weight", right, sheet.y, _BAR_WIDTH)
    sheet.y += SIGNED_BAR_HEIGHT + 2 * GAP
    mean = norms.mean(axis=0)
    sheet.text(right, sheet.y, f"mean norm of all filters{_scale(mean)}")
    sheet.y += line_height(LABEL_SIZE)
    size = shown_size(_BAR_WIDTH, mean.shape)
    sheet.image(_levels(mean), (right, sheet.y, *size))
    return sheet.finish(max(sheet.y + size[1], bottom))


def _levels(norms: np.ndarray) -> np.ndarray:
    """Return gray levels `uint8`, black to white from the smallest norm to the largest."""
    least, most = norms.min(), norms.max()
    return np.round(255 * (norms - least) / ((most - least) or 1.0)).astype(np.uint8)


def _scale(norms: np.ndarray) -> str:
    return f": black {norms.min():.2g}, white {norms.max():.2g}"


def _draw_lines(sheet: Sheet, grid: tuple[int, ...], box: Box) -> None:
    """Draw lines between the kernels of a grid."""
    x, y, wide, tall = box
    rows, columns = grid
    for row in range(1, rows):
        at = y + row * tall / rows
        sheet.axes.plot([x, x + wide], [at, at], color=INK, linewidth=_LINE)
    for column in range(1, columns):
        at = x + column * wide / columns
        sheet.axes.plot([at, at], [y, y + tall], color=INK, linewidth=_LINE)
