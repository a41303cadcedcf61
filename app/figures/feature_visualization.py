"""Feature visualization: what maximizes each filter or class, and its top-activating patches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from app.classifier.hooks import LayerInfo
from app.classifier.inspected_model import InspectedModel
from app.data.pixels import Images
from app.errors import AppError
from app.figures.pattern_captions import (
    Shown,
    filter_caption,
    layer_caption,
    note_of,
    short_name,
    with_ratios,
)
from app.figures.pattern_sheet import FilterImages, pattern_sheet
from app.insight.effective_fields import effective_fields
from app.insight.feature_visualization import (
    ONE_IMAGE,
    FeatureVisualization,
    VisualizationSettings,
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
    settings: VisualizationSettings = ONE_IMAGE,
    progress: Progress = lambda done, total: None,
) -> Figure:
    """Draw what maximizes filters, with their top-activating patches; then the same for classes.

    All are cropped to the effective receptive field of the filter.

    Args:
        model: Model to visualize.
        selected: Layers and filters, as `choose_filters` returns them.
        images: Images to search for patches; `None` for no patches.
        settings: Number of images of each filter, and the seed.
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
        grown = visualize_filters(model, part, numbers, settings=settings, progress=progress)
        effective = effective_fields(
            model, part, [one.filter for one in grown], np.stack([one.image for one in grown])
        )
        is_padded |= any(_sees_outside(model, part, field) for field in effective)
        alive = [
            field for one, field in zip(grown, effective, strict=True) if not one.is_dead
        ] or effective
        drawn[layer_caption(part, fields.get(part.path), alive)] = [
            _filter_images(
                grown[place : place + settings.images],
                effective[place : place + settings.images],
                name,
                None if images is None else (images.pixels, best),
            )
            for place, name, best in zip(
                range(0, len(grown), settings.images),
                preferred or [""] * len(numbers),
                patches,
                strict=True,
            )
        ]
    seed = settings.seed
    drawn["logits of the classes; the whole image"] = _classes(model, images, seed, progress)
    what = parts[0].path if len(parts) == 1 else f"{len(parts)} layers"
    by_class = any(choice.preferred for choice in selected)
    source = None if images is None else images.source
    return pattern_sheet(
        drawn,
        title=f"{model.name}: feature visualization of {what}",
        note=note_of(Shown(source, is_padded, by_class, settings.images), unshared),
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
            with_ratios(
                short_name(model.class_names[k]),
                [float(logits[k, k])],
                best[k][0][1] if best[k] else None,
            ),
            [grown[k]],
            [] if images is None else [images.pixels[np.array([i])][0] for i, _ in best[k]],
        )
        for k in classes
    ]


def _filter_images(
    patterns: Sequence[FeatureVisualization],
    effective: Sequence[ImageField | None],
    preferred: str,
    searched: tuple[Images, Sequence[Patch]] | None,
) -> FilterImages:
    """Return the patterns of one filter and its patches, all of the size of its largest field."""
    alive = [number for number, one in enumerate(patterns) if not one.is_dead]
    fields = [effective[number] for number in alive] or effective
    field = max(fields, key=lambda one: 0 if one is None else max(one.size))
    shown = [crop(patterns[number].image, field, *patterns[number].cell) for number in alive]
    if searched is None:
        return FilterImages(filter_caption(patterns, preferred, None), shown, [])
    pixels, patches = searched
    best = patches[0].activation if patches else 0.0
    return FilterImages(
        filter_caption(patterns, preferred, best),
        shown,
        [crop(pixels[np.array([one.image])][0], field, *one.cell) for one in patches],
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
