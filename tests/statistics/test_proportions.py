import itertools
from math import comb

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError
from app.statistics.proportions import holm, mcnemar, wilson_interval


@given(st.integers(1, 5000), st.data())
def test_wilson_interval_agrees_with_its_formula(count, data):
    right = data.draw(st.integers(0, count))
    value, low, high = wilson_interval(right, count)
    p, z = right / count, scipy.stats.norm.ppf(0.975)
    middle = (p + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(p * (1 - p) / count + z**2 / (4 * count**2))
    assert (value, low, high) == pytest.approx((p, middle - half, middle + half), abs=1e-9)
    assert 0 <= low <= p <= high <= 1
    assert high > low


def test_wilson_interval_agrees_with_scipy():
    expected = scipy.stats.binomtest(9969, 10_000).proportion_ci(0.95, method="wilson")
    assert wilson_interval(9969, 10_000) == pytest.approx((0.9969, expected.low, expected.high))


@pytest.mark.parametrize(("successes", "count"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_interval_of_impossible_counts_is_refused(successes, count):
    with pytest.raises(AppError, match="Expected at least one image"):
        wilson_interval(successes, count)


def correctness(both_right, only_first_wrong, only_second_wrong, both_wrong):
    counts = (both_right, only_first_wrong, only_second_wrong, both_wrong)
    return np.repeat([True, False, True, False], counts), np.repeat(
        [True, True, False, False], counts
    )


@given(*[st.integers(0, 40)] * 4)
def test_mcnemar_agrees_with_the_sum_of_binomial_probabilities(right, first, second, wrong):
    found = mcnemar(*correctness(right, first, second, wrong))
    assert (found.only_first_wrong, found.only_second_wrong) == (first, second)
    n, k = first + second, min(first, second)
    tail = sum(comb(n, j) for j in range(k + 1)) / 2**n
    assert found.p_value == pytest.approx(min(1.0, 2 * tail))


@given(*[st.integers(0, 40)] * 4)
def test_mcnemar_of_exchanged_classifiers_has_the_same_p_value(right, first, second, wrong):
    one, other = correctness(right, first, second, wrong)
    assert mcnemar(one, other).p_value == pytest.approx(mcnemar(other, one).p_value)


def test_mcnemar_of_the_same_predictions_has_p_value_1():
    assert mcnemar(np.array([True, False]), np.array([True, False])).p_value == 1


def test_mcnemar_of_different_images_is_refused():
    with pytest.raises(AppError, match="cannot be paired"):
        mcnemar(np.ones(3, bool), np.ones(4, bool))


def test_holm_agrees_with_an_example_by_hand():
    # 0.01 × 4, 0.02 × 3, max(0.06, 0.03 × 2), max(0.06, 0.04)
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.7]) == [0.7]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_holm_is_the_closed_test_of_bonferroni(p_values):
    """A hypothesis is rejected if Bonferroni rejects each intersection that contains it."""
    expected = [
        max(
            min(1.0, len(chosen) * min(p_values[k] for k in chosen))
            for size in range(1, len(p_values) + 1)
            for chosen in itertools.combinations(range(len(p_values)), size)
            if one in chosen
        )
        for one in range(len(p_values))
    ]
    assert holm(p_values) == pytest.approx(expected)
