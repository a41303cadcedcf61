"""Pool numbers or an image: each window becomes its maximum, average or L2 norm.

  python -m app lecture pooling
  python -m app lecture pooling "1 2 3; 4 5 6; 7 8 9" --kind max --stride 1
  python -m app lecture pooling photo.jpg --window 4 --stride 4 -o pooled.png

Without arguments: the classical 4×4 example, F = 2, S = 2. As in Keras, a last
row or column of an image that fills no window is dropped. -o draws input and
output side by side. The maximum drops all activations but one of each window,
the average and the L2 norm combine them. The L2 norm √(Σ x²) is F times the
root mean square, so it is divided by F there. Slide: "Pooling layer".
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path

from app.cli.lecture.output import (
    add_output,
    check_drawable,
    chosen_output,
    print_array,
    print_wrapped,
    write_picture,
)
from app.files import printable

_EXAMPLE = "1 1 2 4; 5 6 7 8; 3 2 1 0; 1 2 3 4"
_KINDS = ("max", "average", "l2")
_MOST_CELLS = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument(
        "subject", metavar="NUMBERS|IMAGE", nargs="?", default=_EXAMPLE,
        help='rows: "1 2; 3 4", or an image file (default: the classical example)',
    )  # fmt: skip
    parser.add_argument(
        "--kind", choices=(*_KINDS, "all"), default="all", help="kind of pooling (default: all)"
    )
    parser.add_argument(
        "--window", type=int, default=2, metavar="F", help="side of the windows (default: 2)"
    )
    parser.add_argument("--stride", type=int, default=2, metavar="S", help="stride (default: 2)")
    add_output(parser)


def show(parsed: argparse.Namespace) -> None:
    """Print sizes, and the computation of each number."""
    output = chosen_output(parsed)
    kinds = _KINDS if parsed.kind == "all" else (parsed.kind,)
    if _is_image(parsed.subject):
        _show_image(parsed.subject, kinds, parsed.window, parsed.stride, output)
    else:
        _show_numbers(parsed.subject, kinds, parsed.window, parsed.stride, output)


def _is_image(text: str) -> bool:
    from app.data.image_files import IMAGE_ENDINGS

    path = Path(text)
    with suppress(OSError, ValueError):  # many numbers are too long for the name of a file
        return path.suffix.lower() in IMAGE_ENDINGS or path.is_file()
    return False


def _show_numbers(
    text: str, kinds: tuple[str, ...], window: int, stride: int, output: Path | None
) -> None:
    import numpy as np

    from app.lecture.arrays import parse_array
    from app.lecture.pooling import KINDS, pool, show_pooling, windows
    from app.lecture.sizes import format_shape, whole_output_size

    values = np.atleast_2d(parse_array(text))
    cells = windows(values, window, stride)
    for length in values.shape:
        whole_output_size(length, window, stride, 0)
    if output is not None:
        check_drawable(values.shape)
    pooled = {kind: pool(values, kind, window, stride) for kind in kinds}
    print(f"{format_shape(values.shape)}, F = {window}, S = {stride}:")
    print_array(values)
    _print_sizes(values.shape, cells.shape, window, stride)
    for kind, result in pooled.items():
        print(f"\n{KINDS[kind]}:")
        print_array(result)
        for row, column in list(np.ndindex(result.shape))[:_MOST_CELLS]:
            line = show_pooling(kind, cells[row, column], result[row, column].item())
            print_wrapped(f"o[{row}, {column}] = {line}", "    ")
        if result.size > _MOST_CELLS:
            print(f"… and {result.size - _MOST_CELLS:,} more cells.")
    if output is not None:
        from app.figures.pooling import pooling_of_numbers

        write_picture(pooling_of_numbers(values, pooled, window, stride), output)


def _show_image(
    name: str, kinds: tuple[str, ...], window: int, stride: int, output: Path | None
) -> None:
    from app.cli.lecture.input import load_picture
    from app.cli.tables import print_table
    from app.lecture.pooling import KINDS, pool
    from app.lecture.sizes import format_shape

    image = load_picture(name)
    pooled = {kind: pool(image, kind, window, stride) for kind in kinds}
    shown = {"image": image, **{KINDS[kind]: values for kind, values in pooled.items()}}
    print(f"{printable(Path(name).name)}, F = {window}, S = {stride}, each channel by itself")
    _print_sizes(image.shape, pooled[kinds[0]].shape, window, stride)
    print_table(
        ["", "W×H×D", "least", "mean", "most"],
        [
            (title, format_shape(x.shape), f"{x.min():.0f}", f"{x.mean():.1f}", f"{x.max():.0f}")
            for title, x in shown.items()
        ],
        right="W×H×D|least|mean|most",
    )
    if output is not None:
        from app.figures.pooling import pooling_of_image

        write_picture(
            pooling_of_image(printable(Path(name).name), image, pooled, window, stride), output
        )


def _print_sizes(before: tuple[int, ...], after: tuple[int, ...], window: int, stride: int) -> None:
    """Print W₂, H₂, how many activations are gone, and that there is nothing to learn."""
    from app.lecture.pooling import discarded_share

    for name, axis in (("W₂", 1), ("H₂", 0)):
        left_over = (before[axis] - window) % stride
        print(
            f"{name} = ⌊({before[axis]} − {window}) / {stride}⌋ + 1 = {after[axis]}"
            + (f", {left_over} left out" if left_over else "")
        )
    print(
        f"{100 * discarded_share(before, after):.3g}% fewer activations; the depth is unchanged, 0 "
        "parameters"
    )
