"""Images by Fourier coefficients: the gradient against finite differences, and what grows."""

import numpy as np
import pytest

from app.insight.fourier_images import FourierImages


@pytest.mark.parametrize("shape", [(2, 6, 7, 1), (1, 8, 6, 3), (1, 5, 5, 3)])
def test_gradient_matches_finite_differences(shape):
    random = np.random.default_rng(0)
    images = FourierImages(shape, random)
    weights = random.normal(size=shape).astype(np.float32)  # of the sum that is differentiated
    found = images.gradient(weights)
    coefficients = images._coefficients
    step = 1e-2
    for _ in range(20):
        index = tuple(random.integers(0, size) for size in coefficients.shape)
        original = coefficients[index]
        values = []
        for shift in (step, -step):
            coefficients[index] = original + shift
            values.append(float((images.pixels().astype(np.float64) * weights).sum()))
        coefficients[index] = original
        slope = (values[0] - values[1]) / (2 * step)
        assert found[index] == pytest.approx(slope, rel=2e-2, abs=0.05)


def test_ascend_reaches_a_bright_square_on_gray():
    images = FourierImages((1, 32, 32, 1), np.random.default_rng(0))
    weights = np.zeros((1, 32, 32, 1), np.float32)
    weights[:, 12:20, 12:20] = 1
    for _ in range(60):
        images.ascend(weights)
    pixels = images.pixels()[0, ..., 0]
    assert pixels[13:19, 13:19].min() > 230
    assert abs(np.median(pixels) - 127.5) < 40


def test_restart_replaces_only_the_chosen_images():
    random = np.random.default_rng(0)
    images = FourierImages((3, 8, 8, 1), random)
    before = images.pixels()
    images.restart(np.array([False, True, False]), random, 100.0)
    after = images.pixels()
    assert (after[[0, 2]] == before[[0, 2]]).all()
    assert after[1].std() > 10 * before[1].std()
