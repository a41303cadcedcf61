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
    """Measurements of one layer.

    Attributes:
        name: Name of the layer.
        receptive_field: Width of the theoretical receptive field, in pixels.
        trained: Accuracy of a linear probe, and both ends of its interval.
        untrained: The same of the network with random weights.
        gain: Difference between the two, and both ends of its interval.
        selectivity: Class selectivity.
        shuffled: Class selectivity for shuffled labels, which is not zero.
    """

    name: str
    receptive_field: float
    trained: tuple[float, float, float]
    untrained: tuple[float, float, float]
    gain: tuple[float, float, float]
    selectivity: float
    shuffled: float


@styled()
def probe_curves(layers: Sequence[LayerProbe], *, chance: float, title: str, note: str) -> Figure:
    """Draw receptive field, probe accuracies and class selectivity over the layers of a network.

    Args:
        layers: Layers in order.
        chance: Accuracy of guessing.
        title: Title of the figure.
        note: Note in small print.
    """
    figure = Figure(figsize=(WIDTH, 3.9))
    add_title(figure, title)
    places = list(range(len(layers)))
    field, probes, classes = figure.subplots(1, 3)
    field.plot(places, [layer.receptive_field for layer in layers], marker="o", color=ORANGE)
    for name, marker, color in (("trained", "o", BLUE), ("untrained", "s", INK)):
        values, lows, highs = zip(*(getattr(layer, name) for layer in layers), strict=True)
        probes.fill_between(places, lows, highs, color=color, alpha=0.18, linewidth=0)
        probes.plot(places, values, marker=marker, color=color, label=name)
    for name, marker, color in (("selectivity", "o", GREEN), ("shuffled", "s", INK)):
        label = "true labels" if name == "selectivity" else "shuffled labels"
        heights = [getattr(layer, name) for layer in layers]
        classes.plot(places, heights, marker=marker, color=color, label=label)
    probes.axhline(chance, color=INK, linewidth=0.8, linestyle=":", label="chance")
    for axes, name in (
        (field, "receptive field (pixels)"), (probes, "linear probe accuracy"),
        (classes, "class selectivity"),
    ):  # fmt: skip
        axes.set_title(name, fontsize=10)
        axes.set_ylim(bottom=0)
        axes.set_xticks(
            places, [layer.name for layer in layers], fontsize=8, ha="right",
            rotation_mode="anchor", rotation=60 if len(layers) > _MOST_UPRIGHT else 30,
        )  # fmt: skip
    for axes in (probes, classes):
        axes.set_ylim(0, 1.02)
    probes.legend(loc="lower left", fontsize=8)
    classes.legend(loc="upper left", fontsize=8)
    probes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    add_note(figure, note)
    return figure
