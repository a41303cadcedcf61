"""Response maps of layers in rows: what several figures share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.figures.canvas.pixels import Box
from app.figures.canvas.sheet import (
    GAP,
    LABEL_SIZE,
    MARGIN,
    MAX_CELL,
    NOTE_COLOR,
    Sheet,
    line_height,
)
from app.figures.canvas.style import PIXELS_WIDE, VERMILLION
from app.figures.canvas.text import cut_to, wrap
from app.insight.activations import ResponseMaps

_LABEL_WIDTH, _NOTE_SIZE, _SMALL_GAP = 310, 9, 8
STRIP_MAPS, _MOST_COLUMNS = 12, 24  # maps of a layer in a row: few are drawn larger


@dataclass(frozen=True)
class Strip:
    """Some response maps of one layer.

    Attributes:
        name: Path of the layer.
        maps: `(N, H', W')` activations.
        numbers: `(N,)` numbers of the filters.
        dead: `(N,)` whether each map is zero everywhere.
        limit: Limit of the scale that the maps share.
        note: Text below the name, such as `64 maps of 14×14`.
    """

    name: str
    maps: np.ndarray
    numbers: Sequence[int]
    dead: Sequence[bool]
    limit: float
    note: str


def strip_of(responses: ResponseMaps, numbers: np.ndarray, image_size: tuple[int, int]) -> Strip:
    """Return a strip of some maps of a layer.

    Args:
        responses: Response maps of the layer for one image.
        numbers: `(N,)` numbers of the filters.
        image_size: (height, width) of the image.
    """
    count, height, width = responses.maps.shape
    dead = responses.is_dead
    field = "whole image or unknown"
    if responses.field is not None:
        rows, columns = responses.field.size
        whole = rows >= image_size[0] and columns >= image_size[1]
        field = "whole image" if whole else f"{columns}×{rows} px"
    return Strip(
        name=responses.path,
        maps=responses.maps[numbers],
        numbers=numbers.tolist(),
        dead=dead[numbers].tolist(),
        limit=responses.limit,
        note=f"{count} maps of {width}×{height}\nreceptive field: {field}"
        + (f"\n{int(dead.sum())} of them all zero" if dead.any() else ""),
    )


def spread_layers(layers: Sequence[ResponseMaps], most: int) -> list[ResponseMaps]:
    """Return all layers, or `most` of them, evenly spaced from the first to the last."""
    count = min(most, len(layers))
    return [layers[i] for i in np.linspace(0, len(layers) - 1, count).round().astype(int)]


def draw_strips(sheet: Sheet, strips: Sequence[Strip]) -> None:
    """Draw the maps of each layer next to its name, up to twelve of them in one row."""
    left = MARGIN + _LABEL_WIDTH
    width = PIXELS_WIDE - MARGIN - left
    for strip in strips:
        columns = STRIP_MAPS if len(strip.maps) <= STRIP_MAPS else _MOST_COLUMNS
        map_wide, map_tall = map_size(columns, width, _SMALL_GAP, strip.maps.shape[1:])
        text_height = _draw_label(sheet, strip)
        for index in range(len(strip.maps)):
            row, column = divmod(index, columns)
            at = left + column * (map_wide + _SMALL_GAP), sheet.y + row * (map_tall + _SMALL_GAP)
            draw_map(sheet, strip, index, (*at, map_wide, map_tall))
        rows = -(-len(strip.maps) // columns)
        sheet.y += max(rows * (map_tall + _SMALL_GAP) - _SMALL_GAP, text_height) + GAP


def _draw_label(sheet: Sheet, strip: Strip) -> float:
    """Write the name and the note of a layer; return their height."""
    width = _LABEL_WIDTH - GAP
    name = cut_to(strip.name, width, LABEL_SIZE, bold=True)
    sheet.text(MARGIN, sheet.y, name, weight="bold")
    lines = wrap(strip.note, width, _NOTE_SIZE)
    for number, line in enumerate(lines):
        y = sheet.y + line_height(LABEL_SIZE) + number * line_height(_NOTE_SIZE)
        sheet.text(MARGIN, y, line, size=_NOTE_SIZE, color=NOTE_COLOR)
    return line_height(LABEL_SIZE) + len(lines) * line_height(_NOTE_SIZE)


def map_size(columns: int, width: float, gap: float, shape: Sequence[int]) -> tuple[float, float]:
    """Return the (width, height) of maps with `columns` of them in a row."""
    wide = min(MAX_CELL, (width - (columns - 1) * gap) / columns)
    return wide, wide * shape[0] / shape[1]


def draw_map(sheet: Sheet, strip: Strip, index: int, box: Box) -> None:
    """Draw one map into a box (x, y, width, height); cross it out if it is zero everywhere."""
    if not strip.dead[index]:
        sheet.signed_map(strip.maps[index], strip.limit, box)
        return
    x, y, wide, tall = box
    sheet.outline(box)
    for start, end in ((y, y + tall), (y + tall, y)):
        sheet.axes.plot([x, x + wide], [start, end], color=VERMILLION, linewidth=0.6)
