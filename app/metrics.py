"""Metrics of predicted probabilities in NumPy: accuracy, loss, confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from app.statistics.proportions import wilson_interval

# Keras's own guard against log(0), so that losses agree.
_SMALLEST_PROBABILITY = 1e-7

# What a row of outputs is: probabilities that add up to 1, as of a softmax; independent
# probabilities, as of several sigmoids; or scores, of which only the order means something.
OutputKind = Literal["distribution", "per class", "scores"]
DISTRIBUTION: OutputKind = "distribution"
PER_CLASS: OutputKind = "per class"
SCORES: OutputKind = "scores"

_ROUNDING = 1e-2  # error of a softmax's sum in bfloat16


@dataclass(frozen=True, repr=False)
class Evaluation:
    """Metrics of probabilities, compared with the labels.

    Attributes:
        accuracy: Fraction of images whose most probable class is the true one.
        loss: Mean cross-entropy in nats.
        class_names: Classes in the order of the labels.
        confusion_matrix: `(K, K)` counts; rows are true classes, columns predicted ones.
        worst: Positions of the misclassified images, the most confident first.
    """

    accuracy: float
    loss: float
    class_names: tuple[str, ...]
    confusion_matrix: np.ndarray
    worst: np.ndarray

    def __repr__(self) -> str:
        return (
            f"<Evaluation: accuracy {self.accuracy:.2%}, loss {self.loss:.4f}, {self.n:,} images>"
        )

    @property
    def n(self) -> int:
        """Number of images."""
        return int(self.confusion_matrix.sum())

    @property
    def interval(self) -> tuple[float, float]:
        """95% Wilson interval of the accuracy."""
        _, low, high = wilson_interval(round(self.accuracy * self.n), self.n)
        return low, high

    @property
    def accuracy_text(self) -> str:
        """The accuracy with its interval, such as `98.90% (95% interval 97.2 to 99.6%)`."""
        return accuracy_text(self.accuracy, self.n)

    @property
    def majority(self) -> tuple[str, float]:
        """The most frequent true class, and the accuracy of always predicting it."""
        counts = self.confusion_matrix.sum(axis=1)
        most = int(counts.argmax())
        return self.class_names[most], float(counts[most] / self.n)

    @property
    def at_chance(self) -> bool:
        """Whether the accuracy may be no better than always predicting the majority class."""
        return self.interval[0] <= self.majority[1]

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the classes that occur."""
        return float(np.mean([row["recall"] for row in self.per_class().values() if row["n"]]))

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes that occur, in truth or in predictions."""
        occurs = (self.confusion_matrix + self.confusion_matrix.T).any(axis=0)
        scores = [row["f1"] for row in self.per_class().values()]
        return float(np.mean(np.array(scores)[occurs]))

    @property
    def worst_class(self) -> str:
        """The class with the lowest recall; of several, the most frequent one."""
        rows = {name: row for name, row in self.per_class().items() if row["n"]}
        return min(rows, key=lambda name: (rows[name]["recall"], -rows[name]["n"]))

    def confused_with(self, class_name: str) -> list[tuple[str, int]]:
        """Return `(class, count)` of the wrong predictions for a class, the most frequent first."""
        true = self.class_names.index(class_name)
        counts = self.confusion_matrix[true]
        order = np.argsort(-counts, kind="stable")
        return [(self.class_names[k], int(counts[k])) for k in order if k != true and counts[k]]

    def per_class(self) -> dict[str, dict[str, float]]:
        """Return for each class its count, recall (its own accuracy), precision and F1."""
        hits = np.diag(self.confusion_matrix).astype(float)
        actual = self.confusion_matrix.sum(axis=1)
        predicted = self.confusion_matrix.sum(axis=0)
        table = {}
        for k, name in enumerate(self.class_names):
            recall = hits[k] / actual[k] if actual[k] else 0.0
            precision = hits[k] / predicted[k] if predicted[k] else 0.0
            both = recall + precision
            table[name] = {
                "n": int(actual[k]),
                "recall": float(recall),
                "precision": float(precision),
                "f1": float(2 * recall * precision / both) if both else 0.0,
            }
        return table

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "accuracy_interval": list(self.interval),
            "loss": self.loss,
            "majority_class": self.majority[0],
            "majority_accuracy": self.majority[1],
            "balanced_accuracy": self.balanced_accuracy,
            "macro_f1": self.macro_f1,
            "class_names": list(self.class_names),
            "per_class": self.per_class(),
            "confusion_matrix": self.confusion_matrix.tolist(),
        }


def accuracy_text(accuracy: float, count: int) -> str:
    """Return an accuracy with its interval, such as `98.90% (95% interval 97.2 to 99.6%)`.

    Without the number of images, 0, the interval is unknown and left out.
    """
    if count == 0:
        return f"{accuracy:.2%}"
    _, low, high = wilson_interval(round(accuracy * count), count)
    decimals = 1 if high - low > 0.01 else 2
    return f"{accuracy:.2%} (95% interval {100 * low:.{decimals}f} to {high:.{decimals}%})"


def evaluate_probabilities(
    probabilities: np.ndarray, labels: np.ndarray, class_names: Sequence[str]
) -> Evaluation:
    """Compare probabilities with labels.

    Args:
        probabilities: `(N, K)`, rows adding up to 1.
        labels: `(N,)` integers in [0, K).
        class_names: `K` names.
    """
    count, classes = probabilities.shape
    predicted = probabilities.argmax(axis=1)
    of_truth = probabilities[np.arange(count), labels].astype(np.float64)
    confusion = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    wrong = np.flatnonzero(predicted != labels)
    confidence = probabilities[wrong, predicted[wrong]]
    return Evaluation(
        accuracy=float((predicted == labels).mean()),
        loss=float(-np.log(np.clip(of_truth, _SMALLEST_PROBABILITY, 1.0)).mean()),
        class_names=tuple(class_names),
        confusion_matrix=confusion,
        worst=wrong[np.argsort(-confidence, kind="stable")],
    )


def class_probabilities(outputs: np.ndarray) -> np.ndarray:
    """Return `(N, K)` probabilities from a softmax `(N, K)` or a single sigmoid unit `(N, 1)`.

    The sigmoid's value is the probability of the second class.
    """
    if outputs.shape[1] == 1:
        return np.concatenate([1.0 - outputs, outputs], axis=1)
    return outputs


def class_values(outputs: np.ndarray, kind: OutputKind) -> np.ndarray:
    """Return `(N, K)` probabilities or scores from outputs `(N, units)`.

    Args:
        outputs: Outputs of the network. A single unit is for the second class; its complement, or
            its negative if it is a score, is for the first.
        kind: Kind of the outputs.
    """
    if kind == SCORES and outputs.shape[1] == 1:
        return np.concatenate([-outputs, outputs], axis=1)
    return class_probabilities(outputs)


def value_text(value: float, kind: OutputKind) -> str:
    """Return `98.0%` for a probability, `score 3.2` for a score."""
    return f"score {value:.4g}" if kind == SCORES else f"{value:.1%}"


def faults_of(values: np.ndarray, kind: OutputKind) -> list[str]:
    """Return, for each row of `(N, K)`, why it is not of this kind, or an empty string."""
    finite = np.isfinite(values).all(axis=1)
    lowest, highest, total = values.min(axis=1), values.max(axis=1), values.sum(axis=1)
    outside = (lowest < -_ROUNDING) | (highest > 1 + _ROUNDING)
    uneven = np.abs(total - 1) > _ROUNDING
    if kind == SCORES:
        outside[:] = uneven[:] = False
    elif kind == PER_CLASS:
        uneven[:] = False
    faults = [""] * len(values)
    for k in np.flatnonzero(~finite | outside | uneven):
        if not finite[k]:
            faults[k] = "the model's outputs are not finite numbers"
        elif outside[k]:
            wrong = lowest[k] if lowest[k] < 0 else highest[k]
            faults[k] = f"the model gave {wrong:.4g} as a probability"
        else:
            faults[k] = f"the model gave probabilities that add up to {total[k]:.4g}"
    return faults


def are_probabilities(outputs: np.ndarray, kind: OutputKind) -> bool:
    """Return whether the finite rows among outputs `(N, units)` are probabilities of this kind."""
    finite = outputs[np.isfinite(outputs).all(axis=1)]
    return not any(faults_of(class_values(finite, kind), kind))
