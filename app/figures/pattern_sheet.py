"""A sheet of filters: the patterns of each, and its top-activating patches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    line_height,
)
from app.figures.canvas.style import PIXELS_WIDE, styled
from app.figures.canvas.text import cut_to, fitting_size

_SQUARES, _BETWEEN = 8, 30  # patterns or fields of patches side by side, about
_PATCH_GAP = 3
_NOTHING = "nothing found"


@dataclass(frozen=True)
class FilterImages:
    """Images of one filter.

    Attributes:
        caption: Name of the filter or class.
        patterns: `(h, w, C)` uint8; none if no pattern activates it.
        patches: Up to nine `(h, w, C)` uint8.
    """

    caption: str
    patterns: Sequence[np.ndarray]
    patches: Sequence[np.ndarray]


@styled()
def pattern_sheet(
    layers: Mapping[str, Sequence[FilterImages]], *, title: str, note: str = ""
) -> Figure:
    """Draw the patterns of each filter side by side, with up to nine patches to their right.

    Args:
        layers: Filters of each layer, by the caption of the layer.
        title: Title of the figure.
        note: Note in small print below the title.
    """
    sheet = Sheet(title, note)
    for caption, filters in layers.items():
        sheet.text(MARGIN, sheet.y, caption, weight="bold", size=11)
        sheet.y += line_height(11) + 6
        _draw_filters(sheet, filters)
    return sheet.finish(sheet.y - GAP)


def _draw_filters(sheet: Sheet, filters: Sequence[FilterImages]) -> None:
    most = max(1, *(len(images.patterns) for images in filters))
    squares = most + any(images.patches for images in filters)
    columns = max(1, round(_SQUARES / squares))
    width = (PIXELS_WIDE - 2 * MARGIN - (columns - 1) * _BETWEEN) // columns
    side = (width - (squares - 1) * (GAP // 2)) // squares
    top, label = sheet.y, line_height(LABEL_SIZE)
    pitch = label + side + GAP + 6
    for index, images in enumerate(filters):
        row, column = divmod(index, columns)
        x, y = MARGIN + column * (width + _BETWEEN), top + row * pitch
        available = width + _BETWEEN - 6
        size = fitting_size([images.caption], available, LABEL_SIZES)
        sheet.text(x, y, cut_to(images.caption, available, size), size=size)
        y += label
        if not images.patterns:
            sheet.outline((x, y, side, side))
            size = fitting_size([_NOTHING], side, LABEL_SIZES)
            middle = x + side / 2, y + side / 2
            sheet.text(*middle, _NOTHING, size=size, ha="center", va="center", color=NOTE_COLOR)
        for number, pattern in enumerate(images.patterns):
            _draw_fitted(sheet, pattern, x + number * (side + GAP // 2), y, side)
        small = (side - 2 * _PATCH_GAP) / 3
        for number, patch in enumerate(images.patches):
            down, across = divmod(number, 3)
            patch_x = x + most * (side + GAP // 2) + across * (small + _PATCH_GAP)
            _draw_fitted(sheet, patch, patch_x, y + down * (small + _PATCH_GAP), small)
    sheet.y = top + -(-len(filters) // columns) * pitch


def _draw_fitted(sheet: Sheet, image: np.ndarray, x: float, y: float, side: float) -> None:
    """Draw an image in the middle of a square, as large as it fits, with a thin frame."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    wide, tall = width * scale, height * scale
    box = x + (side - wide) / 2, y + (side - tall) / 2, wide, tall
    sheet.image(image, box)
    sheet.outline(box)
