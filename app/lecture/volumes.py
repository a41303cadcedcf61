"""A convolution layer step by step: filters slide over a padded volume, one sum per cell.

Source: lecture, "CNN summary" and "Demo" (after Karpathy's convolution demo).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.errors import AppError
from app.lecture.arrays import show_factor, show_number
from app.lecture.sizes import output_size, whole_output_size


@dataclass(frozen=True)
class Layer:
    """A volume and the filters that slide over it.

    Attributes:
        volume: `(H, W, D)`.
        filters: `(K, F, F, D)`.
        biases: `(K,)`.
        stride: S.
        padding: P.
    """

    volume: np.ndarray
    filters: np.ndarray
    biases: np.ndarray
    stride: int
    padding: int

    @property
    def padded(self) -> np.ndarray:
        """The volume with its zeros, `(H + 2P, W + 2P, D)`."""
        edge = (self.padding, self.padding)
        return np.pad(self.volume, (edge, edge, (0, 0)))


@dataclass(frozen=True)
class Step:
    """One cell of the output.

    Attributes:
        filter: k.
        row: Row in the output.
        column: Column in the output.
        top: First row of the window in the padded volume.
        left: First column of the window in the padded volume.
        sums: `(D,)` sum of the products in each slice.
        value: Sum of `sums` and the bias.
    """

    filter: int
    row: int
    column: int
    top: int
    left: int
    sums: np.ndarray
    value: float


def example_layer(
    size: tuple[int, int, int], filters: tuple[int, int], stride: int, padding: int, seed: int
) -> Layer:
    """Return a layer of small random integers, as in the demo.

    Args:
        size: (W, H, D) of the volume.
        filters: K and F, the number of filters and the side of each.
        stride: S.
        padding: P.
        seed: Seed of the numbers.

    Raises:
        AppError: If a size is not positive, or the filter does not fit evenly.
    """
    width, height, depth = size
    count, side = filters
    if depth < 1 or count < 1:
        raise AppError(f"A depth of {depth}, {count} filters.", "Expected positive numbers.")
    for length in (width, height):
        whole_output_size(length, side, stride, padding)
    random = np.random.default_rng(seed)
    return Layer(
        random.integers(0, 3, (height, width, depth)),
        random.integers(-1, 2, (count, side, side, depth)),
        random.integers(0, 2, count),
        stride,
        padding,
    )


def steps(layer: Layer) -> Iterator[Step]:
    """Yield the cells of the output, filter by filter, row by row."""
    padded = layer.padded
    count, side = layer.filters.shape[:2]
    rows, columns = (output_size(length, side, layer.stride) for length in padded.shape[:2])
    for k in range(count):
        for row in range(rows):
            for column in range(columns):
                top, left = row * layer.stride, column * layer.stride
                window = padded[top : top + side, left : left + side]  # (F, F, D)
                sums = (window * layer.filters[k]).sum(axis=(0, 1))
                value = (sums.sum() + layer.biases[k]).item()
                yield Step(k, row, column, top, left, sums, value)


def output_of(layer: Layer) -> np.ndarray:
    """Return `(H₂, W₂, K)`: all cells."""
    found = list(steps(layer))
    last = found[-1]
    result = np.empty((last.row + 1, last.column + 1, last.filter + 1), layer.volume.dtype)
    for step in found:
        result[step.row, step.column, step.filter] = step.value
    return result


def show_cell(layer: Layer, step: Step) -> str:
    """Return the sums of the slices and the bias, and their total, as text."""
    terms = " + ".join(map(show_factor, step.sums))
    return f"{terms} + bias {show_number(layer.biases[step.filter])} = {show_number(step.value)}"


def show_products(layer: Layer, step: Step) -> list[str]:
    """Return a line for each slice: every value of the window times its weight, and their sum."""
    side = layer.filters.shape[1]
    window = layer.padded[step.top : step.top + side, step.left : step.left + side]
    lines = []
    for d, total in enumerate(step.sums):
        pairs = zip(window[..., d].flat, layer.filters[step.filter, ..., d].flat, strict=True)
        terms = " + ".join(f"{show_factor(x)}·{show_factor(w)}" for x, w in pairs)
        lines.append(f"slice {d}: {terms} = {show_number(total)}")
    return lines
