"""Count how often the sliding window covers each pixel, without and with padding.

  python -m app lecture padding
  python -m app lecture padding --input 7x5 --filter 3 --stride 2 -o padding.png

The defaults are those of the quiz: 5×5, F = 3, S = 1, P = 1. Zero padding has a
side effect: the zeros mark the border, so that responses near it depend on the
position (Islam et al. 2020); `lecture equivariance` measures it. -o draws both
counts side by side. Slide: "Why padding?".
"""

from __future__ import annotations

import argparse

from app.cli.lecture.input import parse_area
from app.cli.lecture.output import (
    add_output,
    check_drawable,
    chosen_output,
    print_array,
    print_wrapped,
    write_picture,
)
from app.errors import AppError

_LARGEST = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument(
        "--input", metavar="WxH", default="5x5", help="size of the input (default: 5x5)"
    )
    parser.add_argument(
        "--filter", type=int, default=3, metavar="F", help="side of the filter (default: 3)"
    )
    parser.add_argument("--stride", type=int, default=1, metavar="S", help="stride (default: 1)")
    parser.add_argument(
        "--padding", type=int, default=1, metavar="P", help="zeros on either side (default: 1)"
    )
    add_output(parser)


def show(parsed: argparse.Namespace) -> None:
    """Print the counts, the sizes of the outputs, and what padding changes."""
    from app.lecture.coverage import conclusions, padding_cases

    output = chosen_output(parsed)
    width, height = parse_area(parsed.input)
    largest = max(width, height, parsed.filter, parsed.stride, parsed.padding)
    if largest > _LARGEST:
        raise AppError(f"{largest:,} is too large.", f"Expected numbers up to {_LARGEST:,}.")
    if output is not None:
        check_drawable((height + 2 * parsed.padding, width + 2 * parsed.padding))
    cases = padding_cases((width, height), parsed.filter, parsed.stride, parsed.padding)
    settings = f"{width}×{height}, F = {parsed.filter}, S = {parsed.stride}"
    print(f"{settings}: how many windows cover each pixel")
    for case in cases:
        least, most = case.counts.min(), case.counts.max()
        windows = f"{least} to {most}" if least < most else f"{most}"
        print(f"\n{case.heading}; windows per pixel: {windows}")
        print_array(case.counts)
    print()
    for line in conclusions(cases):
        print_wrapped(line, "  ")
    if output is not None:
        from app.figures.padding import padding_figure

        write_picture(padding_figure(cases, settings), output)
