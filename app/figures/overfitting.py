"""Training and validation curves of several settings: the gap between them is overfitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from app.figures.canvas.annotation import add_title
from app.figures.canvas.style import BLUE, INK, VERMILLION, WIDTH, styled

_COLUMNS = 4

History = Sequence[Mapping[str, float]]


@styled()
def overfitting_curves(
    runs: Mapping[str, Sequence[History]], title: str, *, metric: str = "accuracy"
) -> Figure:
    """Draw one panel per setting with the mean over its runs and a band from lowest to highest.

    Args:
        runs: Histories of equal length by the title of their panel, one per seed; rows hold
            `epoch`, the metric, and `val_` with the metric.
        title: Title of the figure.
        metric: `accuracy` or `loss`.

    Returns:
        A figure with up to four panels in a row, on shared axes.
    """
    columns = min(_COLUMNS, len(runs))
    rows = -(-len(runs) // columns)
    figure = Figure(figsize=(WIDTH, 0.7 + 2.7 * rows))
    add_title(figure, title)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes, (name, histories) in zip(panels.flat, runs.items(), strict=False):
        ends: list[float] = []
        for key, what, color in (
            (metric, "training", BLUE),
            (f"val_{metric}", "validation", VERMILLION),
        ):
            epochs = [row["epoch"] for row in histories[0]]
            values = np.array([[row[key] for row in history] for history in histories])
            axes.fill_between(epochs, values.min(0), values.max(0), color=color, alpha=0.2, lw=0)
            axes.plot(epochs, values.mean(0), color=color, label=what)
            ends.append(float(values.mean(0)[-1]))
        for end, upper in zip(ends, (ends[0] >= ends[1], ends[0] < ends[1]), strict=True):
            axes.annotate(
                f"{end:.0%}" if metric == "accuracy" else f"{end:.2f}",
                (epochs[-1], end),
                xytext=(3, 0),
                textcoords="offset points",
                # One above the other, even if the curves meet.
                va="bottom" if upper else "top",
                fontsize=9,
                color=INK,
                annotation_clip=False,
            )
        axes.set_title(name, fontsize=9.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        axes.set_xlabel("epoch")
    for axes in panels.flat[len(runs) :]:
        axes.set_visible(False)
    for axes in panels[:, 0]:
        axes.set_ylabel(metric if metric == "accuracy" else "cross-entropy loss")
    if metric == "accuracy":
        panels[0, 0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    panels[0, 0].legend(loc="lower right")
    return figure
