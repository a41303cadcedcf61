"""Receptive field, linear probe accuracy and class selectivity of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.figures.canvas.annotation import add_note, add_title
from app.figures.canvas.style import BLUE, GREEN, INK, ORANGE, WIDTH, styled

_MOST_UPRIGHT = 6


class LayerProbe(NamedTuple):
    """Measurements of one layer: width of the receptive field in pixels, and two shares."""

    name: str
    receptive_field: float
    accuracy: float
    selectivity: float


@styled()
def probe_curves(layers: Sequence[LayerProbe], *, chance: float, title: str, note: str) -> Figure:
    """Draw three curves over the layers of a network.

    Args:
        layers: Layers in order.
        chance: Accuracy of guessing.
        title: Title of the figure.
        note: Note in small print.
    """
    figure = Figure(figsize=(WIDTH, 3.6))
    add_title(figure, title)
    places = range(len(layers))
    panels = figure.subplots(1, 3)
    for axes, values, name, color in zip(
        panels,
        zip(*(layer[1:] for layer in layers), strict=True),
        ("receptive field (pixels)", "linear probe accuracy", "class selectivity"),
        (ORANGE, BLUE, GREEN),
        strict=True,
    ):
        axes.plot(places, values, marker="o", color=color)
        axes.set_title(name, fontsize=10)
        axes.set_ylim(bottom=0)
        axes.set_xticks(
            list(places), [layer.name for layer in layers], fontsize=8, ha="right",
            rotation_mode="anchor", rotation=60 if len(layers) > _MOST_UPRIGHT else 30,
        )  # fmt: skip
    panels[1].axhline(chance, color=INK, linewidth=0.8, linestyle=":")
    panels[1].annotate(
        "chance", (0, chance), xytext=(0, 3), textcoords="offset points", fontsize=8, color=INK
    )
    for axes in panels[1:]:
        axes.set_ylim(0, 1.02)
    panels[1].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    add_note(figure, note)
    return figure
