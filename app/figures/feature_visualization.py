"""Feature visualization: what maximizes each filter or class, and its top-activating patches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from app.classifier.hooks import LayerInfo
from app.classifier.inspected_model import InspectedModel
from app.data.pixels import Images
from app.errors import AppError
from app.figures.canvas.sheet import LABEL_SIZE
from app.figures.canvas.text import cut_to
from app.figures.pattern_sheet import FilterImages, pattern_sheet
from app.insight.effective_fields import effective_fields
from app.insight.feature_visualization import (
    FeatureVisualization,
    center_cell,
    is_unshared,
    visualize_classes,
    visualize_filters,
)
from app.insight.receptive_fields import ImageField, receptive_fields
from app.insight.selectivity import channel_means, most_selective, preferred_classes
from app.insight.top_patches import Patch, crop, top_images, top_patches

_MOST_FILTERS, _MOST_FILTERS_EACH = 32, 8  # of one layer, of each of several
_MOST_CLASSES = 16
_CLASS_WIDTH = 90  # pixels of a name

Progress = Callable[[int, int], None]


class SearchedImages(NamedTuple):
    """Images to search for patches.

    Attributes:
        pixels: `N` images of the model's size.
        source: Number and origin, such as `1,000 training images of catsdogs`.
        labels: `(N,)` int64.
        class_names: Classes in the order of the labels.
    """

    pixels: Images
    source: str
    labels: np.ndarray
    class_names: tuple[str, ...]


class SelectedLayer(NamedTuple):
    """Filters of a layer to draw.

    Attributes:
        layer: Layer with spatial axes.
        filters: Positions of filters.
        preferred: Name of the preferred class of each, or nothing if they were not chosen by it.
    """

    layer: LayerInfo
    filters: list[int]
    preferred: tuple[str, ...] = ()


def feature_visualization(
    model: InspectedModel,
    selected: Sequence[SelectedLayer],
    *,
    images: SearchedImages | None = None,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> Figure:
    """Draw what maximizes filters, with their top-activating patches; then the same for classes.

    All are cropped to the effective receptive field of the filter.

    Args:
        model: Model to visualize.
        selected: Layers and filters, as `choose_filters` returns them.
        images: Images to search for patches; `None` for no patches.
        seed: Seed of the noise that patterns start from.
        progress: Function called with (done, total): images searched, then steps, layer by layer.
    """
    fields = receptive_fields(model)
    drawn: dict[str, list[FilterImages]] = {}
    parts = [part for part, _, _ in selected]
    unshared = {part.path: center_cell(part) for part in parts if is_unshared(model, part)}
    is_padded = False
    for part, numbers, preferred in selected:
        patches: list[list[Patch]] = [[] for _ in numbers]
        if images is not None:
            patches = top_patches(model, images.pixels, part, numbers, progress)
        grown = visualize_filters(model, part, numbers, seed=seed, progress=progress)
        shown = effective_fields(model, part, numbers, np.stack([one.image for one in grown]))
        is_padded |= any(_sees_outside(model, part, field) for field in shown)
        drawn[_layer_caption(part, fields.get(part.path), shown)] = [
            FilterImages(
                _caption(pattern, best, name, images is not None),
                None if pattern.is_dead else crop(pattern.image, field, *pattern.cell),
                [] if images is None else _cropped(images.pixels, best, field),
            )
            for pattern, best, name, field in zip(
                grown, patches, preferred or [""] * len(numbers), shown, strict=True
            )
        ]
    drawn["logits of the classes; the whole image"] = _classes(model, images, seed, progress)
    what = parts[0].path if len(parts) == 1 else f"{len(parts)} layers"
    sentences = _sentences(images, is_padded, any(choice.preferred for choice in selected))
    return pattern_sheet(
        drawn,
        title=f"{model.name}: feature visualization of {what}",
        note=" ".join([*sentences, *_cells(unshared)]),
    )


def choose_filters(
    model: InspectedModel,
    layers: Sequence[str] = (),
    filters: Sequence[int] | None = None,
    *,
    images: SearchedImages | None = None,
    most: int | None = None,
) -> list[SelectedLayer]:
    """Return layers, each with the filters to draw.

    Args:
        model: Model with the layers.
        layers: Paths of layers with spatial axes; by default the last one before pooling.
        filters: Numbers of filters; by default the most class-selective ones in the images, of one
            preferred class after another, or the first ones without images of several classes.
        images: Images to measure class selectivity with.
        most: Number of filters by default: 32, or 8 of each of several layers.

    Raises:
        AppError: If a layer or filter is unknown, or a layer has no spatial axes.
    """
    parts = [model.spatial_layer(path) for path in layers] or [model.last_conv_layer]
    most = most or (_MOST_FILTERS if len(parts) == 1 else _MOST_FILTERS_EACH)
    if filters is not None or images is None or not _shows_selectivity(images):
        return [SelectedLayer(part, _checked_filters(part, filters, most)) for part in parts]
    chosen = []
    for path, features in channel_means(model, images.pixels, parts).items():
        grouped = features, images.labels, len(images.class_names)
        numbers = most_selective(*grouped, most)
        preferred = preferred_classes(*grouped)
        names = tuple(images.class_names[preferred[k]] for k in numbers)
        chosen.append(SelectedLayer(model.layer(path), numbers, names))
    return chosen


def _shows_selectivity(images: SearchedImages) -> bool:
    counts = np.bincount(images.labels, minlength=len(images.class_names))
    return len(counts) > 1 and counts.min() > 0


def _classes(
    model: InspectedModel, images: SearchedImages | None, seed: int, progress: Progress
) -> list[FilterImages]:
    """Return what maximizes the logit of each class, with the images of the largest logits."""
    classes = range(min(_MOST_CLASSES, len(model.class_names)))
    best: list[list[tuple[int, float]]] = [[] for _ in classes]
    if images is not None:
        best = top_images(model, images.pixels, classes, progress)
    grown = visualize_classes(model, classes, seed=seed, progress=progress)
    logits = model.logits(grown)
    return [
        FilterImages(
            _with_ratio(_short(model.class_names[k]), logits[k, k], [one for _, one in best[k]]),
            grown[k],
            [] if images is None else [images.pixels[np.array([i])][0] for i, _ in best[k]],
        )
        for k in classes
    ]


def _cropped(
    images: Images, patches: Sequence[Patch], field: ImageField | None
) -> list[np.ndarray]:
    return [crop(images[np.array([one.image])][0], field, *one.cell) for one in patches]


def _layer_caption(
    part: LayerInfo, field: ImageField | None, shown: Sequence[ImageField | None]
) -> str:
    """Return the name of a layer, with its theoretical and effective receptive fields."""
    if field is None:
        return part.path
    sides = sorted({max(one.size) for one in shown if one is not None})
    effective = "–".join(map(str, dict.fromkeys((sides[0], sides[-1]))))
    return (
        f"{part.path}; receptive field {field.size[1]}×{field.size[0]} px, effective {effective} px"
    )


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
    """Return whether `crop` pads the fields of some cells."""
    sizes = model.image_size
    if field is None or field.rows.size >= sizes[0] or field.columns.size >= sizes[1]:
        return False
    axes = zip(field, part.output_shape[1:3], sizes, strict=True)
    return any(
        axis.start < 0 or axis.start + (cells - 1) * axis.step + axis.size > size
        for axis, cells, size in axes
    )


def _sentences(images: SearchedImages | None, is_padded: bool, by_class: bool) -> list[str]:
    what = "An image" if images is None else "Left: an image"
    sentences = [
        f"{what} that maximizes the activation of the filter, by gradient ascent from noise, "
        "cropped to the filter's effective receptive field: the central square with 95% of the "
        "gradient."
    ]
    if images is not None:
        outside = "; gray lies outside the image" if is_padded else ""
        sentences += [
            f"Right: the nine top-activating patches in {images.source}, of the same size, at most "
            f"one per image{outside}.",
            "×: activation, or logit, relative to the best patch.",
        ]
    if by_class:
        sentences.append(
            "Filters with the highest class selectivity, of one preferred class after another."
        )
    return sentences


def _cells(unshared: Mapping[str, tuple[int, int]]) -> list[str]:
    if not unshared:
        return []
    cells = ", ".join(f"{row},{column} of {path}" for path, (row, column) in unshared.items())
    return [
        "Without weight sharing, every cell has its own filters: shown are those of the middle "
        f"one (cell {cells})."
    ]


def _caption(
    pattern: FeatureVisualization, patches: Sequence[Patch], preferred: str, are_searched: bool
) -> str:
    """Return a filter's name, and its activation for the pattern relative to the best patch."""
    name = f"filter {pattern.filter}"
    if preferred:
        name += f" ({_short(preferred)})"
    if pattern.is_dead:
        return name
    if are_searched and not patches:
        return f"{name} · no patch"
    return _with_ratio(name, pattern.activation, [patch.activation for patch in patches])


def _short(class_name: str) -> str:
    return cut_to(class_name, _CLASS_WIDTH, LABEL_SIZE)


def _with_ratio(name: str, activation: float, best: Sequence[float]) -> str:
    """Return a name with an activation relative to the best of the images."""
    if not best or best[0] <= 0:  # no image is classified as this class
        return name
    ratio = activation / best[0]
    return f"{name} · {ratio:.1f}×" if ratio < 9.95 else f"{name} · {ratio:.0f}×"
