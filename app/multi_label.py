"""Metrics of multi-label predictions: images with any number of labels, one threshold per class.

An image counts as right if all of its labels are, and no other is predicted: the accuracy is
scikit-learn's `accuracy_score`, the *subset accuracy*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.data.dataset import label_text
from app.metrics import Evaluation, evaluate_probabilities

_SMALLEST_PROBABILITY = 1e-7  # Keras's guard against log(0)
DEFAULT_THRESHOLD = 0.5
_DECIMALS = 4  # of a stored threshold


@dataclass(frozen=True, repr=False)
class MultiLabelEvaluation(Evaluation):
    """Metrics of independent probabilities, compared with any number of labels per image.

    Of the attributes of `Evaluation`, these differ:

    Attributes:
        accuracy: Fraction of images whose labels are all right.
        loss: Mean binary cross-entropy over images and classes, in nats.
        confusion_matrix: `(K, 2, 2)` counts of each class; rows are images without and with the
            label, columns those without and with the prediction.
        worst: Positions of the images with a wrong label, the most confident error first.
        thresholds: `K` probabilities from which on a label is predicted.
        frequent: The most frequent set of labels, and the accuracy of always predicting it.
        hamming_loss: Fraction of all labels, of images and classes, that are wrong.
        micro_f1: F1 of the labels of all classes together.
    """

    thresholds: tuple[float, ...]
    frequent: tuple[str, float]
    hamming_loss: float
    micro_f1: float

    @property
    def n(self) -> int:
        """Number of images."""
        return int(self.confusion_matrix[0].sum())

    @property
    def majority(self) -> tuple[str, float]:
        """The most frequent set of labels, and the accuracy of always predicting it."""
        return self.frequent

    @property
    def worst_class(self) -> str:
        """The class with the lowest F1, of those that occur; of several, the most frequent one.

        Its recall would say little: it is 100% where every image gets the label.
        """
        rows = self.per_class()
        return min(rows, key=lambda name: (not rows[name]["n"], rows[name]["f1"], -rows[name]["n"]))

    def confused_with(self, class_name: str) -> list[tuple[str, int]]:
        """Return nothing: a label is missing or superfluous, not confused with another."""
        return []

    def per_class(self) -> dict[str, dict[str, float]]:
        """Return for each class its count, recall, precision and F1."""
        table = {}
        for name, ((_, false), (missed, found)) in zip(
            self.class_names, self.confusion_matrix.tolist(), strict=True
        ):
            either = 2 * found + missed + false
            table[name] = {
                "n": found + missed,
                "recall": found / (found + missed) if found + missed else 0.0,
                "precision": found / (found + false) if found + false else 0.0,
                "f1": 2 * found / either if either else 0.0,
            }
        return table

    @property
    def balanced_accuracy(self) -> float:
        """Mean over the classes of the accuracies on the images with and without the label."""
        rows = self.confusion_matrix.astype(float)
        sums = rows.sum(axis=2)  # (K, 2)
        right = np.diagonal(rows, axis1=1, axis2=2)
        shares = np.divide(right, sums, out=np.full_like(right, np.nan), where=sums > 0)
        return float(np.nanmean(shares, axis=1).mean())

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes that occur, in truth or in predictions."""
        occurs = (self.confusion_matrix.sum(axis=(1, 2)) - self.confusion_matrix[:, 0, 0]) > 0
        scores = np.array([row["f1"] for row in self.per_class().values()])
        return float(scores[occurs].mean()) if occurs.any() else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        return {
            **super().to_json(), "hamming_loss": self.hamming_loss, "micro_f1": self.micro_f1,
        }  # fmt: skip


def evaluate_labels(
    probabilities: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    thresholds: Sequence[float],
) -> MultiLabelEvaluation:
    """Compare independent probabilities with labels.

    Args:
        probabilities: `(N, K)`, each from 0 to 1.
        labels: `(N, K)` booleans.
        class_names: `K` names.
        thresholds: `K` probabilities from which on a label is predicted.
    """
    predicted = above(probabilities, thresholds)
    wrong = predicted != labels
    with_label, without = labels.sum(axis=0), (~labels).sum(axis=0)
    found, false = (predicted & labels).sum(axis=0), (predicted & ~labels).sum(axis=0)
    counts = np.array([[without - false, false], [with_label - found, found]])  # (2, 2, K)
    certain = np.clip(probabilities, _SMALLEST_PROBABILITY, 1 - _SMALLEST_PROBABILITY)
    of_truth = np.where(labels, certain, 1 - certain).astype(np.float64)
    errors = np.flatnonzero(wrong.any(axis=1))
    doubt = np.where(wrong, of_truth, 1.0)[errors].min(axis=1)  # (E,)
    sets, frequency = np.unique(labels, axis=0, return_counts=True)
    most = sets[frequency.argmax()]
    either = int((with_label + found + false).sum())
    return MultiLabelEvaluation(
        accuracy=1 - len(errors) / len(labels),
        loss=float(-np.log(of_truth).mean()),
        class_names=tuple(class_names),
        confusion_matrix=counts.transpose(2, 0, 1),
        worst=errors[np.argsort(doubt, kind="stable")],
        thresholds=tuple(thresholds),
        frequent=(
            label_text(most, class_names) or "none",
            float(frequency.max() / len(labels)),
        ),
        hamming_loss=float(wrong.mean()),
        micro_f1=2 * int(found.sum()) / either if either else 0.0,
    )


def evaluate_predictions(
    probabilities: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    thresholds: Sequence[float],
) -> Evaluation:
    """Compare probabilities with one label per image, or with any number.

    Args:
        probabilities: `(N, K)`.
        labels: `(N,)` classes; `(N, K)` booleans if there are thresholds.
        class_names: `K` names.
        thresholds: Of a multi-label model, `K` probabilities from which on a label is predicted;
            else none.
    """
    if thresholds:
        return evaluate_labels(probabilities, labels, class_names, thresholds)
    return evaluate_probabilities(probabilities, labels, class_names)


def predicted(probabilities: np.ndarray, evaluation: Evaluation) -> np.ndarray:
    """Return `(N,)` predicted classes; `(N, K)` booleans of a multi-label model.

    Args:
        probabilities: `(N, K)`.
        evaluation: What they have been compared with.
    """
    if isinstance(evaluation, MultiLabelEvaluation):
        return above(probabilities, evaluation.thresholds)
    return probabilities.argmax(axis=1)


def above(probabilities: np.ndarray, thresholds: Sequence[float]) -> np.ndarray:
    """Return which labels are predicted, `(N, K)` booleans.

    Args:
        probabilities: `(N, K)`.
        thresholds: `K` probabilities from which on a label is predicted.
    """
    return probabilities >= np.asarray(thresholds)


def confidence(probabilities: np.ndarray, true: np.ndarray, predicted: np.ndarray) -> float:
    """Return the probability of a wrong prediction; of several wrong labels, of the surest.

    Args:
        probabilities: `(K,)`.
        true: A class, or `(K,)` booleans.
        predicted: A class, or `(K,)` booleans.
    """
    if np.ndim(true) == 0:
        return float(probabilities.max())
    return float(np.where(predicted, probabilities, 1 - probabilities)[predicted != true].max())


def decisions(probabilities: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and labels of single decisions, for metrics of one label.

    Args:
        probabilities: `(N, K)`.
        labels: `(N,)`, which are returned with the probabilities as they are; or `(N, K)` booleans.

    Returns:
        `(N·K, 2)` probabilities of the image being without and with a label, and `(N·K,)` int64.
    """
    if labels.ndim == 1:
        return probabilities, labels
    having = probabilities.ravel()
    return np.stack([1 - having, having], axis=1), labels.ravel().astype(np.int64)


def best_thresholds(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, ...]:
    """Return for each class the threshold with the highest F1; of equal ones, that nearest to 0.5.

    A threshold lies in the middle between two probabilities that occur. A class without labels, or
    that all images have, keeps 0.5.

    Args:
        probabilities: `(N, K)`, on images that are not tested on.
        labels: `(N, K)` booleans.

    Source: Z. Lipton, C. Elkan, B. Naryanaswamy, Optimal thresholding of classifiers to maximize F1
        measure, ECML PKDD 2014.
    """
    chosen = []
    for scores, has in zip(probabilities.T.astype(np.float64), labels.T, strict=True):
        if has.all() or not has.any():
            chosen.append(DEFAULT_THRESHOLD)
            continue
        known = np.unique(scores)
        candidates = np.unique(np.round((known[1:] + known[:-1]) / 2, _DECIMALS))
        candidates = np.append(candidates[(candidates > 0) & (candidates < 1)], DEFAULT_THRESHOLD)
        # Labels found and images predicted at each threshold, by binary search.
        found = has.sum() - np.searchsorted(np.sort(scores[has]), candidates)
        predicted = len(scores) - np.searchsorted(np.sort(scores), candidates)
        f1 = 2 * found / (has.sum() + predicted)
        best = np.lexsort((np.abs(candidates - DEFAULT_THRESHOLD), -f1))[0]
        chosen.append(float(candidates[best]))
    return tuple(chosen)
