"""Intervals of means and of their differences: Student's t over seeds, bootstrap over images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.errors import AppError
from app.statistics.estimate import LEVEL, Estimate

RESAMPLES = 10_000
_MOST_DRAWS = 4_000_000  # held in memory at once


def t_interval(values: Sequence[float] | np.ndarray) -> Estimate:
    """Return the mean of one value per seed with its 95% interval by Student's t.

    The interval covers the seeds alone: other training runs, measured on the same images. Of two
    settings trained from the same seeds, pass the differences.

    Args:
        values: `(S,)` results of `S` seeds, at least 2.

    Raises:
        AppError: If there are fewer than 2 seeds.

    Source: Student (W. S. Gosset), The probable error of a mean, Biometrika 6 (1908).
    """
    found = np.asarray(values, np.float64)
    if found.ndim != 1 or len(found) < 2:
        raise AppError(
            f"An interval over seeds cannot be computed from values of shape {found.shape}.",
            "Expected one value each of at least 2 seeds.",
        )
    from scipy.stats import t  # takes half a second to import

    mean, error = float(found.mean()), float(found.std(ddof=1) / np.sqrt(len(found)))
    half = float(t.ppf((1 + LEVEL) / 2, len(found) - 1)) * error
    return Estimate(mean, mean - half, mean + half)


def bootstrap_mean(values: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0) -> Estimate:
    """Return the mean with a 95% percentile bootstrap interval over images, or seeds and images.

    Args:
        values: `(N,)` one value per image, such as whether it is classified correctly; or
            `(S, N)`, those of `S` training seeds on the same images. Then seeds and images are
            both resampled (they are crossed: all seeds see the same images), so that the interval
            covers other training runs and other test images. Drawing from `S` seeds understates
            their variance by (S − 1) / S: with fewer than five, the interval may be too narrow if
            the seeds vary more than the sampling of images does.
        resamples: Number of bootstrap samples.
        seed: Seed of the drawing.

    Raises:
        AppError: If there are no values.

    Sources: B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), for the percentile
        interval; A. B. Owen, The pigeonhole bootstrap, Annals of Applied Statistics 1 (2007), for
        crossed factors.
    """
    rows = _by_seed(values)
    means = _resampled_means([rows], resamples, seed)[0]
    return _percentiles(float(rows.mean()), means)


def bootstrap_difference(
    first: np.ndarray, second: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """Return `mean(first) − mean(second)` with a 95% paired percentile bootstrap interval.

    Both see the same images, which are drawn together: what makes an image difficult for both
    does not widen the interval. Seeds, which need not be as many for both, are drawn separately.

    Args:
        first: `(N,)` one value per image, or `(S, N)` with one row per seed; see `bootstrap_mean`.
        second: The same, `(N,)` or `(S', N)`, on the same images in the same order.
        resamples: Number of bootstrap samples.
        seed: Seed of the drawing.

    Raises:
        AppError: If there are no values, or the numbers of images differ.

    Sources: As `bootstrap_mean`.
    """
    differences, value = _resampled_differences(first, second, resamples, seed)
    return _percentiles(value, differences)


def bootstrap_p_value(
    first: np.ndarray, second: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0
) -> float:
    """Return the two-sided p-value of equal means, by the resamples of `bootstrap_difference`.

    It is twice the share of resampled differences beyond zero, at least 2 / (`resamples` + 1). Of
    one value per image, right or wrong, `mcnemar` is exact.

    Args:
        first: As in `bootstrap_difference`.
        second: As in `bootstrap_difference`.
        resamples: Number of bootstrap samples.
        seed: Seed of the drawing.

    Raises:
        AppError: As `bootstrap_difference`.

    Source: A. C. Davison, D. V. Hinkley, Bootstrap Methods and their Application (1997), ch. 4.
    """
    differences, _ = _resampled_differences(first, second, resamples, seed)
    beyond = min((differences <= 0).sum(), (differences >= 0).sum())
    return min(1.0, 2 * (1 + int(beyond)) / (resamples + 1))


def _resampled_differences(
    first: np.ndarray, second: np.ndarray, resamples: int, seed: int
) -> tuple[np.ndarray, float]:
    """Return `(resamples,)` differences of the means, and the difference itself."""
    one, other = _by_seed(first), _by_seed(second)
    if one.shape[1] != other.shape[1]:
        raise AppError(
            f"Values of {one.shape[1]:,} and {other.shape[1]:,} images cannot be paired.",
            "Expected one value for each image in both arrays.",
        )
    means = _resampled_means([one, other], resamples, seed)
    return means[0] - means[1], float(one.mean() - other.mean())


def _by_seed(values: np.ndarray) -> np.ndarray:
    """Return `(S, N)` floats."""
    found = np.atleast_2d(np.asarray(values, np.float64))
    if found.ndim != 2 or not found.size:
        raise AppError(
            f"Values of shape {np.shape(values)} have no bootstrap interval.",
            "Expected one value per image, (N,), or one row of them per seed, (S, N).",
        )
    return found


def _resampled_means(groups: Sequence[np.ndarray], resamples: int, seed: int) -> np.ndarray:
    """Return `(len(groups), resamples)` means of groups `(S, N)` that share their images."""
    random = np.random.default_rng(seed)
    images = groups[0].shape[1]
    # Images with the same values in every row are interchangeable. Drawing how often each kind of
    # image occurs has the same distribution as drawing images, and right or wrong has few kinds.
    kinds, counts = np.unique(np.concatenate(groups), axis=1, return_counts=True)
    starts = np.cumsum([len(group) for group in groups])[:-1]
    means = np.empty((len(groups), resamples))
    step = max(1, _MOST_DRAWS // len(counts))
    for start in range(0, resamples, step):
        part = slice(start, min(start + step, resamples))
        size = part.stop - part.start
        shares = random.multinomial(images, counts / images, size) / images  # (size, kinds)
        for group, rows in enumerate(np.split(kinds, starts)):
            seeds = len(rows)
            weights = random.multinomial(seeds, np.full(seeds, 1 / seeds), size) / seeds
            means[group, part] = ((weights @ rows) * shares).sum(axis=1)
    return means


def _percentiles(value: float, samples: np.ndarray) -> Estimate:
    low, high = np.quantile(samples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high))
