"""Shares of images: the interval of one, and the paired test of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import AppError
from app.statistics.estimate import LEVEL, Estimate


@dataclass(frozen=True)
class McNemar:
    """Exact McNemar test of two classifiers on the same images.

    Only images on which exactly one of them is wrong tell the two apart. If neither is better,
    each of these is a fair coin.

    Attributes:
        only_first_wrong: Number of images that only the first classifier got wrong.
        only_second_wrong: Number of images that only the second classifier got wrong.
        p_value: Two-sided probability of a split at least as uneven as this one by chance.
    """

    only_first_wrong: int
    only_second_wrong: int
    p_value: float


def wilson_interval(successes: int, count: int) -> Estimate:
    """Return the share `successes / count` with its 95% Wilson score interval.

    Unlike the standard error it is valid for few images and near 0 and 100%. It covers the
    sampling of images, not the training of other models from other seeds.

    Args:
        successes: Number of images, such as those classified correctly, in [0, `count`].
        count: Number of all images, at least 1.

    Raises:
        AppError: If the numbers are not such counts.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
        JASA 22 (1927).
    """
    if not 0 <= successes <= count or count < 1:
        raise AppError(
            f"There is no share of {successes} in {count} images.",
            "Expected at least one image, and no more successes than images.",
        )
    from scipy.stats import binomtest  # takes half a second to import

    interval = binomtest(successes, count).proportion_ci(LEVEL, method="wilson")
    return Estimate(successes / count, float(interval.low), float(interval.high))


def mcnemar(first_correct: np.ndarray, second_correct: np.ndarray) -> McNemar:
    """Test whether two classifiers have the same accuracy, by the images where they differ.

    Args:
        first_correct: `(N,)` booleans, whether the first classifier is right.
        second_correct: `(N,)` booleans of the second classifier, on the same images.

    Raises:
        AppError: If the arrays are not of the same images.

    Source: Q. McNemar, Note on the sampling error of the difference between correlated
        proportions or percentages, Psychometrika 12 (1947); as an exact binomial test.
    """
    first, second = np.asarray(first_correct, bool), np.asarray(second_correct, bool)
    if first.shape != second.shape or first.ndim != 1:
        raise AppError(
            f"Predictions of shapes {first.shape} and {second.shape} cannot be paired.",
            "Expected one value for each image from both classifiers.",
        )
    from scipy.stats import binomtest  # takes half a second to import

    only_first = int((~first & second).sum())
    only_second = int((first & ~second).sum())
    different = only_first + only_second
    p_value = float(binomtest(only_first, different, 0.5).pvalue) if different else 1.0
    return McNemar(only_first, only_second, p_value)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for the number of tests.

    Rejecting those at most 0.05 keeps the probability of any false rejection at 5%, whatever the
    dependence between the tests.

    Args:
        p_values: `n` probabilities of `n` tests.

    Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian
        Journal of Statistics 6 (1979).
    """
    raw = np.asarray(p_values, np.float64)
    order = np.argsort(raw, kind="stable")
    stepped = raw[order] * np.arange(len(raw), 0, -1)
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(stepped))
    return [float(p) for p in adjusted]
