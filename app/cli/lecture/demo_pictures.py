"""The pictures of `lecture demo`: one for each cell of the output."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from app.cli.lecture.demo import cell_sum
from app.figures.canvas.grids import Grid, fits_a_line, matrix_sheet
from app.figures.canvas.style import Figure
from app.lecture.arrays import show_factor, show_number
from app.lecture.volumes import Layer, Step

_MOST_SLICES = 4  # of which every product is written out


def step_pictures(
    layer: Layer, found: Sequence[Step], result: np.ndarray
) -> Callable[[int], Figure]:
    """Return a function that draws a step: windows with the kernel on them, filters, output, sums.

    Args:
        layer: Volume and filters.
        found: All steps.
        result: `(H₂, W₂, K)`, the finished output.
    """
    products = [_products(layer, step) for step in found]
    shown = layer.volume.shape[-1] <= _MOST_SLICES and all(
        fits_a_line(line) for lines in products for line in lines
    )

    def picture(number: int) -> Figure:
        step = found[number]
        lines = products[number] if shown else []
        total = f"o[{step.row}, {step.column}, {step.filter}] = {cell_sum(layer, step)}"
        return _picture(layer, step, result, number, [*lines, total])

    return picture


def _products(layer: Layer, step: Step) -> list[str]:
    """Return a line for each slice: every value of the window times its weight, and their sum."""
    side = layer.filters.shape[1]
    window = layer.padded[step.top : step.top + side, step.left : step.left + side]
    lines = []
    for d, total in enumerate(step.sums):
        pairs = zip(window[..., d].flat, layer.filters[step.filter, ..., d].flat, strict=True)
        terms = " + ".join(f"{show_factor(x)}·{show_factor(w)}" for x, w in pairs)
        lines.append(f"slice {d}: {terms} = {show_number(total)}")
    return lines


def _picture(
    layer: Layer, step: Step, result: np.ndarray, number: int, lines: Sequence[str]
) -> Figure:
    side = layer.filters.shape[1]
    height, width, depth = layer.volume.shape
    rows, columns, count = result.shape
    window = (step.top, step.left, side, side)
    inside = (layer.padding, layer.padding, height, width)
    kernel = layer.filters[step.filter]
    inputs = [
        Grid(f"x[:, :, {d}]", layer.padded[..., d], window, inside, weights=kernel[..., d])
        for d in range(depth)
    ]
    filters = [
        Grid(
            f"filter {k}, slice {d}",
            layer.filters[k, ..., d],
            (0, 0, side, side) if k == step.filter else None,
        )
        for k in range(count)
        for d in range(depth)
    ]
    biases = [
        Grid(f"bias {k}", np.array([[bias]]), (0, 0, 1, 1) if k == step.filter else None)
        for k, bias in enumerate(layer.biases)
    ]
    outputs = [
        Grid(
            f"o[:, :, {k}]",
            result[..., k],
            (step.row, step.column, 1, 1) if k == step.filter else None,
            filled=number + 1 - k * rows * columns,
        )
        for k in range(count)
    ]
    return matrix_sheet(
        [inputs, filters, [*biases, *outputs]],
        title=f"Convolution: {width}×{height}×{depth} becomes {columns}×{rows}×{count}",
        note=f"K = {count}, F = {side}, S = {layer.stride}, P = {layer.padding}; grey: padding; "
        "small numbers: the filter's weights, laid onto the window",
        text="\n".join(lines),
    )
