"""Response maps, as a figure: of one layer, or of the whole network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.errors import AppError
from app.figures.canvas.style import Figure
from app.figures.response_strips import STRIP_MAPS, Strip, response_overview, response_sheet
from app.insight.opened_model import OpenedModel
from app.insight.responses import ResponseMaps, response_maps

_MOST_MAPS, _MOST_LAYERS = 256, 40


def responses_figure(
    model: OpenedModel,
    image: np.ndarray,
    layer: str | None = None,
    *,
    all_maps: bool = False,
    cell: tuple[int, int] | None = None,
    name: str = "",
) -> Figure:
    """Draw the activations of a network's filters for an image.

    Args:
        model: Opened model.
        image: `(H, W, C)` uint8, of the model's size.
        layer: Path of a layer, all maps of which are drawn; by default the twelve strongest maps
            of every layer.
        all_maps: Whether all maps of every layer are drawn, up to 256 of each.
        cell: (row, column) of one layer's maps whose receptive field is drawn; by default that of
            the strongest activation.
        name: Name of the image.

    Raises:
        AppError: If the layer is unknown or has no spatial axes, no layer has, or the cell lies
            outside the maps.
    """
    of_image = f", {name}" if name else ""
    if layer is not None:
        found = response_maps(model, image, [layer])[0]
        return _of_layer(
            model, image, found, cell, f"{model.name}: activation maps of {found.path}{of_image}"
        )
    layers = response_maps(model, image)
    if not layers:
        raise AppError(
            f"No layer of the model '{model.name}' has spatial axes.",
            "Expected a network with convolutions, locally connected or pooling layers.",
            "For a dense network use `plot saliency` or `plot occlusion`.",
        )
    most = _MOST_MAPS if all_maps else STRIP_MAPS
    note = "The strongest maps come first; white is zero"
    chosen = some_of(layers, _MOST_LAYERS)
    if len(chosen) < len(layers):
        note += f"; {len(chosen)} of {len(layers)} layers"
    strips = [strip_of(found, found.strongest_first[:most], model.image_size) for found in chosen]
    which = "all" if all(len(found.maps) <= most for found in chosen) else f"the {most} strongest"
    return response_overview(
        image,
        strips,
        title=f"{model.name}: {which} activation maps of each layer{of_image}",
        note=f"{note}.",
    )


def some_of(layers: Sequence[ResponseMaps], most: int) -> list[ResponseMaps]:
    """Return all layers, or `most` of them, evenly spread from the first to the last."""
    count = min(most, len(layers))
    return [layers[i] for i in np.linspace(0, len(layers) - 1, count).round().astype(int)]


def _of_layer(
    model: OpenedModel,
    image: np.ndarray,
    found: ResponseMaps,
    cell: tuple[int, int] | None,
    title: str,
) -> Figure:
    filter_, *peak = found.peak
    row, column = cell if cell is not None else peak
    height, width = found.maps.shape[1:]
    if not (0 <= row < height and 0 <= column < width):
        raise AppError(
            f"The cell ({row}, {column}) of the layer '{found.path}'.",
            f"Expected a row from 0 to {height - 1} and a column from 0 to {width - 1}.",
        )
    if cell is not None:
        filter_ = int(np.abs(found.maps[:, row, column]).argmax())
    box = None
    if found.field is not None:
        box = (
            *found.field.rows.pixels_of(row, image.shape[0]),
            *found.field.columns.pixels_of(column, image.shape[1]),
        )
    shown = np.arange(len(found.maps))
    note = ""
    if len(shown) > _MOST_MAPS:
        shown = np.sort(found.strongest_first[:_MOST_MAPS])
        note = f"The {_MOST_MAPS} strongest of {len(found.maps)} maps."
    return response_sheet(
        image,
        strip_of(found, shown, model.image_size),
        box=box,
        cell=(filter_, row, column),
        title=title,
        note=note,
    )


def strip_of(found: ResponseMaps, shown: np.ndarray, image_size: tuple[int, int]) -> Strip:
    """Return some maps `(N,)` of a layer, ready to be drawn.

    Args:
        found: Activations of the layer for one image.
        shown: Which maps.
        image_size: (height, width) of the image.
    """
    count, height, width = found.maps.shape
    dead = found.is_dead
    field = "whole image or unknown"
    if found.field is not None:
        rows, columns = found.field.size
        whole = rows >= image_size[0] and columns >= image_size[1]
        field = "whole image" if whole else f"{columns}×{rows} px"
    return Strip(
        name=found.path,
        maps=found.maps[shown],
        numbers=shown.tolist(),
        dead=dead[shown].tolist(),
        limit=found.limit,
        note=f"{count} maps of {width}×{height}\nreceptive field: {field}"
        + (f"\n{int(dead.sum())} of them all zero" if dead.any() else ""),
    )
