"""Response maps (activations) for an image: of one layer, or of the whole network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from app.classifier.inspected_model import InspectedModel
from app.errors import AppError
from app.figures.canvas.pixels import Box
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
from app.figures.canvas.style import GREEN, PIXELS_WIDE, styled
from app.figures.canvas.text import cut_to
from app.figures.response_strips import (
    STRIP_MAPS,
    Strip,
    draw_map,
    draw_strips,
    map_size,
    spread_layers,
    strip_of,
)
from app.insight.activations import response_maps

_MOST_MAPS, _MOST_LAYERS = 256, 40
_IMAGE_WIDTH = 300  # pixels


@dataclass(frozen=True)
class MarkedCell:
    """A cell of a layer's maps.

    Attributes:
        filter: Number of the map.
        row: Row of the cell.
        column: Column of the cell.
        field: `(top, bottom, left, right)` of its receptive field in pixels; `None` for the whole
            image, or if it is unknown.
    """

    filter: int
    row: int
    column: int
    field: tuple[int, int, int, int] | None


def responses_figure(
    model: InspectedModel, image: np.ndarray, *, all_maps: bool = False, name: str = ""
) -> Figure:
    """Draw the activations of a network's filters for an image, layer by layer.

    Args:
        model: Opened model.
        image: `(H, W, C)` uint8, of the model's size.
        all_maps: Whether up to 256 maps of every layer are drawn, or only the twelve strongest.
        name: Name of the image.

    Raises:
        AppError: If no layer has spatial axes.
    """
    layers = response_maps(model, image)
    if not layers:
        raise AppError(
            f"No layer of the model '{model.name}' has spatial axes.",
            "Expected a network with convolutions, locally connected or pooling layers.",
            "For a dense network use `plot saliency` or `plot occlusion`.",
        )
    most = _MOST_MAPS if all_maps else STRIP_MAPS
    note = "The strongest maps come first; white is zero"
    drawn = spread_layers(layers, _MOST_LAYERS)
    if len(drawn) < len(layers):
        note += f"; {len(drawn)} of {len(layers)} layers"
    strips = [
        strip_of(responses, responses.strongest_first[:most], model.image_size)
        for responses in drawn
    ]
    which = (
        "all"
        if all(len(responses.maps) <= most for responses in drawn)
        else f"the {most} strongest"
    )
    return response_overview(
        image,
        strips,
        title=f"{model.name}: {which} response maps of each layer{_of_image(name)}",
        note=f"{note}.",
    )


def layer_responses_figure(
    model: InspectedModel,
    image: np.ndarray,
    layer: str,
    *,
    cell: tuple[int, int] | None = None,
    name: str = "",
) -> Figure:
    """Draw all maps of one layer for an image, and the receptive field of one of its cells.

    Args:
        model: Opened model.
        image: `(H, W, C)` uint8, of the model's size.
        layer: Path of the layer.
        cell: (row, column) of the cell; by default that of the strongest activation.
        name: Name of the image.

    Raises:
        AppError: If the layer is unknown or has no spatial axes, or the cell lies outside the maps.
    """
    (responses,) = response_maps(model, image, [layer])
    title = f"{model.name}: response maps of {responses.path}{_of_image(name)}"
    filter_, *peak = responses.peak
    row, column = cell if cell is not None else peak
    height, width = responses.maps.shape[1:]
    if not (0 <= row < height and 0 <= column < width):
        raise AppError(
            f"The cell ({row}, {column}) of the layer '{responses.path}'.",
            f"Expected a row from 0 to {height - 1} and a column from 0 to {width - 1}.",
        )
    if cell is not None:
        filter_ = int(np.abs(responses.maps[:, row, column]).argmax())
    box = None
    if responses.field is not None:
        box = (
            *responses.field.rows.pixels_of(row, image.shape[0]),
            *responses.field.columns.pixels_of(column, image.shape[1]),
        )
    numbers = np.arange(len(responses.maps))
    note = ""
    if len(numbers) > _MOST_MAPS:
        numbers = np.sort(responses.strongest_first[:_MOST_MAPS])
        note = f"The {_MOST_MAPS} strongest of {len(responses.maps)} maps."
    return response_sheet(
        image,
        strip_of(responses, numbers, (image.shape[0], image.shape[1])),
        MarkedCell(filter_, row, column, box),
        title=title,
        note=note,
    )


def _of_image(name: str) -> str:
    return f", {name}" if name else ""


@styled()
def response_sheet(
    image: np.ndarray,
    strip: Strip,
    cell: MarkedCell,
    *,
    title: str,
    note: str = "",
) -> Figure:
    """Draw an image, and the given maps of one layer below it.

    Args:
        image: `(H, W, C)` uint8.
        strip: Maps of the layer.
        cell: Cell to mark.
        title: Title of the figure.
        note: Note in small print below the title.
    """
    sheet = Sheet(title, note)
    wide, tall = shown_size(_IMAGE_WIDTH, image.shape)
    sheet.image(image, (MARGIN, sheet.y, wide, tall))
    if cell.field is not None:
        _mark(sheet, cell.field, image.shape[:2], (MARGIN, sheet.y, wide, tall))
    x = MARGIN + wide + 2 * GAP
    field = "" if cell.field is not None else ", which is the whole image or unknown"
    lines = [
        strip.name,
        *strip.note.split("\n"),
        f"Green: cell ({cell.row}, {cell.column}) of map {cell.filter} and its receptive "
        f"field{field}.",
    ]
    if any(strip.dead):
        lines.append("Crossed out: maps that are zero everywhere for this image.")
    for number, line in enumerate(lines):
        style = {"weight": "bold"} if number == 0 else {"color": NOTE_COLOR}
        line = cut_to(line, PIXELS_WIDE - MARGIN - x, LABEL_SIZE, bold=number == 0)
        sheet.text(x, sheet.y + number * line_height(LABEL_SIZE), line, **style)
    label_height = max(tall, len(lines) * line_height(LABEL_SIZE) + SIGNED_BAR_HEIGHT)
    sheet.signed_bar(
        strip.limit, "activation", x, sheet.y + label_height - SIGNED_BAR_HEIGHT + 6, 320
    )
    top = sheet.y + label_height + 2 * GAP

    columns = max(1, min(len(strip.maps), 8 if len(strip.maps) <= 64 else 16))
    map_wide, map_tall = map_size(columns, PIXELS_WIDE - 2 * MARGIN, GAP, strip.maps.shape[1:])
    pitch = map_tall + line_height(8) + GAP
    for index, values in enumerate(strip.maps):
        row, column = divmod(index, columns)
        at = MARGIN + column * (map_wide + GAP), top + row * pitch
        draw_map(sheet, strip, index, (*at, map_wide, map_tall))
        text = f"{strip.numbers[index]}"
        sheet.text(at[0] + map_wide / 2, at[1] + map_tall + 3, text, size=8, ha="center")
        if strip.numbers[index] == cell.filter:
            height, width = values.shape
            around = (cell.row, cell.row + 1, cell.column, cell.column + 1)
            _mark(sheet, around, (height, width), (*at, map_wide, map_tall))
    return sheet.finish(top + -(-len(strip.maps) // columns) * pitch - GAP)


@styled()
def response_overview(
    image: np.ndarray, strips: Sequence[Strip], *, title: str, note: str = ""
) -> Figure:
    """Draw an image, and the given maps of each layer below it, on one scale per layer.

    Args:
        image: `(H, W, C)` uint8.
        strips: Maps of the layers, in order.
        title: Title of the figure.
        note: Note in small print below the title.
    """
    sheet = Sheet(title, note)
    wide, tall = shown_size(150, image.shape)
    sheet.image(image, (MARGIN, sheet.y, wide, tall))
    x = MARGIN + wide + 2 * GAP
    sheet.text(x, sheet.y, "input image", color=NOTE_COLOR)
    sheet.signed_bar(1.0, "activation relative to the layer's largest", x, sheet.y + 40, 320)
    sheet.y += max(tall, 40 + SIGNED_BAR_HEIGHT) + GAP
    draw_strips(sheet, strips)
    return sheet.finish(sheet.y - GAP)


def _mark(
    sheet: Sheet,
    cells: tuple[int, int, int, int],
    size: Sequence[int],
    box: Box,
) -> None:
    """Draw a frame around some cells of a map.

    Args:
        sheet: Sheet to draw on.
        cells: `(top, bottom, left, right)` of the frame, in cells.
        size: `(height, width)` of the map, in cells.
        box: `(x, y, width, height)` of the map on the sheet.
    """
    top, bottom, left, right = cells
    x, y, wide, tall = box
    across, down = wide / size[1], tall / size[0]
    frame = x + left * across, y + top * down, (right - left) * across, (bottom - top) * down
    sheet.outline(frame, GREEN, 4)
