"""What augmentation makes of images: beside the original, parameter by parameter, fill modes.

All lengths are in pixels of the saved figure.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.plots.pixels import CRISP_SIDE, POINT, frame_image, show_image
from app.plots.style import INK, PIXELS_WIDE, VERMILLION, WIDTH, styled

_MARGIN, _GAP = 24, 14
_TITLE_SIZE, _NOTE_SIZE, _LABEL_SIZE = 13, 10, 10
_LINE_HEIGHT = 1.35
# Letters of these sizes that fit into the width, with room to spare.
_TITLE_LETTERS, _NOTE_LETTERS = 70, 102
_NOTE_COLOUR = "#555555"
_ROW_LABEL_WIDTH, _ROW_LABEL_LETTERS = 196, 16
_ROW_LABEL_STYLES: tuple[dict[str, str], ...] = ({"weight": "bold"}, {"color": _NOTE_COLOUR})
_MAX_CELL = 300


@styled()
def beside_original(
    original: np.ndarray, augmented: np.ndarray, captions: Sequence[str], *, title: str, note: str
) -> Figure:
    """Return one image, large and framed, with a grid of its augmentations to its right.

    Args:
        original: `(H, W, C)` uint8.
        augmented: `(rows, columns, H, W, C)` uint8.
        captions: One for each augmentation, row by row.
        title: Says what is seen.
        note: In small print below the title; may be empty.

    Raises:
        ValueError: If the numbers of augmentations and captions differ.
    """
    rows, columns = augmented.shape[:2]
    _check(len(captions) == rows * columns, len(captions), "captions", rows * columns)
    span = min(2, rows)
    wide, tall = _cell(columns + span, PIXELS_WIDE - 2 * _MARGIN, original)
    label = _line(_LABEL_SIZE)
    pitch = tall + label + _GAP
    size = _fitting([*captions, "original"], wide)
    sheet = _Sheet(title, note)
    top = sheet.y
    left = (PIXELS_WIDE - (columns + span) * (wide + _GAP) + _GAP) // 2
    big_wide, big_tall = _shown(span * wide + (span - 1) * _GAP, original)
    sheet.image(original, left, top, big_wide, big_tall, framed=True)
    sheet.text(
        left + big_wide / 2,
        top + big_tall + 7,
        "original",
        size=size,
        ha="center",
        color=VERMILLION,
    )
    for index, caption in enumerate(captions):
        row, column = divmod(index, columns)
        x, y = left + (column + span) * (wide + _GAP), top + row * pitch
        sheet.image(augmented[row, column], x, y, wide, tall)
        sheet.text(x + wide / 2, y + tall + 5, caption, size=size, ha="center")
    return sheet.finish(max(top + rows * pitch - _GAP, top + big_tall + 7 + label))


@styled()
def table_of_images(
    rows: Sequence[Sequence[np.ndarray]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    *,
    title: str,
    note: str,
    captions: Sequence[Sequence[str]] | None = None,
    first_is_original: bool = False,
) -> Figure:
    """Return rows of images with a label before each row and one above each column.

    Args:
        rows: Images `(H, W, C)` uint8 of one shape; rows may differ in length.
        row_labels: One for each row; up to a line break it is set bold. All may be empty.
        column_labels: One for each column, or none at all.
        title: Says what is seen.
        note: In small print below the title; may be empty.
        captions: Below each image, or `None`.
        first_is_original: Whether the first column is framed.

    Raises:
        ValueError: If the numbers of rows, labels and captions differ.
    """
    _check(len(rows) == len(row_labels) > 0, len(row_labels), "row_labels", len(rows))
    columns = max(len(row) for row in rows)
    _check(len(column_labels) in (0, columns), len(column_labels), "column_labels", columns)
    if captions is not None:
        given, expected = [len(c) for c in captions], [len(row) for row in rows]
        _check(given == expected, given, "captions", expected)
    indent = _ROW_LABEL_WIDTH if any(row_labels) else 0
    wide, tall = _cell(columns, PIXELS_WIDE - 2 * _MARGIN - indent, rows[0][0])
    spare = PIXELS_WIDE - 2 * _MARGIN - indent - columns * (wide + _GAP) + _GAP
    left = _MARGIN + indent + spare // 2
    sheet = _Sheet(title, note)
    size = _fitting([*column_labels, *(text for row in captions or () for text in row)], wide)
    if column_labels:
        for column, label in enumerate(column_labels):
            own = VERMILLION if first_is_original and column == 0 else INK
            x = left + column * (wide + _GAP) + wide / 2
            sheet.text(x, sheet.y, label, size=size, ha="center", color=own)
        sheet.y += _line(_LABEL_SIZE) + 4
    for number, (images, label) in enumerate(zip(rows, row_labels, strict=True)):
        lines = _row_label(label)
        needed = len(lines) * _line(_LABEL_SIZE)
        for line_number, (line, style) in enumerate(lines):
            y = sheet.y + max(0, tall - needed) / 2 + line_number * _line(_LABEL_SIZE)
            sheet.text(_MARGIN, y, line, **style)
        for column, image in enumerate(images):
            x = left + column * (wide + _GAP)
            framed = first_is_original and column == 0
            sheet.image(image, x, sheet.y, wide, tall, framed=framed)
            if captions is not None:
                text = captions[number][column]
                sheet.text(x + wide / 2, sheet.y + tall + 4, text, size=size, ha="center")
        below = _line(_LABEL_SIZE) if captions is not None else 0
        sheet.y += max(tall + below, needed) + _GAP
    return sheet.finish(sheet.y - _GAP)


def _row_label(label: str) -> list[tuple[str, dict[str, str]]]:
    """Return the lines of a label, each with its style."""
    return [
        (line, style)
        for text, style in zip(label.split("\n"), _ROW_LABEL_STYLES, strict=False)
        for line in textwrap.wrap(text, _ROW_LABEL_LETTERS)[:2]
    ]


class _Sheet:
    """A figure with its title; one axes covers it, in pixels from the upper left corner."""

    def __init__(self, title: str, note: str):
        self.figure = Figure()
        self.figure.set_layout_engine("none")
        # Many small axes would take seconds.
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.y = _MARGIN
        for line in textwrap.wrap(title, _TITLE_LETTERS):
            self.text(_MARGIN, self.y, line, size=_TITLE_SIZE, weight="bold")
            self.y += _line(_TITLE_SIZE)
        for line in textwrap.wrap(note, _NOTE_LETTERS):
            self.text(_MARGIN, self.y + 2, line, size=_NOTE_SIZE, color=_NOTE_COLOUR)
            self.y += _line(_NOTE_SIZE)
        self.y += 14

    def image(
        self, image: np.ndarray, x: float, y: float, wide: int, tall: int, *, framed: bool = False
    ) -> None:
        show_image(self.axes, image, (x, y, wide, tall))
        if framed:
            frame_image(self.axes, (x, y, wide, tall))

    def text(self, x: float, y: float, text: str, **style: Any) -> None:
        # Names of files may hold dollars, which are no formula.
        style = {"size": _LABEL_SIZE, "color": INK, **style}
        self.axes.text(x, y, text, va="top", parse_math=False, **style)

    def finish(self, bottom: float) -> Figure:
        height = bottom + _MARGIN
        self.figure.set_size_inches(WIDTH, height * WIDTH / PIXELS_WIDE)
        # Last, since every image moves the limits.
        self.axes.set(xlim=(0, PIXELS_WIDE), ylim=(height, 0))
        return self.figure


def _cell(columns: int, width: int, image: np.ndarray) -> tuple[int, int]:
    """Return the (width, height) at which images are shown, `columns` of them in `width`."""
    return _shown(max(1, min(_MAX_CELL, (width - (columns - 1) * _GAP) // columns)), image)


def _shown(wide: int, image: np.ndarray) -> tuple[int, int]:
    """Return the (width, height) at which an image is shown, at most `wide`."""
    rows, across = image.shape[:2]
    if max(rows, across) < CRISP_SIDE and wide > across:
        wide -= wide % across  # a whole number of screen pixels for each, so that all are equal
    return wide, max(1, round(wide * rows / across))


def _fitting(texts: Sequence[str], wide: int) -> int:
    """Return the largest font size at which all texts fit above or below an image."""
    letters = max(len(text) for text in texts)
    # A letter is 0.6 times as wide as the font is high, and half of each gap may be used.
    return max(4, min(_LABEL_SIZE, int((wide + _GAP / 2) / (letters * 0.6 * POINT))))


def _line(size: int) -> int:
    return round(size * POINT * _LINE_HEIGHT)


def _check(good: bool, given: object, name: str, expected: object) -> None:
    if not good:
        raise ValueError(f"Received {given} `{name}`, expected {expected}.")
