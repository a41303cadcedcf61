"""The filters of a layer, as a figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from app.figures.canvas.sheet import (
    GAP,
    LABEL_SIZE,
    MARGIN,
    SIGNED_BAR_HEIGHT,
    Sheet,
    cell_size,
    line_height,
)
from app.figures.canvas.style import INK, PIXELS_WIDE, styled
from app.insight.kernels import kernels
from app.insight.opened_model import OpenedModel

_BAR_WIDTH = 320
SMALL_KERNEL = 16  # cells along a side; larger ones get more room
_MIDDLE = 127.5
_LINE = 0.5  # points


@styled()
def kernel_images(
    values: np.ndarray, captions: Sequence[str], *, title: str, note: str = ""
) -> Figure:
    """Draw kernels that have the channels of an image, all on one symmetric scale.

    Args:
        values: `(K, h, w, 1)`, in blue and red; or `(K, h, w, 3)`, as colours around grey, which
            stands for zero.
        captions: `K` names.
        title: Says what is seen.
        note: In small print below the title.
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
            sheet.signed_map(kernel[..., 0], limit, x, y, wide, tall)
        else:
            pixels = np.clip(_MIDDLE + _MIDDLE * kernel / limit, 0, 255).round().astype(np.uint8)
            sheet.image(pixels, x, y, wide, tall)
            sheet.outline(x, y, wide, tall)
        sheet.text(x + wide / 2, y + tall + 3, caption, size=8, ha="center")
    bottom = top + -(-len(values) // columns) * pitch
    if values.shape[-1] == 1:
        sheet.signed_bar(limit, "weight", left, bottom, _BAR_WIDTH)
    else:
        text = (
            f"Grey is a weight of zero; a channel is full at {limit:.3g} and dark at −{limit:.3g}."
        )
        sheet.text(left, bottom, text)
    return sheet.finish(bottom + SIGNED_BAR_HEIGHT)


@styled()
def kernel_slices(
    slices: np.ndarray,
    channels: np.ndarray,
    captions: Sequence[str],
    *,
    title: str,
    note: str = "",
    grid: tuple[int, int] = (1, 1),
) -> Figure:
    """Draw the strongest input slices of each kernel, all on one symmetric scale.

    Args:
        slices: `(K, S, h, w)`.
        channels: `(K, S)` numbers of the input channels.
        captions: `K` names.
        title: Says what is seen.
        note: In small print below the title.
        grid: Rows and columns of kernels that a slice is made of, which lines part.
    """
    count, per_kernel, *shape = slices.shape
    limit = float(np.abs(slices).max()) or 1.0
    small = max(shape) <= SMALL_KERNEL
    columns = max(1, min(count, (4 if per_kernel > 2 else 6) if small else 3))
    room = (PIXELS_WIDE - 2 * MARGIN - (columns - 1) * 3 * GAP) // columns
    wide, tall = cell_size(per_kernel, min(room, 90 * per_kernel) if small else room, shape)
    sheet = Sheet(title, note)
    label, top = line_height(LABEL_SIZE), sheet.y
    pitch = label + tall + line_height(8) + GAP
    for index in range(count):
        row, column = divmod(index, columns)
        x, y = MARGIN + column * (room + 3 * GAP), top + row * pitch
        sheet.text(x, y, captions[index], weight="bold")
        for number, (kernel, channel) in enumerate(
            zip(slices[index], channels[index], strict=True)
        ):
            at = x + number * (wide + GAP)
            sheet.signed_map(kernel, limit, at, y + label, wide, tall)
            _part(sheet, grid, at, y + label, wide, tall)
            sheet.text(at + wide / 2, y + label + tall + 3, f"map {channel}", size=8, ha="center")
    bottom = top + -(-count // columns) * pitch
    sheet.signed_bar(limit, "weight", MARGIN, bottom, _BAR_WIDTH)
    return sheet.finish(bottom + SIGNED_BAR_HEIGHT)


def _part(
    sheet: Sheet, grid: tuple[int, int], x: float, y: float, wide: float, tall: float
) -> None:
    """Draw the lines between kernels that are laid out over the image."""
    rows, columns = grid
    for row in range(1, rows):
        at = y + row * tall / rows
        sheet.axes.plot([x, x + wide], [at, at], color=INK, linewidth=_LINE)
    for column in range(1, columns):
        at = x + column * wide / columns
        sheet.axes.plot([at, at], [y, y + tall], color=INK, linewidth=_LINE)


def _columns(count: int, shape: Sequence[int]) -> int:
    """Return how many kernels stand in a row: small ones in many columns."""
    most = 12 if max(shape) <= SMALL_KERNEL else 6
    return max(1, min(count, most))


_MOST_SMALL, _MOST_LARGE, _MOST_SLICED, _SLICES = 96, 36, 48, 3


def filters_figure(model: OpenedModel, layer: str | None = None) -> Figure:
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
