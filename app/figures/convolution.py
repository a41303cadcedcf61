"""Convolution step by step: the kernel on its window of the input, and the output so far."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

import numpy as np

from app.figures.canvas.grids import Grid, fits_a_line, matrix_sheet
from app.figures.canvas.style import Figure
from app.lecture.convolution import Convolution
from app.lecture.volumes import Layer, Step, show_cell, show_products

_LETTERS = 92  # in a line of text
_MOST_SLICES = 4  # of which every product is written out


def convolution_step(trace: Convolution, number: int, sums: Sequence[str]) -> Figure:
    """Draw one entry of a convolution of two matrices, and the entries before it.

    Args:
        trace: Convolution of two matrices; vectors are matrices of one row.
        number: Number of the entry, row by row.
        sums: Sums of the entries that share one size of figure; that of `number` is shown.
    """
    texts = [
        textwrap.wrap(text, _LETTERS, subsequent_indent="    ", break_long_words=False)
        for text in sums
    ]
    lines = texts[number] if len(texts) > 1 else texts[0]
    lines = lines + [" "] * (max(map(len, texts)) - len(lines))
    rows, columns = trace.result.shape
    row, column = divmod(number, columns)
    image, moved = ("B", "A") if trace.kernel_is_a else ("A", "B")
    kernel, padded = trace.kernel, trace.padded
    is_padded = padded.shape != trace.image.shape
    (top, left) = trace.start
    output = trace.full.astype(float)
    kept = output[top : top + rows, left : left + columns]
    for place in range(number + 1, rows * columns):  # not computed yet
        kept[divmod(place, columns)] = np.nan
    cut = "" if trace.mode == "full" else f"; white: y ({trace.mode})"
    grids = [
        Grid(
            f"{image}, the image" + (", zeros around" if is_padded else ""),
            padded,
            (row, column, *kernel.shape),
            (*trace.before, *trace.image.shape),
            weights=kernel,
        ),
        Grid(f"{moved}, the kernel", np.flip(kernel)),
        Grid(f"{moved}, flipped", kernel),
        Grid(
            f"C = A * B{cut}", output, (top + row, left + column, 1, 1), (top, left, rows, columns)
        ),
    ]
    note = "An entry is the sum of the products; small numbers: the kernel on its window"
    return matrix_sheet(
        [grids],
        title=f"Convolution ({trace.mode}): {moved}, flipped, slides over {image}",
        note=f"{note}; gray around the image: zeros" if is_padded else note,
        text="\n".join(lines),
    )


def volume_steps(
    layer: Layer, steps: Sequence[Step], result: np.ndarray
) -> Callable[[int], Figure]:
    """Return a function that draws a step: windows with the kernel on them, filters, output, sums.

    Args:
        layer: Volume and filters.
        steps: All steps.
        result: `(H₂, W₂, K)`, the finished output.
    """
    products = [show_products(layer, step) for step in steps]
    are_shown = layer.volume.shape[-1] <= _MOST_SLICES and all(
        fits_a_line(line) for lines in products for line in lines
    )

    def draw(number: int) -> Figure:
        step = steps[number]
        lines = products[number] if are_shown else []
        cell = f"o[{step.row}, {step.column}, {step.filter}] = {show_cell(layer, step)}"
        return _volume_step(layer, step, result, number, [*lines, cell])

    return draw


def _volume_step(
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
        title=f"Convolution layer, no flip: {width}×{height}×{depth} becomes "
        f"{columns}×{rows}×{count}",
        note=f"K = {count}, F = {side}, S = {layer.stride}, P = {layer.padding}; gray: padding; "
        "small numbers: the filter's weights on their window",
        text="\n".join(lines),
    )
