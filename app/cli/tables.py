"""Tables for people, at most as wide as their terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "", right: str = ""
) -> None:
    """Print a table on standard output.

    Args:
        columns: Headings.
        rows: Cells; an empty table prints its headings.
        title: A line above it.
        right: The headings of columns of numbers, separated by `|`.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    numeric = set(right.split("|"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    # Not the table's own title, which is broken at the width of a narrow table.
    if title:
        print(title)
    Console(highlight=False, markup=False).print(table)
