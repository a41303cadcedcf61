"""Heat maps laid over the image that they explain, and how faithful they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.plots.annotation import add_note, add_title
from app.plots.overlay import heat_scale, overlaid
from app.plots.pixels import draw_pixels
from app.plots.style import BLUE, FAINT, VERMILLION, WIDTH, styled
from app.plots.text import cut_to

_ROW_HEIGHT = 2.75  # inches
_TITLE_WIDTH = 330  # pixels, of an image's title


@dataclass(frozen=True)
class HeatMap:
    """An explanation of one image.

    Attributes:
        model: Whose, and what in it was asked.
        subject: The class, and its probability; one or two lines.
        image: `(H, W, C)` uint8.
        heat: `(H', W')`; negative values are evidence against the class.
        label: What the values are, with their unit.
        shares: `(S,)` shares of pixels changed.
        deletion: `(S,)` probabilities of the class while the hottest pixels are covered.
        insertion: `(S,)` the same while they are laid onto a blurred image.
        areas: Below both curves, deletion first.
        gives_scores: Whether the values of both curves are scores, not probabilities.
    """

    model: str
    subject: str
    image: np.ndarray
    heat: np.ndarray
    label: str
    shares: np.ndarray
    deletion: np.ndarray
    insertion: np.ndarray
    areas: tuple[float, float]
    gives_scores: bool = False


@styled()
def heat_map_sheet(maps: Sequence[HeatMap], *, title: str, note: str) -> Figure:
    """Draw a row per explanation: the image, the heat over it, and both curves.

    A map that is all zero explains nothing: it has neither scale nor curves.

    Args:
        maps: At least one.
        title: Says what is seen.
        note: In small print below.
    """
    figure = Figure(figsize=(WIDTH, 0.9 + _ROW_HEIGHT * len(maps)))
    add_note(figure, note)
    add_title(figure, title)
    rows = figure.subplots(
        len(maps), 4, squeeze=False, gridspec_kw={"width_ratios": (1.0, 1.0, 0.06, 1.1)}
    )
    for (plain, over, bar, curves), one in zip(rows, maps, strict=True):
        lines = (one.model, *one.subject.split("\n"))
        title = "\n".join(cut_to(line, _TITLE_WIDTH, 10, bold=True) for line in lines)
        _show(plain, one.image, title)
        as_tall = "\n".join(" " for _ in lines)
        _show(over, overlaid(one.image, one.heat), as_tall)
        scale = heat_scale(one.heat)
        if scale is None:
            over.set_title("no evidence\nfor this class", fontsize=10)
            bar.set_axis_off()
            curves.set_axis_off()
        else:
            _bar(bar, scale, one)
            _curves(curves, one)
    return figure


def _show(axes: Axes, image: np.ndarray, title: str) -> None:
    draw_pixels(axes, image)
    axes.set_title(title, fontsize=10)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    for side in axes.spines.values():  # so that white borders are seen
        side.set(visible=True, color=FAINT)


def _bar(axes: Axes, scale: ScalarMappable, one: HeatMap) -> None:
    low, high = scale.get_clim()
    beyond = np.abs(one.heat).max() > high
    extend = ("both" if low < 0 else "max") if beyond else "neither"
    bar = axes.figure.colorbar(scale, cax=axes, extend=extend)
    bar.set_label(one.label, fontsize=9)
    bar.outline.set_visible(False)


def _curves(axes: Axes, one: HeatMap) -> None:
    deletion, insertion = one.areas
    axes.plot(one.shares, one.deletion, color=VERMILLION, label=f"deletion {deletion:.2f}")
    axes.plot(one.shares, one.insertion, color=BLUE, label=f"insertion {insertion:.2f}")
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of pixels, most important first", fontsize=9)
    what = "score" if one.gives_scores else "probability"
    axes.set_title(f"class {what}\n ", fontsize=10)  # the legend is the second line
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    if not one.gives_scores:
        axes.set_ylim(-0.02, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.legend(
        fontsize=8.5, loc="lower left", bbox_to_anchor=(-0.05, 0.98), ncols=2, columnspacing=1.0,
        handlelength=1.2,
    )  # fmt: skip
