"""A shifted image next to its shifted responses, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from app.figures.canvas.sheet import (
    GAP,
    LABEL_SIZE,
    MARGIN,
    NOTE_COLOR,
    SIGNED_BAR_HEIGHT,
    Sheet,
    line_height,
    shown_size,
)
from app.figures.canvas.style import PIXELS_WIDE, styled
from app.figures.canvas.text import wrap
from app.lecture.equivariance import Layer, equivariance_error, shift

_LABEL_WIDTH, _BAR_WIDTH = 210, 320  # pixels


@styled()
def equivariance_figure(
    image: np.ndarray, layers: Sequence[Layer], pixels: int, *, title: str, note: str
) -> Figure:
    """Draw T f(x), f(T x) and their difference for each layer, and for twice the shift.

    Args:
        image: `(H, W)` canvas with values from 0 to 255.
        layers: Layers f, one per row.
        pixels: Shift T to the right.
        title: Title of the figure.
        note: Note in small print below the title.
    """
    sheet = Sheet(title, note)
    differences = (f"difference, {times * pixels} px" for times in (1, 2))
    headings = ["f(x)", "T f(x)", "f(T x)", *differences]
    space = (PIXELS_WIDE - 2 * MARGIN - _LABEL_WIDTH - GAP * (len(headings) - 1)) / len(headings)
    size = shown_size(int(space), image.shape)
    left = [MARGIN + _LABEL_WIDTH + number * (space + GAP) for number in range(len(headings))]
    moved = shift(image, pixels)
    _label(sheet, "image", size[1], "x on a black canvas, and T x")
    for x, values, caption in ((left[0], image, "x"), (left[2], moved, "T x")):
        sheet.text(x, sheet.y, caption)
        box = (x, sheet.y + line_height(LABEL_SIZE), *size)
        sheet.image(np.round(values).astype(np.uint8), box)
    sheet.y += line_height(LABEL_SIZE) + size[1] + GAP
    for x, heading in zip(left, headings, strict=True):
        sheet.text(x, sheet.y, heading)
    sheet.y += line_height(LABEL_SIZE)
    for layer in layers:
        before, after = layer.apply(image), layer.apply(moved)
        expected = shift(before, pixels / layer.stride)
        twice = layer.apply(shift(image, 2 * pixels)) - shift(before, 2 * pixels / layer.stride)
        limit = float(np.abs(before).max()) or 1.0
        errors = (equivariance_error(layer, image, times * pixels) for times in (1, 2))
        shares = " and ".join(f"{100 * error:.0f}%" for error in errors)
        _label(sheet, layer.name, size[1], f"relative difference {shares}")
        maps = (before, expected, after, after - expected, twice)
        for x, values in zip(left, maps, strict=True):
            sheet.signed_map(values, limit, (x, sheet.y, *size))
        sheet.y += size[1] + GAP
    label = "response relative to its largest, in each row"
    sheet.signed_bar(1.0, label, left[0], sheet.y, _BAR_WIDTH)
    return sheet.finish(sheet.y + SIGNED_BAR_HEIGHT)


def _label(sheet: Sheet, heading: str, height: int, text: str) -> None:
    """Write a heading and a text in the left column, in the middle of a row."""
    width = _LABEL_WIDTH - GAP
    lines = [(line, {"weight": "bold"}) for line in wrap(heading, width, LABEL_SIZE, bold=True)]
    lines += [(line, {"color": NOTE_COLOR}) for line in wrap(text, width, LABEL_SIZE)]
    y = sheet.y + (height - len(lines) * line_height(LABEL_SIZE)) / 2
    for line, style in lines:
        sheet.text(MARGIN, y, line, **style)
        y += line_height(LABEL_SIZE)
