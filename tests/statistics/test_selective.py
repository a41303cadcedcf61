import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from app.statistics.selective import risk_coverage, selected


def test_risk_coverage_of_four_images():
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.7, 0.3]])
    found = risk_coverage(probabilities, np.array([0, 0, 1, 1]))  # by confidence: ✓ ✓ ✗ ✗
    assert found.coverage == pytest.approx([0.25, 0.5, 0.75, 1])
    assert found.risk == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert found.area == pytest.approx((1 / 3 + 1 / 2) / 4)
    assert found.risk_at(0.5) == 0
    assert found.risk_at(0.75) == pytest.approx(1 / 3)


@given(st.integers(2, 5), st.integers(1, 60), st.floats(0.01, 1), st.integers(0, 1000))
def test_risk_is_the_error_above_a_threshold_of_confidence(classes, count, coverage, seed):
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(classes), count)
    labels = random.integers(0, classes, count)
    found = risk_coverage(probabilities, labels)
    confidence = probabilities.max(axis=1)
    used = max(1, round(coverage * count))
    kept = confidence >= np.sort(confidence)[-used]
    accuracy = sklearn.metrics.accuracy_score(labels[kept], probabilities[kept].argmax(axis=1))
    assert found.risk_at(coverage) == pytest.approx(1 - accuracy)


def test_area_is_the_trapezoid_of_scikit_learn_with_many_images():
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(3), 5000)
    found = risk_coverage(probabilities, random.integers(0, 3, 5000))
    assert found.area == pytest.approx(sklearn.metrics.auc(*found[:2]), abs=1e-3)


@given(st.integers(2, 5), st.integers(1, 60), st.floats(0.01, 1), st.integers(0, 1000))
def test_threshold_at_keeps_at_least_the_coverage(classes, count, coverage, seed):
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(classes), count).round(1)  # some are equal
    labels = random.integers(0, classes, count)
    confidence = probabilities.max(axis=1)
    threshold = risk_coverage(probabilities, labels).threshold_at(coverage)
    assert (confidence >= threshold).mean() >= coverage - 1e-9
    assert (confidence > threshold).mean() < coverage


@given(st.integers(2, 5), st.integers(1, 60), st.floats(0, 1), st.integers(0, 1000))
def test_threshold_within_is_the_lowest_with_that_error(classes, count, risk, seed):
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(classes), count).round(1)
    labels = random.integers(0, classes, count)
    confidence = probabilities.max(axis=1)
    wrong = probabilities.argmax(axis=1) != labels
    fitting = [one for one in confidence if wrong[confidence >= one].mean() <= risk]
    found = risk_coverage(probabilities, labels).threshold_within(risk)
    assert found == (min(fitting) if fitting else None)


def test_selected_has_shares_with_wilson_intervals():
    probabilities = np.array([[0.9, 0.1]] * 30 + [[0.4, 0.6]] * 10)
    found = selected(probabilities, np.array([0] * 27 + [1] * 13), 0.7)
    for estimate, (successes, count) in ((found.coverage, (30, 40)), (found.risk, (3, 30))):
        interval = scipy.stats.binomtest(successes, count).proportion_ci(method="wilson")
        assert estimate == pytest.approx((successes / count, *interval))
    assert selected(probabilities, np.zeros(40, int), 0.95).risk is None
