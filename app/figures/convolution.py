"""Convolution step by step: the kernel on its window of the input, and the output so far."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

import numpy as np

from app.figures.canvas.grids import Grid, fits_a_line, matrix_sheet
from app.figures.canvas.style import Figure
from app.lecture.arrays import show_factor, show_number
from app.lecture.convolution import Convolution
from app.lecture.volumes import Layer, Step, show_cell

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
    row, column = divmod(number, trace.result.shape[1])
    base, moved = ("B", "A") if trace.swapped else ("A", "B")
    kernel, padded = trace.kernel, trace.padded
    (top, left), (height, width) = trace.before, trace.shape
    is_padded = padded.shape != trace.shape
    grids = [
        Grid(
            f"{base}, zeros around" if is_padded else base,
            padded,
            (row, column, *kernel.shape),
            (top, left, height, width),
            weights=kernel,
        ),
        Grid(moved, np.flip(kernel)),
        Grid(f"{moved}, flipped", kernel),
        Grid("C = A * B", trace.result, (row, column, 1, 1), filled=number + 1),
    ]
    note = "An entry is the sum of the products; small numbers: the kernel on its window"
    return matrix_sheet(
        [grids],
        title=f"Convolution ({trace.mode}): {moved}, flipped, slides over {base}",
        note=f"{note}; gray: zeros" if is_padded else note,
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
    products = [_products(layer, step) for step in steps]
    are_shown = layer.volume.shape[-1] <= _MOST_SLICES and all(
        fits_a_line(line) for lines in products for line in lines
    )

    def draw(number: int) -> Figure:
        step = steps[number]
        lines = products[number] if are_shown else []
        cell = f"o[{step.row}, {step.column}, {step.filter}] = {show_cell(layer, step)}"
        return _volume_step(layer, step, result, number, [*lines, cell])

    return draw


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
        title=f"Convolution: {width}×{height}×{depth} becomes {columns}×{rows}×{count}",
        note=f"K = {count}, F = {side}, S = {layer.stride}, P = {layer.padding}; gray: padding; "
        "small numbers: the filter's weights on their window",
        text="\n".join(lines),
    )
