"""Metrics and thresholds of multi-label predictions, against scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics as sk

from app.metrics import evaluate_probabilities
from app.multi_label import above, best_thresholds, confidence, decisions, evaluate_labels
from app.statistics.ranking import mean_curves, ranking_curves

NAMES = ("a", "b", "c", "d")


@pytest.fixture
def predicted():
    rng = np.random.default_rng(0)
    labels = rng.random((200, 4)) < (0.5, 0.3, 0.1, 0.02)
    return np.clip(0.6 * labels + rng.normal(0.2, 0.25, labels.shape), 0, 1), labels


def test_metrics_are_those_of_scikit_learn(predicted):
    probabilities, labels = predicted
    thresholds = (0.5, 0.4, 0.6, 0.3)
    found = evaluate_labels(probabilities, labels, NAMES, thresholds)
    answers = probabilities >= np.array(thresholds)
    np.testing.assert_array_equal(above(probabilities, thresholds), answers)
    clipped = np.clip(probabilities, 1e-7, 1 - 1e-7)
    for value, expected in {
        found.accuracy: sk.accuracy_score(labels, answers),
        found.hamming_loss: sk.hamming_loss(labels, answers),
        found.macro_f1: sk.f1_score(labels, answers, average="macro"),
        found.micro_f1: sk.f1_score(labels, answers, average="micro"),
        found.balanced_accuracy: np.mean(
            [sk.balanced_accuracy_score(labels[:, k], answers[:, k]) for k in range(4)]
        ),
        found.loss: np.mean([sk.log_loss(labels[:, k], clipped[:, k]) for k in range(4)]),
    }.items():
        assert value == pytest.approx(expected, rel=1e-6)
    matrices = sk.multilabel_confusion_matrix(labels, answers)
    np.testing.assert_array_equal(found.confusion_matrix, matrices)
    assert found.n == 200
    report = sk.classification_report(
        labels, answers, target_names=NAMES, output_dict=True, zero_division=0
    )
    for name, row in found.per_class().items():
        assert row["n"] == report[name]["support"]
        for ours, theirs in (("recall", "recall"), ("precision", "precision"), ("f1", "f1-score")):
            assert row[ours] == pytest.approx(report[name][theirs])
    wrong = np.flatnonzero((labels != answers).any(axis=1))
    assert sorted(found.worst) == wrong.tolist()
    sure = [confidence(probabilities[i], labels[i], answers[i]) for i in found.worst]
    assert sure == sorted(sure, reverse=True)
    sets, counts = np.unique(labels, axis=0, return_counts=True)
    most = [name for name, has in zip(NAMES, sets[counts.argmax()], strict=True) if has]
    assert found.majority == ("|".join(most) or "none", counts.max() / 200)
    assert found.to_json()["accuracy"] == found.accuracy


def test_perfect_and_empty_predictions():
    labels = np.array([[True, False], [False, False]])
    perfect = evaluate_labels(labels.astype(float), labels, "xy", (0.5, 0.5))
    assert (perfect.accuracy, perfect.hamming_loss, perfect.micro_f1) == (1, 0, 1)
    assert len(perfect.worst) == 0
    nothing = evaluate_labels(np.zeros((2, 2)), labels, "xy", (0.5, 0.5))
    assert (nothing.accuracy, nothing.micro_f1, nothing.macro_f1) == (0.5, 0, 0)


def test_the_worst_class_is_that_of_the_lowest_f1():
    """The first label is given to every image, which finds all that have it."""
    labels = np.array([[1, 1], [0, 1], [0, 1], [0, 0], [0, 1]], bool)
    probabilities = np.array([[0.9, 0.9], [0.9, 0.9], [0.9, 0.9], [0.9, 0.1], [0.9, 0.1]])
    found = evaluate_labels(probabilities, labels, "xy", (0.5, 0.5))
    assert sk.recall_score(labels, probabilities > 0.5, average=None).tolist() == [1, 0.75]
    assert found.worst_class == "x"
    nobody = evaluate_labels(probabilities, np.zeros((5, 2), bool), "xy", (0.5, 0.5))
    assert nobody.worst_class in "xy"


def test_curves_are_those_of_scikit_learn(predicted):
    probabilities, labels = predicted
    curves = mean_curves(ranking_curves(probabilities, labels))
    assert curves.auroc == pytest.approx(sk.roc_auc_score(labels, probabilities, average="macro"))
    expected = sk.average_precision_score(labels, probabilities, average="macro")
    assert curves.average_precision == pytest.approx(expected)
    labels[:, 1], labels[:, 2] = True, False
    assert sorted(ranking_curves(probabilities, labels)) == [0, 3]


def test_thresholds_have_the_highest_f1_of_any(predicted):
    probabilities, labels = predicted
    thresholds = best_thresholds(probabilities, labels)
    for k, threshold in enumerate(thresholds):
        precision, recall, _ = sk.precision_recall_curve(labels[:, k], probabilities[:, k])
        best = (2 * precision * recall / np.maximum(precision + recall, 1e-9)).max()
        own = sk.f1_score(labels[:, k], probabilities[:, k] >= threshold)
        assert own == pytest.approx(best)
        assert 0 < threshold < 1
        assert threshold == round(threshold, 4)


def test_of_equal_thresholds_that_nearest_to_half_is_chosen():
    labels = np.array([[0, 0, 1], [1, 0, 1]], bool)
    assert best_thresholds(np.array([[0.1, 0.3, 0.2], [0.9, 0.8, 0.4]]), labels) == (0.5, 0.5, 0.5)


def test_decisions_of_one_label_are_the_predictions(predicted):
    rows = np.full((3, 2), 0.5)
    labels = np.array([0, 1, 1])
    assert decisions(rows, labels) == (rows, labels)
    assert evaluate_probabilities(rows, labels, "xy").n == 3
    probabilities, labels = predicted
    pairs, truth = decisions(probabilities, labels)
    brier = np.mean([sk.brier_score_loss(labels[:, k], probabilities[:, k]) for k in range(4)])
    assert np.mean((pairs[:, 1] - truth) ** 2) == pytest.approx(brier)
    np.testing.assert_allclose(pairs.sum(axis=1), 1)
