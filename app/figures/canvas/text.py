"""Measure, wrap and shorten text before it is drawn.

All widths are in pixels of the saved figure, all sizes in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from app.figures.canvas.pixels import POINT
from app.files import printable

_ELLIPSIS = "…"
# Hinting makes letters on screen a little wider than their outlines.
_HINTING = 1.04


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line."""
    return size * _relative_width(text, bold) * POINT * _HINTING


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Break a text into lines at spaces; a longer word after `_`, `-`, `/`, or anywhere.

    File names break before their extension, not inside it.

    Args:
        text: Text to break; its own line breaks are kept, other control characters escaped.
        width: Width of a line.
        size: Font size.
        bold: Whether the font is bold.
    """
    lines = []
    for paragraph in map(printable, text.split("\n")):
        line = ""
        for word in paragraph.split():
            joined = f"{line} {word}" if line else word
            if text_width(joined, size, bold=bold) <= width:
                line = joined
                continue
            if line:
                lines.append(line)
            while text_width(word, size, bold=bold) > width and len(word) > 1:
                count = _break(word, _fitting(word, width, size, bold))
                lines.append(word[:count])
                word = word[count:]
            line = word
        lines.append(line)
    return lines


def cut_to(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Return a text that fits into a width; an ellipsis replaces its end if it is too long."""
    if text_width(text, size, bold=bold) <= width:
        return text
    available = width - text_width(_ELLIPSIS, size, bold=bold)
    return f"{text[: _fitting(text, available, size, bold)].rstrip()}{_ELLIPSIS}"


def shortened(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Return a text that fits into a width; an ellipsis replaces its middle if it is too long.

    The end stays: file names differ there and have their extension there.
    """
    if text_width(text, size, bold=bold) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        candidate = f"{text[: -(-kept // 2)]}{_ELLIPSIS}{text[len(text) - kept // 2 :]}"
        if text_width(candidate, size, bold=bold) <= width:
            return candidate
    return _ELLIPSIS


def fitting_size(texts: Sequence[str], width: float, sizes: Sequence[int]) -> int:
    """Return the first of the font sizes at which all texts fit; else the last."""
    for size in sizes:
        if all(text_width(text, size) <= width for text in texts):
            return size
    return sizes[-1]


def _fitting(word: str, width: float, size: float, bold: bool) -> int:
    """Return the number of characters of a word that fit, at least one."""
    count = 1
    while count < len(word) and text_width(word[: count + 1], size, bold=bold) <= width:
        count += 1
    return count


def _break(word: str, most: int) -> int:
    """Return the position of a break in a long word: after a separator within `most` if any."""
    after = max(word.rfind(separator, 0, most) for separator in "_-/")
    return max(after + 1, word.rfind(".", 1, most + 1)) or most


@lru_cache(maxsize=4096)
def _relative_width(text: str, bold: bool) -> float:
    """Return the width in multiples of the font size, cached for many sizes."""
    font = FontProperties(size=10, weight="bold" if bold else "normal")
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 10
