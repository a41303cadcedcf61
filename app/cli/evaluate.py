"""Evaluate a saved model: metrics, calibration, confusion matrix, worst errors.

Without --dataset, the model is evaluated on the dataset that it was trained on.
Do not select models by the test split: its accuracy would then be too
optimistic.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from app.cli.console import print_lines
from app.cli.metric_tables import print_classes, print_metrics
from app.cli.options import add_data_dir, add_import, add_labels, data_dir_of, dataset_of
from app.cli.tables import print_json, print_table
from app.cli.thresholds import threshold_of
from app.errors import AppError
from app.reporting import CONSOLE, counted

if TYPE_CHECKING:
    from app.evaluate import EvaluationResult

_ERRORS_IN_TABLE, _ERRORS_IN_PICTURE, _MOST_IN_PICTURE = 8, 24, 240
_SAME_TEMPERATURE = 1e-3  # a difference that no curve shows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_import(parser)
    parser.add_argument("model", help="folder of a saved model, its name, or a .keras or .h5 file")
    parser.add_argument(
        "--dataset", metavar="NAME|FOLDER", help="dataset to evaluate on (default: the model's own)"
    )
    add_labels(parser)
    parser.add_argument(
        "--split",
        default="test",
        choices=("train", "validation", "test", "all"),
        help="split to evaluate (default: test)",
    )
    add_data_dir(parser)
    parser.add_argument(
        "--tta",
        action=argparse.BooleanOptionalAction,
        help="test-time augmentation: average over several views, mirrored and cropped, or "
        "shifted and rotated, as in training",
    )
    parser.add_argument(
        "--temperature",
        action="store_true",
        help="also measure the probabilities without a temperature, and with one that is fitted on "
        "the validation images now: the same predictions with other confidence",
    )
    threshold = parser.add_mutually_exclusive_group()
    threshold.add_argument(
        "--coverage",
        type=float,
        metavar="C",
        help="find the probability that a share C of the validation images has: the P of predict "
        "--unknown-below P",
    )
    threshold.add_argument(
        "--max-error",
        type=float,
        metavar="E",
        help="find the lowest probability above which at most a share E of the predictions for "
        "validation images is wrong",
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument(
        "--errors",
        type=int,
        metavar="N",
        help=f"number of most confident errors to list (default: {_ERRORS_IN_TABLE} in the table, "
        f"{_ERRORS_IN_PICTURE} as pictures, all in JSON)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        help="folder for confusion.png, ranking.png (ROC and precision-recall curves), "
        "reliability.png, risk_coverage.png, worst_errors.png, and predictions.csv with every "
        "probability; of a multi-label model labels.png, ranking.png and the last two",
    )


def run(parsed: argparse.Namespace) -> int:
    """Evaluate; return 0."""
    if parsed.errors is not None and parsed.errors < 0:
        raise AppError(f"--errors is {parsed.errors}.", "Expected a whole number of at least 0.")
    output = Path(parsed.output) if parsed.output else None
    if output is not None and output.exists() and not output.is_dir():
        raise AppError(f"-o '{output}' is a file.", "Expected a folder for figures and a CSV file.")
    fitted = _fitted_option(parsed)
    if fitted and parsed.split in ("validation", "all"):
        raise AppError(
            f"{fitted} is fitted on validation images; --split {parsed.split} has the same.",
            "Expected --split test or train.",
        )
    CONSOLE.info(f"evaluating {parsed.model} …")  # the libraries alone take a second

    from app.classifier import load
    from app.classifier.single_label import require_one_label
    from app.evaluate import evaluate

    classifier = load(parsed.model, raw=True)
    if fitted:
        require_one_label(classifier, fitted)
    if parsed.tta is not None:
        classifier = classifier.with_views(averaged=parsed.tta)
        if parsed.tta and len(classifier.views) == 1:
            CONSOLE.warning("note: --tta changes nothing: only the image itself suits this model.")
    chosen: dict[str, Any] = {
        "dataset": dataset_of(parsed),
        "data_dir": data_dir_of(parsed),
        "reporter": CONSOLE,
    }
    result = evaluate(classifier, split=parsed.split, **chosen)
    scaled = found = None
    if fitted:
        validation = evaluate(classifier, split="validation", **chosen)
        if parsed.temperature:
            scaled = _scaled(result, validation)
        if parsed.coverage is not None or parsed.max_error is not None:
            found = threshold_of(parsed.coverage, parsed.max_error, validation, result)
    if output is not None:
        for path in _write(result, scaled, output, parsed.errors):
            CONSOLE.info(f"wrote {path}")
    if parsed.json:
        more = {} if scaled is None else {"temperature_scaling": scaled.to_json()}
        if found is not None:
            more["threshold"] = found.to_json()
        print_json({**result.to_json(parsed.errors), **more})
    else:
        _print(result, scaled, parsed.errors)
        if found is not None:
            print_lines(*found.lines(parsed.model))
    return 0


def _fitted_option(parsed: argparse.Namespace) -> str:
    """Return the option whose value is fitted on validation images, or an empty string."""
    for name, share in (("--coverage", parsed.coverage), ("--max-error", parsed.max_error)):
        if share is not None:
            if not 0 < share <= 1:
                raise AppError(f"{name} is {share:g}.", "Expected a share above 0, up to 1.")
            return name
    return "--temperature" if parsed.temperature else ""


class _Scaled(NamedTuple):
    """A result without a temperature, and at one that was fitted now."""

    temperature: float
    images: int  # that it was fitted on
    plain: EvaluationResult
    result: EvaluationResult

    def to_json(self) -> dict[str, float]:
        return {
            "value": self.temperature, "validation_images": self.images,
            "loss": self.result.evaluation.loss, "brier_score": self.result.brier_score,
            "expected_calibration_error": self.result.calibration.error,
            "mean_confidence": self.result.calibration.mean_confidence,
            "loss_before": self.plain.evaluation.loss,
            "expected_calibration_error_before": self.plain.calibration.error,
        }  # fmt: skip


def _scaled(result: EvaluationResult, validation: EvaluationResult) -> _Scaled:
    from app.statistics.temperature import fit_temperature

    plain = validation.with_temperature(1.0)
    temperature = fit_temperature(plain.probabilities, plain.labels)
    others = (result.with_temperature(value) for value in (1.0, temperature))
    return _Scaled(temperature, plain.evaluation.n, *others)


def _print(result: EvaluationResult, scaled: _Scaled | None, errors: int | None) -> None:
    evaluation = result.evaluation
    majority, share = evaluation.majority
    print_lines(
        f"{result.shown_dataset}, {result.split}: accuracy {evaluation.accuracy_text}, "
        f"{counted(evaluation.n, 'image')}",
        "The interval (Wilson) covers other images, not training from other seeds.",
        f"Always predicting '{majority}' would be right in {share:.2%}.",
    )
    if result.averaged:
        print_lines(
            "Each probability is the mean over several views of its image (--no-tta: of one)."
        )
    if result.temperature != 1:
        print_lines(
            f"Probabilities are at temperature {result.temperature:.3f}, which is on the model's "
            "card."
        )
    print_metrics(result)
    if scaled is not None:
        before, after = scaled.plain, scaled.result
        print_lines(
            f"Temperature {scaled.temperature:.3f}, fitted on {scaled.images:,} validation images, "
            "changes no prediction.",
            f"Before and after: loss {before.evaluation.loss:.4f} and "
            f"{after.evaluation.loss:.4f}, Brier score {before.brier_score:.4f} and "
            f"{after.brier_score:.4f},",
            f"calibration error {before.calibration.error:.4f} and {after.calibration.error:.4f}.",
        )
    print_classes(result)
    listed = result.errors(_ERRORS_IN_TABLE if errors is None else errors)
    if listed:
        print_table(
            ["most confident errors", "true", "predicted", "probability"],
            [[e.image, e.true, e.predicted, f"{e.probability:.1%}"] for e in listed],
            right="probability",
        )
    unlisted = len(evaluation.worst) - len(listed)
    if unlisted:
        print_lines(
            f"Not listed: {unlisted:,} of {len(evaluation.worst):,} errors. For all of them: "
            f"--errors {len(evaluation.worst)},",
            "or -o FOLDER for a CSV file.",
        )


def _write(
    result: EvaluationResult, scaled: _Scaled | None, output: Path, errors: int | None
) -> list[Path]:
    """Write the figures and the table; a figure that there is not is deleted if it is there."""
    from app.figure_files import save
    from app.figures.evaluation import confusion_figure, errors_figure, labels_figure
    from app.figures.ranking import ranking_figure
    from app.figures.reliability import reliability_figure
    from app.figures.risk_coverage import risk_coverage_figure

    others = {}
    if scaled is not None:
        if result.temperature != 1:
            others["temperature 1"] = scaled.plain.calibration
        if abs(scaled.temperature - result.temperature) > _SAME_TEMPERATURE:
            others[f"temperature {scaled.temperature:.3f}"] = scaled.result.calibration
    count = _ERRORS_IN_PICTURE if errors is None else min(errors, _MOST_IN_PICTURE)
    one_label = result.labels.ndim == 1
    figures = {
        "confusion.png": confusion_figure(result) if one_label else None,
        "labels.png": None if one_label else labels_figure(result),
        "ranking.png": ranking_figure(result),
        "reliability.png": reliability_figure(result, others) if one_label else None,
        "risk_coverage.png": risk_coverage_figure(result) if one_label else None,
        "worst_errors.png": errors_figure(result, count),
    }
    paths = []
    for name, figure in figures.items():
        if figure is None:
            (output / name).unlink(missing_ok=True)  # of an earlier evaluation
        else:
            save(figure, output / name)
            paths.append(output / name)
    table = output / "predictions.csv"
    result.write_csv(table)
    return [*paths, table]
