"""Selective classification: the error if only confident predictions are used."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class RiskCoverage(NamedTuple):
    """Error of the most confident predictions, by how many are used.

    Attributes:
        coverage: `(N,)` share of the images that are classified, from 1/N to 1.
        risk: `(N,)` share of errors among them; the last is the error of all.
    """

    coverage: np.ndarray
    risk: np.ndarray

    @property
    def area(self) -> float:
        """Area under the curve (AURC), the mean risk; 0 is best."""
        return float(self.risk.mean())

    def risk_at(self, coverage: float) -> float:
        """Return the error of the most confident share `coverage` of the images, in (0, 1]."""
        count = max(1, round(coverage * len(self.risk)))
        return float(self.risk[count - 1])


def risk_coverage(probabilities: np.ndarray, labels: np.ndarray) -> RiskCoverage:
    """Return the risk-coverage curve of the confidence, the probability of the predicted class.

    Of images with the same confidence, those that come first are used first.

    Args:
        probabilities: `(N, K)`, rows adding up to 1.
        labels: `(N,)` integers in [0, K).

    Source: Y. Geifman, R. El-Yaniv, Selective classification for deep neural networks, NeurIPS
        2017.
    """
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    wrong = (probabilities.argmax(axis=1) != labels)[order]
    used = np.arange(1, len(labels) + 1)
    return RiskCoverage(used / len(labels), np.cumsum(wrong) / used)
