"""The comparison of models, or of recipes by several seeds: accuracies, tests, verdicts."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from app.files import atomic_file, printable
from app.metrics import Evaluation, evaluate_probabilities
from app.statistics.calibration import Calibration, brier_score, calibration
from app.statistics.estimate import Estimate
from app.statistics.means import bootstrap_difference, bootstrap_mean, bootstrap_p_value
from app.statistics.proportions import McNemar, holm, mcnemar, wilson_interval
from app.statistics.ranking import RankingCurves, mean_curves, ranking_curves

SIGNIFICANCE = 0.05


@dataclass(frozen=True, repr=False)
class Contender:
    """A model, or several seeds of a recipe, evaluated.

    Attributes:
        name: Name of the model or recipe.
        parameters: Number of its parameters; `None` for a bare file.
        probabilities: `(S, N, K)`: those of each of `S` models for each image.
        labels: `(N,)` true classes.
        class_names: `K` names.
    """

    name: str
    parameters: int | None
    probabilities: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]

    @property
    def seeds(self) -> int:
        """Number of models."""
        return len(self.probabilities)

    @property
    def predicted(self) -> np.ndarray:
        """`(S, N)` predicted classes."""
        return self.probabilities.argmax(axis=2)

    @property
    def correct(self) -> np.ndarray:
        """`(S, N)` booleans: whether each model is right about each image."""
        return self.predicted == self.labels

    @property
    def errors(self) -> float:
        """Number of misclassified images, mean over the models."""
        return float((~self.correct).sum() / self.seeds)

    @property
    def accuracy(self) -> Estimate:
        """Accuracy with its interval: Wilson's of a model, bootstrap over seeds and images."""
        if self.seeds == 1:
            return wilson_interval(int(self.correct.sum()), self.correct.size)
        return bootstrap_mean(self.correct)

    @cached_property
    def evaluations(self) -> list[Evaluation]:
        """The metrics of each model."""
        return [
            evaluate_probabilities(rows, self.labels, self.class_names)
            for rows in self.probabilities
        ]

    def mean(self, metric: str) -> float:
        """Return a metric, an attribute of `Evaluation`, as the mean over the models."""
        return float(np.mean([getattr(one, metric) for one in self.evaluations]))

    @cached_property
    def calibration(self) -> Calibration:
        """Accuracy by confidence, of all models together."""
        return calibration(*self._together)

    @cached_property
    def brier_score(self) -> float:
        """Mean squared error of the probabilities."""
        return brier_score(*self._together)

    @cached_property
    def ranking(self) -> RankingCurves | None:
        """ROC and precision-recall curve, mean over the classes and models.

        `None` if all images are of one class.
        """
        curves = [ranking_curves(rows, self.labels) for rows in self.probabilities]
        every = [one for classes in curves for one in classes.values()]
        return mean_curves(dict(enumerate(every))) if every else None

    @property
    def _together(self) -> tuple[np.ndarray, np.ndarray]:
        """The probabilities `(S·N, K)` of all models, and the labels."""
        rows = self.probabilities.reshape(-1, self.probabilities.shape[2])
        return rows, np.tile(self.labels, self.seeds)

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        value, low, high = self.accuracy
        ranking = self.ranking
        return {
            "model": self.name, "seeds": self.seeds, "parameters": self.parameters,
            "errors": self.errors, "accuracy": value, "accuracy_interval": [low, high],
            "balanced_accuracy": self.mean("balanced_accuracy"), "macro_f1": self.mean("macro_f1"),
            "auroc": ranking.auroc if ranking else None,
            "average_precision": ranking.average_precision if ranking else None,
            "loss": self.mean("loss"), "brier_score": self.brier_score,
            "expected_calibration_error": self.calibration.error,
        }  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """The comparison of two models, or of two recipes by several seeds.

    Attributes:
        first: Name of the first.
        second: Name of the second.
        test: Exact McNemar test of two models; `None` for recipes.
        raw_p_value: p-value of that test, or of the bootstrap over seeds and images.
        p_value: The same, adjusted for the number of pairs (Holm).
        difference: Accuracy of the first minus that of the second, with its paired bootstrap
            interval over images, or over seeds and images.
    """

    first: str
    second: str
    test: McNemar | None
    raw_p_value: float
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
            "only_first_wrong": self.test.only_first_wrong if self.test else None,
            "only_second_wrong": self.test.only_second_wrong if self.test else None,
            "p_value": self.raw_p_value, "p_value_adjusted": self.p_value,
            "difference": self.difference.value,
            "difference_interval": [self.difference.low, self.difference.high],
            "verdict": self.verdict,
        }  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Models that were evaluated on the same images.

    Attributes:
        images: Text such as `mnist, test`.
        names: Name of each image.
        contenders: Models or recipes in the given order.
        pairs: Every two of them.
    """

    images: str
    names: tuple[str, ...]
    contenders: tuple[Contender, ...]
    pairs: tuple[Pair, ...]

    @property
    def n(self) -> int:
        """Number of images."""
        return len(self.names)

    @property
    def of_recipes(self) -> bool:
        """Whether recipes were compared, each by several seeds."""
        return self.contenders[0].seeds > 1

    def write_csv(self, path: Path) -> None:
        """Write every prediction of every model: image, classes, all probabilities.

        `repeat` counts the seeds of a recipe, from 1.
        """
        with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as f:
            writer = csv.writer(f)
            classes = [printable(name) for name in self.contenders[0].class_names]
            columns = ["model", "repeat", "image", "true", "predicted", "probability"]
            writer.writerow([*columns, *classes])
            for one in self.contenders:
                for repeat, rows in enumerate(one.probabilities, start=1):
                    for image, label, row in zip(self.names, one.labels, rows, strict=True):
                        texts = [printable(one.name), repeat, printable(image), classes[label]]
                        writer.writerow([*texts, classes[int(row.argmax())], row.max(), *row])

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        return {
            "images": self.images,
            "n": self.n,
            "models": [contender.to_json() for contender in self.contenders],
            "pairs": [pair.to_json() for pair in self.pairs],
        }


def compare_pairs(contenders: Sequence[Contender]) -> tuple[Pair, ...]:
    """Test every two of several models, or recipes, that saw the same images."""
    pairs = list(itertools.combinations(contenders, 2))
    tests = [_mcnemar(*pair) for pair in pairs]
    raw = [
        bootstrap_p_value(one.correct, other.correct) if test is None else test.p_value
        for (one, other), test in zip(pairs, tests, strict=True)
    ]
    return tuple(
        Pair(
            one.name,
            other.name,
            test,
            p,
            adjusted,
            bootstrap_difference(one.correct, other.correct),
        )
        for (one, other), test, p, adjusted in zip(pairs, tests, raw, holm(raw), strict=True)
    )


def _mcnemar(first: Contender, second: Contender) -> McNemar | None:
    """Return the test of two models, `None` for several seeds."""
    if first.seeds > 1 or second.seeds > 1:
        return None
    return mcnemar(first.correct[0], second.correct[0])
