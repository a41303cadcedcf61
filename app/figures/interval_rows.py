"""Shares with 95% intervals, one row of dots per setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.figures.canvas.annotation import add_title, legend_below
from app.figures.canvas.image_strip import draw_strip
from app.figures.canvas.style import INK, PALETTE, WIDTH, styled

_MARKERS = "osD^vP"
_PITCH = 0.22  # between the dots of a row, in rows


@dataclass(frozen=True)
class IntervalRow:
    """A row of dots.

    Attributes:
        name: Name of the row.
        estimates: Share, lower and upper end of its 95% interval, by kind of dot.
    """

    name: str
    estimates: Mapping[str, tuple[float, float, float]]


class ShareAxis(NamedTuple):
    """The axis of the shares.

    Attributes:
        label: Label of the axis.
        line: Place of a dotted line and its name, such as chance.
        percent: Whether the shares are drawn as percentages.
    """

    label: str
    line: tuple[float, str] | None = None
    percent: bool = True


@styled()
def interval_rows(
    rows: Sequence[IntervalRow],
    images: Mapping[str, Sequence[np.ndarray]],
    *,
    title: str,
    note: str,
    axis: ShareAxis,
) -> Figure:
    """Draw rows of dots with intervals, from top to bottom, below a strip of example images.

    Args:
        rows: Rows; the first one has all kinds of dots.
        images: Example images `(H, W, C)` uint8 by caption; none for no strip.
        title: Title of the figure.
        note: Note in small print.
        axis: Axis of the shares.
    """
    kinds = list(rows[0].estimates)
    height = max(1.6, len(rows) * (0.18 + 0.1 * len(kinds)))
    figure = Figure(figsize=(WIDTH, height + 1.9 + (1.2 if images else 0)))
    add_title(figure, title)
    grid = figure.add_gridspec(
        2 if images else 1, 1, height_ratios=(1.2, height + 0.8) if images else None
    )
    if images:
        draw_strip(figure.add_subplot(grid[0]), images)
    axes = figure.add_subplot(grid[-1])
    for number, kind in enumerate(kinds):
        below = (number - (len(kinds) - 1) / 2) * _PITCH
        places = [place + below for place, row in enumerate(rows) if kind in row.estimates]
        found = np.array([row.estimates[kind] for row in rows if kind in row.estimates])
        values, lows, highs = found.T
        axes.errorbar(
            values, places, xerr=(values - lows, highs - values), label=kind, linestyle="",
            marker=_MARKERS[number], markersize=6, color=PALETTE[number], elinewidth=1.6,
        )  # fmt: skip
    axes.set_yticks(range(len(rows)), [row.name for row in rows])
    axes.set(xlabel=axis.label, ylim=(len(rows) - 0.5, -0.5))
    axes.grid(axis="y", visible=False)
    if axis.percent:
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    if axis.line:
        place, name = axis.line
        axes.axvline(place, color=INK, linewidth=0.8, linestyle=":")
        left, right = axes.get_xlim()
        axes.text(
            place, 1.0, name, transform=axes.get_xaxis_transform(), va="bottom",
            ha="left" if place < (left + right) / 2 else "right", fontsize=8.5, color=INK,
        )  # fmt: skip
    legend_below(figure, axes, note)
    return figure
