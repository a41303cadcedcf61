"""The chapter of a report with everything measured on the images of a split."""

from __future__ import annotations

from app.evaluate import EvaluationResult
from app.figures.canvas.style import Figure
from app.figures.evaluation import confusion_figure, errors_figure, labels_figure
from app.figures.ranking import ranking_figure
from app.figures.reliability import reliability_figure
from app.figures.risk_coverage import risk_coverage_figure
from app.report.page import Download, Picture, Section, Table, picture_of

_WORST = 18  # errors


def evaluation_section(result: EvaluationResult) -> Section:
    """Return metrics, figures, and a CSV file of all probabilities, as one chapter."""
    evaluation = result.evaluation
    majority, share = evaluation.majority
    columns = ("class", "images", "recall", "precision", "F1", "AUROC", "average precision")
    name = f"{result.model}-{result.split}-predictions.csv"
    return Section(
        "Measured",
        f"On {result.shown_dataset}, {result.split}: accuracy {evaluation.accuracy_text}, "
        f"balanced accuracy {evaluation.balanced_accuracy:.2%}, macro F1 "
        f"{evaluation.macro_f1:.2%}, AUROC {_area(result.auroc)}, average precision "
        f"{_area(result.average_precision)}, loss {evaluation.loss:.4f}, expected calibration "
        f"error {result.calibration.error:.4f}, {evaluation.n:,} images. Always predicting "
        f"'{majority}' would be right in {share:.2%}.",
        Table(_rows(result), columns, range(1, len(columns))),
        _pictures(result),
        download=Download(name, result.csv_text().encode(), "text/csv"),
    )


def _rows(result: EvaluationResult) -> list[tuple[str, ...]]:
    rows = []
    for k, (name, row) in enumerate(result.evaluation.per_class().items()):
        curves = result.ranking.get(k)
        rows.append((
            name, f"{row['n']:,}", *(f"{row[key]:.2%}" for key in ("recall", "precision", "f1")),
            _area(curves.auroc if curves else None),
            _area(curves.average_precision if curves else None),
        ))  # fmt: skip
    return rows


def _area(area: float | None) -> str:
    return "undefined" if area is None else f"{area:.4f}"


def _pictures(result: EvaluationResult) -> list[Picture]:
    title = f"{result.model} on {result.shown_dataset}, {result.split}"
    one_label = result.labels.ndim == 1
    figures: dict[str, Figure | None] = {
        "Confusion matrix": confusion_figure(result) if one_label else None,
        "Labels": None if one_label else labels_figure(result),
        "ROC and precision-recall curves": ranking_figure(result),
        "Reliability diagram": reliability_figure(result, {}) if one_label else None,
        "Risk and coverage": risk_coverage_figure(result) if one_label else None,
        "The most confident errors": errors_figure(result, _WORST),
    }
    return [
        picture_of(figure, f"{what} of {title}")
        for what, figure in figures.items()
        if figure is not None
    ]
