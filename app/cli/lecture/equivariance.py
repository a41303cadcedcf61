"""Shift an image and compare: does the response shift with it, or stay the same?

  python -m app lecture equivariance datasets/examples/digits/3.jpg
  python -m app lecture equivariance photo.jpg --shift 3 -o equivariance.png

A layer f is equivariant to a shift T if f(T x) = T f(x). It is invariant if
f(T x) = f(x). A convolution is equivariant. With a stride of 2 this holds for
even shifts only: for odd shifts, details finer than two cells alias. Global
average pooling makes features invariant, Flatten does not. Nothing is trained;
the filter is a classical kernel. Slides: "Translation Invariance", "CNNs:
characteristics".
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.lecture.output import add_output, chosen_output, print_wrapped, write_picture
from app.errors import AppError
from app.files import printable

if TYPE_CHECKING:
    import numpy as np

_LARGEST_SHIFT = 32
_SHIFTS = 4  # columns of the tables


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument("image", metavar="IMAGE", help="image file, used in gray")
    parser.add_argument(
        "--kernel", metavar="NAME", default="sobel-x",
        help="filter, a kernel of `lecture kernels` (default: sobel-x)",
    )  # fmt: skip
    parser.add_argument(
        "--shift", type=int, default=1, metavar="PIXELS",
        help="shift to the right; the tables have its first multiples (default: 1)",
    )  # fmt: skip
    add_output(parser)


def show(parsed: argparse.Namespace) -> None:
    """Print the differences for each layer and head; draw the maps."""
    from app.cli.lecture.input import load_picture
    from app.lecture.equivariance import layers, on_canvas
    from app.lecture.kernels import kernel_named

    output = chosen_output(parsed)
    if not 1 <= parsed.shift <= _LARGEST_SHIFT:
        raise AppError(f"--shift is {parsed.shift}.", f"Expected 1 to {_LARGEST_SHIFT} pixels.")
    weights = kernel_named(parsed.kernel).weights
    image = load_picture(parsed.image, channels=1)[..., 0]
    canvas = on_canvas(image, _SHIFTS * parsed.shift + max(weights.shape))
    name = printable(Path(parsed.image).name)
    _print(name, image, canvas, parsed)
    if output is not None:
        from app.figures.equivariance import equivariance_figure

        figure = equivariance_figure(
            canvas, layers(weights), parsed.shift,
            title=f"{name}: shifted by {parsed.shift} px, then {parsed.kernel}; and the reverse",
            note="f is equivariant if the difference f(T x) − T f(x) is 0. T f(x) is interpolated "
            "where the shift is half a cell of the output.",
        )  # fmt: skip
        write_picture(figure, output)


def _print(name: str, image: np.ndarray, canvas: np.ndarray, parsed: argparse.Namespace) -> None:
    from app.cli.tables import print_table
    from app.lecture.equivariance import (
        border_error,
        equivariance_error,
        heads,
        invariance_error,
        layers,
    )
    from app.lecture.kernels import kernel_named
    from app.lecture.sizes import format_shape

    weights = kernel_named(parsed.kernel).weights
    shifts = [parsed.shift * times for times in range(1, _SHIFTS + 1)]
    columns = [f"{pixels} px" for pixels in shifts]
    print_wrapped(
        f"{name}, {format_shape(image.shape)}, on a black canvas of {format_shape(canvas.shape)}; "
        f"filter: {parsed.kernel}; T: shift to the right"
    )
    print_table(
        ["layer f", "stride", *columns],
        [
            (layer.name, str(layer.stride),
             *(_percent(equivariance_error(layer, canvas, pixels)) for pixels in shifts))
            for layer in layers(weights)
        ],
        title="Equivariance error: |f(T x) − T f(x)| / |f(x)|",
        right="|".join(["stride", *columns]),
    )  # fmt: skip
    print_table(
        ["features g of conv., ReLU", *columns],
        [
            (title, *(_percent(invariance_error(head, canvas, pixels)) for pixels in shifts))
            for title, head in heads(weights).items()
        ],
        title="Invariance error: |g(T x) − g(x)| / |g(x)|",
        right="|".join(columns),
    )
    if image.shape[1] > parsed.shift + weights.shape[1]:
        border = border_error(image, weights, parsed.shift)
        print_wrapped(
            f"Borders: two crops of the image, {parsed.shift} px apart, are convolved with zero "
            "padding and compared where they overlap. The responses, of at most "
            f"{border.response:.3g}, differ by {border.inside:.3g} inside; at the left and right "
            f"border, where windows touch the padding, by up to {border.at_border:.3g}. "
            + (
                "Zero padding is not equivariant."
                if border.at_border
                else "The image is black there, as the padding is; try a photograph."
            )
        )
    print_wrapped(
        "A stride of 2 moves the output by whole cells for even shifts only. For odd shifts the "
        "error is aliasing: a blur before subsampling reduces it (Zhang 2019)."
    )


def _percent(share: float) -> str:
    """Return a share as a percentage; rounding errors of the arithmetic as 0."""
    if share < 1e-9:
        return "0"
    return f"{100 * share:.0f}%" if share >= 0.1 else f"{100 * share:.2g}%"
