"""Means over the seeds of an experiment, with 95% intervals."""

from __future__ import annotations

from collections.abc import Sequence

from app.statistics.estimate import Estimate
from app.statistics.means import t_interval


def over_seeds(values: Sequence[float]) -> Estimate:
    """Return the mean of one value per seed and its interval, which has no width for one seed."""
    return t_interval(values) if len(values) > 1 else Estimate(values[0], values[0], values[0])


def share_over_seeds(values: Sequence[float]) -> Estimate:
    """Return the same for shares, between 0 and 1, to which the interval is clipped."""
    value, low, high = over_seeds(values)
    return Estimate(value, max(low, 0.0), min(high, 1.0))
