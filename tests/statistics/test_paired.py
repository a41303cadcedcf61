"""The paired t-test, compared with SciPy."""

import numpy as np
import pytest
from scipy.stats import t, ttest_rel

from app.errors import AppError
from app.statistics.paired import paired_t_test

FIRST = np.array([0.91, 0.93, 0.90, 0.95, 0.92])
SECOND = np.array([0.90, 0.90, 0.91, 0.92, 0.88])


def test_paired_t_test_is_that_of_scipy():
    found, expected = paired_t_test(FIRST, SECOND), ttest_rel(FIRST, SECOND)
    interval = expected.confidence_interval(0.95)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.difference == pytest.approx((0.02, interval.low, interval.high))


def test_overlap_widens_the_interval_as_nadeau_and_bengio_say():
    found = paired_t_test(FIRST, SECOND, overlap=0.25)
    differences = FIRST - SECOND
    statistic = differences.mean() / np.sqrt((1 / 5 + 0.25) * differences.var(ddof=1))
    assert found.p_value == pytest.approx(2 * t.sf(statistic, 4))
    assert found.p_value > paired_t_test(FIRST, SECOND).p_value
    low, high = t.interval(0.95, 4, 0.02, differences.mean() / statistic)
    assert found.difference == pytest.approx((0.02, low, high))


@pytest.mark.parametrize("shift", [0.0, 0.1])
def test_equal_differences_are_no_evidence(shift):
    found = paired_t_test(FIRST, FIRST - shift)
    assert found.p_value == 1.0
    assert found.difference.value == pytest.approx(shift)


@pytest.mark.parametrize(("first", "second"), [(FIRST, SECOND[:3]), ([0.9], [0.8]), ([], [])])
def test_results_that_cannot_be_paired_are_refused(first, second):
    with pytest.raises(AppError, match="cannot be compared in pairs"):
        paired_t_test(np.array(first), np.array(second))
