"""ROC and precision-recall curves: each class against all others, and their means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

_GRID = 1001  # points of a mean curve


@dataclass(frozen=True, repr=False)
class RankingCurves:
    """How well the probability of a class separates its images from all others, at each threshold.

    Attributes:
        false_positive_rate: `(T,)` share of the other images above a threshold, ascending.
        true_positive_rate: `(T,)` share of the images of the class above it.
        auroc: Area under the ROC curve; chance is 0.5.
        recall: `(R,)` share of the images of the class above a threshold, ascending.
        precision: `(R,)` share of the images of the class among all images above it.
        average_precision: Mean precision, weighted by the steps of recall: the area under the
            precision-recall curve; chance is the share of the class.
    """

    false_positive_rate: np.ndarray
    true_positive_rate: np.ndarray
    auroc: float
    recall: np.ndarray
    precision: np.ndarray
    average_precision: float


def ranking_curves(probabilities: np.ndarray, labels: np.ndarray) -> dict[int, RankingCurves]:
    """Return the curves of each class against all others; classes without images are left out.

    Args:
        probabilities: `(N, K)`.
        labels: `(N,)` integers in [0, K); or `(N, K)` booleans of any number of labels per image.

    Returns:
        Curves by class; empty if all images are of one class. A class that all images have, or
        none, is left out.

    Source: T. Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27 (2006); J.
        Davis, M. Goadrich, The relationship between precision-recall and ROC curves, ICML 2006.
    """
    # Takes half a second to import.
    from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_curve

    found = {}
    for k, scores in enumerate(probabilities.T):
        members = labels == k if labels.ndim == 1 else labels[:, k]
        if members.all() or not members.any():
            continue
        false_positives, true_positives, _ = roc_curve(members, scores)
        precision, recall, _ = precision_recall_curve(members, scores)
        found[int(k)] = RankingCurves(
            false_positive_rate=false_positives,
            true_positive_rate=true_positives,
            auroc=float(auc(false_positives, true_positives)),
            recall=recall[::-1],
            precision=precision[::-1],
            average_precision=float(average_precision_score(members, scores)),
        )
    return found


def mean_curves(curves: Mapping[int, RankingCurves]) -> RankingCurves:
    """Return the macro average: the mean of the curves at each rate, and of the areas.

    Args:
        curves: Curves of at least one class.
    """
    grid = np.linspace(0, 1, _GRID)
    found = list(curves.values())
    rates = [np.interp(grid, one.false_positive_rate, one.true_positive_rate) for one in found]
    precisions = [_precision_at(one, grid) for one in found]
    return RankingCurves(
        false_positive_rate=grid,
        true_positive_rate=np.mean(rates, axis=0),
        auroc=float(np.mean([one.auroc for one in found])),
        recall=grid,
        precision=np.mean(precisions, axis=0),
        average_precision=float(np.mean([one.average_precision for one in found])),
    )


def _precision_at(curves: RankingCurves, recall: np.ndarray) -> np.ndarray:
    """Return the precision of the first threshold that reaches each recall, `(R,)`."""
    steps = np.searchsorted(curves.recall, recall, side="left")
    return curves.precision[np.minimum(steps, len(curves.recall) - 1)]
