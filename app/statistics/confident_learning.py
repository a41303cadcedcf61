"""Confident learning: which labels are probably wrong, from out-of-fold probabilities.

The threshold of a class is the mean probability of that class over the images with its label. An
image counts for the most probable of the classes whose thresholds it reaches; where that is not its
label, the label is suspect. A class that a network finds harder has a lower threshold, so that
classes are comparable. Source: Northcutt, Jiang & Chuang, Confident learning: estimating
uncertainty in dataset labels, Journal of Artificial Intelligence Research 70 (2021), section 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_ROUNDING = 1e-6  # of a mean of equal probabilities in float32


@dataclass(frozen=True)
class LabelErrors:
    """Suspect labels among those of `N` images.

    Attributes:
        suspect: `(N,)` whether the label is suspect.
        suggested: `(N,)` class that a suspect image counts for; the label of any other.
        margin: `(N,)` probability of the label minus the highest one of another class, from -1 to
            1.
    """

    suspect: np.ndarray
    suggested: np.ndarray
    margin: np.ndarray

    @property
    def ranked(self) -> np.ndarray:
        """Positions `(N,)` of the images: suspect ones first, and of those the lowest margin."""
        return np.lexsort((self.margin, ~self.suspect))

    @property
    def count(self) -> int:
        """Number of suspect labels."""
        return int(self.suspect.sum())


def label_errors(probabilities: np.ndarray, labels: np.ndarray) -> LabelErrors:
    """Find suspect labels.

    Args:
        probabilities: `(N, K)` of networks that were not trained on the image; K is at least 2.
        labels: `(N,)` integers in [0, K).
    """
    rows = np.arange(len(labels))
    thresholds = np.full(probabilities.shape[1], np.inf)  # nothing counts for a class without label
    for k in np.unique(labels):
        thresholds[k] = probabilities[labels == k, k].mean()
    confident = np.where(probabilities >= thresholds - _ROUNDING, probabilities, -np.inf)
    counted = confident.argmax(axis=1)
    suspect = np.isfinite(confident[rows, counted]) & (counted != labels)
    others = np.array(probabilities, np.float64)
    others[rows, labels] = -np.inf
    return LabelErrors(
        suspect=suspect,
        suggested=np.where(suspect, counted, labels),
        margin=probabilities[rows, labels] - others.max(axis=1),
    )
