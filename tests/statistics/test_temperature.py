import numpy as np
import pytest
import scipy.optimize
import scipy.stats
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError
from app.statistics.calibration import calibration
from app.statistics.temperature import fit_temperature, stored_temperature, with_temperature


def drawn(temperature: float, classes: int, count: int = 20_000):
    """Return probabilities, and labels drawn from them at another temperature."""
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (count, classes))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    true = np.exp(logits / temperature)
    true /= true.sum(axis=1, keepdims=True)
    labels = (random.random((count, 1)) > true.cumsum(axis=1)).sum(axis=1)
    return probabilities, np.minimum(labels, classes - 1)


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_fit_temperature_finds_that_of_the_labels(temperature, classes):
    probabilities, labels = drawn(temperature, classes)
    found = fit_temperature(probabilities, labels)
    assert found == pytest.approx(temperature, rel=0.05)
    scaled = with_temperature(probabilities, found)
    assert calibration(scaled, labels).error < 0.015


def test_fit_temperature_has_the_smallest_log_loss_of_scikit_learn():
    probabilities, labels = drawn(1.7, 3, count=300)

    def loss(temperature):
        return sklearn.metrics.log_loss(labels, with_temperature(probabilities, temperature))

    best = loss(fit_temperature(probabilities, labels))
    assert best <= min(loss(temperature) for temperature in np.geomspace(0.2, 5, 200)) + 1e-9


@given(st.integers(2, 6), st.integers(1, 20), st.floats(0.1, 10), st.integers(0, 1000))
def test_with_temperature_keeps_the_order_and_adds_up_to_1(classes, count, temperature, seed):
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(classes), count)
    scaled = with_temperature(probabilities, temperature)
    np.testing.assert_array_equal(scaled.argmax(axis=1), probabilities.argmax(axis=1))
    assert scaled.sum(axis=1) == pytest.approx(1)
    np.testing.assert_allclose(with_temperature(probabilities, 1.0), probabilities, atol=1e-9)


def test_with_temperature_of_two_classes_divides_the_logit():
    scaled = with_temperature(np.array([[0.9, 0.1]]), 2.0)
    assert np.log(scaled[0, 0] / scaled[0, 1]) == pytest.approx(np.log(9) / 2)


@pytest.mark.parametrize("labels", [[0, 0], [1, 1]])
def test_fit_temperature_without_right_and_wrong_predictions_is_refused(labels):
    with pytest.raises(AppError, match="cannot be fitted"):
        fit_temperature(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array(labels))


def test_fit_temperature_is_the_slope_of_a_logistic_regression_of_the_logit():
    probabilities, labels = drawn(1.7, 2, count=2000)
    logits = np.log(probabilities[:, 1] / probabilities[:, 0])

    def loss(slope):
        return np.logaddexp(0, np.where(labels == 1, -1, 1) * slope * logits).sum()

    slope = scipy.optimize.minimize_scalar(loss, bounds=(0.05, 20), method="bounded").x
    assert fit_temperature(probabilities, labels) == pytest.approx(1 / slope, rel=1e-3)


@pytest.mark.parametrize(("temperature", "count"), [(1.0, 300), (1.3, 20), (1.3, 300), (0.5, 300)])
def test_stored_temperature_is_1_unless_the_likelihood_ratio_test_rejects_it(temperature, count):
    probabilities, labels = drawn(temperature, 3, count)
    fitted = fit_temperature(probabilities, labels)
    losses = [
        sklearn.metrics.log_loss(labels, with_temperature(probabilities, one), labels=[0, 1, 2])
        for one in (1.0, fitted)
    ]
    p_value = scipy.stats.chi2.sf(2 * count * (losses[0] - losses[1]), df=1)
    expected = round(fitted, 4) if p_value < 0.05 else 1.0
    assert stored_temperature(probabilities, labels) == expected


@pytest.mark.parametrize("labels", [[0, 0], [1, 1]])
def test_stored_temperature_without_right_and_wrong_predictions_is_1(labels):
    assert stored_temperature(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array(labels)) == 1.0


def test_with_temperature_and_back_is_where_it_was():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(4), 20)
    scaled = with_temperature(with_temperature(probabilities, 0.4), 1 / 0.4)
    np.testing.assert_allclose(scaled, probabilities, atol=1e-9)
    assert with_temperature(probabilities, 1.0) is probabilities
