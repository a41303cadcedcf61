"""The filters of a layer: as images, or slice by slice; of unshared weights, by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from app.classifier.inspected_model import InspectedModel
from app.figures.canvas.sheet import (
    GAP,
    LABEL_SIZE,
    MARGIN,
    SIGNED_BAR_HEIGHT,
    Sheet,
    cell_size,
    line_height,
)
from app.figures.canvas.style import PIXELS_WIDE, styled
from app.figures.untied_kernels import untied_kernels
from app.insight.filters import Kernels, kernels

_BAR_WIDTH = 320  # pixels
_SMALL_KERNEL = 16  # cells along a side; larger ones get more space
_MIDDLE = 127.5
_MOST_SMALL, _MOST_LARGE, _MOST_SLICED, _SLICES, _MOST_UNTIED = 96, 36, 48, 3, 32


def filters_figure(model: InspectedModel, layer: str | None = None) -> Figure:
    """Draw the kernels of a layer, similar ones side by side.

    Args:
        model: Model to draw.
        layer: Path of a layer; by default the first with kernels.

    Raises:
        AppError: If the layer is unknown or has no kernels.
    """
    layer_kernels = kernels(model, layer)
    count, height, width, channels = layer_kernels.values.shape
    rows, columns = layer_kernels.grid
    what = layer_kernels.what
    title = f"{model.name}: {count} {what} of {layer_kernels.path}"
    size = f"{width // columns}×{height // rows}×{channels}"
    positions = f"the kernels of all {columns}×{rows} positions"
    is_unshared = layer_kernels.grid != (1, 1)
    if layer_kernels.are_images:
        most = _MOST_SMALL if max(height, width) <= _SMALL_KERNEL else _MOST_LARGE
        order = layer_kernels.strongest(most)
        note = f"Weights {size}, similar {what} side by side, all on one scale"
        if is_unshared:
            note += f"; for each {what[:-1]} {positions}"
        note += f"; the {most} of {count} with the largest weights." if count > most else "."
        return kernel_images(
            layer_kernels.values[order], [str(k) for k in order], title=title, note=note
        )
    if is_unshared:
        return _untied(layer_kernels, title, size)
    order = layer_kernels.strongest(_MOST_SLICED)
    slices, sources = layer_kernels.strongest_slices(_SLICES)
    num_slices = slices.shape[1]
    inputs = (
        f"{num_slices} of {channels} input maps" if num_slices > 1 else "input map"
    ) + " with the largest weights"
    note = f"Weights {size}: of each {what[:-1]} the {inputs}, all on one scale"
    note += (
        f"; the {_MOST_SLICED} of {count} with the largest weights."
        if count > _MOST_SLICED
        else "."
    )
    return kernel_slices(
        [KernelSlices(f"{what.split()[-1][:-1]} {k}", slices[k], sources[k]) for k in order],
        title=title,
        note=note,
    )


def _untied(layer_kernels: Kernels, title: str, size: str) -> Figure:
    """Draw the kernels of all positions of a locally connected layer over several input maps."""
    rows, columns = layer_kernels.grid
    order = layer_kernels.strongest(_MOST_UNTIED)
    slices, sources = layer_kernels.strongest_slices(1)
    strongest = int(order[np.argmax([np.linalg.norm(slices[k]) for k in order])])
    heading = f"filter {strongest}: the kernels of input map {sources[strongest, 0]}, by position"
    note = f"{columns}×{rows} positions, each with its own kernel of {size} weights per filter"
    if len(order) < len(slices):
        note += f"; the {len(order)} of {len(slices)} filters with the largest weights"
    return untied_kernels(
        layer_kernels.norms_by_position()[order],
        [f"filter {k}" for k in order],
        (heading, slices[strongest, 0]),
        title=title,
        note=f"{note}.",
    )


@styled()
def kernel_images(
    values: np.ndarray, captions: Sequence[str], *, title: str, note: str = ""
) -> Figure:
    """Draw kernels with the channels of an image, all on one symmetric scale.

    Args:
        values: `(K, h, w, 1)` weights, drawn in blue and red; or `(K, h, w, 3)`, drawn as colors
            around gray, which is zero.
        captions: `K` names.
        title: Title of the figure.
        note: Note in small print below the title.
    """
    limit = float(np.abs(values).max()) or 1.0
    columns = _columns(len(values), values.shape[1:3])
    wide, tall = cell_size(columns, PIXELS_WIDE - 2 * MARGIN, values.shape[1:3])
    sheet = Sheet(title, note)
    left = (PIXELS_WIDE - columns * (wide + GAP) + GAP) // 2
    pitch = tall + line_height(8) + GAP
    top = sheet.y
    for index, (kernel, caption) in enumerate(zip(values, captions, strict=True)):
        row, column = divmod(index, columns)
        x, y = left + column * (wide + GAP), top + row * pitch
        if kernel.shape[-1] == 1:
            sheet.signed_map(kernel[..., 0], limit, (x, y, wide, tall))
        else:
            pixels = np.clip(_MIDDLE + _MIDDLE * kernel / limit, 0, 255).round().astype(np.uint8)
            sheet.image(pixels, (x, y, wide, tall))
            sheet.outline((x, y, wide, tall))
        sheet.text(x + wide / 2, y + tall + 3, caption, size=8, ha="center")
    bottom = top + -(-len(values) // columns) * pitch
    if values.shape[-1] == 1:
        sheet.signed_bar(limit, "weight", left, bottom, _BAR_WIDTH)
    else:
        text = f"Gray: weight 0; color channels from −{limit:.3g} (dark) to {limit:.3g} (bright)."
        sheet.text(left, bottom, text)
    return sheet.finish(bottom + SIGNED_BAR_HEIGHT)


@dataclass(frozen=True)
class KernelSlices:
    """Some input slices of one kernel.

    Attributes:
        caption: Name of the kernel.
        weights: `(S, h, w)`.
        channels: `(S,)` numbers of the input channels.
    """

    caption: str
    weights: np.ndarray
    channels: np.ndarray


@styled()
def kernel_slices(
    kernels: Sequence[KernelSlices],
    *,
    title: str,
    note: str = "",
) -> Figure:
    """Draw the strongest input slices of each kernel, all on one symmetric scale.

    Args:
        kernels: `K` kernels with as many slices of one size each.
        title: Title of the figure.
        note: Note in small print below the title.
    """
    count, (per_kernel, *shape) = len(kernels), kernels[0].weights.shape
    limit = float(max(np.abs(kernel.weights).max() for kernel in kernels)) or 1.0
    small = max(shape) <= _SMALL_KERNEL
    columns = max(1, min(count, (4 if per_kernel > 2 else 6) if small else 3))
    width = (PIXELS_WIDE - 2 * MARGIN - (columns - 1) * 3 * GAP) // columns
    wide, tall = cell_size(per_kernel, min(width, 90 * per_kernel) if small else width, shape)
    sheet = Sheet(title, note)
    label, top = line_height(LABEL_SIZE), sheet.y
    pitch = label + tall + line_height(8) + GAP
    for index, kernel in enumerate(kernels):
        row, column = divmod(index, columns)
        x, y = MARGIN + column * (width + 3 * GAP), top + row * pitch
        sheet.text(x, y, kernel.caption, weight="bold")
        for number, (weights, channel) in enumerate(
            zip(kernel.weights, kernel.channels, strict=True)
        ):
            at = x + number * (wide + GAP)
            box = at, y + label, wide, tall
            sheet.signed_map(weights, limit, box)
            sheet.text(at + wide / 2, y + label + tall + 3, f"map {channel}", size=8, ha="center")
    bottom = top + -(-count // columns) * pitch
    sheet.signed_bar(limit, "weight", MARGIN, bottom, _BAR_WIDTH)
    return sheet.finish(bottom + SIGNED_BAR_HEIGHT)


def _columns(count: int, shape: Sequence[int]) -> int:
    """Return the number of kernels per row; small ones have more columns."""
    most = 12 if max(shape) <= _SMALL_KERNEL else 6
    return max(1, min(count, most))
