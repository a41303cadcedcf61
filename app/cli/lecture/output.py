"""Output of the topics: text in 80 columns; figures and animations with `-o`."""

from __future__ import annotations

import argparse
import shlex
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.options import PICTURES, refuse_to_overwrite
from app.errors import AppError
from app.lecture.sizes import format_size
from app.reporting import CONSOLE

if TYPE_CHECKING:
    import numpy as np

    from app.figures.canvas.style import Figure

ANIMATIONS = (".gif", *PICTURES)
MOST_STEPS = 400
_COLUMNS = 80
_MOST_CELLS = 40  # along a side; more would be illegible
_FRAME_MILLISECONDS, _ANIMATION_WIDTH = 900, 900


def print_array(array: np.ndarray) -> None:
    """Print a vector or matrix, indented."""
    from app.lecture.arrays import show_array

    print("\n".join(f"  {line}" for line in show_array(array)))


def print_side_by_side(blocks: Sequence[Sequence[str]]) -> None:
    """Print blocks of equal height, indented, with as many in a row as fit."""
    columns = max(1, _COLUMNS // (max(len(block[0]) for block in blocks) + 2))
    for start in range(0, len(blocks), columns):
        lines = zip(*blocks[start : start + columns], strict=True)
        if start:
            print()
        print("\n".join(f"  {'  '.join(line)}" for line in lines))


def print_wrapped(text: str, indent: str = "") -> None:
    """Print a text over as many lines as it needs; all but the first are indented."""
    print(textwrap.fill(text, _COLUMNS, subsequent_indent=indent, break_long_words=False))


def add_output(parser: argparse.ArgumentParser, kinds: Sequence[str] = PICTURES) -> None:
    """Declare `-o`, which `chosen_output` reads."""
    parser.add_argument("-o", "--output", metavar="FILE", help=", ".join(kinds))


def chosen_output(parsed: argparse.Namespace, kinds: Sequence[str] = PICTURES) -> Path | None:
    """Return the file of `-o` and report that it is drawn; `None` without `-o`.

    Raises:
        AppError: If the file is of another kind.
    """
    if parsed.output is None:
        return None
    output = Path(parsed.output)
    refuse_to_overwrite(output, kinds)
    CONSOLE.info(f"drawing {output} …")  # the libraries alone take seconds
    return output


def check_drawable(shape: Sequence[int]) -> None:
    """Refuse to draw a matrix whose numbers would be too small to read.

    Raises:
        AppError: If it has too many rows or columns.
    """
    if max(shape) > _MOST_CELLS:
        raise AppError(
            f"The picture would have a matrix of {format_size(shape)} numbers.",
            f"Expected at most {_MOST_CELLS} along a side.",
            "Use a smaller input, or leave out -o.",
        )


def check_animated(count: int, output: Path) -> None:
    """Refuse an animation that would take too long.

    Raises:
        AppError: If it has too many steps.
    """
    if output.suffix.lower() == ".gif" and count > MOST_STEPS:
        raise AppError(
            f"The animation would have {count:,} steps.",
            f"Expected at most {MOST_STEPS}.",
            "Use a smaller input, or write the last step: -o "
            f"{shlex.quote(str(output.with_suffix('.png')))}",
        )


def write_picture(figure: Figure, output: Path) -> None:
    """Write a figure and report the file."""
    from app.figure_files import save

    save(figure, output)
    CONSOLE.info(f"wrote {output}")


def write_steps(
    picture: Callable[[int], Figure],
    count: int,
    output: Path,
    milliseconds: int = _FRAME_MILLISECONDS,
) -> None:
    """Write an animation of all steps, or the figure of the last one; report the file.

    Args:
        picture: Function that draws a step, counted from 0.
        count: Number of steps.
        output: File of a kind in `ANIMATIONS`.
        milliseconds: Time of a frame.
    """
    from app.figure_files import save_animation
    from app.figures.canvas.animation import frame_of

    if output.suffix.lower() != ".gif":
        write_picture(picture(count - 1), output)
        return
    frames = []
    with CONSOLE.progress("drawing steps") as update:
        for number in range(count):
            frames.append(frame_of(picture(number), _ANIMATION_WIDTH))
            update(number + 1, count)
    save_animation(frames, output, milliseconds=milliseconds)
    CONSOLE.info(f"wrote {output}")
