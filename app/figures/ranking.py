"""ROC and precision-recall curves of the classes of a model, or of several models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from app.evaluate import EvaluationResult
from app.figures.canvas.annotation import add_title, legend_below
from app.figures.canvas.style import INK, PALETTE, WIDTH, styled
from app.figures.canvas.text import cut_to
from app.statistics.ranking import RankingCurves, mean_curves

_MOST_NAMED = 4  # classes; of more, only the worst are named
_NAME_WIDTH, _NAME_SIZE = 180, 10  # pixels, points
_CORNERS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)  # of the square; else all of it is drawn
_NOTE = (
    "Each class against all others. AUROC: area under the ROC curve, chance is 0.5. AP: average "
    "precision, the area under the precision-recall curve; chance is the share of the class. Mean: "
    "macro average over the classes."
)


class RankingLine(NamedTuple):
    """Curves of one class or model, and how they are drawn; without a label, thin and gray."""

    curves: RankingCurves
    label: str = ""
    color: str = "#BBBBBB"


def ranking_figure(result: EvaluationResult) -> Figure | None:
    """Draw the curves of an evaluated model; return `None` if all images are of one class.

    Of more than four classes, the mean and the three with the lowest average precision are named.
    """
    curves = result.ranking
    if not curves:
        return None
    worst = sorted(curves, key=lambda k: (curves[k].average_precision, k))
    named = worst if len(worst) <= _MOST_NAMED else worst[: _MOST_NAMED - 1]
    lines = [RankingLine(curves[k]) for k in worst if k not in named]
    for k, color in zip(named, PALETTE, strict=False):
        name = cut_to(result.class_names[k], _NAME_WIDTH, _NAME_SIZE)
        lines.append(RankingLine(curves[k], name, color))
    lines.append(RankingLine(mean_curves(curves), "mean", INK))
    title = f"ROC and precision-recall: {result.model} on {result.shown_dataset}, {result.split}"
    return ranking_diagram(lines, title)


def ranking_of_models(models: Mapping[str, RankingCurves], title: str) -> Figure:
    """Draw the mean curves of each model by its name, at most eight."""
    lines = [
        RankingLine(curves, name, color)
        for (name, curves), color in zip(models.items(), PALETTE, strict=False)
    ]
    return ranking_diagram(lines, title)


@styled()
def ranking_diagram(lines: Sequence[RankingLine], title: str) -> Figure:
    """Draw ROC and precision-recall curves, or their upper corners if all curves are there.

    Args:
        lines: Curves, from back to front.
        title: Title of the figure.
    """
    figure = Figure(figsize=(WIDTH, 5.2))
    add_title(figure, title)
    roc, precision = figure.subplots(1, 2)
    corner = max(_corner_of(line.curves) for line in lines)
    for curves, label, color in lines:
        width = 1.8 if label else 0.8
        text = f"{label} (AUROC {curves.auroc:.4f}, AP {curves.average_precision:.4f})"
        roc.plot(
            curves.false_positive_rate, curves.true_positive_rate, color=color, linewidth=width,
            label=text if label else None,
        )  # fmt: skip
        precision.plot(
            curves.recall, curves.precision, color=color, linewidth=width, drawstyle="steps-pre"
        )
    if corner == 1:
        roc.plot((0, 1), (0, 1), color=INK, linewidth=0.9, linestyle=":")
    margin = corner / 50
    upper = (1 - corner - margin, 1 + margin)
    where = "" if corner == 1 else ", a corner of it"
    roc.set(title=f"ROC{where}", xlim=(-margin, corner + margin), ylim=upper)
    roc.set(xlabel="false positive rate", ylabel="true positive rate")
    precision.set(title=f"precision-recall{where}", xlim=upper, ylim=upper)
    precision.set(xlabel="recall", ylabel="precision")
    for axes in (roc, precision):
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1.0))
            axis.set_major_locator(MaxNLocator(5))
    legend_below(figure, roc, _NOTE)
    return figure


def _corner_of(curves: RankingCurves) -> float:
    """Return the side of the upper corners that show where both curves turn, at most 1."""
    equal_error = np.maximum(curves.false_positive_rate, 1 - curves.true_positive_rate).min()
    break_even = np.maximum(1 - curves.recall, 1 - curves.precision).min()
    needed = 4 * max(float(equal_error), float(break_even))
    return next((side for side in _CORNERS if needed <= side), 1.0)
