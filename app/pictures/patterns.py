"""What filters look for, as a figure: their patterns, and the patches that excite them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.data.pixels import Images
from app.errors import AppError
from app.insight.anatomy import Part
from app.insight.exciting_patches import Patch, crop, exciting_patches
from app.insight.opened_model import OpenedModel
from app.insight.patterns import Pattern, middle_cell, patterns
from app.insight.receptive_fields import ImageField, receptive_fields
from app.layers import LocallyConnected2D
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
    """Return each layer with the filters that `patterns_figure` draws of it.

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
