"""The intervals of the experiments agree with SciPy's."""

import numpy as np
import pytest
from scipy import stats

from app.lab.uncertainty import over_seeds, paired, share_over_seeds


def test_over_seeds_is_students_interval():
    values = [0.9, 0.92, 0.95, 0.91, 0.93]
    expected = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    assert over_seeds(values) == pytest.approx((np.mean(values), *expected))


def test_over_seeds_of_one_seed_has_no_width():
    assert over_seeds([0.7]) == (0.7, 0.7, 0.7)


def test_share_over_seeds_stays_a_share():
    assert share_over_seeds([0.99, 1.0]).high == 1
    assert share_over_seeds([0.0, 0.01]).low == 0
    assert over_seeds([0.99, 1.0]).high > 1


def test_paired_agrees_with_the_paired_test():
    first, second = np.random.default_rng(1).normal(size=(2, 5))
    for shift in (0.0, 0.5, 3.0):
        moved = (first + shift).tolist()
        test = stats.ttest_rel(moved, second)
        assert paired(moved, second.tolist()).excludes(0) == (test.pvalue < 0.05)
