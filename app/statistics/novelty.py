"""Scores of how foreign an input is to a classifier, and how well they separate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.errors import AppError
from app.statistics.estimate import LEVEL, Estimate

_RESAMPLES = 2_000


def confidence_novelty(logits: np.ndarray) -> np.ndarray:
    """Return 1 − the highest probability of each row of logits `(N, K)`, `(N,)`.

    Source: D. Hendrycks, K. Gimpel, A baseline for detecting misclassified and out-of-distribution
        examples in neural networks, ICLR 2017.
    """
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return 1 - 1 / np.exp(shifted).sum(axis=1)


def energy_novelty(logits: np.ndarray) -> np.ndarray:
    """Return the energy of each row of logits `(N, K)`, −log Σ exp, `(N,)`.

    Of one sigmoid, whose logits are ±z/2, it has the order of `confidence_novelty`: both fall with
    |z|.

    Source: W. Liu, X. Wang, J. Owens, Y. Li, Energy-based out-of-distribution detection, NeurIPS
        2020; at temperature 1.
    """
    highest = logits.max(axis=1).astype(np.float64)
    return -highest - np.log(np.exp(logits - highest[:, np.newaxis]).sum(axis=1))


@dataclass(frozen=True, repr=False)
class FeatureDistance:
    """Distance of features to the nearest class, measured in units of the spread within classes.

    Attributes:
        means: `(K, D)` mean features of the classes.
        whitening: `(D, D)` factor W of the inverse covariance within classes, W Wᵀ.

    Source: K. Lee, K. Lee, H. Lee, J. Shin, A simple unified framework for detecting
        out-of-distribution samples and adversarial attacks, NeurIPS 2018, of the last hidden layer.
    """

    means: np.ndarray
    whitening: np.ndarray

    @classmethod
    def fit(cls, features: np.ndarray, labels: np.ndarray) -> FeatureDistance:
        """Return the distance for features `(N, D)` of training images of classes `(N,)`.

        The covariance is shared by the classes and shrunk (Ledoit & Wolf, 2004), so that it can be
        inverted whatever the number of images.

        Raises:
            AppError: If there are fewer than two images, or a feature is not finite.
        """
        if len(features) < 2 or not np.isfinite(features).all():
            raise AppError(
                f"Distances cannot be fitted to features of shape {features.shape}.",
                "Expected finite features of at least two images.",
            )
        from sklearn.covariance import LedoitWolf  # takes half a second to import

        values = features.astype(np.float64)
        classes, members = np.unique(labels, return_inverse=True)
        means = np.stack([values[members == k].mean(axis=0) for k in range(len(classes))])
        spread = LedoitWolf(assume_centered=True).fit(values - means[members])
        return cls(means, np.linalg.cholesky(spread.precision_))

    def novelty(self, features: np.ndarray) -> np.ndarray:
        """Return the squared Mahalanobis distance of features `(N, D)` to the nearest mean."""
        points, centers = features.astype(np.float64) @ self.whitening, self.means @ self.whitening
        return np.min([((points - center) ** 2).sum(axis=1) for center in centers], axis=0)


def separation(known: np.ndarray, unknown: np.ndarray, *, seed: int = 0) -> Estimate:
    """Return the AUROC of a score with its 95% percentile bootstrap interval over both groups.

    It is the share of pairs in which the unknown image has the higher score; 0.5 is chance.

    Args:
        known: `(N,)` scores of images of the classes.
        unknown: `(M,)` scores of other images.
        seed: Seed of the resampling.

    Raises:
        AppError: If a group is empty.
    """
    if not len(known) or not len(unknown):
        raise AppError(
            f"{len(known)} known and {len(unknown)} unknown images cannot be separated.",
            "Expected at least one of each.",
        )
    higher = (unknown > known[:, np.newaxis]) + 0.5 * (unknown == known[:, np.newaxis])  # (N, M)
    random = np.random.default_rng(seed)
    rows, columns = (
        random.multinomial(count, np.full(count, 1 / count), _RESAMPLES) / count
        for count in higher.shape
    )
    drawn = ((rows @ higher) * columns).sum(axis=1)
    low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Estimate(float(higher.mean()), float(low), float(high))


def accepted(known: np.ndarray, unknown: np.ndarray, coverage: float) -> float:
    """Return the share of unknown images whose score is within that of a share of the known ones.

    Args:
        known: `(N,)` scores of images of the classes.
        unknown: `(M,)` scores of other images.
        coverage: Share of the known images that are accepted, such as 0.95.
    """
    return float((unknown <= np.quantile(known, coverage, method="inverted_cdf")).mean())
