"""Grouped bars of means, with ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.figures.canvas.annotation import add_note, add_title
from app.figures.canvas.pixels import draw_pixels
from app.figures.canvas.style import INK, PALETTE, WIDTH, styled

_WIDTH_OF_GROUP = 0.8


@dataclass(frozen=True)
class Group:
    """A group of bars.

    Attributes:
        name: Name below the bars.
        values: Shares by kind of bar; the bar is their mean.
    """

    name: str
    values: Mapping[str, Sequence[float]]


@styled()
def grouped_bars(
    groups: Sequence[Group],
    images: Mapping[str, Sequence[np.ndarray]],
    *,
    title: str,
    note: str,
    label: str,
) -> Figure:
    """Draw groups of bars, and above them example images of each kind of bar.

    Args:
        groups: Groups with the same kinds of bars.
        images: Images `(H, W, C)` uint8 by kind of bar, equally many of each.
        title: Title of the figure.
        note: Note in small print.
        label: Label of the value axis; values are shares.
    """
    figure = Figure(figsize=(WIDTH, 5.0))
    add_title(figure, title)
    pictures, axes = figure.subplots(2, 1, gridspec_kw={"height_ratios": (1.0, 2.6)})
    _pictures(pictures, images)
    kinds = list(groups[0].values)
    width = _WIDTH_OF_GROUP / len(kinds)
    for number, kind in enumerate(kinds):
        places = np.arange(len(groups)) + (number - (len(kinds) - 1) / 2) * width
        values = [np.asarray(group.values[kind]) for group in groups]
        means = np.array([shares.mean() for shares in values])
        below = means - [shares.min() for shares in values]
        above = [shares.max() for shares in values] - means
        axes.bar(
            places, means, 0.94 * width, label=kind, color=PALETTE[number],
            yerr=(below, above) if len(values[0]) > 1 else None,
            error_kw={"linewidth": 1.2, "capsize": 3, "ecolor": INK},
        )  # fmt: skip
        for place, mean, more in zip(places, means, above, strict=True):
            axes.annotate(
                f"{100 * mean:.1f}%", (place, mean + more), xytext=(0, 4),
                textcoords="offset points", ha="center", weight="bold",
            )  # fmt: skip
    axes.set_xticks(range(len(groups)), [group.name for group in groups], fontsize=11)
    axes.set(ylabel=label)
    axes.margins(y=0.15)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(axis="x", visible=False)
    axes.legend(loc="upper center", ncols=len(kinds), bbox_to_anchor=(0.5, -0.09))
    add_note(figure, note)
    return figure


def _pictures(axes: Axes, images: Mapping[str, Sequence[np.ndarray]]) -> None:
    """Draw each kind as a row of images under its name."""
    place = 0.0
    for name, row in images.items():
        axes.text(place, 1.08, name, va="bottom", fontsize=10)
        for image in row:
            draw_pixels(axes, image, extent=(place, place + 0.95, 0, 0.95))
            place += 1.0
        place += 0.6
    axes.set(xlim=(0, place - 0.6), ylim=(0, 1.4))
    axes.set_axis_off()
