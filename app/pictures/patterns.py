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
from app.insight.receptive_fields import receptive_fields
from app.plots.patterns import FilterPictures, pattern_sheet
from app.plots.style import Figure

_FILTERS = 32

Progress = Callable[[int, int], None]


def patterns_figure(
    model: OpenedModel,
    layer: str | None = None,
    *,
    filters: Sequence[int] | None = None,
    images: Images | None = None,
    source: str = "",
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> Figure:
    """Draw what the filters of a layer look for.

    Args:
        model: Whose filters.
        layer: Path of a layer with maps; by default the last one before pooling.
        filters: Which filters; by default the first 32.
        images: `N` images of the model's size, of which the patches are cut; `None` for none.
        source: What these images are.
        seed: Of the noise that the patterns grow from.
        progress: Called with (done, total) steps.

    Raises:
        AppError: If the layer or a filter is unknown, or the layer has no spatial axes.
    """
    part = model.last_maps if layer is None else model.part_with_maps(layer)
    chosen = _chosen(part, filters)
    field = receptive_fields(model).get(part.path)
    found = patterns(model, part, chosen, seed=seed, progress=progress)
    patches: list[list[np.ndarray]] = [[] for _ in chosen]
    if images is not None:
        best = exciting_patches(model, images, part, chosen, field)
        patches = [[patch.pixels for patch in some] for some in best]
    middle = part.output_shape[1] // 2, part.output_shape[2] // 2
    shown = [
        FilterPictures(
            f"filter {pattern.filter}",
            None if pattern.is_dead else crop(pattern.image, field, *middle),
            some,
        )
        for pattern, some in zip(found, patches, strict=True)
    ]
    seen = "all of the image" if field is None else f"{field.size[0]}×{field.size[1]} pixels"
    note = f"Left: an image that excites the filter, grown from noise; a cell sees {seen}."
    if images is not None:
        note += f" Right: the nine patches of {source} that excite it most."
    title = f"{model.name}: what {len(chosen)} filters of {part.path} look for"
    return pattern_sheet(shown, title=title, note=note)


def _chosen(part: Part, filters: Sequence[int] | None) -> list[int]:
    count = part.output_shape[-1]
    if filters is None:
        return list(range(min(_FILTERS, count)))
    wrong = [k for k in filters if not 0 <= k < count]
    if wrong or not filters:
        raise AppError(
            f"Filters {', '.join(map(str, wrong)) or 'none'} of the layer '{part.path}'.",
            f"Expected numbers from 0 to {count - 1}.",
        )
    return list(filters)
