"""How good are these probabilities? Accuracy, loss, classes confused, worst errors, in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# Keras's own guard against log(0), so that losses agree.
_SMALLEST_PROBABILITY = 1e-7


@dataclass(frozen=True)
class Evaluation:
    """What probabilities are worth against the labels.

    Attributes:
        accuracy: Share of images whose most probable class is theirs.
        loss: Mean cross-entropy in nats.
        class_names: In the order of the labels.
        confusion_matrix: `(K, K)` counts; rows are true classes, columns predicted ones.
        worst: Positions of wrong answers, the most confident first.
    """

    accuracy: float
    loss: float
    class_names: tuple[str, ...]
    confusion_matrix: np.ndarray
    worst: np.ndarray

    @property
    def n(self) -> int:
        """Number of images."""
        return int(self.confusion_matrix.sum())

    @property
    def standard_error(self) -> float:
        """One standard error of the accuracy."""
        return float(np.sqrt(self.accuracy * (1.0 - self.accuracy) / max(1, self.n)))

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
            "standard_error": self.standard_error,
            "loss": self.loss,
            "class_names": list(self.class_names),
            "per_class": self.per_class(),
            "confusion_matrix": self.confusion_matrix.tolist(),
        }


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
