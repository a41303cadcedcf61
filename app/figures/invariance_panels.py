"""Accuracy and consistency of models while images are transformed more and more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.figures.canvas.annotation import add_title, legend_below, legend_columns
from app.figures.canvas.pixels import draw_pixels
from app.figures.canvas.style import FAINT, PALETTE, WIDTH, styled

_ROW, _STRIP = 1.75, 0.42  # inches: of curves, of the images below them
_IMAGE_SHARE = 0.04  # half of an image, of the panel's width
_MARKERS = "osD^vP"

Shares = Mapping[str, Sequence[tuple[float, float, float]]]


@dataclass(frozen=True)
class Panel:
    """One transformation of images.

    Attributes:
        title: Name of the transformation.
        unit: Unit of the levels.
        levels: `L` strengths.
        images: `L` images `(H, W, C)` uint8, one example per level.
        accuracies: `L` times a share and both ends of its interval, by model.
        consistencies: The same of predictions that are those of the original image.
        trained: Ends of the levels that augmentation covers, or `None`.
    """

    title: str
    unit: str
    levels: Sequence[float]
    images: Sequence[np.ndarray]
    accuracies: Shares
    consistencies: Shares
    trained: tuple[float, float] | None = None


@styled()
def invariance_panels(panels: Sequence[Panel], *, title: str, note: str) -> Figure:
    """Draw two curves per model and transformation, and example images below them.

    A model whose name ends in `, augmented` is drawn dashed, in the color of the model without. The
    levels that its training covers are gray.

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
        _curves(curves[1], panel, panel.consistencies, "same prediction as on the original")
        for axes in strips:
            _strip(axes, panel)
    legend_below(figure, rows[0, 0], note)
    return figure


def _curves(axes: Axes, panel: Panel, values: Shares, title: str) -> None:
    places = range(len(panel.levels))
    bases = list(dict.fromkeys(name.removesuffix(", augmented") for name in values))
    if panel.trained is not None:
        ends = np.interp(panel.trained, panel.levels, places)
        axes.axvspan(float(ends[0]), float(ends[1]), color=FAINT, alpha=0.6, linewidth=0)
    for name, estimates in values.items():
        base = name.removesuffix(", augmented")
        number = bases.index(base)
        shares, lows, highs = zip(*estimates, strict=True)
        axes.fill_between(
            places, lows, highs, color=PALETTE[number % len(PALETTE)], alpha=0.15, linewidth=0
        )
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
    half = _IMAGE_SHARE * len(panel.levels)
    for place, image in enumerate(panel.images):
        draw_pixels(axes, image, aspect="auto", extent=(place - half, place + half, 0, 1))
    axes.set(xlim=(-0.5, len(panel.levels) - 0.5), ylim=(0, 1))
    labels = [f"{level:g}".replace("-", "−") for level in panel.levels]
    axes.set_xticks(range(len(panel.levels)), labels, fontsize=8)
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.set_xlabel(panel.unit, fontsize=8.5)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
