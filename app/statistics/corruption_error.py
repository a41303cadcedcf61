"""Mean corruption error: errors under corruptions as a multiple of a baseline's."""

from __future__ import annotations

import numpy as np

from app.errors import AppError
from app.statistics.estimate import LEVEL, Estimate

RESAMPLES = 2_000
_MOST_DRAWS = 4_000_000  # held in memory at once


def mean_corruption_error(
    errors: np.ndarray, baseline: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """Return the mean, over corruptions, of the error divided by the baseline's error.

    The 95% percentile bootstrap interval is over images, which both models see alike. Under a
    corruption that the baseline always survives the quotient is undefined; it is left out.

    Args:
        errors: `(C, N)` errors from 0 to 1 under `C` corruptions of `N` images; of several
            severities their mean.
        baseline: `(C, N)` those of the baseline.
        resamples: Number of bootstrap samples.
        seed: Seed of the drawing.

    Raises:
        AppError: If the shapes differ, or the baseline makes no error at all.

    Source: Hendrycks & Dietterich, Benchmarking neural network robustness to common corruptions and
        perturbations, 2019, whose baseline is AlexNet.
    """
    if errors.shape != baseline.shape or errors.ndim != 2:
        raise AppError(
            f"Errors of shapes {errors.shape} and {baseline.shape} cannot be divided.",
            "Expected (C, N) for the same corruptions and images.",
        )
    kept = baseline.any(axis=1)
    if not kept.any():
        raise AppError(
            "The baseline makes no error under any corruption.",
            "Expected a baseline with errors to divide by.",
        )
    ours, theirs = errors[kept], baseline[kept]
    images = errors.shape[1]
    random = np.random.default_rng(seed)
    samples = []
    step = max(1, _MOST_DRAWS // images)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        drawn = random.multinomial(images, np.full(images, 1 / images), size).astype(np.float64)
        found, reference = drawn @ ours.T, drawn @ theirs.T
        defined = reference > 0
        quotients = np.divide(found, reference, out=np.zeros_like(found), where=defined)
        counts = defined.sum(axis=1)
        samples.append(quotients.sum(axis=1)[counts > 0] / counts[counts > 0])
    low, high = np.quantile(np.concatenate(samples), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    value = float((ours.mean(axis=1) / theirs.mean(axis=1)).mean())
    return Estimate(value, float(low), float(high))
