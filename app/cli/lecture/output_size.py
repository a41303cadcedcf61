"""Compute the output size of a convolution or pooling: (W − F + 2P) / S + 1.

  python -m app lecture output-size 5 3 1 1     # the quiz, left
  python -m app lecture output-size 5 3 2 1     # the quiz, right

If it is not a whole number, the nearest settings that fit are listed, and what
Keras does. Slides: "Convolution: output size", "Quiz".
"""

from __future__ import annotations

import argparse

from app.cli.lecture.output import print_wrapped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument("W", type=int, help="size of the input")
    parser.add_argument("F", type=int, help="size of the filter (its receptive field)")
    parser.add_argument("S", type=int, nargs="?", default=1, help="stride (default: 1)")
    parser.add_argument(
        "P", type=int, nargs="?", default=0, help="zeros on either side (default: 0)"
    )


def show(parsed: argparse.Namespace) -> None:
    """Print the formula with numbers, and its result."""
    from app.lecture.sizes import exact_output_size, output_size, settings_that_fit

    settings = parsed.W, parsed.F, parsed.S, parsed.P
    width, filter_size, stride, padding = settings
    exact = exact_output_size(*settings)
    formula = f"({width} − {filter_size} + 2·{padding}) / {stride} + 1"
    if exact.denominator == 1:
        print(f"{formula} = {exact}")
        return
    span = width - filter_size + 2 * padding
    print_wrapped(f"{formula} = {float(exact):.12g}, which is not a whole number.")
    print_wrapped(
        f"The filter would have to move {span} cells in steps of {stride}, which leaves a "
        f"remainder of {span % stride}."
    )
    print(f"Keras rounds down to {output_size(*settings)} and never sees the last ones.\n")
    print("Settings that fit, with the others unchanged:")
    for name, values in settings_that_fit(*settings).items():
        if values:
            print(f"  {name} = {' or '.join(map(str, values))}")
