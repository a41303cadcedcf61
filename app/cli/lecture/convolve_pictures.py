"""The pictures of `lecture convolve`: a flipped kernel slides, and the result fills."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.cli.lecture.drawing import write_steps
from app.figures.canvas.grids import Grid, matrix_sheet
from app.figures.canvas.style import Figure
from app.lecture.convolution import Slide

_LETTERS = 92  # in a line of text


def write_sliding(
    sliding: Slide, result: np.ndarray, mode: str, sums: Sequence[str], output: Path
) -> None:
    """Write an animation with a picture for each sum, or the picture of the last.

    Args:
        sliding: Of two matrices; vectors are matrices of one row.
        result: `(rows, columns)`, the convolution.
        mode: Its mode.
        sums: Those of its entries that are shown, from the first on.
        output: The file.
    """
    texts = [
        textwrap.wrap(text, _LETTERS, subsequent_indent="    ", break_long_words=False)
        for text in sums
    ]
    animated = output.suffix.lower() == ".gif"  # then all pictures must be of one size
    tallest = max(map(len, texts if animated else texts[-1:]))

    def picture(number: int) -> Figure:
        lines = texts[number] + [" "] * (tallest - len(texts[number]))
        return _picture(sliding, result, mode, number, "\n".join(lines))

    write_steps(picture, len(sums), output)


def _picture(sliding: Slide, result: np.ndarray, mode: str, number: int, text: str) -> Figure:
    """Return the picture of one entry: where the kernel lies, and the entries so far."""
    row, column = divmod(number, result.shape[1])
    base, moved = ("B", "A") if sliding.swapped else ("A", "B")
    kernel, padded = sliding.kernel, sliding.padded
    (top, left), (rows, columns) = sliding.before, sliding.shape
    around = padded.shape != sliding.shape
    caption = f"{base}, zeros around" if around else base
    grids = [
        Grid(
            caption,
            padded,
            (row, column, *kernel.shape),
            (top, left, rows, columns),
            weights=kernel,
        ),
        Grid(moved, np.flip(kernel)),
        Grid(f"{moved}, flipped", kernel),
        Grid("C = A * B", result, (row, column, 1, 1), filled=number + 1),
    ]
    note = "An entry is the sum of the products; small numbers: the kernel, laid onto the window"
    return matrix_sheet(
        [grids],
        title=f"Convolution ({mode}): {moved}, flipped, slides over {base}",
        note=f"{note}; grey: zeros" if around else note,
        text=text,
    )
