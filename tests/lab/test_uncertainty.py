"""The intervals of the experiments agree with SciPy's tests."""

import numpy as np
import pytest
from scipy import stats

from app.lab.uncertainty import over_seeds, paired


def test_over_seeds_of_one_seed_has_no_width():
    assert over_seeds([0.5]) == (0.5, 0.5, 0.5)
    assert over_seeds([0.5, 0.7]).value == pytest.approx(0.6)


def test_paired_agrees_with_the_paired_test():
    first, second = np.random.default_rng(1).normal(size=(2, 5))
    for shift in (0.0, 0.5, 3.0):
        moved = (first + shift).tolist()
        test = stats.ttest_rel(moved, second)
        assert paired(moved, second.tolist()).excludes(0) == (test.pvalue < 0.05)
