"""The convolution demo: filters slide over a padded volume, one sum per cell.

The defaults are the lecture's: 5×5×3, K = 2, F = 3, S = 2, P = 1. The numbers
are small random integers. As in every network, filters are not flipped:
o[i, j, k] = Σ x[S·i + u, S·j + v, d] · w_k[u, v, d] + b_k, summed over u, v, d.
-o writes an animation (.gif), or its last frame (.png, .jpg, .webp, .svg,
.pdf). Slides: "CNN summary", "Demo".
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from app.cli.lecture.output import (
    ANIMATIONS,
    MOST_STEPS,
    add_output,
    check_drawable,
    chosen_output,
    print_array,
    print_side_by_side,
    print_wrapped,
    write_steps,
)
from app.errors import AppError

if TYPE_CHECKING:
    import numpy as np

    from app.lecture.volumes import Layer, Step

_MOST_CELLS = 64
_MOST_SLICES = 64  # of all cells, of which every product is printed
_MOST_NUMBERS = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument(
        "--input", metavar="WxHxD", default="5x5x3", help="size of the input (default: 5x5x3)"
    )
    parser.add_argument(
        "--filters", type=int, default=2, metavar="K", help="number of filters (default: 2)"
    )
    parser.add_argument(
        "--filter", type=int, default=3, metavar="F", help="side of the filters (default: 3)"
    )
    parser.add_argument("--stride", type=int, default=2, metavar="S", help="stride (default: 2)")
    parser.add_argument(
        "--padding", type=int, default=1, metavar="P", help="zeros on either side (default: 1)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the numbers (default: 0)")
    add_output(parser, ANIMATIONS)


def show(parsed: argparse.Namespace) -> None:
    """Print the numbers and each cell's sum; write the animation."""
    from app.cli.lecture.input import parse_volume
    from app.lecture.volumes import example_layer, output_of, steps

    output = chosen_output(parsed, ANIMATIONS)
    if parsed.seed < 0:
        raise AppError(f"--seed is {parsed.seed}.", "Expected a whole number of at least 0.")
    size = parse_volume(parsed.input)
    _check_size(size, parsed)
    layer = example_layer(
        size, (parsed.filters, parsed.filter), parsed.stride, parsed.padding, parsed.seed
    )
    found, result = list(steps(layer)), output_of(layer)
    if output is not None:
        check_drawable(layer.padded.shape[:2])
    _print(layer, found, result)
    if output is not None:
        from app.figures.convolution import volume_steps

        write_steps(volume_steps(layer, found, result), len(found), output)


def _check_size(size: tuple[int, int, int], parsed: argparse.Namespace) -> None:
    """Refuse demos that are too long to read, before they are computed."""
    from app.lecture.sizes import whole_output_size

    width, height, depth = size
    across, down = (
        whole_output_size(length, parsed.filter, parsed.stride, parsed.padding)
        for length in (width, height)
    )
    cells = across * down * parsed.filters
    numbers = (width + 2 * parsed.padding) * (height + 2 * parsed.padding) * depth
    for count, most, what in ((cells, MOST_STEPS, "steps"), (numbers, _MOST_NUMBERS, "numbers")):
        if count > most:
            raise AppError(
                f"The demo would have {count:,} {what}.",
                f"Expected at most {most:,}.",
                "Use a smaller input or fewer filters.",
            )


def _print(layer: Layer, found: list[Step], result: np.ndarray) -> None:
    from app.lecture.arrays import show_array, show_number
    from app.lecture.convolution import NO_FLIP
    from app.lecture.volumes import show_cell, show_products

    padded = f", zero-padded by P = {layer.padding}" if layer.padding else ""
    for d in range(layer.volume.shape[-1]):
        print(f"x[:, :, {d}]{padded}:")
        print_array(layer.padded[..., d])
    for k, kernel in enumerate(layer.filters):
        print(f"filter {k}, bias {show_number(layer.biases[k])}:")
        print_side_by_side([show_array(kernel[..., d]) for d in range(kernel.shape[-1])])
    print()
    print_wrapped(NO_FLIP)
    print()
    are_shown = len(found) * layer.volume.shape[-1] <= _MOST_SLICES
    for step in found[:_MOST_CELLS]:
        for line in show_products(layer, step) if are_shown else ():
            print_wrapped(line, "    ")
        line = f"o[{step.row}, {step.column}, {step.filter}] = {show_cell(layer, step)}"
        print_wrapped(line, "    ")
    if len(found) > _MOST_CELLS:
        print(f"… and {len(found) - _MOST_CELLS} more cells.")
    for k in range(result.shape[-1]):
        print(f"\no[:, :, {k}]:")
        print_array(result[..., k])
