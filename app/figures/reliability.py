"""Reliability diagram: whether probabilities are as high as they should be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from app.evaluate import EvaluationResult
from app.figures.canvas.annotation import add_title, legend_below
from app.figures.canvas.style import INK, PALETTE, WIDTH, styled
from app.statistics.calibration import Calibration

_NOTE = (
    "Above the dotted line, a model is underconfident; below, overconfident. Points: mean "
    "confidence and accuracy of the images in one of 15 bins, with the 95% Wilson interval. ECE: "
    "expected calibration error."
)
_MARKERS = "osD^vP*X"


def reliability_figure(result: EvaluationResult, others: Mapping[str, Calibration]) -> Figure:
    """Draw the calibration of an evaluated model, and others by their names."""
    title = f"Reliability diagram: {result.model} on {result.shown_dataset}, {result.split}"
    return reliability_diagram({result.model: result.calibration, **others}, title)


@styled()
def reliability_diagram(models: Mapping[str, Calibration], title: str) -> Figure:
    """Draw accuracy against confidence, and below it how many images have which confidence.

    Args:
        models: Calibration of each model by its name, at most eight.
        title: Title of the figure.

    Source: A. Niculescu-Mizil, R. Caruana, Predicting good probabilities with supervised learning,
        ICML 2005.
    """
    figure = Figure(figsize=(WIDTH, 7.0))
    add_title(figure, title)
    top, bottom = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (2.6, 1.0)})
    top.plot((0, 1), (0, 1), color=INK, linewidth=0.9, linestyle=":", label="calibrated")
    lowest = 1.0
    for (name, found), color, marker in zip(models.items(), PALETTE, _MARKERS, strict=False):
        filled = np.flatnonzero(found.images)
        lowest = min(lowest, float(found.edges[filled[0]]))
        bins = [one for one in found.accuracies() if one is not None]
        accuracy, low, high = np.transpose(bins)
        top.errorbar(
            found.confidence[filled], accuracy, yerr=(accuracy - low, high - accuracy),
            color=color, marker=marker, markersize=5, elinewidth=1.0, capsize=2,
            label=f"{name} (ECE {found.error:.4f})",
        )  # fmt: skip
        bottom.stairs(found.images, found.edges, color=color, linewidth=1.6)
    top.set(ylabel="accuracy", ylim=(0, 1.02), xlim=(lowest, 1.005))
    bottom.set(ylabel="images", xlabel="confidence (probability of the predicted class)")
    bottom.set_yscale("log")
    bottom.set_ylim(bottom=0.7)
    for axis in (top.xaxis, top.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    bottom.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    legend_below(figure, top, _NOTE)
    return figure
