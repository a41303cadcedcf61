"""ROC and precision-recall curves against scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics

from app.statistics.calibration import auroc
from app.statistics.ranking import mean_curves, ranking_curves


def drawn(classes: int, count: int = 300):
    """Return probabilities, and labels that they predict better than chance; the last is absent."""
    random = np.random.default_rng(classes)
    probabilities = random.dirichlet(np.ones(classes), count)
    labels = (random.random((count, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    return probabilities, np.minimum(labels, classes - 1)


@pytest.mark.parametrize("classes", [2, 4])
def test_ranking_curves_have_the_areas_of_scikit_learn(classes):
    probabilities, labels = drawn(classes)
    found = ranking_curves(probabilities, labels)
    assert sorted(found) == list(range(classes))
    for k, one in found.items():
        members, scores = labels == k, probabilities[:, k]
        expected = sklearn.metrics.roc_auc_score(members, scores)
        assert one.auroc == pytest.approx(expected)
        area = sklearn.metrics.auc(one.false_positive_rate, one.true_positive_rate)
        assert area == pytest.approx(expected)
        steps = np.diff(one.recall) * one.precision[1:]
        assert one.average_precision == pytest.approx(steps.sum())
        expected = sklearn.metrics.average_precision_score(members, scores)
        assert one.average_precision == pytest.approx(expected)


def test_mean_curves_have_the_mean_areas():
    probabilities, labels = drawn(4)
    mean = mean_curves(ranking_curves(probabilities, labels))
    assert mean.auroc == pytest.approx(auroc(probabilities, labels))
    expected = sklearn.metrics.roc_auc_score(labels, probabilities, multi_class="ovr")
    assert mean.auroc == pytest.approx(expected)
    area = sklearn.metrics.auc(mean.false_positive_rate, mean.true_positive_rate)
    assert area == pytest.approx(mean.auroc, abs=0.005)
    expected = sklearn.metrics.average_precision_score(labels, probabilities)
    assert mean.average_precision == pytest.approx(expected)
    area = sklearn.metrics.auc(mean.recall, mean.precision)
    assert area == pytest.approx(mean.average_precision, abs=0.02)


def test_ranking_curves_leave_out_classes_without_images():
    probabilities, labels = drawn(3)
    kept = labels != 1
    assert sorted(ranking_curves(probabilities[kept], labels[kept])) == [0, 2]
    assert ranking_curves(probabilities, np.zeros(len(labels), int)) == {}
