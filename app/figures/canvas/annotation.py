"""Titles, notes, legends and watermarks of figures."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.figures.canvas.pixels import POINT
from app.figures.canvas.style import INK, PIXELS_WIDE
from app.figures.canvas.text import text_width, wrap

_MARGIN = 24  # pixels
_LINE_WIDTH = PIXELS_WIDE - 2 * _MARGIN
_NOTE_COLOR = "#555555"
_TITLE_SIZE, _LEGEND_SIZE, _NOTE_SIZE = 13, 10, 9
_MOST_COLUMNS = 4
# Pixels: width of a legend's line and the space around it.
_HANDLE = 4.8 * _LEGEND_SIZE * POINT
_MARK_SIZE, _MARK_PITCH, _MARK_ANGLE = 30, 560, 22  # points, pixels, degrees


def add_title(figure: Figure, title: str) -> None:
    """Write the title of a figure, wrapped."""
    lines = wrap(title, _LINE_WIDTH, _TITLE_SIZE, bold=True)
    figure.suptitle("\n".join(lines), x=0.01, ha="left", size=_TITLE_SIZE)


def add_note(figure: Figure, note: str) -> None:
    """Write small print below a figure, wrapped."""
    text = "\n".join(wrap(note, _LINE_WIDTH, _NOTE_SIZE))
    figure.supxlabel(text, x=0.01, ha="left", fontsize=_NOTE_SIZE, color=_NOTE_COLOR)


def legend_columns(names: Sequence[str]) -> int:
    """Return the number of columns, at most four, of a legend below a figure."""
    widest = max(text_width(name, _LEGEND_SIZE) for name in names) + _HANDLE
    return max(1, min(_MOST_COLUMNS, int(_LINE_WIDTH // widest)))


def legend_below(figure: Figure, axes: Axes, note: str) -> None:
    """Draw the legend of `axes` below a figure, with a note in small print above it."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower left", ncols=legend_columns(labels),
        title="\n".join(wrap(note, _LINE_WIDTH, _NOTE_SIZE)), alignment="left",
        title_fontsize=_NOTE_SIZE,
    )  # fmt: skip


def add_watermark(figure: Figure, text: str) -> None:
    """Write a pale text across a figure, repeated from top to bottom.

    Args:
        figure: Finished figure; its layout does not change.
        text: Short text.
    """
    width, height = figure.get_size_inches()
    tall = height * PIXELS_WIDE / width
    count = max(1, round(tall / _MARK_PITCH))
    for number in range(count):
        figure.text(
            0.5, (number + 0.5) / count, text, size=_MARK_SIZE, weight="bold", color=INK,
            alpha=0.3, ha="center", va="center", rotation=_MARK_ANGLE, zorder=1000,
        ).set_in_layout(False)  # fmt: skip
