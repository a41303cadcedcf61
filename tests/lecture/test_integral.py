"""The convolution integral against SciPy's quadrature and NumPy's convolution."""

from itertools import product

import numpy as np
import pytest
from scipy import integrate

from app.lecture.choices import SIGNALS
from app.lecture.integral import exact, riemann_sum, signal_named

PAIRS = list(product(SIGNALS, SIGNALS))


@pytest.mark.parametrize(("f", "g"), PAIRS)
@pytest.mark.parametrize("t", [-1.3, -0.5, -0.2, 0.0, 0.3, 0.5, 1.7, 3.0])
def test_exact_agrees_with_quadrature(f, g, t):
    first, second = signal_named(f).values, signal_named(g).values

    def integrand(tau):
        return float(first(np.array(tau)) * second(np.array(t - tau)))

    corners = [x for x in sorted({-0.5, 0.0, 0.5, t - 0.5, t, t + 0.5}) if -4 < x < 4]
    expected, _ = integrate.quad(integrand, -4, 4, points=corners, limit=200)
    assert exact(f, g, np.array([t]))[0] == pytest.approx(expected, abs=1e-6)


def test_two_boxes_are_a_triangle():
    times = np.array([-2, -1, -0.5, 0, 0.25, 1])
    assert exact("box", "box", times).tolist() == [0, 0, 0.5, 1, 0.75, 0]


@pytest.mark.parametrize(("f", "g"), PAIRS)
def test_riemann_sum_is_the_convolution_of_the_samples(f, g):
    found = riemann_sum(f, g, 0.25)
    np.testing.assert_allclose(found.values, np.convolve(found.a, found.b) * 0.25)
    assert len(found.times) == len(found.values)


@pytest.mark.parametrize(("f", "g"), PAIRS)
def test_riemann_sum_converges_with_the_square_of_the_step(f, g):
    errors = []
    for step in (0.1, 0.05):
        found = riemann_sum(f, g, step)
        inside = found.times <= 5
        errors.append(np.abs(found.values - exact(f, g, found.times))[inside].max())
    assert errors[1] == pytest.approx(errors[0] / 4, rel=0.1, abs=1e-12)


def test_signal_named_refuses_an_unknown_name():
    with pytest.raises(ValueError, match="sine"):
        signal_named("sine")
