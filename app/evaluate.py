"""Evaluate a saved model on a dataset with the same code that `predict` uses."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from app.classifier import Classifier
from app.classifier.dataset_images import Selection, select_images
from app.data.dataset import display_name, label_text
from app.data.pixels import DecodedSplit
from app.files import atomic_file, printable
from app.metrics import Evaluation, evaluate_probabilities
from app.multi_label import confidence, decisions, evaluate_predictions, predicted
from app.reporting import SILENT, Reporter
from app.statistics.calibration import Calibration, brier_score, calibration
from app.statistics.ranking import RankingCurves, mean_curves, ranking_curves
from app.statistics.selective import RiskCoverage, risk_coverage
from app.statistics.temperature import with_temperature

_BATCH = 64


@dataclass(frozen=True)
class Misclassification:
    """One wrong prediction.

    Attributes:
        image: Name of the image.
        true: True class.
        predicted: Predicted class.
        probability: Probability of the predicted class; of several labels, of the surest wrong one.
        pixels: `(H, W, C)` uint8, as the model saw it.
    """

    image: str
    true: str
    predicted: str
    probability: float
    pixels: np.ndarray

    @property
    def caption(self) -> str:
        """Text below the image: the classes, then the name of the file."""
        name = printable(self.image.rpartition("/")[2])
        true, predicted = (printable(text) or "none" for text in (self.true, self.predicted))
        return f"true {true}\npredicted {predicted} {self.probability:.0%}\n{name}"


@dataclass(frozen=True, repr=False)
class EvaluationResult:
    """The predictions of a model for a dataset, and how good they are.

    Attributes:
        model: Name of the model.
        dataset: Name of the dataset.
        split: Evaluated split.
        source: Human-readable origin of the images.
        stand_in: Whether they replace the dataset.
        averaged: Whether probabilities are means over several views.
        temperature: Temperature of the probabilities.
        evaluation: Metrics.
        probabilities: `(N, K)`.
        decoded: Images, and which files were skipped.
    """

    model: str
    dataset: str
    split: str
    source: str
    stand_in: bool
    averaged: bool
    temperature: float
    evaluation: Evaluation
    probabilities: np.ndarray
    decoded: DecodedSplit

    def __repr__(self) -> str:
        return (
            f"<EvaluationResult {self.model} on {self.shown_dataset}, {self.split}: "
            f"{self.evaluation!r}>"
        )

    @property
    def class_names(self) -> tuple[str, ...]:
        """Classes in the order of the probabilities."""
        return self.evaluation.class_names

    @property
    def labels(self) -> np.ndarray:
        """`(N,)` true classes; `(N, K)` booleans of a multi-label model."""
        return self.decoded.examples.labels

    @property
    def correct(self) -> np.ndarray:
        """`(N,)` booleans: whether the prediction is right."""
        return ~np.isin(np.arange(len(self.labels)), self.evaluation.worst)

    @property
    def predicted(self) -> np.ndarray:
        """`(N,)` predicted classes; `(N, K)` booleans of a multi-label model."""
        return predicted(self.probabilities, self.evaluation)

    @cached_property
    def calibration(self) -> Calibration:
        """Accuracy by confidence, and the expected calibration error."""
        return calibration(*decisions(self.probabilities, self.labels))

    @cached_property
    def brier_score(self) -> float:
        """Mean squared error of the probabilities."""
        return brier_score(*decisions(self.probabilities, self.labels))

    @cached_property
    def auroc(self) -> float | None:
        """Area under the ROC curve, mean over the classes; `None` if all images are of one."""
        return mean_curves(self.ranking).auroc if self.ranking else None

    @cached_property
    def ranking(self) -> dict[int, RankingCurves]:
        """ROC and precision-recall curves of each class that has images, by its number."""
        return ranking_curves(self.probabilities, self.labels)

    @cached_property
    def average_precision(self) -> float | None:
        """Area under the precision-recall curve, mean over the classes; `None` as for `auroc`."""
        return mean_curves(self.ranking).average_precision if self.ranking else None

    @cached_property
    def risk_coverage(self) -> RiskCoverage:
        """Error of the most confident predictions, by how many are used."""
        return risk_coverage(*decisions(self.probabilities, self.labels))

    def with_temperature(self, temperature: float) -> EvaluationResult:
        """Return the same predictions at another temperature; see `app.statistics.temperature`."""
        scaled = with_temperature(self.probabilities, temperature / self.temperature)
        evaluation = evaluate_probabilities(scaled, self.labels, self.class_names)
        return replace(self, probabilities=scaled, evaluation=evaluation, temperature=temperature)

    @property
    def shown_dataset(self) -> str:
        """The display name of the dataset."""
        return display_name(self.dataset, stand_in=self.stand_in)

    def errors(self, count: int | None = None) -> list[Misclassification]:
        """Return the `count` most confident wrong predictions, or all of them."""
        names = self.evaluation.class_names
        return [
            Misclassification(
                image=self.decoded.examples.names[i],
                true=label_text(self.labels[i], names),
                predicted=label_text(self.predicted[i], names),
                probability=confidence(self.probabilities[i], self.labels[i], self.predicted[i]),
                pixels=self.decoded.images[np.array([i])][0],
            )
            for i in self.evaluation.worst[:count]
        ]

    def predictions(self) -> Iterator[tuple[str, str, str, np.ndarray]]:
        """Yield `(image name, true class, predicted class, probabilities (K,))` of every image."""
        names = self.class_names
        every = zip(
            self.decoded.examples.names, self.labels, self.predicted, self.probabilities,
            strict=True,
        )  # fmt: skip
        for image, label, prediction, row in every:
            yield image, label_text(label, names), label_text(prediction, names), row

    def csv_text(self) -> str:
        """Return every prediction as CSV: image, true and predicted class, all probabilities."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        names = map(printable, self.class_names)
        writer.writerow(["image", "true", "predicted", "probability", *names])
        for *texts, row in self.predictions():
            writer.writerow([*map(printable, texts), row.max(), *row])
        return text.getvalue()

    def write_csv(self, path: Path) -> None:
        """Write `csv_text` into a file."""
        with atomic_file(path) as temporary:
            temporary.write_text(self.csv_text(), encoding="utf-8", newline="")

    def to_json(self, errors: int | None = None) -> dict[str, Any]:
        """Return a dictionary that `json` can write.

        Args:
            errors: Number of wrong predictions to list; `None` for all.
        """
        names = self.class_names
        return {
            "model": self.model,
            "dataset": self.dataset,
            "split": self.split,
            "source": self.source,
            "stand_in": self.stand_in,
            "tta": self.averaged,
            "temperature": self.temperature,
            **self.evaluation.to_json(),
            "per_class": self._per_class(),
            "brier_score": self.brier_score,
            "auroc": self.auroc,
            "average_precision": self.average_precision,
            "expected_calibration_error": self.calibration.error,
            "mean_confidence": self.calibration.mean_confidence,
            "aurc": self.risk_coverage.area,
            "calibration": self.calibration.to_json(),
            "errors": [
                {"image": e.image, "true": e.true, "predicted": e.predicted,
                 "probability": e.probability}
                for e in self.errors(errors)
            ],
            "predictions": [
                {"image": image, "true": true, "predicted": predicted,
                 "probability": float(row.max()),
                 "probabilities": dict(zip(names, row.tolist(), strict=True))}
                for image, true, predicted, row in self.predictions()
            ],
            "skipped": [{"image": n, "reason": r} for n, r in self.decoded.skipped],
        }  # fmt: skip

    def _per_class(self) -> dict[str, dict[str, float | None]]:
        """Return the metrics of each class; areas under its curves are `None` if it has none."""
        table: dict[str, dict[str, float | None]] = {}
        for k, (name, row) in enumerate(self.evaluation.per_class().items()):
            curves = self.ranking.get(k)
            table[name] = {
                **row,
                "auroc": curves.auroc if curves else None,
                "average_precision": curves.average_precision if curves else None,
            }
        return table


def evaluate(
    classifier: Classifier,
    *,
    dataset: str | None = None,
    split: str = "test",
    data_dir: Path | None = None,
    reporter: Reporter = SILENT,
) -> EvaluationResult:
    """Evaluate a model on a dataset.

    Args:
        classifier: Model to evaluate.
        dataset: Name or folder of a dataset; `None` for that of the model's card.
        split: `train`, `validation`, `test` or `all`.
        data_dir: Folder of the datasets; `None` for `$CONVLAB_DATA`, else `datasets/`.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: As `select_images`, or if the model gives anything but probabilities.
    """
    selection = Selection(
        dataset=dataset, split=split, data_dir=data_dir, any_number=bool(classifier.thresholds)
    )
    images = select_images(classifier, selection, reporter)
    probabilities = _probabilities(classifier, images.decoded, reporter)
    data = images.dataset
    return EvaluationResult(
        model=classifier.name,
        dataset=dataset or data.name,
        split=split,
        source=data.source,
        stand_in=data.stand_in,
        averaged=len(classifier.views) > 1,
        temperature=classifier.temperature,
        evaluation=evaluate_predictions(
            probabilities, images.labels, data.class_names, classifier.thresholds
        ),
        probabilities=probabilities,
        decoded=images.decoded,
    )


def _probabilities(classifier: Classifier, decoded: DecodedSplit, reporter: Reporter) -> np.ndarray:
    """Return `(N, K)` probabilities."""
    total = len(decoded.examples)
    parts = []
    with reporter.progress("evaluating") as update:
        for start in range(0, total, _BATCH):
            images = decoded.images[np.arange(start, min(start + _BATCH, total))]
            parts.append(classifier.probabilities(images))
            update(start + len(images), total)
    return np.concatenate(parts)
