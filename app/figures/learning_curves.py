"""Accuracy against the number of training images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator, PercentFormatter

from app.figures.canvas.annotation import add_note, add_title
from app.figures.canvas.pixels import draw_pixels
from app.figures.canvas.style import PALETTE, WIDTH, styled

_MARKERS = "osD^vP"


@dataclass(frozen=True)
class Curve:
    """The accuracy of one model for several numbers of training images.

    Attributes:
        name: Name of the model.
        counts: Numbers of training images.
        values: Shares for each number of images, one per seed.
    """

    name: str
    counts: Sequence[int]
    values: Sequence[Sequence[float]]


@styled()
def learning_curves(
    panels: Mapping[str, Sequence[Curve]],
    images: Mapping[str, Sequence[np.ndarray]],
    *,
    title: str,
    note: str,
    label: str,
) -> Figure:
    """Draw means and ranges over seeds, one panel per kind of images, with examples below it.

    Args:
        panels: Curves by kind of images.
        images: Example images `(H, W, C)` uint8 by kind.
        title: Title of the figure.
        note: Note in small print.
        label: Label of the value axis; values are shares.
    """
    figure = Figure(figsize=(WIDTH, 4.4))
    add_title(figure, title)
    top, bottom = figure.subplots(
        2, len(panels), squeeze=False, gridspec_kw={"height_ratios": (4.4, 1)}
    )
    low = min(min(map(min, curve.values)) for curves in panels.values() for curve in curves)
    for axes, (name, curves) in zip(top, panels.items(), strict=True):
        for number, curve in enumerate(curves):
            _curve(axes, curve, number)
        axes.set(xscale="log", ylim=(max(0.0, low - 0.05), 1.01), title=name)
        axes.set_xticks(curves[0].counts)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_xlabel("training images")
        axes.legend(loc="best")
    top[0].set_ylabel(label)
    for axes, row in zip(bottom, images.values(), strict=True):
        _images(axes, row)
    add_note(figure, note)
    return figure


def _curve(axes: Axes, curve: Curve, number: int) -> None:
    values = [np.asarray(shares) for shares in curve.values]
    means = [shares.mean() for shares in values]
    axes.fill_between(
        curve.counts, [shares.min() for shares in values], [shares.max() for shares in values],
        color=PALETTE[number], alpha=0.2, linewidth=0,
    )  # fmt: skip
    axes.plot(curve.counts, means, color=PALETTE[number], marker=_MARKERS[number], label=curve.name)


def _images(axes: Axes, images: Sequence[np.ndarray]) -> None:
    for place, image in enumerate(images):
        draw_pixels(axes, image, extent=(place, place + 0.92, 0, 0.92))
    axes.set(xlim=(0, len(images)), ylim=(0, 1))
    axes.set_axis_off()
