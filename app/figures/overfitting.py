"""Training and validation curves of several settings: the gap between them is overfitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from app.figures.canvas.annotation import add_title, legend_below
from app.figures.canvas.style import BLUE, INK, VERMILLION, WIDTH, styled

_COLUMNS = 4
_LABELS = {"accuracy": "accuracy", "loss": "cross-entropy loss"}

History = Sequence[Mapping[str, float]]


@styled()
def overfitting_curves(
    runs: Mapping[str, Sequence[History]],
    title: str,
    *,
    metrics: Sequence[str] = ("accuracy",),
    measured: str = "validation",
    note: str = "",
) -> Figure:
    """Draw the curves of every run, one panel per setting and metric.

    Args:
        runs: Histories, of any length, by the title of their panel, one per seed; rows hold
            `epoch`, the metrics, and `val_` with each metric.
        title: Title of the figure.
        metrics: `accuracy`, `loss` or both: a row of panels each.
        measured: Name of the images whose values have `val_`.
        note: Note in small print.

    Returns:
        A figure with up to four settings in a row; panels of one metric share their axes.
    """
    columns = min(_COLUMNS, len(runs))
    blocks = -(-len(runs) // columns)
    figure = Figure(figsize=(WIDTH, 1.1 + 2.5 * blocks * len(metrics)))
    add_title(figure, title)
    panels = figure.subplots(
        blocks * len(metrics), columns, sharex=True, sharey=len(metrics) == 1 or "row",
        squeeze=False,
    )  # fmt: skip
    for axes in panels.flat:
        axes.set_visible(False)
    for place, (name, histories) in enumerate(runs.items()):
        block, column = divmod(place, columns)
        for number, metric in enumerate(metrics):
            axes = panels[block * len(metrics) + number, column]
            axes.set_visible(True)
            _panel(axes, histories, metric, measured)
            if number == 0:
                axes.set_title(name, fontsize=9.5)
            if column == 0:
                axes.set_ylabel(_LABELS[metric])
            if number == len(metrics) - 1:
                axes.set_xlabel("epoch")
    legend_below(figure, panels[0, 0], note)
    return figure


def _panel(axes: Axes, histories: Sequence[History], metric: str, measured: str) -> None:
    ends = []
    for key, what, color in ((metric, "training", BLUE), (f"val_{metric}", measured, VERMILLION)):
        for number, history in enumerate(histories):
            axes.plot(
                [row["epoch"] for row in history], [row[key] for row in history], color=color,
                linewidth=1.2, alpha=0.7, label=what if number == 0 else None,
            )  # fmt: skip
        ends.append(float(np.mean([history[-1][key] for history in histories])))
    for end, upper in zip(ends, (ends[0] >= ends[1], ends[0] < ends[1]), strict=True):
        axes.annotate(
            f"{end:.0%}" if metric == "accuracy" else f"{end:.2f}",
            (1.0, end), xycoords=("axes fraction", "data"), xytext=(3, 0),
            textcoords="offset points",
            # One above the other, even if the curves meet.
            va="bottom" if upper else "top", fontsize=9, color=INK, annotation_clip=False,
        )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    if metric == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
