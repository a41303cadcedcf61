import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation import class_probabilities, evaluate_probabilities


@given(st.integers(2, 6), st.integers(1, 60), st.integers(0, 10_000))
def test_agrees_with_scikit_learn(classes, count, seed):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(classes), count)
    labels = rng.integers(0, classes, count)
    names = [f"c{k}" for k in range(classes)]
    found = evaluate_probabilities(probabilities, labels, names)
    predicted = probabilities.argmax(axis=1)
    assert found.n == count
    assert found.accuracy == pytest.approx(sklearn.metrics.accuracy_score(labels, predicted))
    every = list(range(classes))
    assert found.loss == pytest.approx(
        sklearn.metrics.log_loss(labels, np.clip(probabilities, 1e-7, 1), labels=every), abs=1e-4
    )
    np.testing.assert_array_equal(
        found.confusion_matrix,
        sklearn.metrics.confusion_matrix(labels, predicted, labels=every),
    )
    precision, recall, f1, support = sklearn.metrics.precision_recall_fscore_support(
        labels, predicted, labels=every, zero_division=0.0
    )
    for k, row in enumerate(found.per_class().values()):
        assert row["n"] == support[k]
        assert (row["precision"], row["recall"], row["f1"]) == pytest.approx(
            (precision[k], recall[k], f1[k])
        )


def test_worst_errors_come_first():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.01, 0.99], [0.2, 0.8]])
    found = evaluate_probabilities(probabilities, np.array([1, 1, 0, 1]), ["cat", "dog"])
    assert found.worst.tolist() == [2, 0, 1]


def test_a_sigmoid_unit_gives_both_classes():
    np.testing.assert_allclose(
        class_probabilities(np.array([[0.25], [1.0]])), [[0.75, 0.25], [0.0, 1.0]]
    )
    softmax = np.array([[0.2, 0.3, 0.5]])
    assert class_probabilities(softmax) is softmax


def test_loss_agrees_with_keras():
    import keras

    rng = np.random.default_rng(0)
    outputs = rng.random((50, 1)).astype(np.float32)
    labels = rng.integers(0, 2, 50)
    expected = float(keras.losses.BinaryCrossentropy()(labels[:, None], outputs))
    found = evaluate_probabilities(class_probabilities(outputs), labels, ["a", "b"])
    assert found.loss == pytest.approx(expected, rel=1e-5)
