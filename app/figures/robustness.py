"""Errors on corrupted images as a table, and under adversarial attacks as curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from app.figures.canvas.annotation import add_title, legend_below
from app.figures.canvas.pixels import draw_pixels
from app.figures.canvas.sheet import GAP, MARGIN, Sheet, line_height
from app.figures.canvas.style import INK, PALETTE, PIXELS_WIDE, WIDTH, styled
from app.figures.canvas.text import cut_to, fitting_size

_NAME_WIDTH, _THUMBNAIL, _MOST_WIDE_CELL = 190, 84, 170
_MARKERS = "osD^vP"
_HEADINGS = (8, 7, 6)  # sizes of models' names, in points
_SHADES = "Oranges"


@dataclass(frozen=True)
class CorruptionRow:
    """A row of the table.

    Attributes:
        name: Name of the corruption.
        images: One image at each severity, or nothing.
        values: One value per model.
        of_shares: Whether the values are shares, drawn as shaded percentages.
    """

    name: str
    images: Sequence[np.ndarray]
    values: Sequence[float]
    of_shares: bool = True


class Attack(NamedTuple):
    """The error of a model at each size of perturbation, in levels of 255."""

    levels: tuple[int, ...]
    errors: tuple[float, ...]


@styled()
def corruption_table(
    rows: Sequence[CorruptionRow], models: Sequence[str], *, title: str, note: str
) -> Figure:
    """Draw a row per corruption: its name, example images, and the error of each model.

    Args:
        rows: Rows from top to bottom.
        models: Names of the models, one per column.
        title: Title of the figure.
        note: Note in small print.
    """
    sheet = Sheet(title, note)
    most = max(len(row.images) for row in rows)
    left = MARGIN + _NAME_WIDTH + most * (_THUMBNAIL + 6) + GAP
    wide = min(_MOST_WIDE_CELL, (PIXELS_WIDE - MARGIN - left) / len(models))
    heading = fitting_size(models, wide - 4, _HEADINGS)
    for number, model in enumerate(models):
        text = cut_to(model, wide - 4, heading)
        middle = left + number * wide + (wide - 4) / 2
        sheet.text(middle, sheet.y, text, size=heading, ha="center")
    sheet.y += line_height(_HEADINGS[0]) + 4
    shades = matplotlib.colormaps[_SHADES]
    for row in rows:
        tall = _THUMBNAIL if row.images else 40
        middle_of_row = sheet.y + tall / 2.0
        sheet.text(MARGIN, middle_of_row, row.name, va="center", size=11)
        for place, image in enumerate(row.images):
            x = MARGIN + _NAME_WIDTH + place * (_THUMBNAIL + 6)
            sheet.image(image, (x, sheet.y, _THUMBNAIL, _THUMBNAIL))
        for number, value in enumerate(row.values):
            at = left + number * wide
            dark = row.of_shares and value > 0.6
            if row.of_shares:
                face = shades(0.85 * value)
                sheet.axes.add_patch(
                    Rectangle((at, sheet.y), wide - 4, tall, facecolor=face, edgecolor="none")
                )
            text = f"{100 * value:.1f}%" if row.of_shares else f"{value:.2f}"
            sheet.text(
                at + (wide - 4) / 2, middle_of_row, text, ha="center", va="center", size=11,
                color="white" if dark else INK,
            )  # fmt: skip
        sheet.y += tall + 6
    return sheet.finish(sheet.y)


@styled()
def attack_curves(
    attacks: Mapping[str, Mapping[str, Attack]],
    images: Sequence[tuple[str, np.ndarray, str]],
    *,
    title: str,
    note: str,
) -> Figure:
    """Draw the error of each model against the size of the perturbation, and one attacked image.

    Args:
        attacks: Curves by the name of the attack, then of the model.
        images: Text above, `(H, W, C)` uint8, text below.
        title: Title of the figure.
        note: Note in small print.
    """
    figure = Figure(figsize=(WIDTH, 5.0))
    add_title(figure, title)
    grid = figure.add_gridspec(2, 1, height_ratios=(2.3, 1.2))
    panels = grid[0].subgridspec(1, len(attacks)).subplots(sharey=True, squeeze=False)
    for axes, (name, models) in zip(panels[0], attacks.items(), strict=True):
        for number, (model, attack) in enumerate(models.items()):
            axes.plot(
                attack.levels, attack.errors, label=model, color=PALETTE[number % len(PALETTE)],
                marker=_MARKERS[number % len(_MARKERS)],
            )  # fmt: skip
        axes.set(title=name, xlabel="perturbation size ε (levels of 255)", ylim=(-0.03, 1.03))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    first = panels[0, 0]
    first.set_ylabel("error")
    legend_below(figure, first, note)
    strip = grid[1].subgridspec(1, len(images)).subplots(squeeze=False)
    for axes, (above, image, below) in zip(strip[0], images, strict=True):
        _show(axes, image, above, below)
    return figure


def _show(axes: Axes, image: np.ndarray, above: str, below: str) -> None:
    draw_pixels(axes, image)
    axes.set_title(above, fontsize=9, loc="center")
    axes.set_xlabel(below, fontsize=9)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
