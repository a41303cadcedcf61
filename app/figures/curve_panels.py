"""Panels of curves with 95% bands, and a strip of example images below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FuncFormatter,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    PercentFormatter,
)

from app.figures.canvas.annotation import add_title, legend_below
from app.figures.canvas.image_strip import draw_strip
from app.figures.canvas.style import INK, PALETTE, WIDTH, styled

_MARKERS = "osD^vPX*"
_SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # ticks of a logarithmic axis
_TICK_GAP = 0.12  # least distance of two ticks on a logarithmic axis, as a share of it


@dataclass(frozen=True)
class BandedCurve:
    """A curve with its band.

    Attributes:
        name: Name in the legend, the same in every panel.
        places: `N` places on the horizontal axis.
        estimates: `N` times mean, lower and upper end of the 95% interval.
    """

    name: str
    places: Sequence[float]
    estimates: Sequence[tuple[float, float, float]]


@dataclass(frozen=True)
class CurvePanel:
    """A panel of curves.

    Attributes:
        title: Title of the panel.
        axes_labels: Labels of the horizontal and the vertical axis.
        curves: Curves, which have one color in all panels. Panels with the vertical label of the
            first one share its axis.
        logarithmic: Axes on a logarithmic scale: ``, `x` or `xy`.
        line: Height of a dotted line and its name, such as chance.
        mark: Place of a vertical dotted line, which has a tick on a logarithmic axis.
    """

    title: str
    axes_labels: tuple[str, str]
    curves: Sequence[BandedCurve]
    logarithmic: str = ""
    line: tuple[float, str] | None = None
    mark: float | None = None


@styled()
def curve_panels(
    panels: Sequence[CurvePanel],
    images: Mapping[str, Sequence[np.ndarray]],
    *,
    title: str,
    note: str,
) -> Figure:
    """Draw shares as curves with bands, one panel beside the other.

    Args:
        panels: One to three panels; the first one holds all curves.
        images: Example images `(H, W, C)` uint8 by caption; none for no strip.
        title: Title of the figure.
        note: Note in small print.
    """
    figure = Figure(figsize=(WIDTH, 5.8 if images else 4.6))
    add_title(figure, title)
    rows = figure.add_gridspec(2 if images else 1, 1, height_ratios=(4.4, 1.0) if images else None)
    upper = rows[0].subgridspec(1, len(panels))
    names = list(dict.fromkeys(curve.name for panel in panels for curve in panel.curves))
    places: list[Axes] = []
    for number, panel in enumerate(panels):
        # Panels of the same quantity are compared.
        alike = number > 0 and panel.axes_labels[1] == panels[0].axes_labels[1]
        places.append(figure.add_subplot(upper[number], sharey=places[0] if alike else None))
    for axes, panel in zip(places, panels, strict=True):
        _panel(axes, panel, names)
    for axes, panel in zip(places, panels, strict=True):
        if "y" not in panel.logarithmic:  # once all curves are drawn, as axes may be shared
            bottom, top = axes.get_ylim()
            axes.set_ylim(max(bottom, 0.0), min(top, 1.005))
    if images:
        draw_strip(figure.add_subplot(rows[1]), images)
    legend_below(figure, places[0], note)
    return figure


def _panel(axes: Axes, panel: CurvePanel, names: list[str]) -> None:
    for curve in panel.curves:
        number = names.index(curve.name)
        values, lows, highs = zip(*curve.estimates, strict=True)
        axes.fill_between(
            curve.places, lows, highs, color=PALETTE[number], alpha=0.18, linewidth=0
        )  # fmt: skip
        axes.plot(
            curve.places, values, color=PALETTE[number], label=curve.name,
            marker=_MARKERS[number] if len(values) <= 12 else None, markersize=5,
        )  # fmt: skip
    axes.set_title(panel.title, fontsize=10.5)
    axes.set(xlabel=panel.axes_labels[0], ylabel=panel.axes_labels[1])
    if "x" in panel.logarithmic:
        axes.set_xscale("log")
        axes.set_xticks(_ticks(panel))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if "y" in panel.logarithmic:
        axes.set_yscale("log")
        ends = [low for curve in panel.curves for _, low, _ in curve.estimates if low > 0]
        bottom = min(0.9 * min(ends, default=0.01), 0.01)
        axes.set_yticks([share for share in _SHARES if share >= bottom])
        axes.set_ylim(bottom, 1.0)
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))
    else:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    if panel.mark is not None:
        axes.axvline(panel.mark, color=INK, linewidth=0.8, linestyle=":")
    if panel.line:
        height, name = panel.line
        axes.axhline(height, color=INK, linewidth=0.8, linestyle=":")
        label = axes.text(
            0.99, height, name, transform=axes.get_yaxis_transform(), va="bottom", ha="right",
            fontsize=8.5, color=INK,
        )  # fmt: skip
        label.set_in_layout(False)  # it lies within the panel


def _ticks(panel: CurvePanel) -> list[float]:
    """Return the places whose labels have room on a logarithmic axis."""
    places = panel.curves[0].places
    gap = _TICK_GAP * np.log(max(places) / min(places))
    kept = [] if panel.mark is None else [panel.mark]
    for place in places:
        if all(abs(np.log(place / other)) >= gap for other in kept):
            kept.append(place)
    return kept
