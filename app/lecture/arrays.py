"""Vectors and matrices as text: parsed from `"1 2 3; 4 5 6"`, and printed in columns."""

from __future__ import annotations

import numpy as np

from app.errors import AppError

_EXAMPLE = 'Example: "1 2 3; 4 5 6; 7 8 9" is a matrix of three rows, "1 0 -1" a vector.'


def parse_array(text: str) -> np.ndarray:
    """Return a vector `(n,)` or a matrix `(rows, columns)`; whole numbers stay whole.

    Numbers are separated by blanks or commas, rows by semicolons or line ends.

    Raises:
        AppError: If there is nothing, something else than numbers, or rows of different lengths.
    """
    rows = [row.replace(",", " ").split() for row in text.strip().replace("\n", ";").split(";")]
    if rows and not rows[-1]:
        rows.pop()  # a semicolon at the end
    if not rows or not all(rows):
        raise AppError(
            f"'{text}' holds {'an empty row' if rows else 'no numbers'}.",
            "Expected numbers, blanks between them, and semicolons between rows.",
            _EXAMPLE,
        )
    lengths = [len(row) for row in rows]
    if len(set(lengths)) > 1:
        raise AppError(
            f"The rows of '{text}' have {', '.join(map(str, lengths))} numbers.",
            "Expected as many in each row.",
            _EXAMPLE,
        )
    numbers = [[_number(word, text) for word in row] for row in rows]
    array = np.array(numbers)  # of whole numbers, unless one is not
    return array[0] if len(rows) == 1 else array


def _number(word: str, text: str) -> int | float:
    for kind in (int, float):
        try:
            value = kind(word)
        except ValueError:
            continue
        if abs(value) < _LARGEST:  # neither infinite nor NaN
            return value
        raise AppError(f"'{word}' in '{text}' is too large.", "Expected numbers below 1e9.")
    raise AppError(f"'{word}' in '{text}' is not a number.", "Expected numbers.", _EXAMPLE)


_LINE = 76  # letters
_MOST_ROWS = 40
_LARGEST = 1e9  # so that sums of products of whole numbers stay exact


def show_number(value: float) -> str:
    """Return a number with a real minus sign; whole ones without a point."""
    return f"{value:.6g}".replace("-", "−")


def show_factor(value: float) -> str:
    """Return a number as a factor of a product: a negative one is in parentheses."""
    text = show_number(value)
    return f"({text})" if value < 0 else text


def show_array(array: np.ndarray) -> list[str]:
    """Return the lines of a vector or matrix, its columns aligned.

    An array that is too wide or too long for a terminal has dots in the middle.
    """
    rows = np.atleast_2d(array)
    cells = [[show_number(value) for value in row] for row in rows]
    if len(cells) > _MOST_ROWS:
        half = _MOST_ROWS // 2
        cells = [*cells[:half], ["…"] * len(cells[0]), *cells[-half:]]
    width = max(len(cell) for row in cells for cell in row)
    most = (_LINE - 4) // (width + 2)
    if len(cells[0]) > most:
        half = (most - 1) // 2
        cells = [[*row[:half], "…", *row[-half:]] for row in cells]
    return ["[ " + "  ".join(f"{cell:>{width}}" for cell in row) + " ]" for row in cells]
