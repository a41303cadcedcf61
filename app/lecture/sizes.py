"""The lecture's arithmetic of sizes: ⌊(W − F + 2P) / S⌋ + 1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import islice
from math import isqrt

from app.errors import AppError


def output_size(width: int, filter_size: int, stride: int = 1, padding: int = 0) -> int:
    """Return the number of positions of a window along one axis.

    Positions that the stride does not reach are dropped, as in Keras.

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


def same_output_size(width: int, stride: int = 1) -> int:
    """Return ⌈W / S⌉, the output size of Keras's `padding="same"`, whatever the filter."""
    return -(-width // stride)


def dilated_size(filter_size: int, dilation: int) -> int:
    """Return D·(F − 1) + 1, the cells that a filter spans with D − 1 gaps between its weights."""
    return dilation * (filter_size - 1) + 1


def exact_output_size(width: int, filter_size: int, stride: int, padding: int) -> Fraction:
    """Return (W − F + 2P) / S + 1, which need not be whole.

    Raises:
        AppError: If a size is not positive, the padding is negative, or the window does not fit.
    """
    for name, value, lowest in (
        ("W, the input", width, 1), ("F, the filter", filter_size, 1), ("S, the stride", stride, 1),
        ("P, the padding", padding, 0),
    ):  # fmt: skip
        if value < lowest:
            raise AppError(f"{name}, is {value}.", f"Expected a whole number of at least {lowest}.")
    if filter_size > width + 2 * padding:
        raise AppError(
            f"A filter of {filter_size} cells on {width} with a padding of {padding} on either "
            "side.",
            f"Expected at most {width + 2 * padding} cells.",
            f"Use a smaller filter, or a padding of {-(-(filter_size - width) // 2)}.",
        )
    return Fraction(width - filter_size + 2 * padding, stride) + 1


def whole_output_size(width: int, filter_size: int, stride: int, padding: int) -> int:
    """Return (W − F + 2P) / S + 1 as an integer.

    Raises:
        AppError: If it is not an integer, or as `exact_output_size`.
    """
    exact = exact_output_size(width, filter_size, stride, padding)
    if exact.denominator == 1:
        return int(exact)
    raise AppError(
        f"({width} − {filter_size} + 2·{padding}) / {stride} + 1 = {float(exact):.12g} is not "
        "whole.",
        "Expected settings that divide evenly.",
        f"List them: python -m app lecture output-size {width} {filter_size} {stride} {padding}",
    )


def settings_that_fit(
    width: int, filter_size: int, stride: int, padding: int
) -> dict[str, list[int]]:
    """Return, for each setting alone, the nearest values for which the output size is an integer.

    Returns:
        `{"W": [below, above], …}`; a list is shorter if there is no such value.
    """
    given = {"W": width, "F": filter_size, "S": stride, "P": padding}
    steps = _divisors(width - filter_size + 2 * padding)
    found: dict[str, list[int]] = {}
    for name, value in given.items():
        # The remainder repeats after S values of W, F or P.
        below: Iterable[int] = range(value - 1, max(-1, value - stride - 1), -1)
        above: Iterable[int] = range(value + 1, value + stride + 1)
        if name == "S" and steps:
            below, above = (
                reversed([s for s in steps if s < value]),
                (s for s in steps if s > value),
            )
        for values in (below, above):
            fitting = (v for v in values if _fits({**given, name: v}))
            found.setdefault(name, []).extend(islice(fitting, 1))
    return found


def _divisors(number: int) -> list[int]:
    """Return the divisors of a number in ascending order; an empty list for 0."""
    small = [d for d in range(1, isqrt(number) + 1) if number % d == 0]
    return sorted({*small, *(number // d for d in small)})


def _fits(settings: dict[str, int]) -> bool:
    width, filter_size, stride, padding = settings.values()
    span = width - filter_size + 2 * padding
    return min(width, filter_size, stride) > 0 and span >= 0 and span % stride == 0


def format_size(size: Sequence[int]) -> str:
    """Return `5×3` for (5, 3)."""
    return "×".join(map(str, size))


def format_shape(shape: Sequence[int]) -> str:
    """Return `width×height×…` for the shape (height, width, …) of an array."""
    height, width, *rest = shape
    return format_size((width, height, *rest))
