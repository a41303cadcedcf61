"""The pictures of `lecture pooling`: numbers, or an image, beside what pooling leaves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.cli.lecture.sizes import across
from app.figures.canvas.contact_sheet import contact_sheet
from app.figures.canvas.grids import Grid, matrix_sheet, patchwork
from app.figures.canvas.style import Figure
from app.lecture.pooling import KINDS, discarded_share, show_pooling, windows

_LARGEST_SUM = 4  # windows of this side have a sum that fits into a line


def pooled_numbers(
    values: np.ndarray, pooled: Mapping[str, np.ndarray], window: int, stride: int
) -> Figure:
    """Return grids; windows that tile the input are coloured, of others the first is marked.

    Args:
        values: `(H, W)`.
        pooled: `(H₂, W₂)` by kind.
        window: F.
        stride: S.
    """
    shape = next(iter(pooled.values())).shape
    first = windows(values, window, stride)[0, 0]
    tiled = window == stride

    def grid(name: str, numbers: np.ndarray, side: int) -> Grid:
        caption = f"{name}, {across(numbers.shape)}"
        if tiled:
            return Grid(caption, numbers, faces=patchwork(numbers.shape, side))
        return Grid(caption, numbers, (0, 0, side, side))

    results = [grid(KINDS[kind], np.round(result, 2), 1) for kind, result in pooled.items()]
    sums = [
        f"o[0, 0] = {show_pooling(kind, first, result[0, 0].item())}"
        for kind, result in pooled.items()
    ]
    note = f"F = {window}, S = {stride}, 0 parameters; {_discarded(values.shape, shape)}"
    return matrix_sheet(
        [[grid("input", values, window), *results]],
        title=f"Pooling: {across(values.shape)} becomes {across(shape)}",
        note=note if tiled else f"{note}; marked: the first window",
        text="\n".join(sums) if window <= _LARGEST_SUM else "",
    )


def pooled_image(
    name: str, image: np.ndarray, pooled: Mapping[str, np.ndarray], window: int, stride: int
) -> Figure:
    """Return an image beside what is left of it.

    Args:
        name: Of the image.
        image: `(H, W, C)` uint8.
        pooled: `(H₂, W₂, C)` by kind.
        window: F.
        stride: S.
    """
    shown, captions = [image], [f"image\n{across(image.shape)}"]
    for kind, values in pooled.items():
        divisor = window if kind == "l2" else 1
        shown.append(np.round(values / divisor).astype(np.uint8))
        title = f"{KINDS[kind]} ÷ {divisor}" if divisor > 1 else KINDS[kind]
        captions.append(f"{title}\n{across(values.shape)}")
    return contact_sheet(
        shown,
        captions,
        columns=len(shown),
        title=f"{name}: pooling, F = {window}, S = {stride}; "
        f"{_discarded(image.shape, shown[1].shape)}",
    )


def _discarded(before: tuple[int, ...], after: tuple[int, ...]) -> str:
    return f"{100 * discarded_share(before, after):.3g}% of the activations are discarded"
