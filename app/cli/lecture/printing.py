"""How topics print, in 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_COLUMNS = 80


def print_array(array: np.ndarray) -> None:
    """Print a vector or matrix, indented."""
    from app.lecture.arrays import show_array

    print("\n".join(f"  {line}" for line in show_array(array)))


def print_abreast(blocks: Sequence[Sequence[str]]) -> None:
    """Print blocks of equally many lines, indented and as many side by side as there is room."""
    abreast = max(1, _COLUMNS // (max(len(block[0]) for block in blocks) + 2))
    for start in range(0, len(blocks), abreast):
        lines = zip(*blocks[start : start + abreast], strict=True)
        if start:
            print()
        print("\n".join(f"  {'  '.join(line)}" for line in lines))


def print_wrapped(text: str, indent: str = "") -> None:
    """Print a text over as many lines as it needs; all but the first are indented."""
    print(textwrap.fill(text, _COLUMNS, subsequent_indent=indent, break_long_words=False))
