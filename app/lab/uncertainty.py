"""Uncertainty of the experiments that train networks: one policy for all.

Everything random is redrawn for each of five seeds: the training images, the initial weights,
the order, permutations and shifts; and each seed is measured on validation images of its own
(`ExampleImages.drawn`). So seeds are independent repetitions of the whole experiment, and Student's
t over their results covers training and images alike. Conditions are compared by the differences
between runs of the same seed. A sentence calls one better only if their interval excludes zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.statistics.estimate import Estimate
from app.statistics.means import t_interval

SEEDS = 5


def over_seeds(values: Sequence[float]) -> Estimate:
    """Return the mean of one value per seed and its 95% interval; without width for one seed."""
    return t_interval(values) if len(values) > 1 else Estimate(values[0], values[0], values[0])


def share_over_seeds(values: Sequence[float]) -> Estimate:
    """Return the same for shares, from 0 to 1, to which the interval is clipped."""
    value, low, high = over_seeds(values)
    return Estimate(value, max(low, 0.0), min(high, 1.0))


def paired(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """Return the interval of `first` minus `second`, whose values belong to the same seeds."""
    return over_seeds(np.subtract(first, second).tolist())
