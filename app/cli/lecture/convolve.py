"""Convolve two vectors or matrices and show the sum of every entry.

  python -m app lecture convolve "1 0 -1" "0 1 2"
  python -m app lecture convolve "1 2 3; 4 5 6; 7 8 9" "-1 -2 -1; 0 0 0; 1 2 1"
                                 --mode same -o sobel.gif

c_x = Σ_u a_u·b_(x−u+1); of matrices c_xy = Σ_u Σ_v a_uv·b_(x−u+1)(y−v+1). The
cross-correlation, which layers of networks compute, follows: it does not flip
the kernel. -o writes an animation (.gif) of the flipped kernel sliding over the
image, up to the last entry or that of --entry, or its last frame (.png, .jpg,
.webp, .svg, .pdf). Slides: "Convolution of vectors", "Convolution of Matrices".
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.lecture.output import (
    ANIMATIONS,
    add_output,
    check_animated,
    check_drawable,
    chosen_output,
    print_array,
    print_wrapped,
    write_steps,
)
from app.errors import AppError
from app.lecture.choices import CONVOLUTION_MODES

if TYPE_CHECKING:
    from app.lecture.convolution import Convolution

_MOST_SUMS = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument("a", metavar="A", help='numbers: "1 0 -1", or rows: "1 2; 3 4"')
    parser.add_argument("b", metavar="B", help="as many dimensions as A")
    parser.add_argument(
        "--mode", choices=CONVOLUTION_MODES, default="full",
        help="full: every overlap; same: as large as the image; valid: kernel inside the image "
        "(default: full)",
    )  # fmt: skip
    parser.add_argument(
        "--kernel", choices=("A", "B"),
        help="the one that slides over the other (default: the smaller one, or B)",
    )  # fmt: skip
    parser.add_argument(
        "--entry",
        metavar="ROW,COLUMN",
        help="show only the sum of this entry of the result, counted from 1",
    )
    add_output(parser, ANIMATIONS)


def show(parsed: argparse.Namespace) -> None:
    """Print both results and the sums; write the animation."""
    import numpy as np

    from app.lecture.arrays import parse_array
    from app.lecture.convolution import convolution

    output = chosen_output(parsed, ANIMATIONS)
    a, b = parse_array(parsed.a), parse_array(parsed.b)
    if a.ndim != b.ndim:  # a single row may be a matrix
        a, b = np.atleast_2d(a), np.atleast_2d(b)
    trace = convolution(a, b, parsed.mode, parsed.kernel)
    indices = list(np.ndindex(trace.result.shape))
    entries = [_entry(parsed.entry, trace.result.shape)] if parsed.entry else indices
    count = indices.index(entries[-1]) + 1
    if output is not None:
        for shape in (trace.padded.shape, trace.full.shape):
            check_drawable(shape)
        check_animated(count, output)
    _print_arrays(trace)
    for index in entries[:_MOST_SUMS]:
        print_wrapped(trace.show(index), "    ")
    if len(entries) > _MOST_SUMS:
        print(f"… and {len(entries) - _MOST_SUMS:,} more entries: --entry ROW,COLUMN shows one.")
    _print_cross_correlation(trace)
    if output is not None:
        from app.figures.convolution import convolution_step

        sums = [trace.show(index) for index in indices[:count]]
        if output.suffix.lower() != ".gif":  # one figure need not be as large as the others
            sums = sums[-1:]
        matrices = convolution(
            np.atleast_2d(a), np.atleast_2d(b), parsed.mode, "A" if trace.kernel_is_a else "B"
        )
        write_steps(lambda number: convolution_step(matrices, number, sums), count, output)


def _print_arrays(trace: Convolution) -> None:
    """Print A, B and their full convolution, and the part that the mode keeps."""
    from app.lecture.convolution import DEFINITIONS

    roles = ("kernel", "image") if trace.kernel_is_a else ("image", "kernel")
    for name, role, array in zip("AB", roles, (trace.a, trace.b), strict=True):
        print(f"{name}, the {role}:")
        print_array(array)
    print(f"C = A * B, full: {DEFINITIONS[trace.a.ndim]}")
    print_array(trace.full)
    if trace.mode != "full":
        kept = "as large as the image" if trace.mode == "same" else "without padding"
        print(f"y, the middle of C, {kept} ({trace.mode}):")
        print_array(trace.result)
    print()


def _print_cross_correlation(trace: Convolution) -> None:
    from app.lecture.convolution import NO_FLIP, cross_correlate

    kernel = trace.a if trace.kernel_is_a else trace.b
    print("\nCross-correlation of the image with the kernel, which is not flipped:")
    print_array(cross_correlate(trace.image, kernel, trace.mode))
    print_wrapped(NO_FLIP)
    if trace.mode == "same" and any(side % 2 == 0 for side in kernel.shape):
        print_wrapped(
            "Note: the kernel has an even side and therefore no center. Convolution takes the cell "
            "before it, Keras the one behind it: even with the kernel flipped by hand, Keras's "
            "result is shifted by one cell."
        )


def _entry(text: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    from app.lecture.sizes import format_size

    try:
        index = tuple(int(number) - 1 for number in text.split(","))
    except ValueError:
        index = ()
    inside = all(0 <= i < side for i, side in zip(index, shape, strict=False))
    if len(index) != len(shape) or not inside:
        raise AppError(
            f"--entry '{text}' of a result of {format_size(shape)}.",
            "Expected "
            + ("a row and a column" if len(shape) == 2 else "one number")
            + ", counted from 1.",
        )
    return index
