"""Mean corruption error, by its definition and against SciPy's bootstrap."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from app.errors import AppError
from app.statistics.corruption_error import mean_corruption_error


def wrong(seed, shares, images):
    random = np.random.default_rng(seed)
    return (random.random((len(shares), images)) < np.array(shares)[:, np.newaxis]).astype(float)


def test_it_is_the_mean_of_the_quotients():
    baseline = np.array([[1, 1, 0, 0], [1, 0, 0, 0]])
    errors = np.array([[1, 0, 0, 0], [1, 0, 0, 0]])
    # (1/4) / (2/4) and (1/4) / (1/4)
    assert mean_corruption_error(errors, baseline).value == pytest.approx((0.5 + 1) / 2)


def test_a_model_is_its_own_baseline():
    errors = wrong(0, (0.2, 0.5), 50)
    assert mean_corruption_error(errors, errors) == pytest.approx((1, 1, 1))


def test_a_corruption_that_the_baseline_survives_is_left_out():
    baseline = np.array([[1, 1, 0, 0], [0, 0, 0, 0]])
    errors = np.array([[1, 0, 0, 0], [1, 1, 1, 1]])
    assert mean_corruption_error(errors, baseline).value == pytest.approx(0.5)


def test_the_interval_is_that_of_scipy_s_paired_bootstrap():
    errors, baseline = wrong(1, (0.1, 0.3, 0.2), 300), wrong(2, (0.3, 0.4, 0.6), 300)

    def statistic(*columns, axis=-1):
        found = [np.mean(column, axis=axis) for column in columns]
        return np.mean([found[k] / found[k + 3] for k in range(3)], axis=0)

    peer = bootstrap(
        [*errors, *baseline], statistic, paired=True, vectorized=True, method="percentile",
        n_resamples=4000, random_state=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    found = mean_corruption_error(errors, baseline)
    assert found.low == pytest.approx(peer.low, abs=0.015)
    assert found.high == pytest.approx(peer.high, abs=0.015)


def test_what_cannot_be_divided():
    with pytest.raises(AppError, match="no error under any corruption"):
        mean_corruption_error(np.ones((2, 3)), np.zeros((2, 3)))
    with pytest.raises(AppError, match=r"\(2, 3\) and \(2, 4\)"):
        mean_corruption_error(np.ones((2, 3)), np.ones((2, 4)))
