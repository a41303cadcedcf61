import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from app.errors import AppError
from app.statistics.means import bootstrap_difference, bootstrap_mean, bootstrap_p_value, t_interval

RANDOM = np.random.default_rng(3)
# Two classifiers that find the same images difficult, of 89% and 85%.
DIFFICULTY = RANDOM.normal(size=2000)
FIRST = DIFFICULTY + 0.5 * RANDOM.normal(size=2000) < 1.4
SECOND = DIFFICULTY + 0.5 * RANDOM.normal(size=2000) < 1.2


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_t_interval_agrees_with_scipy(values):
    assume(np.ptp(values) > 1e-6)
    low, high = scipy.stats.ttest_1samp(values, 0.5).confidence_interval(0.95)
    assert t_interval(values) == pytest.approx((np.mean(values), low, high), abs=1e-9)


def test_t_interval_of_three_seeds_is_about_two_and_a_half_deviations_wide():
    _, low, high = t_interval([-1.0, 0.0, 1.0])
    assert (low, high) == pytest.approx((-4.302653 / np.sqrt(3), 4.302653 / np.sqrt(3)), rel=1e-6)


@pytest.mark.parametrize("values", [[], [0.9], [[0.9, 0.8]]])
def test_t_interval_of_fewer_than_two_seeds_is_refused(values):
    with pytest.raises(AppError, match="at least 2 seeds"):
        t_interval(values)


@pytest.mark.parametrize("values", [FIRST, DIFFICULTY[:200]], ids=["right or wrong", "distinct"])
def test_bootstrap_mean_agrees_with_scipy(values):
    expected = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=10_000, method="percentile", rng=1
    )
    low, high = expected.confidence_interval
    close = 0.05 * (high - low)
    assert bootstrap_mean(values) == pytest.approx((values.mean(), low, high), abs=close)


def test_bootstrap_difference_agrees_with_scipy():
    expected = scipy.stats.bootstrap(
        (FIRST, SECOND),
        lambda a, b, axis: a.mean(axis) - b.mean(axis),
        n_resamples=10_000,
        method="percentile",
        paired=True,
        rng=1,
    )
    low, high = expected.confidence_interval
    found = bootstrap_difference(FIRST, SECOND)
    close = 0.05 * (high - low)
    assert found == pytest.approx((FIRST.mean() - SECOND.mean(), low, high), abs=close)


def test_bootstrap_difference_of_the_same_predictions_is_zero():
    assert bootstrap_difference(FIRST, FIRST) == (0, 0, 0)


def test_bootstrap_difference_is_that_of_the_paired_differences():
    paired = bootstrap_mean(FIRST.astype(int) - SECOND)
    assert bootstrap_difference(FIRST, SECOND) == pytest.approx(paired, abs=4e-4)


def test_bootstrap_over_seeds_and_images_agrees_with_drawing_rows_and_columns():
    values = RANDOM.random((5, 60)) + RANDOM.normal(0, 0.2, (5, 1))
    draws = np.random.default_rng(8)
    means = [
        values[np.ix_(draws.integers(0, 5, 5), draws.integers(0, 60, 60))].mean()
        for _ in range(10_000)
    ]
    expected = np.quantile(means, [0.025, 0.975])
    found = bootstrap_mean(values)
    assert found.value == pytest.approx(values.mean())
    assert found[1:] == pytest.approx(expected, abs=0.05 * np.ptp(expected))


def test_bootstrap_difference_of_seeds_draws_them_separately_and_images_together():
    first, second = RANDOM.random((2, 4, 50)) + DIFFICULTY[:50]
    second = second[:3]
    draws = np.random.default_rng(9)
    differences = []
    for _ in range(10_000):
        images = draws.integers(0, 50, 50)
        one, other = draws.integers(0, 4, 4), draws.integers(0, 3, 3)
        differences.append(first[np.ix_(one, images)].mean() - second[np.ix_(other, images)].mean())
    low, high = np.quantile(differences, [0.025, 0.975])
    found = bootstrap_difference(first, second)
    expected = (first.mean() - second.mean(), low, high)
    assert found == pytest.approx(expected, abs=0.05 * (high - low))


@given(st.integers(1, 4), st.integers(1, 30), st.integers(0, 100))
def test_bootstrap_intervals_contain_the_mean_and_lie_within_the_values(seeds, images, seed):
    values = np.random.default_rng(seed).integers(0, 2, (seeds, images)).astype(float)
    found = bootstrap_mean(values, resamples=200, seed=seed)
    assert values.min() - 1e-9 <= found.low <= found.high <= values.max() + 1e-9
    assert found == bootstrap_mean(values, resamples=200, seed=seed)


def test_bootstrap_in_several_parts_has_every_resample(monkeypatch):
    monkeypatch.setattr("app.statistics.means._MOST_DRAWS", 5000)
    values = DIFFICULTY[:200]  # 25 resamples at a time
    error = values.std() / np.sqrt(200)
    _, low, high = bootstrap_mean(values)
    assert (high - low) == pytest.approx(2 * 1.96 * error, rel=0.05)


@pytest.mark.parametrize("values", [np.zeros(0), np.zeros((2, 0)), np.zeros((1, 2, 3))])
def test_bootstrap_without_values_is_refused(values):
    with pytest.raises(AppError, match="Expected one value per image"):
        bootstrap_mean(values)


def test_bootstrap_difference_of_different_images_is_refused():
    with pytest.raises(AppError, match="cannot be paired"):
        bootstrap_difference(np.zeros(3), np.zeros(4))


def test_bootstrap_p_value_of_a_clear_difference_and_of_none():
    shifted = DIFFICULTY + 1
    assert bootstrap_p_value(shifted, DIFFICULTY) == pytest.approx(2 / 10_001)
    assert bootstrap_p_value(FIRST, FIRST) == 1


def test_bootstrap_p_value_agrees_with_the_paired_t_test():
    noise = np.random.default_rng(5).normal(0, 0.5, 2000)
    noise += 1.5 * noise.std() / np.sqrt(2000) - noise.mean()
    expected = scipy.stats.ttest_1samp(noise, 0).pvalue  # 0.13
    assert bootstrap_p_value(DIFFICULTY + noise, DIFFICULTY) == pytest.approx(expected, abs=0.02)


@pytest.mark.slow
def test_intervals_over_five_seeds_contain_the_expected_accuracy():
    """Images of different difficulty, and seeds that vary by half a point."""
    random = np.random.default_rng(0)
    margin, expected = 1.69, scipy.stats.norm.cdf(1.69 / np.sqrt(1 + 0.25 + 0.04**2))
    covered = 0
    for _ in range(200):
        seeds = margin + random.normal(0, 0.04, (5, 1))
        correct = random.normal(size=1000) + random.normal(0, 0.5, (5, 1000)) < seeds
        covered += not bootstrap_mean(correct, resamples=500).excludes(expected)
    assert 0.93 <= covered / 200 <= 1
