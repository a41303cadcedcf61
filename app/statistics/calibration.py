"""Scores of predicted probabilities: calibration, Brier score, AUROC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.statistics.estimate import Estimate
from app.statistics.proportions import wilson_interval

BINS = 15  # as in Guo et al.


@dataclass(frozen=True, repr=False)
class Calibration:
    """Accuracy by confidence, the probability of the predicted class.

    Of images classified with 80% confidence, a calibrated classifier gets 80% right.

    Attributes:
        images: `(B,)` number of images in each of `B` equally wide bins of confidence.
        confidence: `(B,)` their mean confidence; 0 in an empty bin.
        correct: `(B,)` number of them classified correctly.
    """

    images: np.ndarray
    confidence: np.ndarray
    correct: np.ndarray

    @property
    def edges(self) -> np.ndarray:
        """`(B + 1,)` ends of the bins; a confidence at the end of two bins is in the lower one."""
        return np.linspace(0, 1, len(self.images) + 1)

    @property
    def mean_confidence(self) -> float:
        """Mean confidence of all images; above the accuracy, the classifier is overconfident."""
        return float((self.images * self.confidence).sum() / self.images.sum())

    @property
    def error(self) -> float:
        """Expected calibration error: mean over images of |accuracy − confidence| of their bin.

        It is biased upward for few images: even a calibrated classifier's is above 0.
        """
        gaps = np.abs(self.correct - self.images * self.confidence)
        return float(gaps.sum() / self.images.sum())

    def accuracies(self) -> list[Estimate | None]:
        """Return the accuracy in each bin with its 95% Wilson interval; `None` if it is empty."""
        return [
            wilson_interval(int(correct), int(images)) if images else None
            for correct, images in zip(self.correct, self.images, strict=True)
        ]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the bins with images as dictionaries that `json` can write."""
        edges = self.edges
        return [
            {"from": float(edges[k]), "to": float(edges[k + 1]), "n": int(self.images[k]),
             "confidence": float(self.confidence[k]),
             "accuracy": float(self.correct[k] / self.images[k])}
            for k in np.flatnonzero(self.images)
        ]  # fmt: skip


def calibration(probabilities: np.ndarray, labels: np.ndarray) -> Calibration:
    """Compare the confidence of predictions with their accuracy.

    Args:
        probabilities: `(N, K)`, rows adding up to 1.
        labels: `(N,)` integers in [0, K).

    Source: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, On calibration of modern neural networks,
        ICML 2017; 15 bins of equal width.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    inner = np.linspace(0, 1, BINS + 1)[1:-1]
    bins = np.searchsorted(inner, confidence)
    images = np.bincount(bins, minlength=BINS)
    total = np.bincount(bins, weights=confidence, minlength=BINS)
    correct = np.bincount(bins, weights=right, minlength=BINS).astype(np.int64)
    return Calibration(images, total / np.maximum(1, images), correct)


def brier_score(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean squared difference between probabilities and truth; 0 is best.

    It is the sum over the classes, from 0 to 2; of two classes, as usual, half of that: the squared
    error of either class, from 0 to 1.

    Args:
        probabilities: `(N, K)`, rows adding up to 1.
        labels: `(N,)` integers in [0, K).

    Source: G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly
        Weather Review 78 (1950).
    """
    classes = probabilities.shape[1]
    squares = (probabilities.astype(np.float64) - np.eye(classes)[labels]) ** 2
    return float(squares.sum(axis=1).mean()) / (2 if classes == 2 else 1)


def auroc(probabilities: np.ndarray, labels: np.ndarray) -> float | None:
    """Return the area under the ROC curve: of each class against all others, their mean.

    It is the probability that an image of the class has a higher probability for it than an image
    of another class has; 0.5 is chance. Classes without images are left out.

    Args:
        probabilities: `(N, K)`.
        labels: `(N,)` integers in [0, K).

    Returns:
        The area, or `None` if all images are of one class.

    Source: J. A. Hanley, B. J. McNeil, The meaning and use of the area under a receiver operating
        characteristic (ROC) curve, Radiology 143 (1982).
    """
    from scipy.stats import rankdata  # takes half a second to import

    areas = []
    for k in np.unique(labels):
        members = labels == k
        inside = int(members.sum())
        outside = len(labels) - inside
        if outside:
            # Mann and Whitney's U: pairs in which the member has the higher probability.
            ranks = rankdata(probabilities[:, k])[members].sum()
            areas.append((ranks - inside * (inside + 1) / 2) / (inside * outside))
    return float(np.mean(areas)) if areas else None
