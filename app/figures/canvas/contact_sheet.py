"""A grid of captioned images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.figures.canvas.pixels import CRISP_SIDE, POINT, frame_image, show_image
from app.figures.canvas.style import INK, PIXELS_WIDE, VERMILLION, WIDTH, styled
from app.figures.canvas.text import cut_to, wrap

# All lengths are in pixels of the saved figure.
_MARGIN, _GAP, _CAPTION_GAP = 24, 16, 9
_MAX_CELL, _MAX_ASPECT = 400, 1.5
_MAX_LINES = 3
_LINE_HEIGHT = 1.3
_FONT_SIZES = (11, 10, 9, 8, 7)
_TITLE_SIZE = 13


@styled()
def contact_sheet(
    images: Sequence[np.ndarray | None],
    captions: Sequence[str],
    *,
    columns: int,
    title: str,
    marks: Sequence[bool] | None = None,
) -> Figure:
    """Draw a grid of captioned images.

    Captions have the largest font size at which all fit into three lines; longer ones end in an
    ellipsis. Line breaks in captions are kept.

    Args:
        images: `N` arrays `uint8 (H, W, C)` or `(H, W)` of any sizes, gray or RGB; `None` for an
            empty cell.
        captions: `N` captions.
        columns: Images per row.
        title: Title of the figure; may be empty.
        marks: `N` flags; a marked image has a frame and a colored caption.

    Raises:
        ValueError: If there are no images, the numbers of images, captions and marks differ, or
            `columns` is below 1.
    """
    marks = [False] * len(images) if marks is None else marks
    if not len(images) == len(captions) == len(marks):
        raise ValueError(
            f"Received {len(images)} `images`, {len(captions)} `captions` and {len(marks)} `marks`."
        )
    if len(images) == 0 or columns < 1:
        raise ValueError(f"Received {len(images)} `images` and `columns`={columns}, expected ≥ 1.")
    columns = min(columns, len(images))
    cell = min(_MAX_CELL, (PIXELS_WIDE - 2 * _MARGIN - (columns - 1) * _GAP) // columns)
    left = (PIXELS_WIDE - columns * cell - (columns - 1) * _GAP) // 2
    sizes = [_shown_size(image, cell) for image in images]
    font, wrapped = _fit_captions(captions, cell)
    line, title_line = font * POINT * _LINE_HEIGHT, _TITLE_SIZE * POINT * _LINE_HEIGHT
    heading = wrap(title, PIXELS_WIDE - left - _MARGIN, _TITLE_SIZE, bold=True) if title else []

    # Top of each row, height of its images, and height of the sheet.
    y = _MARGIN + (round(len(heading) * title_line) + 16 if heading else 0)
    rows = []
    for start in range(0, len(images), columns):
        picture = max(height for _, height in sizes[start : start + columns])
        num_lines = max(len(lines) for lines in wrapped[start : start + columns])
        rows.append((y, picture))
        y += picture + _CAPTION_GAP + round(num_lines * line) + _GAP
    height = y - _GAP + _MARGIN

    figure = Figure(figsize=(WIDTH, height * WIDTH / PIXELS_WIDE))
    figure.set_layout_engine("none")
    # One axes over the whole sheet, in pixels from its upper left corner: a hundred small axes
    # would take seconds.
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    for number, text in enumerate(heading):
        at = _MARGIN + number * title_line
        _write(axes, left, at, text, size=_TITLE_SIZE, weight="bold")
    for index, (image, lines, marked) in enumerate(zip(images, wrapped, marks, strict=True)):
        x = left + index % columns * (cell + _GAP)
        y, picture = rows[index // columns]
        wide, tall = sizes[index]
        box = (x + (cell - wide) // 2, y + (picture - tall) // 2, wide, tall)
        if image is not None:
            show_image(axes, image, box)
        if marked:
            frame_image(axes, box)
        color = VERMILLION if marked else INK
        for number, text in enumerate(lines):
            below = y + picture + _CAPTION_GAP + number * line
            _write(axes, x + cell / 2, below, text, size=font, ha="center", color=color)
    # Last, since every image moves the limits.
    axes.set(xlim=(0, PIXELS_WIDE), ylim=(height, 0))
    return figure


def _shown_size(image: np.ndarray | None, cell: int) -> tuple[int, int]:
    """Return the (width, height) of an image in a column of width `cell`."""
    if image is None:
        return 0, 0
    height, width = image.shape[:2]
    scale = min(cell / width, _MAX_ASPECT * cell / height)
    if max(width, height) < CRISP_SIDE and scale >= 1:
        # Each pixel becomes a whole number of screen pixels, so that all have one size.
        scale = int(scale)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _write(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write one line with its upper edge at `y`."""
    axes.text(x, y, text, va="top", **style)


def _fit_captions(captions: Sequence[str], width: int) -> tuple[int, list[list[str]]]:
    """Return the largest font size at which all captions fit, and their lines."""
    for size in _FONT_SIZES:
        wrapped = [wrap(text, width, size) for text in captions]
        if max(len(lines) for lines in wrapped) <= _MAX_LINES:
            break
    return size, [_shortened(lines, width, size) for lines in wrapped]


def _shortened(lines: list[str], width: float, size: int) -> list[str]:
    if len(lines) <= _MAX_LINES:
        return lines
    return [*lines[: _MAX_LINES - 1], cut_to(" ".join(lines[_MAX_LINES - 1 :]), width, size)]
