"""Accuracies of repeated runs, a row of dots for each setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.figures.canvas.annotation import add_title, legend_below
from app.figures.canvas.style import BLUE, INK, VERMILLION, WIDTH, styled
from app.figures.canvas.text import wrap

_LABELS = ("validation, mean", "validation, runs", "test, runs")
_NAME_WIDTH, _NAME_SIZE = 380, 9  # pixels, points


@dataclass(frozen=True)
class RepeatedRuns:
    """The runs of one setting.

    Attributes:
        name: Name of the setting.
        validation: `(R,)` accuracies on validation images.
        interval: 95% interval of their mean, or `None`.
        test: `(R,)` accuracies on test images; empty if they were not used.
    """

    name: str
    validation: Sequence[float]
    interval: tuple[float, float] | None = None
    test: Sequence[float] = ()

    @property
    def mean(self) -> float:
        """Mean validation accuracy."""
        return sum(self.validation) / len(self.validation)


@styled()
def repeated_runs(rows: Sequence[RepeatedRuns], *, axis: str, title: str, note: str) -> Figure:
    """Draw the accuracies of every run, and their mean with its interval, by setting.

    Args:
        rows: Settings from top to bottom.
        axis: Name of what was measured, such as `accuracy`.
        title: Title of the figure.
        note: Note in small print.
    """
    figure = Figure(figsize=(WIDTH, 2.0 + 0.42 * len(rows)))
    add_title(figure, title)
    axes = figure.subplots()
    for place, row in enumerate(rows):
        low, high = row.interval or (row.mean, row.mean)
        mean, runs, test = _LABELS if place == 0 else (None, None, None)
        axes.errorbar(
            row.mean, place, xerr=[[row.mean - low], [high - row.mean]], marker="D", markersize=6,
            color=BLUE, elinewidth=1.6, linestyle="", zorder=3, label=mean,
        )  # fmt: skip
        axes.plot(
            row.validation, [place - 0.2] * len(row.validation), "o", color=BLUE, markersize=5,
            alpha=0.5, markeredgewidth=0, label=runs,
        )  # fmt: skip
        if row.test:
            axes.plot(
                row.test, [place + 0.2] * len(row.test), "s", color=VERMILLION, markersize=5,
                alpha=0.6, markeredgewidth=0, label=test,
            )  # fmt: skip
    names = ["\n".join(wrap(row.name, _NAME_WIDTH, _NAME_SIZE)) for row in rows]
    axes.set_yticks(range(len(rows)), names, color=INK)
    axes.set(xlabel=axis, ylim=(len(rows) - 0.5, -0.5))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(axis="y", visible=False)
    legend_below(figure, axes, note)
    return figure
