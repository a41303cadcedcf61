"""Response maps (activations) beside the image that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from app.figures.canvas.sheet import (
    GAP,
    LABEL_SIZE,
    MARGIN,
    MAX_CELL,
    NOTE_COLOUR,
    SIGNED_BAR_HEIGHT,
    Sheet,
    line_height,
    shown_size,
)
from app.figures.canvas.style import GREEN, PIXELS_WIDE, VERMILLION, styled
from app.figures.canvas.text import cut_to, wrap

_IMAGE_WIDTH = 300
_STRIP_LABEL_WIDTH, _NOTE_SIZE, _SMALL_GAP = 310, 9, 8
STRIP_MAPS, _MOST_COLUMNS = 12, 24  # maps of a layer in a row: few are drawn larger


@dataclass(frozen=True)
class Strip:
    """Activations of one layer.

    Attributes:
        name: Of the layer.
        maps: `(N, H', W')`, those to be shown.
        numbers: `(N,)` their filters.
        dead: `(N,)` whether each is zero everywhere.
        limit: Of the scale that they share.
        note: Such as `64 maps of 14×14`.
    """

    name: str
    maps: np.ndarray
    numbers: Sequence[int]
    dead: Sequence[bool]
    limit: float
    note: str


@styled()
def response_sheet(
    image: np.ndarray,
    strip: Strip,
    *,
    box: tuple[int, int, int, int] | None,
    cell: tuple[int, int, int] | None,
    title: str,
    note: str = "",
) -> Figure:
    """Draw all given maps of one layer, the image above them.

    Args:
        image: `(H, W, C)` uint8.
        strip: The layer.
        box: `(top, bottom, left, right)` in pixels: what the cell sees of the image.
        cell: `(filter, row, column)` that is marked.
        title: Says what is seen.
        note: In small print below the title.
    """
    sheet = Sheet(title, note)
    wide, tall = shown_size(_IMAGE_WIDTH, image.shape)
    sheet.image(image, MARGIN, sheet.y, wide, tall)
    if box is not None:
        _mark(sheet, box, image.shape[:2], MARGIN, sheet.y, wide, tall)
    x = MARGIN + wide + 2 * GAP
    lines = [strip.name, *strip.note.split("\n")]
    if cell is not None:
        field = "" if box is not None else ", which is the whole image or unknown"
        lines += [
            f"Green: cell ({cell[1]}, {cell[2]}) of map {cell[0]} and its receptive field{field}."
        ]
    if any(strip.dead):
        lines.append("Crossed out: maps that are zero everywhere for this image.")
    for number, line in enumerate(lines):
        style = {"weight": "bold"} if number == 0 else {"color": NOTE_COLOUR}
        line = cut_to(line, PIXELS_WIDE - MARGIN - x, LABEL_SIZE, bold=number == 0)
        sheet.text(x, sheet.y + number * line_height(LABEL_SIZE), line, **style)
    beside = max(tall, len(lines) * line_height(LABEL_SIZE) + SIGNED_BAR_HEIGHT)
    sheet.signed_bar(strip.limit, "activation", x, sheet.y + beside - SIGNED_BAR_HEIGHT + 6, 320)
    top = sheet.y + beside + 2 * GAP

    columns = max(1, min(len(strip.maps), 8 if len(strip.maps) <= 64 else 16))
    room = PIXELS_WIDE - 2 * MARGIN
    map_wide, map_tall = _map_size(columns, room, GAP, strip.maps.shape[1:])
    pitch = map_tall + line_height(8) + GAP
    for index, values in enumerate(strip.maps):
        row, column = divmod(index, columns)
        at = MARGIN + column * (map_wide + GAP), top + row * pitch
        _map(sheet, values, strip, index, *at, map_wide, map_tall)
        text = f"{strip.numbers[index]}"
        sheet.text(at[0] + map_wide / 2, at[1] + map_tall + 3, text, size=8, ha="center")
        if cell is not None and strip.numbers[index] == cell[0]:
            height, width = values.shape
            around = (cell[1], cell[1] + 1, cell[2], cell[2] + 1)
            _mark(sheet, around, (height, width), *at, map_wide, map_tall)
    return sheet.finish(top + -(-len(strip.maps) // columns) * pitch - GAP)


@styled()
def response_overview(
    image: np.ndarray, strips: Sequence[Strip], *, title: str, note: str = ""
) -> Figure:
    """Draw the given maps of each layer, from the image on, on the layer's own scale.

    Args:
        image: `(H, W, C)` uint8.
        strips: Layers in order.
        title: Says what is seen.
        note: In small print below the title.
    """
    sheet = Sheet(title, note)
    wide, tall = shown_size(150, image.shape)
    sheet.image(image, MARGIN, sheet.y, wide, tall)
    x = MARGIN + wide + 2 * GAP
    sheet.text(x, sheet.y, "the image, as the network sees it", color=NOTE_COLOUR)
    sheet.signed_bar(1.0, "activation relative to the layer's largest", x, sheet.y + 40, 320)
    sheet.y += max(tall, 40 + SIGNED_BAR_HEIGHT) + GAP
    draw_strips(sheet, strips)
    return sheet.finish(sheet.y - GAP)


def draw_strips(sheet: Sheet, strips: Sequence[Strip]) -> None:
    """Draw the maps of each layer beside its name, in one row if they are at most twelve."""
    left = MARGIN + _STRIP_LABEL_WIDTH
    room = PIXELS_WIDE - MARGIN - left
    for strip in strips:
        columns = STRIP_MAPS if len(strip.maps) <= STRIP_MAPS else _MOST_COLUMNS
        map_wide, map_tall = _map_size(columns, room, _SMALL_GAP, strip.maps.shape[1:])
        text_height = _strip_label(sheet, strip)
        for index, values in enumerate(strip.maps):
            row, column = divmod(index, columns)
            at = left + column * (map_wide + _SMALL_GAP), sheet.y + row * (map_tall + _SMALL_GAP)
            _map(sheet, values, strip, index, *at, map_wide, map_tall)
        rows = -(-len(strip.maps) // columns)
        sheet.y += max(rows * (map_tall + _SMALL_GAP) - _SMALL_GAP, text_height) + GAP


def _strip_label(sheet: Sheet, strip: Strip) -> float:
    """Write name and note of a layer; return their height."""
    width = _STRIP_LABEL_WIDTH - GAP
    name = cut_to(strip.name, width, LABEL_SIZE, bold=True)
    sheet.text(MARGIN, sheet.y, name, weight="bold")
    lines = wrap(strip.note, width, _NOTE_SIZE)
    for number, line in enumerate(lines):
        y = sheet.y + line_height(LABEL_SIZE) + number * line_height(_NOTE_SIZE)
        sheet.text(MARGIN, y, line, size=_NOTE_SIZE, color=NOTE_COLOUR)
    return line_height(LABEL_SIZE) + len(lines) * line_height(_NOTE_SIZE)


def _map_size(columns: int, room: float, gap: float, shape: Sequence[int]) -> tuple[float, float]:
    """Return the (width, height) of maps, of which `columns` stand in a row."""
    wide = min(MAX_CELL, (room - (columns - 1) * gap) / columns)
    return wide, wide * shape[0] / shape[1]


def _map(
    sheet: Sheet,
    values: np.ndarray,
    strip: Strip,
    index: int,
    x: float,
    y: float,
    wide: float,
    tall: float,
) -> None:
    if not strip.dead[index]:
        sheet.signed_map(values, strip.limit, x, y, wide, tall)
        return
    sheet.outline(x, y, wide, tall)
    for start, end in ((y, y + tall), (y + tall, y)):
        sheet.axes.plot([x, x + wide], [start, end], color=VERMILLION, linewidth=0.6)


def _mark(
    sheet: Sheet,
    box: tuple[int, int, int, int],
    size: tuple[int, int],
    x: float,
    y: float,
    wide: float,
    tall: float,
) -> None:
    """Draw a frame around rows and columns of something that is shown in a box."""
    top, bottom, left, right = box
    height, width = size
    sheet.outline(
        x + left * wide / width,
        y + top * tall / height,
        (right - left) * wide / width,
        (bottom - top) * tall / height,
        GREEN,
        4,
    )
