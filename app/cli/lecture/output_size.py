"""Compute the output size of a convolution or pooling: ⌊(W − F + 2P) / S⌋ + 1.

  python -m app lecture output-size 5 3 1 1     # the quiz, left
  python -m app lecture output-size 5 3 2 1     # the quiz, right
  python -m app lecture output-size 28 3 --dilation 2

Keras's padding="same" chooses P so that the output has ⌈W / S⌉ cells. A
dilation D spreads a filter over D·(F − 1) + 1 cells. If the division leaves a
remainder, the nearest settings that fit are listed. Slides: "Convolution:
output size", "Quiz".
"""

from __future__ import annotations

import argparse

from app.cli.lecture.output import print_wrapped
from app.errors import AppError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument("W", type=int, help="size of the input")
    parser.add_argument("F", type=int, help="size of the filter (its receptive field)")
    parser.add_argument("S", type=int, nargs="?", default=1, help="stride (default: 1)")
    parser.add_argument(
        "P", type=int, nargs="?", default=0, help="zeros on either side (default: 0)"
    )
    parser.add_argument(
        "--dilation", type=int, default=1, metavar="D",
        help="distance between neighboring weights of the filter (default: 1)",
    )  # fmt: skip


def show(parsed: argparse.Namespace) -> None:
    """Print the formula with numbers, and its result."""
    from app.lecture.sizes import (
        dilated_size,
        exact_output_size,
        output_size,
        same_output_size,
        settings_that_fit,
    )

    if parsed.dilation < 1:
        raise AppError(f"--dilation is {parsed.dilation}.", "Expected at least 1.")
    width, stride, padding = parsed.W, parsed.S, parsed.P
    span = dilated_size(parsed.F, parsed.dilation)
    exact = exact_output_size(width, span, stride, padding)
    if parsed.dilation > 1:
        print(
            f"F = {parsed.F} with a dilation of {parsed.dilation} spans "
            f"{parsed.dilation}·({parsed.F} − 1) + 1 = {span} cells"
        )
    size, same = output_size(width, span, stride, padding), same_output_size(width, stride)
    print(f"⌊({width} − {span} + 2·{padding}) / {stride}⌋ + 1 = {size}")
    print(f'with padding="same" in Keras: ⌈{width} / {stride}⌉ = {same}')
    if exact.denominator == 1:
        return
    way = width - span + 2 * padding
    left_over = way % stride
    print()
    print_wrapped(
        f"Without rounding down, it would be {float(exact):.12g}: the filter moves {way} cells in "
        f"steps of {stride}, which leaves a remainder of {left_over}. The last "
        f"{'cell' if left_over == 1 else f'{left_over} cells'} of the padded input "
        f"{'is' if left_over == 1 else 'are'} never covered."
    )
    print("\nSettings that fit, with the others unchanged:")
    for name, values in settings_that_fit(width, span, stride, padding).items():
        if values and (name != "F" or parsed.dilation == 1):
            print(f"  {name} = {' or '.join(map(str, values))}")
