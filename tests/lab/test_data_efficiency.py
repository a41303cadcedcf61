"""Exponents of learning curves."""

import numpy as np
import pytest
from scipy import stats

from app.lab.data_efficiency import power_law


def test_power_law_is_the_slope_in_logarithmic_axes():
    counts = np.array([30, 100, 300, 1000])
    exact = 2.0 * counts**-0.35
    noisy = exact * np.random.default_rng(0).uniform(0.8, 1.2, 4)
    found = power_law(counts, np.stack([exact, noisy], axis=1))
    assert found[0] == pytest.approx(-0.35)
    expected = stats.linregress(np.log(counts), np.log(noisy)).slope
    assert found[1] == pytest.approx(expected)
