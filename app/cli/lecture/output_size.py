"""Compute the size that a convolution or pooling leaves: (W − F + 2P) / S + 1.

  python -m app lecture output-size 5 3 1 1     # the quiz, left
  python -m app lecture output-size 5 3 2 1     # the quiz, right

If it is not whole, the nearest settings for which it is are listed, and what
Keras does. Slides: "Convolution: output size", "Quiz".
"""

from __future__ import annotations

import argparse

from app.cli.lecture.printing import print_wrapped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    for name, what in (
        ("W", "size of the input"), ("F", "size of the filter (its receptive field)"),
        ("S", "stride"), ("P", "zeros on either side"),
    ):  # fmt: skip
        parser.add_argument(name, type=int, help=what)


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
    print_wrapped(f"{formula} = {float(exact):.12g}, which is no whole number of positions.")
    print_wrapped(
        f"The filter would have to go {span} cells in steps of {stride}; {span % stride} are left "
        "over."
    )
    print(f"Keras rounds down to {output_size(*settings)} and never sees the last ones.\n")
    print("It comes out even with, the others unchanged:")
    for name, values in settings_that_fit(*settings).items():
        if values:
            print(f"  {name} = {' or '.join(map(str, values))}")
