"""The metrics of an evaluated model as tables: all of them, then those of each class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.tables import print_table

if TYPE_CHECKING:
    from app.evaluate import EvaluationResult
    from app.multi_label import MultiLabelEvaluation


def print_metrics(result: EvaluationResult) -> None:
    """Print metrics with their meaning."""
    from app.multi_label import MultiLabelEvaluation

    evaluation = result.evaluation
    if isinstance(evaluation, MultiLabelEvaluation):
        rows = _label_metrics(result, evaluation)
    else:
        rows = _metrics(result)
    print_table(["metric", "value", "meaning"], rows, right="value")


def print_classes(result: EvaluationResult) -> None:
    """Print the metrics of each class; of a multi-label model, at its threshold."""
    from app.multi_label import MultiLabelEvaluation

    evaluation = result.evaluation
    if isinstance(evaluation, MultiLabelEvaluation):
        _print_labels(result, evaluation)
        return
    print_table(
        ["class", "images", "recall", "precision", "F1", "most often confused with"],
        [
            [name, f"{row['n']:,}", f"{row['recall']:.2%}", f"{row['precision']:.2%}",
             f"{row['f1']:.2%}", _confusions(evaluation.confused_with(name)[:2])]
            for name, row in evaluation.per_class().items()
        ],
        right="images|recall|precision|F1",
    )  # fmt: skip


def _print_labels(result: EvaluationResult, evaluation: MultiLabelEvaluation) -> None:
    rows = []
    for k, (name, row) in enumerate(evaluation.per_class().items()):
        curves = result.ranking.get(k)
        rows.append([
            name, f"{row['n']:,}", f"{evaluation.thresholds[k]:.4f}",
            *(f"{row[key]:.2%}" for key in ("recall", "precision", "f1")),
            _area(curves.auroc if curves else None),
            _area(curves.average_precision if curves else None),
        ])  # fmt: skip
    columns = ["class", "images", "threshold", "recall", "precision", "F1", "AUROC", "AP"]
    print_table(columns, rows, right="|".join(columns[1:]), optional=("AP", "images"))


def _metrics(result: EvaluationResult) -> list[list[str]]:
    """Return rows of a table: metric, value, meaning."""
    evaluation, calibration = result.evaluation, result.calibration
    auroc, precision = _area(result.auroc), _area(result.average_precision)
    return [
        ["balanced accuracy", f"{evaluation.balanced_accuracy:.2%}", "mean recall of the classes"],
        ["macro F1", f"{evaluation.macro_f1:.2%}", "mean F1 of the classes"],
        ["AUROC", auroc, "each class against the others; chance: 0.5"],
        ["average precision", precision, "area under the precision-recall curve"],
        ["negative log-likelihood", f"{evaluation.loss:.4f}", "loss, in nats; best: 0"],
        ["Brier score", f"{result.brier_score:.4f}", "squared error of probabilities; best: 0"],
        ["calibration error (ECE)", f"{calibration.error:.4f}",
         f"mean confidence {calibration.mean_confidence:.2%}; best: 0"],
        *([f"error at {share:.0%} coverage", f"{result.risk_coverage.risk_at(share):.2%}",
           f"error without the {1 - share:.0%} least confident"] for share in (0.9, 0.8)),
        ["AURC", f"{result.risk_coverage.area:.4f}", "mean error over all coverages; best: 0"],
    ]  # fmt: skip


def _label_metrics(result: EvaluationResult, evaluation: MultiLabelEvaluation) -> list[list[str]]:
    return [
            ["subset accuracy", f"{evaluation.accuracy:.2%}", "images with all labels right"],
            ["Hamming loss", f"{evaluation.hamming_loss:.2%}", "share of wrong labels; best: 0"],
            ["macro F1", f"{evaluation.macro_f1:.2%}", "mean F1 of the classes"],
            ["micro F1", f"{evaluation.micro_f1:.2%}", "F1 of all labels together"],
            ["AUROC", _area(result.auroc), "mean over the classes; chance: 0.5"],
            ["average precision", _area(result.average_precision),
             "area under the precision-recall curve"],
            ["binary cross-entropy", f"{evaluation.loss:.4f}", "loss, in nats; best: 0"],
            ["Brier score", f"{result.brier_score:.4f}",
             "squared error of probabilities; best: 0"],
            ["calibration error (ECE)", f"{result.calibration.error:.4f}",
             f"mean confidence {result.calibration.mean_confidence:.2%}; best: 0"],
        ]  # fmt: skip


def _confusions(counts: list[tuple[str, int]]) -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in counts) or "none"


def _area(area: float | None) -> str:
    return "undefined" if area is None else f"{area:.4f}"
