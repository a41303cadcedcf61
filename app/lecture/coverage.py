"""Why padding? How many windows cover each pixel, and how fast sizes shrink.

Source: lecture, "Why padding?".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.lecture.sizes import exact_output_size, format_size, output_size

_LAYERS = 4  # in a row


@dataclass(frozen=True)
class PaddingCase:
    """The effect of one padding.

    Attributes:
        padding: P.
        counts: `(H, W)` number of windows that cover each pixel.
        sizes: (width, height) of the input, and after each of up to four layers.
    """

    padding: int
    counts: np.ndarray
    sizes: list[tuple[int, int]]

    @property
    def heading(self) -> str:
        """P, and the size of the output."""
        fits = len(self.sizes) > 1
        result = f"output {format_size(self.sizes[1])}" if fits else "the filter does not fit"
        return f"P = {self.padding}: {result}"


def padding_cases(
    size: tuple[int, int], filter_size: int, stride: int, padding: int
) -> list[PaddingCase]:
    """Return the case without padding and the case with it, as for `coverage`."""
    counts = {padding: coverage(size, filter_size, stride, padding)}
    if filter_size > min(size):  # it fits only with the zeros
        counts[0] = np.zeros_like(counts[padding])
    else:
        counts[0] = coverage(size, filter_size, stride, 0)
    return [
        PaddingCase(p, windows, stacked_sizes(size, filter_size, stride, p, _LAYERS))
        for p, windows in sorted(counts.items())
    ]


def conclusions(cases: Sequence[PaddingCase]) -> list[str]:
    """Return what the cases show, in sentences."""
    lines = []
    for case in cases:
        begin = f"With P = {case.padding}" if case.padding else "Without padding"
        height, width = case.counts.shape
        corner, middle = int(case.counts[0, 0]), int(case.counts[height // 2, width // 2])
        lines.append(
            f"{begin}, the upper left pixel is covered {_times(corner)}, the middle one "
            f"{_times(middle)}."
        )
        missed = int((case.counts == 0).sum())
        if missed:
            lines.append(f"{begin}, no window reaches {missed:,} of {case.counts.size:,} pixels.")
    for case in cases:
        end = ", then the filter no longer fits." if len(case.sizes) <= _LAYERS else ""
        sizes = " → ".join(map(format_size, case.sizes))
        lines.append(f"Layer after layer, P = {case.padding}: {sizes}{end}")
    return lines


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def coverage(size: tuple[int, int], filter_size: int, stride: int, padding: int) -> np.ndarray:
    """Return how many positions of the window cover each pixel of the input.

    Args:
        size: (width, height) of the input.
        filter_size: F, the side of the window.
        stride: S.
        padding: P, zeros on either side, which are not counted as pixels.

    Returns:
        `(H, W)` integers: 0 for a pixel that no window reaches.

    Raises:
        AppError: If a number is out of its range, or the filter does not fit.
    """
    across, down = (_along(length, filter_size, stride, padding) for length in size)
    return np.outer(down, across)


def stacked_sizes(
    size: tuple[int, int], filter_size: int, stride: int, padding: int, layers: int
) -> list[tuple[int, int]]:
    """Return (width, height) of an input, and after each of some identical layers.

    Args:
        size: (width, height) of the input.
        filter_size: F.
        stride: S.
        padding: P.
        layers: Number of layers; fewer sizes are returned if the filter no longer fits.
    """
    sizes = [size]
    for _ in range(layers):
        width, height = (output_size(length, filter_size, stride, padding) for length in sizes[-1])
        if min(width, height) == 0:
            break
        sizes.append((width, height))
    return sizes


def _along(length: int, filter_size: int, stride: int, padding: int) -> np.ndarray:
    """Return how many windows cover each cell of one axis."""
    exact_output_size(length, filter_size, stride, padding)  # raises what is wrong
    windows = output_size(length, filter_size, stride, padding)
    cells = np.arange(length) + padding
    first = np.maximum(-((filter_size - 1 - cells) // stride), 0)  # rounded up
    last = np.minimum(cells // stride, windows - 1)
    return np.maximum(last - first + 1, 0)
