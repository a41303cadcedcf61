"""What filters look for, as a figure: their patterns, and the patches that excite them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from app.data.images import Images
from app.errors import AppError
from app.insight.anatomy import Part
from app.insight.exciting_patches import crop, exciting_patches
from app.insight.opened_model import OpenedModel
from app.insight.patterns import patterns
from app.insight.receptive_fields import ImageField, receptive_fields
from app.plots.patterns import FilterPictures, LayerPictures, pattern_sheet
from app.plots.style import Figure

_FILTERS, _FILTERS_EACH = 32, 8

Progress = Callable[[int, int], None]


def patterns_figure(
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
        source: What these images are.
        seed: Of the noise that the patterns grow from.
        progress: Called with (done, total): images searched, then steps, layer by layer.

    Raises:
        AppError: If a layer or filter is unknown, or a layer has no spatial axes.
    """
    wanted = choose_filters(model, layers, filters)
    fields = receptive_fields(model)
    drawn = []
    for part, chosen in wanted:
        field = fields.get(part.path)
        size = f"; a cell sees {field.size[1]}×{field.size[0]} pixels" if field is not None else ""
        shown = _pictures(model, part, chosen, field, images, seed, progress)
        drawn.append(LayerPictures(f"{part.path}{size}", shown))
    note = "Left: an image that excites the filter, grown from noise."
    if images is not None:
        note += f" Right: the nine patches of {source} that excite it most."
    what = wanted[0][0].path if len(wanted) == 1 else f"{len(wanted)} layers"
    return pattern_sheet(drawn, title=f"{model.name}: what filters of {what} look for", note=note)


def choose_filters(
    model: OpenedModel, layers: Sequence[str], filters: Sequence[int] | None
) -> list[tuple[Part, list[int]]]:
    """Return each layer with the filters that `patterns_figure` draws of it.

    Raises:
        AppError: If a layer or filter is unknown, or a layer has no spatial axes.
    """
    parts = [model.part_with_maps(path) for path in layers] or [model.last_maps]
    most = _FILTERS if len(parts) == 1 else _FILTERS_EACH
    return [(part, _chosen(part, filters, most)) for part in parts]


def _pictures(
    model: OpenedModel,
    part: Part,
    filters: Sequence[int],
    field: ImageField | None,
    images: Images | None,
    seed: int,
    progress: Progress,
) -> list[FilterPictures]:
    patches: list[list[np.ndarray]] = [[] for _ in filters]
    if images is not None:
        best = exciting_patches(model, images, part, filters, field, progress=progress)
        patches = [[patch.pixels for patch in some] for some in best]
    middle = part.output_shape[1] // 2, part.output_shape[2] // 2
    return [
        FilterPictures(
            f"filter {pattern.filter}",
            None if pattern.is_dead else crop(pattern.image, field, *middle),
            some,
        )
        for pattern, some in zip(
            patterns(model, part, filters, seed=seed, progress=progress), patches, strict=True
        )
    ]


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
