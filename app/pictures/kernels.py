"""The filters of a layer, as a figure."""

from __future__ import annotations

from app.insight.kernels import kernels
from app.insight.opened_model import OpenedModel
from app.plots.kernels import SMALL_KERNEL, kernel_images, kernel_slices
from app.plots.style import Figure

_MOST_SMALL, _MOST_LARGE, _MOST_SLICED, _SLICES = 96, 36, 48, 3


def kernels_figure(model: OpenedModel, layer: str | None = None) -> Figure:
    """Draw the kernels of a layer, similar ones side by side.

    Args:
        model: Whose.
        layer: Path of a layer; by default the first that has kernels.

    Raises:
        AppError: If the layer is unknown or has no kernels.
    """
    found = kernels(model, layer)
    count, height, width, channels = found.values.shape
    title = f"{model.name}: {count} {found.what} of {found.path}"
    laid_out = found.grid != (1, 1)
    rows, columns = found.grid
    size = f"{width // columns}×{height // rows}×{channels}"
    if found.are_images:
        most = _MOST_SMALL if max(height, width) <= SMALL_KERNEL else _MOST_LARGE
        order = found.strongest(most)
        note = f"Weights {size}, similar {found.what} side by side, all on one scale"
        if laid_out:
            note += f"; for each {found.what[:-1]} the kernels of all {columns}×{rows} positions"
        note += f"; the {most} of {count} that weigh most." if count > most else "."
        captions = [str(k) for k in order]
        return kernel_images(found.values[order], captions, title=title, note=note)
    order = found.strongest(_MOST_SLICED)
    slices, sources = found.strongest_slices(_SLICES if not laid_out else 1)
    shown = slices.shape[1]
    heaviest = (
        f"{shown} of {channels} input maps that weigh" if shown > 1 else "input map that weighs"
    )
    note = f"Weights {size}: of each {found.what[:-1]} the {heaviest} most, all on one scale"
    if laid_out:
        note += f"; the kernels of all {columns}×{rows} positions"
    note += f"; the {_MOST_SLICED} of {count} that weigh most." if count > _MOST_SLICED else "."
    return kernel_slices(
        slices[order],
        sources[order],
        [f"{found.what.split()[-1][:-1]} {k}" for k in order],
        title=title,
        note=note,
        grid=found.grid,
    )
