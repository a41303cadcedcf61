"""Tables, JSON and CSV on standard output; control characters in them are escaped."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from app.files import printable

_EDGES, _GAP = 2, 3  # blanks around a table, and between its columns


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str = "",
    right: str = "",
    optional: Sequence[str] = (),
) -> None:
    """Print a table on standard output, at most as wide as the terminal.

    Lines are broken between words, and within a word only if it does not fit.

    Args:
        columns: Headings.
        rows: Cells of each row; an empty table prints its headings.
        title: Line above the table.
        right: Headings of the right-aligned columns, separated by `|`.
        optional: Headings of columns that a narrow terminal omits, in this order.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False, emoji=False)
    # Heading and cells of each column.
    shown = [[name] for name in columns]
    for row in rows:
        for column, cell in zip(shown, row, strict=True):
            column.append(printable(cell))

    def available() -> int:
        return console.width - _EDGES - _GAP * (len(shown) - 1)

    for name in optional:
        if sum(map(_longest_word, shown)) > available():
            shown = [column for column in shown if column[0] != name]
    numeric = set(right.split("|"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column, width in zip(shown, _widths(shown, available()), strict=True):
        table.add_column(
            column[0],
            justify="right" if column[0] in numeric else "left",
            overflow="fold",
            width=width,
        )
    for cells in zip(*(column[1:] for column in shown), strict=True):
        table.add_row(*cells)
    # rich would break its title at the width of a narrow table.
    if title:
        print(printable(title))
    with console.capture() as rendered:  # rich would exit with 1 if the pipe is closed
        console.print(table)
    print(rendered.get(), end="")


def _widths(columns: Sequence[Sequence[str]], available: int) -> list[int]:
    """Return the width of each column; the widest shrink first, down to their longest words."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in columns]
    for least in ([_longest_word(column) for column in columns], [1] * len(columns)):
        while sum(widths) > available:
            above = [(width, k) for k, width in enumerate(widths) if width > least[k]]
            if not above:
                break
            widths[max(above)[1]] -= 1
    return widths


def _longest_word(column: Sequence[str]) -> int:
    from rich.cells import cell_len

    return max(cell_len(word) for cell in column for word in cell.split() or [""])


def print_json(value: Any) -> None:
    """Print JSON in the encoding of standard output."""
    utf_8 = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    text = json.dumps(value, indent=2, ensure_ascii=not utf_8, allow_nan=False)
    # Only strings can hold control characters of Unicode, which JSON allows and terminals obey.
    print(re.sub(r"[^\n -~]", _json_escape, text))


def _json_escape(found: re.Match[str]) -> str:
    letter = found[0]
    return letter if printable(letter) == letter else json.dumps(letter)[1:-1]


def print_csv(columns: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
    """Print CSV."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in (columns, *rows):
        writer.writerow([printable(cell) if isinstance(cell, str) else cell for cell in row])
