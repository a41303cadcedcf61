"""What filters look for, beside the patches of a dataset that excite them most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from app.plots.sheet import GAP, LABEL_SIZE, LABEL_SIZES, MARGIN, NOTE_COLOUR, Sheet, line_height
from app.plots.style import PIXELS_WIDE, styled
from app.plots.text import fitting_size

_COLUMNS, _BETWEEN = 4, 30
_PATCH_GAP = 3
_NOTHING = "nothing found"


@dataclass(frozen=True)
class FilterPictures:
    """One filter.

    Attributes:
        caption: Its name.
        pattern: `(h, w, C)` uint8, or `None` if nothing was found that excites it.
        patches: Up to nine `(h, w, C)` uint8.
    """

    caption: str
    pattern: np.ndarray | None
    patches: Sequence[np.ndarray]


@dataclass(frozen=True)
class LayerPictures:
    """Some filters of one layer.

    Attributes:
        caption: Of the layer; may be empty.
        filters: At least one.
    """

    caption: str
    filters: Sequence[FilterPictures]


@styled()
def pattern_sheet(layers: Sequence[LayerPictures], *, title: str, note: str = "") -> Figure:
    """Draw each filter's pattern with its nine patches to the right, if there are any.

    Args:
        layers: From the first to the last.
        title: Says what is seen.
        note: In small print below the title.
    """
    sheet = Sheet(title, note)
    for layer in layers:
        if layer.caption:
            sheet.text(MARGIN, sheet.y, layer.caption, weight="bold", size=11)
            sheet.y += line_height(11) + 6
        _draw_filters(sheet, layer.filters)
    return sheet.finish(sheet.y - GAP)


def _draw_filters(sheet: Sheet, filters: Sequence[FilterPictures]) -> None:
    with_patches = any(one.patches for one in filters)
    columns = _COLUMNS if with_patches else 2 * _COLUMNS
    room = (PIXELS_WIDE - 2 * MARGIN - (columns - 1) * _BETWEEN) // columns
    side = (room - GAP // 2) // 2 if with_patches else room
    top, label = sheet.y, line_height(LABEL_SIZE)
    pitch = label + side + GAP + 6
    for index, one in enumerate(filters):
        row, column = divmod(index, columns)
        x, y = MARGIN + column * (room + _BETWEEN), top + row * pitch
        sheet.text(x, y, one.caption)
        y += label
        if one.pattern is None:
            sheet.outline(x, y, side, side)
            size = fitting_size([_NOTHING], side, LABEL_SIZES)
            middle = x + side / 2, y + side / 2
            sheet.text(*middle, _NOTHING, size=size, ha="center", va="center", color=NOTE_COLOUR)
        else:
            _fitted(sheet, one.pattern, x, y, side)
        small = (side - 2 * _PATCH_GAP) / 3
        for number, patch in enumerate(one.patches):
            down, across = divmod(number, 3)
            at = (x + side + GAP // 2 + across * (small + _PATCH_GAP), y + down * (small + 3))
            _fitted(sheet, patch, *at, small)
    sheet.y = top + -(-len(filters) // columns) * pitch


def _fitted(sheet: Sheet, image: np.ndarray, x: float, y: float, side: float) -> None:
    """Draw an image as large as a square allows, in its middle, with a thin frame."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    wide, tall = width * scale, height * scale
    box = x + (side - wide) / 2, y + (side - tall) / 2, wide, tall
    sheet.image(image, *box)
    sheet.outline(*box)
