"""Augmentation ranges of automatic domain randomization over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from app.figures.canvas.annotation import add_title
from app.figures.canvas.style import BLUE, INK, VERMILLION, WIDTH, styled

_COLUMNS = 5

History = Sequence[Mapping[str, float]]


@styled()
def randomization_ranges(
    history: History, limits: Mapping[str, tuple[str, float, str]], title: str
) -> Figure:
    """Draw validation accuracy and each limit of a range over the epochs.

    Args:
        history: Rows with `epoch`, `val_accuracy` and the columns of `limits`, one per epoch.
        limits: Name, largest value and unit by column.
        title: Name of the run.

    Returns:
        A figure with one panel per column; largest values are dotted.
    """
    count = len(limits) + 1
    rows = -(-count // _COLUMNS)
    figure = Figure(figsize=(WIDTH, 0.6 + 1.9 * rows))
    add_title(figure, f"{title}: augmentation ranges over training")
    panels = list(figure.subplots(rows, _COLUMNS, squeeze=False).flat)
    epochs = [row["epoch"] for row in history]
    marker = "o" if len(epochs) < 15 else None
    panels[0].plot(
        epochs, [row["val_accuracy"] for row in history], color=VERMILLION, marker=marker
    )
    panels[0].set_title("validation accuracy", fontsize=9.5)
    panels[0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for axes, (column, (name, limit, unit)) in zip(panels[1:], limits.items(), strict=False):
        axes.plot(epochs, [row[column] for row in history], color=BLUE, marker=marker)
        axes.axhline(limit, color=INK, linewidth=0.8, linestyle=":")
        axes.set_ylim(-0.04 * limit, 1.08 * limit)
        axes.set_title(name, fontsize=9.5)
        axes.set_ylabel(unit, fontsize=8.5)
    for axes in panels[:count]:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
    for axes in panels[max(0, count - _COLUMNS) : count]:
        axes.set_xlabel("epoch", fontsize=9.5)
    for axes in panels[count:]:
        axes.set_visible(False)
    return figure
