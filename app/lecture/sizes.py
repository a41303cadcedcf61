"""The lecture's arithmetic of sizes: (W − F + 2P) / S + 1."""

from __future__ import annotations


def output_size(width: int, filter_size: int, stride: int = 1, padding: int = 0) -> int:
    """Return how many positions a window takes along one axis.

    Positions that the stride does not reach are left out, as Keras does.

    Args:
        width: W, the size of the input in cells.
        filter_size: F, the size of the window in cells.
        stride: S, the step in cells.
        padding: P, zeros added on either side.

    Returns:
        floor((W − F + 2P) / S) + 1, or 0 if the window does not fit.

    Source: lecture, "Convolution: output size".
    """
    span = width - filter_size + 2 * padding
    return span // stride + 1 if span >= 0 else 0
