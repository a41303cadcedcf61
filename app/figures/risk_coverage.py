"""Risk-coverage curves: the error if only the most confident predictions are used."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.evaluate import EvaluationResult
from app.figures.canvas.annotation import add_title, legend_below
from app.figures.canvas.style import WIDTH, styled
from app.statistics.selective import RiskCoverage

_NOTE = (
    "From right to left, the least confident predictions are left out. If confidence tells right "
    "from wrong, the error falls. AURC: area under the curve."
)


def risk_coverage_figure(result: EvaluationResult) -> Figure:
    """Draw the risk-coverage curve of an evaluated model."""
    title = f"Risk and coverage: {result.model} on {result.shown_dataset}, {result.split}"
    return risk_coverage_curves({result.model: result.risk_coverage}, title)


@styled()
def risk_coverage_curves(models: Mapping[str, RiskCoverage], title: str) -> Figure:
    """Draw the error against the share of images that are classified.

    Args:
        models: Curve of each model by its name.
        title: Title of the figure.

    Source: Y. Geifman, R. El-Yaniv, Selective classification for deep neural networks, NeurIPS
        2017.
    """
    figure = Figure(figsize=(WIDTH, 4.5))
    add_title(figure, title)
    axes = figure.subplots()
    for name, curve in models.items():
        axes.plot(curve.coverage, curve.risk, label=f"{name} (AURC {curve.area:.4f})")
    axes.set(
        xlabel="coverage (share of images that are classified, the most confident first)",
        ylabel="risk (error among them)", xlim=(0, 1.005),
    )  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    legend_below(figure, axes, _NOTE)
    return figure
