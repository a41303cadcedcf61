"""What filters look for, as a figure: their patterns, and the patches that excite them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from app.data.pixels import Images
from app.errors import AppError
from app.figures.canvas.sheet import (
    GAP,
    LABEL_SIZE,
    LABEL_SIZES,
    MARGIN,
    NOTE_COLOUR,
    Sheet,
    line_height,
)
from app.figures.canvas.style import PIXELS_WIDE, styled
from app.figures.canvas.text import fitting_size
from app.insight.anatomy import Part
from app.insight.exciting_patches import Patch, crop, exciting_patches
from app.insight.opened_model import OpenedModel
from app.insight.patterns import Pattern, middle_cell, patterns
from app.insight.receptive_fields import ImageField, receptive_fields
from app.layers import LocallyConnected2D

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


_FILTERS, _FILTERS_EACH = 32, 8

Progress = Callable[[int, int], None]


def feature_visualization(
    model: OpenedModel,
    layers: Sequence[str] = (),
    *,
    filters: Sequence[int] | None = None,
    images: Images | None = None,
    source: str = "",
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> Figure:
    """Draw what the filters of a layer look for; of several layers, the hierarchy that they form.

    Args:
        model: Whose filters.
        layers: Paths of layers with maps; by default the last one before pooling.
        filters: Which filters; by default the first 32, of several layers the first 8 each.
        images: `N` images of the model's size, of which the patches are cut; `None` for none.
        source: How many of what these images are, such as `1,000 training images of catsdogs`.
        seed: Of the noise that the patterns grow from.
        progress: Called with (done, total): images searched, then steps, layer by layer.

    Raises:
        AppError: If a layer or filter is unknown, or a layer has no spatial axes.
    """
    wanted = choose_filters(model, layers, filters)
    fields = receptive_fields(model)
    drawn, unshared = [], {}
    for part, chosen in wanted:
        field = fields.get(part.path)
        size = f"; receptive field {field.size[1]}×{field.size[0]} px" if field is not None else ""
        if is_unshared(model, part):
            unshared[part.path] = middle_cell(part)
        shown = _pictures(
            model, part, chosen, field, unshared.get(part.path), images, seed, progress
        )
        drawn.append(LayerPictures(f"{part.path}{size}", shown))
    is_padded = any(_sees_outside(model, part, fields.get(part.path)) for part, _ in wanted)
    note = _note(source if images is not None else None, is_padded, unshared)
    what = wanted[0][0].path if len(wanted) == 1 else f"{len(wanted)} layers"
    return pattern_sheet(drawn, title=f"{model.name}: feature visualization of {what}", note=note)


def choose_filters(
    model: OpenedModel, layers: Sequence[str], filters: Sequence[int] | None
) -> list[tuple[Part, list[int]]]:
    """Return each layer with the filters that `feature_visualization` draws of it.

    Raises:
        AppError: If a layer or filter is unknown, or a layer has no spatial axes.
    """
    parts = [model.part_with_maps(path) for path in layers] or [model.last_maps]
    most = _FILTERS if len(parts) == 1 else _FILTERS_EACH
    return [(part, _chosen(part, filters, most)) for part in parts]


def is_unshared(model: OpenedModel, part: Part) -> bool:
    """Return whether a filter looks for something else in every cell of its map.

    So it is in and behind a locally connected layer.
    """
    before = model.parts[: model.parts.index(part) + 1]
    return any(isinstance(one.layer, LocallyConnected2D) for one in before)


def _sees_outside(model: OpenedModel, part: Part, field: ImageField | None) -> bool:
    """Return whether `crop` pads what some cells see."""
    sizes = model.image_size
    if field is None or field.rows.size >= sizes[0] or field.columns.size >= sizes[1]:
        return False
    axes = zip(field, part.output_shape[1:3], sizes, strict=True)
    return any(
        axis.start < 0 or axis.start + (cells - 1) * axis.step + axis.size > size
        for axis, cells, size in axes
    )


def _note(source: str | None, is_padded: bool, unshared: Mapping[str, tuple[int, int]]) -> str:
    what = "A pattern" if source is None else "Left: a pattern"
    sentences = [f"{what} that maximizes the filter's activation, by gradient ascent from noise."]
    if source is not None:
        outside = "; grey lies outside the image" if is_padded else ""
        sentences += [
            f"Right: the nine top-activating patches in {source}, at most one per image{outside}.",
            "×: activation of the pattern relative to the best patch.",
        ]
    if unshared:
        cells = ", ".join(f"{row},{column} of {path}" for path, (row, column) in unshared.items())
        sentences.append(
            "Without shared weights every cell has filters of its own: these are of the middle "
            f"one (cell {cells})."
        )
    return " ".join(sentences)


def _pictures(
    model: OpenedModel,
    part: Part,
    filters: Sequence[int],
    field: ImageField | None,
    cell: tuple[int, int] | None,
    images: Images | None,
    seed: int,
    progress: Progress,
) -> list[FilterPictures]:
    patches: list[list[Patch]] = [[] for _ in filters]
    if images is not None:
        patches = exciting_patches(
            model, images, part, filters, field, cell=cell, progress=progress
        )
    return [
        FilterPictures(
            _caption(pattern, some, images is not None),
            None if pattern.is_dead else crop(pattern.image, field, *pattern.cell),
            [patch.pixels for patch in some],
        )
        for pattern, some in zip(
            patterns(model, part, filters, seed=seed, progress=progress), patches, strict=True
        )
    ]


def _caption(pattern: Pattern, patches: Sequence[Patch], searched: bool) -> str:
    """Name a filter, with its answer to the pattern as a multiple of that to the best patch."""
    name = f"filter {pattern.filter}"
    if pattern.is_dead:
        return name
    if not patches:
        return f"{name} · no patch" if searched else name
    ratio = pattern.answer / patches[0].answer
    return f"{name} · {ratio:.1f}×" if ratio < 9.95 else f"{name} · {ratio:.0f}×"


def _chosen(part: Part, filters: Sequence[int] | None, most: int) -> list[int]:
    count = part.output_shape[-1]
    if filters is None:
        return list(range(min(most, count)))
    wrong = [k for k in filters if not 0 <= k < count]
    if wrong or not filters:
        raise AppError(
            f"Filters {', '.join(map(str, wrong)) or 'none'} of the layer '{part.path}'.",
            f"Expected numbers from 0 to {count - 1}.",
        )
    return list(filters)
