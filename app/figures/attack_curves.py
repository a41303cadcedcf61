"""Robust accuracy under adversarial attacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.figures.canvas.annotation import add_title, legend_below
from app.figures.canvas.pixels import draw_pixels
from app.figures.canvas.style import PALETTE, WIDTH, styled

_MARKERS = "osD^vP"


class Attack(NamedTuple):
    """The accuracy of a model at each size of perturbation.

    Attributes:
        levels: Sizes in levels of 255.
        shares: For each of them accuracy, lower and upper end of its interval.
    """

    levels: Sequence[int]
    shares: Sequence[tuple[float, float, float]]


@styled()
def attack_curves(
    attacks: Mapping[str, Mapping[str, Attack]],
    images: Sequence[tuple[str, np.ndarray, str]],
    *,
    title: str,
    note: str,
) -> Figure:
    """Draw the accuracy of each model against the size of the perturbation, and one attacked image.

    Args:
        attacks: Curves by the name of the attack, then of the model.
        images: Text above, `(H, W, C)` uint8, text below.
        title: Title of the figure.
        note: Note in small print.
    """
    figure = Figure(figsize=(WIDTH, 5.2))
    add_title(figure, title)
    grid = figure.add_gridspec(2, 1, height_ratios=(2.3, 1.2))
    panels = grid[0].subgridspec(1, len(attacks)).subplots(sharey=True, squeeze=False)
    for axes, (name, models) in zip(panels[0], attacks.items(), strict=True):
        for number, (model, attack) in enumerate(models.items()):
            _curve(axes, attack, model, number)
        axes.set(title=name, xlabel="k, with ε = k/255 (ℓ∞)", ylim=(-0.03, 1.03))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    first = panels[0, 0]
    first.set_ylabel("accuracy")
    legend_below(figure, first, note)
    strip = grid[1].subgridspec(1, len(images)).subplots(squeeze=False)
    for axes, (above, image, below) in zip(strip[0], images, strict=True):
        _show(axes, image, above, below)
    return figure


def _curve(axes: Axes, attack: Attack, model: str, number: int) -> None:
    color = PALETTE[number % len(PALETTE)]
    values, lows, highs = zip(*attack.shares, strict=True)
    axes.fill_between(attack.levels, lows, highs, color=color, alpha=0.15, linewidth=0)
    axes.plot(
        attack.levels, values, label=model, color=color, marker=_MARKERS[number % len(_MARKERS)]
    )
    # Two sizes may be too close to each other for both their labels.
    ticks = [level for level in attack.levels if not 0 < level < max(attack.levels) / 8]
    axes.set_xticks(ticks)


def _show(axes: Axes, image: np.ndarray, above: str, below: str) -> None:
    draw_pixels(axes, image)
    axes.set_title(above, fontsize=9, loc="center")
    axes.set_xlabel(below, fontsize=9)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
