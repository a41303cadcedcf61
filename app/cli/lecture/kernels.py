"""Apply the classical kernels to an image: blur, sharpen, find edges.

  python -m app lecture kernels photo.jpg -o kernels.png
  python -m app lecture kernels photo.jpg --kernel sobel-x -o edges.png
  python -m app lecture kernels photo.jpg --matrix "0 1 0; 1 -4 1; 0 1 0"

Kernels: identity, box-blur, gaussian-blur, gaussian-blur-5, sharpen, emboss,
sobel-x, sobel-y, laplacian, prewitt-x, prewitt-y, outline, gaussian-dx, gabor.
They are not flipped (cross-correlation), as in a network; --flip convolves,
which changes the sign of derivatives. The response to a kernel whose weights
sum to 1 is a color image; the others are applied to brightness, and their
response has both signs. Slides: "Filters", "Response map".
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

    from app.lecture.kernels import Kernel

_NOTES = {
    False: "Cross-correlation: the kernels are not flipped.",
    True: "Convolution: the kernels are flipped.",
}
_MOST_NUMBERS = 15  # along a side


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument("image", metavar="IMAGE", help="image file")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--kernel", metavar="NAME", help="one of the kernels above (default: all)")
    which.add_argument("--matrix", metavar="NUMBERS", help='a kernel of your own: "1 0; 0 -1"')
    parser.add_argument("--flip", action="store_true", help="convolve: flip the kernel")
    add_output(parser)


def show(parsed: argparse.Namespace) -> None:
    """Print each kernel and how strong the response is; draw them."""
    import numpy as np

    from app.cli.lecture.input import load_picture
    from app.lecture.kernels import response

    output = chosen_output(parsed)
    kernels = _kernels(parsed)
    image, gray = load_picture(parsed.image), load_picture(parsed.image, channels=1)
    found = {
        name: response(
            image if kernel.keeps_brightness else gray[..., 0],
            kernel.weights if parsed.flip else np.flip(kernel.weights),  # `response` flips it
        )
        for name, kernel in kernels.items()
    }
    note = f"{_NOTES[parsed.flip]} The image is mirrored at its border."
    height, width, depth = image.shape
    print_wrapped(f"{printable(Path(parsed.image).name)}, {width}×{height}×{depth}. {note}")
    for name, kernel in kernels.items():
        _print(name, kernel, found[name])
    if output is not None:
        from app.figures.kernel_responses import kernels_figure

        name = printable(Path(parsed.image).name)
        write_picture(kernels_figure(image, kernels, found, name=name, note=note), output)


def _kernels(parsed: argparse.Namespace) -> dict[str, Kernel]:
    import numpy as np

    from app.lecture.arrays import parse_array
    from app.lecture.kernels import KERNELS, Kernel, kernel_named

    if parsed.matrix is not None:
        numbers = np.atleast_2d(parse_array(parsed.matrix))
        if max(numbers.shape) > _MOST_NUMBERS:
            raise AppError(
                f"--matrix has {' × '.join(map(str, numbers.shape))} numbers.",
                f"Expected at most {_MOST_NUMBERS} along a side.",
            )
        return {"yours": Kernel("as given", numbers)}
    if parsed.kernel is not None:
        return {parsed.kernel: kernel_named(parsed.kernel)}
    return KERNELS


def _print(name: str, kernel: Kernel, values: np.ndarray) -> None:
    from app.lecture.arrays import show_array, show_number

    print(f"\n{name}: {kernel.effect}")
    lines = show_array(kernel.numbers)
    factor = kernel.factor
    for number, line in enumerate(lines):
        print(f"  {factor if number == len(lines) // 2 else '':{len(factor)}}{line}")
    least, most, total = (
        show_number(round(x, digits) + 0.0)  # no −0
        for x, digits in ((values.min(), 1), (values.max(), 1), (kernel.weights.sum(), 9))
    )
    print(f"  weights sum up to {total}; response {least} to {most}")
    if kernel.factors is not None:
        column, row = (" ".join(map(show_number, factor)) for factor in kernel.factors)
        height, width = kernel.numbers.shape
        print(
            f"  separable: column [{column}] × row [{row}], {height + width} products, not "
            f"{height * width}"
        )
