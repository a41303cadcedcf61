"""Feature visualization: the pattern that each filter responds to most, and its top patches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from app.classifier.hooks import LayerInfo
from app.classifier.inspected_model import InspectedModel
from app.data.pixels import Images
from app.errors import AppError
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
from app.figures.canvas.text import fitting_size
from app.insight.feature_visualization import (
    FeatureVisualization,
    center_cell,
    is_unshared,
    visualize_filters,
)
from app.insight.receptive_fields import ImageField, receptive_fields
from app.insight.top_patches import Patch, crop, top_patches

_MOST_FILTERS, _MOST_FILTERS_EACH = 32, 8  # of one layer, of each of several
_COLUMNS, _BETWEEN = 4, 30
_PATCH_GAP = 3
_NOTHING = "nothing found"

Progress = Callable[[int, int], None]


class SearchedImages(NamedTuple):
    """Images to search for patches.

    Attributes:
        pixels: `N` images of the model's size.
        source: Number and origin, such as `1,000 training images of catsdogs`.
    """

    pixels: Images
    source: str


def feature_visualization(
    model: InspectedModel,
    selected: Sequence[tuple[LayerInfo, list[int]]],
    *,
    images: SearchedImages | None = None,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> Figure:
    """Draw patterns and top-activating patches of a layer's filters; of several layers, in order.

    Args:
        model: Model to visualize.
        selected: Layers and numbers of filters, as `choose_filters` returns them.
        images: Images to search for patches; `None` for no patches.
        seed: Seed of the noise that patterns start from.
        progress: Function called with (done, total): images searched, then steps, layer by layer.
    """
    fields = receptive_fields(model)
    drawn: dict[str, list[FilterImages]] = {}
    unshared = {part.path: center_cell(part) for part, _ in selected if is_unshared(model, part)}
    for part, numbers in selected:
        field = fields.get(part.path)
        patches: list[list[Patch]] = [[] for _ in numbers]
        if images is not None:
            patches = top_patches(model, images.pixels, part, numbers, progress)
        grown = visualize_filters(model, part, numbers, seed=seed, progress=progress)
        size = f"; receptive field {field.size[1]}×{field.size[0]} px" if field is not None else ""
        drawn[f"{part.path}{size}"] = [
            FilterImages(
                _caption(pattern, best, images is not None),
                None if pattern.is_dead else crop(pattern.image, field, *pattern.cell),
                [patch.pixels for patch in best],
            )
            for pattern, best in zip(grown, patches, strict=True)
        ]
    is_padded = any(_sees_outside(model, part, fields.get(part.path)) for part, _ in selected)
    what = selected[0][0].path if len(selected) == 1 else f"{len(selected)} layers"
    return pattern_sheet(
        drawn,
        title=f"{model.name}: feature visualization of {what}",
        note=_note(images.source if images is not None else None, is_padded, unshared),
    )


def choose_filters(
    model: InspectedModel, layers: Sequence[str] = (), filters: Sequence[int] | None = None
) -> list[tuple[LayerInfo, list[int]]]:
    """Return layers, each with the numbers of filters to draw.

    Args:
        model: Model with the layers.
        layers: Paths of layers with spatial axes; by default the last one before pooling.
        filters: Numbers of filters; by default the first 32, or the first 8 of each of several
            layers.

    Raises:
        AppError: If a layer or filter is unknown, or a layer has no spatial axes.
    """
    parts = [model.spatial_layer(path) for path in layers] or [model.last_conv_layer]
    most = _MOST_FILTERS if len(parts) == 1 else _MOST_FILTERS_EACH
    return [(part, _checked_filters(part, filters, most)) for part in parts]


def _checked_filters(part: LayerInfo, filters: Sequence[int] | None, most: int) -> list[int]:
    count = part.output_shape[-1]
    if filters is None:
        return list(range(min(most, count)))
    wrong = [number for number in filters if not 0 <= number < count]
    if wrong or not filters:
        raise AppError(
            f"Filters {', '.join(map(str, wrong)) or 'none'} of the layer '{part.path}'.",
            f"Expected numbers from 0 to {count - 1}.",
        )
    return list(filters)


def _sees_outside(model: InspectedModel, part: LayerInfo, field: ImageField | None) -> bool:
    """Return whether `crop` pads the receptive fields of some cells."""
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
        outside = "; gray lies outside the image" if is_padded else ""
        sentences += [
            f"Right: the nine top-activating patches in {source}, at most one per image{outside}.",
            "×: activation of the pattern relative to the best patch.",
        ]
    if unshared:
        cells = ", ".join(f"{row},{column} of {path}" for path, (row, column) in unshared.items())
        sentences.append(
            "Without weight sharing, every cell has its own filters: shown are those of the middle "
            f"one (cell {cells})."
        )
    return " ".join(sentences)


def _caption(pattern: FeatureVisualization, patches: Sequence[Patch], are_searched: bool) -> str:
    """Return a filter's name, and its activation for the pattern relative to the best patch."""
    name = f"filter {pattern.filter}"
    if pattern.is_dead:
        return name
    if not patches:
        return f"{name} · no patch" if are_searched else name
    ratio = pattern.activation / patches[0].activation
    return f"{name} · {ratio:.1f}×" if ratio < 9.95 else f"{name} · {ratio:.0f}×"


@dataclass(frozen=True)
class FilterImages:
    """Images of one filter.

    Attributes:
        caption: Name of the filter.
        pattern: `(h, w, C)` uint8, or `None` if no pattern activates it.
        patches: Up to nine `(h, w, C)` uint8.
    """

    caption: str
    pattern: np.ndarray | None
    patches: Sequence[np.ndarray]


@styled()
def pattern_sheet(
    layers: Mapping[str, Sequence[FilterImages]], *, title: str, note: str = ""
) -> Figure:
    """Draw the pattern of each filter, with up to nine patches to its right.

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
    with_patches = any(images.patches for images in filters)
    columns = _COLUMNS if with_patches else 2 * _COLUMNS
    width = (PIXELS_WIDE - 2 * MARGIN - (columns - 1) * _BETWEEN) // columns
    side = (width - GAP // 2) // 2 if with_patches else width
    top, label = sheet.y, line_height(LABEL_SIZE)
    pitch = label + side + GAP + 6
    for index, images in enumerate(filters):
        row, column = divmod(index, columns)
        x, y = MARGIN + column * (width + _BETWEEN), top + row * pitch
        sheet.text(x, y, images.caption)
        y += label
        if images.pattern is None:
            sheet.outline((x, y, side, side))
            size = fitting_size([_NOTHING], side, LABEL_SIZES)
            middle = x + side / 2, y + side / 2
            sheet.text(*middle, _NOTHING, size=size, ha="center", va="center", color=NOTE_COLOR)
        else:
            _draw_fitted(sheet, images.pattern, x, y, side)
        small = (side - 2 * _PATCH_GAP) / 3
        for number, patch in enumerate(images.patches):
            down, across = divmod(number, 3)
            patch_x = x + side + GAP // 2 + across * (small + _PATCH_GAP)
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
