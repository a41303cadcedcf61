"""Count how often the sliding window covers each pixel, without and with padding.

  python -m app lecture padding
  python -m app lecture padding --input 7x5 --filter 3 --stride 2 -o padding.png

Without arguments the quiz's input: 5×5, F = 3, S = 1, P = 1. -o draws both
counts side by side. Slide: "Why padding?".
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.cli.lecture.drawing import add_output, check_drawable, chosen_output, write_picture
from app.cli.lecture.printing import print_array, print_wrapped
from app.cli.lecture.sizes import by, parse_area
from app.errors import AppError

if TYPE_CHECKING:
    import numpy as np

    from app.figures.canvas.style import Figure

_LARGEST = 1000
_LAYERS = 4  # one after another
_LETTERS = 96  # in a line of the picture


@dataclass(frozen=True)
class _Case:
    """What one padding does.

    Attributes:
        padding: P.
        counts: `(H, W)` how many windows cover each pixel.
        sizes: (width, height) of the input, and behind each of some layers.
    """

    padding: int
    counts: np.ndarray
    sizes: list[tuple[int, int]]

    @property
    def heading(self) -> str:
        """P, and the size of the output."""
        fits = len(self.sizes) > 1
        result = f"output {by(self.sizes[1])}" if fits else "the filter does not fit"
        return f"P = {self.padding}: {result}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument("--input", metavar="WxH", default="5x5", help="(5x5)")
    parser.add_argument("--filter", type=int, default=3, metavar="F", help="side (3)")
    parser.add_argument("--stride", type=int, default=1, metavar="S", help="(1)")
    parser.add_argument("--padding", type=int, default=1, metavar="P", help="(1)")
    add_output(parser)


def show(parsed: argparse.Namespace) -> None:
    """Print the counts, the sizes of the outputs, and what padding changes."""
    output = chosen_output(parsed)
    width, height = parse_area(parsed.input)
    largest = max(width, height, parsed.filter, parsed.stride, parsed.padding)
    if largest > _LARGEST:
        raise AppError(f"{largest:,} is too large.", f"Expected numbers up to {_LARGEST:,}.")
    if output is not None:
        check_drawable((height + 2 * parsed.padding, width + 2 * parsed.padding))
    cases = _cases((width, height), parsed.filter, parsed.stride, parsed.padding)
    settings = f"{width}×{height}, F = {parsed.filter}, S = {parsed.stride}"
    print(f"{settings}: how many windows cover each pixel")
    for case in cases:
        least, most = case.counts.min(), case.counts.max()
        found = f"{least} to {most}" if least < most else f"{most}"
        print(f"\n{case.heading}; windows per pixel: {found}")
        print_array(case.counts)
    print()
    for line in _conclusions(cases):
        print_wrapped(line, "  ")
    if output is not None:
        write_picture(_picture(cases, settings), output)


def _cases(size: tuple[int, int], filter_size: int, stride: int, padding: int) -> list[_Case]:
    """Return what is without padding, and what is with it."""
    import numpy as np

    from app.lecture.coverage import coverage, stacked_sizes

    found = {padding: coverage(size, filter_size, stride, padding)}
    if filter_size > min(size):  # only the zeros make it fit
        found[0] = np.zeros_like(found[padding])
    else:
        found[0] = coverage(size, filter_size, stride, 0)
    return [
        _Case(p, counts, stacked_sizes(size, filter_size, stride, p, _LAYERS))
        for p, counts in sorted(found.items())
    ]


def _conclusions(cases: Sequence[_Case]) -> list[str]:
    """Return what the numbers say, in sentences."""
    lines = []
    for case in cases:
        begin = f"With P = {case.padding}" if case.padding else "Without padding"
        height, width = case.counts.shape
        corner, middle = int(case.counts[0, 0]), int(case.counts[height // 2, width // 2])
        lines.append(
            f"{begin}, the upper left pixel is covered {_times(corner)}, the middle one "
            f"{_times(middle)}."
        )
        missed = int((case.counts == 0).sum())
        if missed:
            lines.append(f"{begin}, no window reaches {missed:,} of {case.counts.size:,} pixels.")
    for case in cases:
        end = ", then the filter no longer fits." if len(case.sizes) <= _LAYERS else ""
        sizes = " → ".join(map(by, case.sizes))
        lines.append(f"Layer after layer, P = {case.padding}: {sizes}{end}")
    return lines


def _picture(cases: Sequence[_Case], settings: str) -> Figure:
    """Return the counts as grids, the bluer the more windows; padding stays empty."""
    import numpy as np

    from app.figures.canvas.grids import Grid, matrix_sheet, shades

    most = max(1, *(case.counts.max() for case in cases))
    grids = []
    for case in cases:
        p = case.padding
        around = np.pad(case.counts.astype(float), p, constant_values=np.nan)
        height, width = case.counts.shape
        faces = shades(np.nan_to_num(around), most)
        grids.append(Grid(case.heading, around, inside=(p, p, height, width), faces=faces))
    lines = [textwrap.fill(line, _LETTERS) for line in _conclusions(cases)]
    return matrix_sheet(
        [grids],
        title="Why padding? How many windows cover each pixel",
        note=f"{settings}; grey: padding",
        text="\n".join(lines),
    )


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")
