"""The paired t-test of two settings that were trained from the same seeds and on the same folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.errors import AppError
from app.statistics.estimate import LEVEL, Estimate


@dataclass(frozen=True)
class PairedTest:
    """The comparison of two settings by the differences of their paired results.

    Attributes:
        difference: Mean of first minus second, with its 95% interval.
        p_value: Two-sided p-value of no difference; 1 where all differences are the same, which
            say nothing about how much they would vary.
    """

    difference: Estimate
    p_value: float


def paired_t_test(first: np.ndarray, second: np.ndarray, *, overlap: float = 0.0) -> PairedTest:
    """Test whether two settings have the same mean result.

    Results of folds are no independent sample, because the training images of two folds overlap.
    The variance of their mean is therefore corrected (Nadeau and Bengio): `1/n + overlap` takes the
    place of `1/n`.

    Args:
        first: `(S,)` results, at least 2, one for each seed and fold.
        second: `(S,)` results of the other setting for the same seeds and folds.
        overlap: Validation images divided by training images, of folds; 0 without folds.

    Raises:
        AppError: If the results cannot be paired, or are too few.

    Sources: Student (W. S. Gosset), The probable error of a mean, Biometrika 6 (1908); C. Nadeau,
        Y. Bengio, Inference for the generalization error, Machine Learning 52 (2003).
    """
    one, other = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if one.shape != other.shape or one.ndim != 1 or len(one) < 2:
        raise AppError(
            f"Results of shapes {one.shape} and {other.shape} cannot be compared in pairs.",
            "Expected one result of both settings for each of at least 2 seeds or folds.",
        )
    from scipy.stats import t  # takes half a second to import

    differences = one - other
    mean, count = float(differences.mean()), len(differences)
    deviation = float(differences.std(ddof=1))
    if np.ptp(differences) < 1e-12:  # equal but for rounding
        return PairedTest(Estimate(mean, mean, mean), 1.0)
    error = deviation * float(np.sqrt(1 / count + overlap))
    half = float(t.ppf((1 + LEVEL) / 2, count - 1)) * error
    p_value = float(2 * t.sf(abs(mean) / error, count - 1))
    return PairedTest(Estimate(mean, mean - half, mean + half), p_value)
