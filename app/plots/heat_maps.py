"""Heat maps laid over the image that they explain, and how faithful they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.plots.pixels import CRISP_SIDE
from app.plots.style import BLUE, FAINT, VERMILLION, WIDTH, styled

_HEAT, _SIGNED_HEAT = "inferno", "RdBu_r"
_ROW_HEIGHT = 2.75  # inches
_SHOWN_SHARE = 0.998  # a few pixels may be hotter than the scale, or the rest would be dark
_LEAST_OPACITY, _MOST_OPACITY = 0.1, 0.9
_FADED = 0.55  # how dark the darkest of the image below the heat is


@dataclass(frozen=True)
class HeatMap:
    """An explanation of one image.

    Attributes:
        title: Whose, and of which class.
        image: `(H, W, C)` uint8.
        heat: `(H', W')`, of which negative values speak against the class.
        label: What the values are, with their unit.
        shares: `(S,)` shares of pixels changed.
        deletion: `(S,)` probabilities of the class while the hottest pixels are covered.
        insertion: `(S,)` the same while they are laid onto a blurred image.
        areas: Below both curves, deletion first.
    """

    title: str
    image: np.ndarray
    heat: np.ndarray
    label: str
    shares: np.ndarray
    deletion: np.ndarray
    insertion: np.ndarray
    areas: tuple[float, float]


@styled()
def heat_map_sheet(maps: Sequence[HeatMap], *, title: str) -> Figure:
    """Draw a row per explanation: the image, the heat over it, and both curves.

    Args:
        maps: At least one.
        title: Says what is seen.
    """
    figure = Figure(figsize=(WIDTH, 0.5 + _ROW_HEIGHT * len(maps)))
    figure.suptitle(title, x=0.01, ha="left")
    rows = figure.subplots(
        len(maps), 4, squeeze=False, gridspec_kw={"width_ratios": (1.0, 1.0, 0.06, 1.1)}
    )
    for (plain, over, bar, curves), one in zip(rows, maps, strict=True):
        _show(plain, one.image)
        plain.set_title(one.title, fontsize=10)
        _overlay(over, bar, one)
        _curves(curves, one)
    return figure


def _show(axes: Axes, image: np.ndarray) -> None:
    axes.imshow(
        image[..., 0] if image.shape[-1] == 1 else image,
        cmap="gray",
        vmin=0,
        vmax=255,
        interpolation="nearest" if max(image.shape[:2]) < CRISP_SIDE else "antialiased",
    )
    axes.set_axis_off()


def _overlay(axes: Axes, bar_axes: Axes, one: HeatMap) -> None:
    """Lay the heat over a faded image: the hotter, the less of the image shows through."""
    height, width = one.image.shape[:2]
    grey = one.image.astype(np.float32).mean(axis=-1)
    axes.imshow(255 - _FADED * (255 - grey), cmap="gray", vmin=0, vmax=255)
    axes.set_title(" \n ", fontsize=10)  # as tall as its neighbour's
    sizes = np.abs(one.heat)
    top = float(np.quantile(sizes, _SHOWN_SHARE)) or float(sizes.max())
    signed = bool((one.heat < 0).any())
    if top > 0:
        scale = Normalize(-top if signed else 0.0, top)
        colours = ScalarMappable(scale, matplotlib.colormaps[_SIGNED_HEAT if signed else _HEAT])
        pixels = colours.to_rgba(one.heat)
        span = _MOST_OPACITY - _LEAST_OPACITY
        pixels[..., 3] = _LEAST_OPACITY + span * np.minimum(sizes / top, 1.0)
        axes.imshow(
            pixels,
            extent=(-0.5, width - 0.5, height - 0.5, -0.5),
            interpolation="nearest",
        )
        beyond = "both" if signed else "max"
        extend = beyond if sizes.max() > top else "neither"
        bar = axes.figure.colorbar(colours, cax=bar_axes, extend=extend)
        bar.set_label(one.label, fontsize=9)
        bar.outline.set_visible(False)
    else:
        axes.set_xlabel("nothing here speaks for this class")
        bar_axes.set_axis_off()
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def _curves(axes: Axes, one: HeatMap) -> None:
    deletion, insertion = one.areas
    axes.plot(one.shares, one.deletion, color=VERMILLION, label=f"deleted, area {deletion:.2f}")
    axes.plot(one.shares, one.insertion, color=BLUE, label=f"inserted, area {insertion:.2f}")
    axes.set(xlim=(0, 1), ylim=(-0.02, 1.02))
    axes.set_xlabel("share of pixels, hottest first", fontsize=9)
    axes.set_title("probability of the class", fontsize=10)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.legend(fontsize=8, loc="best", frameon=True, framealpha=0.9, edgecolor=FAINT)
