"""Pooling: each window becomes one number, its maximum, average or L2 norm.

Source: lecture, "Pooling layer".
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from app.errors import AppError
from app.lecture.arrays import show_factor, show_number
from app.lecture.sizes import exact_output_size

KINDS = {"max": "maximum", "average": "average", "l2": "L2 norm"}


def windows(values: np.ndarray, window: int, stride: int) -> np.ndarray:
    """Return all windows; positions that the stride does not reach are dropped, as in Keras.

    Args:
        values: `(H, W)` or `(H, W, C)`.
        window: F, the side of the windows.
        stride: S; windows overlap if it is less than F.

    Returns:
        `(H₂, W₂, F, F)` or `(H₂, W₂, C, F, F)`, a view.

    Raises:
        AppError: If a number is out of its range, or the window does not fit.
    """
    _check(values, window, stride)
    return sliding_window_view(values, (window, window), axis=(0, 1))[::stride, ::stride]


def pool(values: np.ndarray, kind: str, window: int, stride: int) -> np.ndarray:
    """Return the pooled channels.

    Args:
        values: `(H, W)` or `(H, W, C)`.
        kind: `max`; `average`; or `l2`, the norm √(Σ x²), as in `app.layers.L2NormPooling2D`:
            F times the root mean square.
        window: F.
        stride: S.

    Returns:
        `(H₂, W₂)` or `(H₂, W₂, C)`, H₂ = (H − F) / S + 1; the depth is unchanged.

    Raises:
        AppError: As `windows`.
        ValueError: If there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"Argument `kind` must be one of {list(KINDS)}. Received: {kind!r}")
    _check(values, window, stride)
    reduce = np.max if kind == "max" else np.sum
    result = np.square(values, dtype=np.float64) if kind == "l2" else values
    # Rows first, then columns: all windows at once would not fit into memory if they overlap.
    result = reduce(sliding_window_view(result, window, axis=0)[::stride], axis=-1)
    result = reduce(sliding_window_view(result, window, axis=1)[:, ::stride], axis=-1)
    if kind == "average":
        return result / window**2
    return np.sqrt(result) if kind == "l2" else result


def discarded_share(before: tuple[int, ...], after: tuple[int, ...]) -> float:
    """Return the share by which activations become fewer from `(H, W, …)` to `(H₂, W₂, …)`."""
    return 1 - after[0] * after[1] / (before[0] * before[1])


def show_pooling(kind: str, cells: np.ndarray, value: float) -> str:
    """Return the computation of one output: `max(1, 1, 5, 6) = 6`.

    Args:
        kind: Kind of pooling.
        cells: `(F, F)` numbers of the window.
        value: Pooled number.
    """
    numbers = cells.ravel().tolist()
    if kind == "l2":
        return f"√({' + '.join(f'{show_factor(x)}²' for x in numbers)}) = {show_number(value)}"
    return f"{kind}({', '.join(show_number(x) for x in numbers)}) = {show_number(value)}"


def _check(values: np.ndarray, window: int, stride: int) -> None:
    height, width = values.shape[:2]
    if window > min(height, width):
        raise AppError(
            f"A window of {window}×{window} on {width}×{height}.",
            "Expected a window that is no larger than the input.",
        )
    exact_output_size(width, window, stride, 0)  # raises if a number is out of range
