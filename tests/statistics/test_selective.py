import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from app.statistics.selective import risk_coverage


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
