"""Accuracy and confidence of models while images are transformed more and more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.figures.canvas.annotation import add_title, legend_below, legend_columns
from app.figures.canvas.pixels import draw_pixels
from app.figures.canvas.style import PALETTE, WIDTH, styled

_ROW, _STRIP = 1.75, 0.42  # inches: of curves, of the images below them
_MARKERS = "osD^vP"


@dataclass(frozen=True)
class Panel:
    """One transformation of images.

    Attributes:
        title: Name of the transformation.
        unit: Unit of the levels.
        levels: `L` strengths.
        images: `L` images `(H, W, C)` uint8, one example per level.
        accuracies: `L` shares, by model.
        probabilities: `L` mean probabilities of the true class, by model.
    """

    title: str
    unit: str
    levels: Sequence[float]
    images: Sequence[np.ndarray]
    accuracies: Mapping[str, Sequence[float]]
    probabilities: Mapping[str, Sequence[float]]


@styled()
def invariance_panels(panels: Sequence[Panel], *, title: str, note: str) -> Figure:
    """Draw two curves per model and transformation, and example images below them.

    A model whose name ends in `, augmented` is drawn dashed, in the color of the model without.

    Args:
        panels: One panel per transformation.
        title: Title of the figure.
        note: Note in small print.
    """
    names = list(panels[0].accuracies)
    legend = 0.22 * -(-len(names) // legend_columns(names))
    figure = Figure(figsize=(WIDTH, 0.8 + legend + (_ROW + _STRIP) * len(panels)))
    add_title(figure, title)
    rows = figure.subplots(
        2 * len(panels), 2, gridspec_kw={"height_ratios": [_ROW, _STRIP] * len(panels)}
    )
    for number, panel in enumerate(panels):
        curves, strips = rows[2 * number], rows[2 * number + 1]
        _curves(curves[0], panel, panel.accuracies, f"{panel.title}: accuracy")
        _curves(curves[1], panel, panel.probabilities, "probability of the true class")
        for axes in strips:
            _strip(axes, panel)
    legend_below(figure, rows[0, 0], note)
    return figure


def _curves(axes: Axes, panel: Panel, values: Mapping[str, Sequence[float]], title: str) -> None:
    places = range(len(panel.levels))
    bases = list(dict.fromkeys(name.removesuffix(", augmented") for name in values))
    for name, shares in values.items():
        base = name.removesuffix(", augmented")
        number = bases.index(base)
        axes.plot(
            places, shares, label=name, color=PALETTE[number % len(PALETTE)],
            marker=_MARKERS[number % len(_MARKERS)], markersize=3.5, linewidth=1.4,
            linestyle="-" if name == base else "--",
        )  # fmt: skip
    axes.set(xlim=(-0.5, len(panel.levels) - 0.5), ylim=(-0.03, 1.03))
    axes.set_title(title, fontsize=10)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xticks(list(places), [])
    axes.tick_params(axis="x", length=0)


def _strip(axes: Axes, panel: Panel) -> None:
    for place, image in enumerate(panel.images):
        draw_pixels(axes, image, aspect="auto", extent=(place - 0.36, place + 0.36, 0, 1))
    axes.set(xlim=(-0.5, len(panel.levels) - 0.5), ylim=(0, 1))
    labels = [f"{level:g}".replace("-", "−") for level in panel.levels]
    axes.set_xticks(range(len(panel.levels)), labels, fontsize=8)
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.set_xlabel(panel.unit, fontsize=8.5)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
