"""Pooling: numbers or an image, next to the result."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.figures.canvas.contact_sheet import contact_sheet
from app.figures.canvas.grids import Grid, matrix_sheet, patchwork
from app.figures.canvas.style import Figure
from app.lecture.pooling import KINDS, discarded_share, show_pooling, windows
from app.lecture.sizes import format_shape

_LARGEST_SUM = 4  # windows of this side have a sum that fits into a line


def pooling_of_numbers(
    values: np.ndarray, pooled: Mapping[str, np.ndarray], window: int, stride: int
) -> Figure:
    """Draw grids of numbers: windows that tile the input are colored, else the first is marked.

    Args:
        values: `(H, W)` input.
        pooled: `(H₂, W₂)` results by kind of pooling.
        window: Side F of the window.
        stride: Stride S.
    """
    shape = next(iter(pooled.values())).shape
    first = windows(values, window, stride)[0, 0]
    tiled = window == stride

    def grid(name: str, numbers: np.ndarray, side: int) -> Grid:
        caption = f"{name}, {format_shape(numbers.shape)}"
        if tiled:
            return Grid(caption, numbers, faces=patchwork(numbers.shape, side))
        return Grid(caption, numbers, (0, 0, side, side))

    results = [grid(KINDS[kind], np.round(result, 2), 1) for kind, result in pooled.items()]
    sums = [
        f"o[0, 0] = {show_pooling(kind, first, result[0, 0].item())}"
        for kind, result in pooled.items()
    ]
    note = f"F = {window}, S = {stride}, 0 parameters; {_fewer(values.shape, shape)}"
    return matrix_sheet(
        [[grid("input", values, window), *results]],
        title=f"Pooling: {format_shape(values.shape)} becomes {format_shape(shape)}",
        note=note if tiled else f"{note}; marked: the first window",
        text="\n".join(sums) if window <= _LARGEST_SUM else "",
    )


def pooling_of_image(
    name: str, image: np.ndarray, pooled: Mapping[str, np.ndarray], window: int, stride: int
) -> Figure:
    """Draw an image next to its pooled versions.

    Args:
        name: Name of the image.
        image: `(H, W, C)` uint8.
        pooled: `(H₂, W₂, C)` results by kind of pooling.
        window: Side F of the window.
        stride: Stride S.
    """
    images, captions = [image], [f"image\n{format_shape(image.shape)}"]
    for kind, values in pooled.items():
        divisor = window if kind == "l2" else 1
        images.append(np.round(values / divisor).astype(np.uint8))
        title = f"{KINDS[kind]} ÷ {divisor}" if divisor > 1 else KINDS[kind]
        captions.append(f"{title}\n{format_shape(values.shape)}")
    return contact_sheet(
        images,
        captions,
        columns=len(images),
        title=f"{name}: pooling, F = {window}, S = {stride}; "
        f"{_fewer(image.shape, images[1].shape)}",
    )


def _fewer(before: tuple[int, ...], after: tuple[int, ...]) -> str:
    return f"{100 * discarded_share(before, after):.3g}% fewer activations"
