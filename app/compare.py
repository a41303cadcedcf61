"""Compare models on the same images: which differences in accuracy are more than chance."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.classifier import Classifier
from app.errors import AppError
from app.evaluate import EvaluationResult, evaluate
from app.metrics import Evaluation
from app.names import caseless, listed
from app.reporting import SILENT, Reporter
from app.statistics.calibration import Calibration
from app.statistics.estimate import Estimate
from app.statistics.means import bootstrap_difference
from app.statistics.proportions import McNemar, holm, mcnemar, wilson_interval

SIGNIFICANCE = 0.05
MOST_MODELS = 8  # as many colors as a figure tells apart
FEWEST_IMAGES = 30  # of fewer, the interval of 90% is wider than 20 points


@dataclass(frozen=True, repr=False)
class Contender:
    """One of the compared models, evaluated.

    Attributes:
        name: Name of the model.
        parameters: Number of its parameters; `None` for a bare file.
        evaluation: Metrics.
        correct: `(N,)` booleans: whether it is right about each image.
        calibration: Accuracy by confidence.
        brier_score: Mean squared error of its probabilities.
    """

    name: str
    parameters: int | None
    evaluation: Evaluation
    correct: np.ndarray
    calibration: Calibration
    brier_score: float

    @property
    def errors(self) -> int:
        """Number of misclassified images."""
        return int((~self.correct).sum())

    @property
    def accuracy(self) -> Estimate:
        """Accuracy with its Wilson interval."""
        return wilson_interval(int(self.correct.sum()), len(self.correct))

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        value, low, high = self.accuracy
        return {
            "model": self.name, "parameters": self.parameters, "errors": self.errors,
            "accuracy": value, "accuracy_interval": [low, high],
            "loss": self.evaluation.loss, "brier_score": self.brier_score,
            "expected_calibration_error": self.calibration.error,
        }  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """The comparison of two models.

    Attributes:
        first: Name of the first model.
        second: Name of the second model.
        test: Exact McNemar test.
        p_value: Its p-value, adjusted for the number of pairs (Holm).
        difference: Accuracy of the first minus that of the second, with its paired bootstrap
            interval over images.
    """

    first: str
    second: str
    test: McNemar
    p_value: float
    difference: Estimate

    @property
    def is_significant(self) -> bool:
        """Whether the accuracies are told apart."""
        return self.p_value <= SIGNIFICANCE

    @property
    def verdict(self) -> str:
        """What the test says, as a sentence."""
        p = f"p = {self.p_value:.2g}"
        if not self.is_significant:
            return f"{self.first} and {self.second} are not told apart ({p})."
        better, worse = self.first, self.second
        if self.difference.value < 0:
            better, worse = worse, better
        return f"{better} is more accurate than {worse} ({p})."

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        return {
            "first": self.first, "second": self.second,
            "only_first_wrong": self.test.only_first_wrong,
            "only_second_wrong": self.test.only_second_wrong,
            "p_value": self.test.p_value, "p_value_adjusted": self.p_value,
            "difference": self.difference.value,
            "difference_interval": [self.difference.low, self.difference.high],
            "verdict": self.verdict,
        }  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Models that were evaluated on the same images.

    Attributes:
        images: Text such as `mnist, test`.
        contenders: Models in the given order.
        pairs: Every two of them.
    """

    images: str
    contenders: tuple[Contender, ...]
    pairs: tuple[Pair, ...]

    @property
    def n(self) -> int:
        """Number of images."""
        return len(self.contenders[0].correct)

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        return {
            "images": self.images,
            "n": self.n,
            "models": [contender.to_json() for contender in self.contenders],
            "pairs": [pair.to_json() for pair in self.pairs],
        }


def compare(
    classifiers: Sequence[Classifier],
    *,
    dataset: str | None = None,
    split: str = "test",
    data_dir: Path | None = None,
    reporter: Reporter = SILENT,
) -> Comparison:
    """Evaluate models on the same images, and test every two of them.

    Args:
        classifiers: Models with the same classes; from 2 to 8.
        dataset: Name or folder of a dataset; `None` for that of each model's card.
        split: `train`, `validation`, `test` or `all`.
        data_dir: Folder of the datasets; `None` for `$CONVLAB_DATA`, else `datasets/`.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the models are too few or too many, have other classes or other images, or if
            the images are too few.
    """
    _check_models(classifiers)
    contenders: list[Contender] = []
    images = shown = None
    for classifier in classifiers:
        reporter.info(f"evaluating {classifier.name} …")
        result = evaluate(
            classifier, dataset=dataset, split=split, data_dir=data_dir, reporter=reporter
        )
        found = _images_of(result)
        if images is None:
            images, shown = found, f"{result.shown_dataset}, {split}"
            _check_count(len(images), shown)
        elif images != found:
            raise AppError(
                f"{contenders[0].name} is evaluated on other images ({shown}) than "
                f"{classifier.name} ({result.shown_dataset}, {split}).",
                "Expected models of the same dataset, split and training limit.",
                "Name the dataset for all of them: --dataset NAME",
            )
        contenders.append(_contender(classifier, result))
    return Comparison(str(shown), tuple(contenders), compare_pairs(contenders))


def compare_pairs(contenders: Sequence[Contender]) -> tuple[Pair, ...]:
    """Test every two of several models that saw the same images."""
    pairs = list(itertools.combinations(contenders, 2))
    tests = [mcnemar(first.correct, second.correct) for first, second in pairs]
    adjusted = holm([test.p_value for test in tests])
    return tuple(
        Pair(one.name, other.name, test, p, bootstrap_difference(one.correct, other.correct))
        for (one, other), test, p in zip(pairs, tests, adjusted, strict=True)
    )


def _contender(classifier: Classifier, result: EvaluationResult) -> Contender:
    """Return the part of a result that a comparison needs, without the images."""
    return Contender(
        name=classifier.name,
        parameters=classifier.card.parameters if classifier.card is not None else None,
        evaluation=result.evaluation,
        correct=result.correct,
        calibration=result.calibration,
        brier_score=result.brier_score,
    )


def _images_of(result: EvaluationResult) -> list[tuple[str, str]]:
    """Return name and true class of each image; the order of the classes may differ."""
    names = [caseless(name) for name in result.class_names]
    examples = result.decoded.examples
    return [(name, names[k]) for name, k in zip(examples.names, examples.labels, strict=True)]


def _check_models(classifiers: Sequence[Classifier]) -> None:
    if not 2 <= len(classifiers) <= MOST_MODELS:
        count = len(classifiers)
        raise AppError(
            f"{count} model{'s' * (count != 1)} cannot be compared.",
            f"Expected from 2 to {MOST_MODELS} models.",
            "For the metrics of one: python -m app evaluate MODEL" if count < 2 else "",
        )
    names = [classifier.name for classifier in classifiers]
    for name in names:
        if names.count(name) > 1:
            raise AppError(f"'{name}' is named twice.", "Expected different models.")
    first = classifiers[0]
    for other in classifiers[1:]:
        if set(map(caseless, first.class_names)) != set(map(caseless, other.class_names)):
            raise AppError(
                f"{first.name} has the classes {listed(first.class_names)}; {other.name} has "
                f"{listed(other.class_names)}.",
                "Expected models with the same classes.",
                "The models and their datasets: python -m app models",
            )


def _check_count(count: int, shown: str) -> None:
    if count < FEWEST_IMAGES:
        raise AppError(
            f"{shown} has {count} image{'s' * (count != 1)}: too few to tell models apart.",
            f"Expected at least {FEWEST_IMAGES}.",
            "Choose a larger split, such as --split all, or a larger dataset with --dataset.",
        )
