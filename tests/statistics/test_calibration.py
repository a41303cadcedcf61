import json

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from app.statistics.calibration import BINS, auroc, brier_score, calibration

CASES = given(st.integers(2, 6), st.integers(1, 80), st.integers(0, 10_000))


def predictions(classes, count, seed):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(classes), count), rng.integers(0, classes, count)


@CASES
def test_calibration_agrees_with_scikit_learn(classes, count, seed):
    probabilities, labels = predictions(classes, count, seed)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    accuracy, mean = calibration_curve(right, confidence, n_bins=BINS)
    found = calibration(probabilities, labels)
    filled = found.images > 0
    assert found.correct[filled] / found.images[filled] == pytest.approx(accuracy)
    assert found.confidence[filled] == pytest.approx(mean)
    assert found.error == pytest.approx(
        np.average(np.abs(accuracy - mean), weights=found.images[filled])
    )
    assert found.mean_confidence == pytest.approx(confidence.mean())


def test_calibration_error_of_known_bins():
    # Ten images at 70%, of which 5 are right; ten at 95%, all right.
    confidence = np.repeat([0.7, 0.95], 10)
    labels = np.repeat([0, 1, 0], [5, 5, 10])
    found = calibration(np.stack([confidence, 1 - confidence], axis=1), labels)
    assert found.error == pytest.approx((0.2 + 0.05) / 2)
    assert found.mean_confidence == pytest.approx(0.825)
    (low, high) = [one for one in found.accuracies() if one is not None]
    assert (low.value, high.value) == (0.5, 1.0)
    assert low.low < 0.3
    assert low.high > 0.7
    lower, upper = json.loads(json.dumps(found.to_json()))
    assert lower == {
        "from": pytest.approx(10 / 15), "to": pytest.approx(11 / 15), "n": 10,
        "confidence": pytest.approx(0.7), "accuracy": 0.5,
    }  # fmt: skip
    assert upper["to"] == 1


def test_calibration_error_of_a_calibrated_classifier_is_small():
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(3), 200_000)
    labels = (random.random((200_000, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    assert calibration(probabilities, labels).error < 0.005


@CASES
def test_brier_score_agrees_with_scikit_learn(classes, count, seed):
    probabilities, labels = predictions(classes, count, seed)
    if classes == 2:
        expected = sklearn.metrics.brier_score_loss(labels, probabilities[:, 1], pos_label=1)
    else:
        expected = sklearn.metrics.brier_score_loss(
            labels, probabilities, labels=list(range(classes))
        )
    assert brier_score(probabilities, labels) == pytest.approx(expected)


@CASES
def test_auroc_agrees_with_scikit_learn(classes, count, seed):
    probabilities, labels = predictions(classes, count, seed)
    probabilities = probabilities.round(1)  # with ties
    found = auroc(probabilities, labels)
    present = np.unique(labels)
    if len(present) == 1:
        assert found is None
        return
    expected = [sklearn.metrics.roc_auc_score(labels == k, probabilities[:, k]) for k in present]
    assert found == pytest.approx(np.mean(expected))


def test_auroc_of_several_classes_is_scikit_learn_s_one_versus_rest():
    probabilities, labels = predictions(4, 500, 0)
    expected = sklearn.metrics.roc_auc_score(labels, probabilities, multi_class="ovr")
    assert auroc(probabilities, labels) == pytest.approx(expected)
