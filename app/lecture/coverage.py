"""How often a sliding window covers each pixel, and how sizes fall: why padding.

Source: lecture, "Why padding?".
"""

from __future__ import annotations

import numpy as np

from app.lecture.sizes import exact_output_size, output_size


def coverage(size: tuple[int, int], filter_size: int, stride: int, padding: int) -> np.ndarray:
    """Return how many positions of the window cover each pixel of the input.

    Args:
        size: (width, height) of the input.
        filter_size: F, the side of the window.
        stride: S.
        padding: P, zeros on either side; they are covered too, but are no pixels.

    Returns:
        `(H, W)` whole numbers: 0 for a pixel that no window reaches.

    Raises:
        AppError: If a number is out of its range, or the filter does not fit.
    """
    across, down = (_along(length, filter_size, stride, padding) for length in size)
    return np.outer(down, across)


def stacked_sizes(
    size: tuple[int, int], filter_size: int, stride: int, padding: int, layers: int
) -> list[tuple[int, int]]:
    """Return (width, height) of an input, and behind each of some layers that are all alike.

    Args:
        size: (width, height) of the input.
        filter_size: F.
        stride: S.
        padding: P.
        layers: How many; fewer are returned if the filter no longer fits.
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
