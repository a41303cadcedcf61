"""Selective classification: the error if only confident predictions are used."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.statistics.estimate import Estimate
from app.statistics.proportions import wilson_interval

_ROUNDING = 1e-9


class RiskCoverage(NamedTuple):
    """Error of the most confident predictions, by how many are used.

    Attributes:
        coverage: `(N,)` share of the images that are classified, from 1/N to 1.
        risk: `(N,)` share of errors among them; the last is the error of all.
        confidence: `(N,)` lowest confidence among them.
    """

    coverage: np.ndarray
    risk: np.ndarray
    confidence: np.ndarray

    @property
    def area(self) -> float:
        """Area under the curve (AURC), the mean risk; 0 is best."""
        return float(self.risk.mean())

    def risk_at(self, coverage: float) -> float:
        """Return the error of the most confident share `coverage` of the images, in (0, 1]."""
        count = max(1, round(coverage * len(self.risk)))
        return float(self.risk[count - 1])

    def threshold_at(self, coverage: float) -> float:
        """Return the confidence that at least a share `coverage` of the images, in (0, 1], has."""
        count = max(1, int(np.ceil(coverage * len(self.risk) - _ROUNDING)))
        return float(self.confidence[count - 1])

    def threshold_within(self, risk: float) -> float | None:
        """Return the lowest confidence whose images have at most this risk; `None` if none does.

        Images of the same confidence are used all or not at all.
        """
        ends = np.append(self.confidence[1:] < self.confidence[:-1], True)
        fitting = np.flatnonzero(ends & (self.risk <= risk + _ROUNDING))
        return float(self.confidence[fitting[-1]]) if len(fitting) else None


class Selected(NamedTuple):
    """What is classified with at least a confidence.

    Attributes:
        threshold: The confidence.
        coverage: Share of the images that have it.
        risk: Share of errors among them; `None` if there are none.
    """

    threshold: float
    coverage: Estimate
    risk: Estimate | None


def selected(probabilities: np.ndarray, labels: np.ndarray, threshold: float) -> Selected:
    """Return coverage and risk of the predictions with at least a confidence.

    Args:
        probabilities: `(N, K)`, rows adding up to 1.
        labels: `(N,)` integers in [0, K).
        threshold: Smallest probability of the predicted class.
    """
    kept = probabilities.max(axis=1) >= threshold
    wrong = (probabilities.argmax(axis=1) != labels)[kept]
    return Selected(
        threshold,
        wilson_interval(int(kept.sum()), len(kept)),
        wilson_interval(int(wrong.sum()), len(wrong)) if len(wrong) else None,
    )


def risk_coverage(probabilities: np.ndarray, labels: np.ndarray) -> RiskCoverage:
    """Return the risk-coverage curve of the confidence, the probability of the predicted class.

    Of images with the same confidence, those that come first are used first.

    Args:
        probabilities: `(N, K)`, rows adding up to 1.
        labels: `(N,)` integers in [0, K).

    Source: Y. Geifman, R. El-Yaniv, Selective classification for deep neural networks, NeurIPS
        2017.
    """
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    wrong = (probabilities.argmax(axis=1) != labels)[order]
    used = np.arange(1, len(labels) + 1)
    return RiskCoverage(used / len(labels), np.cumsum(wrong) / used, confidence[order])
