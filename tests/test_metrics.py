import numpy as np
import pytest
import sklearn.metrics
from hypothesis import assume, given
from hypothesis import strategies as st

from app.metrics import (
    DISTRIBUTION,
    PER_CLASS,
    SCORES,
    accuracy_text,
    class_probabilities,
    class_values,
    evaluate_probabilities,
    faults_of,
)
from tests.evaluations import evaluation


@given(st.integers(2, 6), st.integers(1, 60), st.integers(0, 10_000))
def test_evaluate_probabilities_agrees_with_scikit_learn(classes, count, seed):
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


@pytest.mark.parametrize(
    ("accuracy", "count", "text"),
    [
        (1.0, 360, "100.00% (95% interval 98.9 to 100.0%)"),
        (0.73, 100, "73.00% (95% interval 63.6 to 80.7%)"),
        (0.9935, 10_000, "99.35% (95% interval 99.17 to 99.49%)"),
        (0.0, 3, "0.00% (95% interval 0.0 to 56.1%)"),
    ],
)
def test_accuracy_text_has_the_wilson_interval(accuracy, count, text):
    assert accuracy_text(accuracy, count) == text


@given(st.integers(2, 6), st.integers(1, 60), st.integers(0, 10_000))
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_means_over_classes_agree_with_scikit_learn(classes, count, seed):
    rng = np.random.default_rng(seed)
    labels, predicted = rng.integers(0, classes, (2, count))
    assume(len(np.unique([labels, predicted])) > 1)  # scikit-learn warns
    found = evaluate_probabilities(
        np.eye(classes)[predicted], labels, [f"c{k}" for k in range(classes)]
    )
    balanced = sklearn.metrics.balanced_accuracy_score(labels, predicted)
    assert found.balanced_accuracy == pytest.approx(balanced)
    macro = sklearn.metrics.f1_score(labels, predicted, average="macro", zero_division=0.0)
    assert found.macro_f1 == pytest.approx(macro)


def test_evaluation_of_unbalanced_classes_names_majority_and_worst_class():
    found = evaluation([[60, 0, 0], [22, 0, 1], [2, 0, 15]])
    assert found.majority == ("c0", 0.6)
    assert found.worst_class == "c1"
    assert found.confused_with("c1") == [("c0", 22), ("c2", 1)]
    assert found.confused_with("c0") == []


@pytest.mark.parametrize(
    ("confusion", "at_chance"),
    [
        ([[50, 50], [50, 50]], True),
        ([[100, 0], [100, 0]], True),
        ([[60, 40], [40, 60]], False),  # 60% of 200: the interval begins at 53%
        ([[53, 47], [47, 53]], True),
        ([[90, 0], [10, 0]], True),  # 90%, by the majority alone
        ([[90, 0], [0, 10]], False),
        ([[0, 100], [100, 0]], True),  # worse than chance
        ([[1, 0], [0, 1]], True),  # two images show nothing
    ],
)
def test_at_chance_compares_the_interval_with_the_majority(confusion, at_chance):
    assert evaluation(confusion).at_chance is at_chance


def test_worst_lists_the_most_confident_errors_first():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.01, 0.99], [0.2, 0.8]])
    found = evaluate_probabilities(probabilities, np.array([1, 1, 0, 1]), ["cat", "dog"])
    assert found.worst.tolist() == [2, 0, 1]


def test_class_probabilities_of_a_sigmoid_unit_gives_both_classes():
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


@given(st.integers(2, 5), st.integers(1, 20), st.integers(0, 10_000))
def test_faults_of_finds_invalid_rows(classes, count, seed):
    random = np.random.default_rng(seed)
    rows = random.dirichlet(np.ones(classes), count)
    assert not any(faults_of(rows, DISTRIBUTION))
    position, kind = random.integers(count), random.integers(4)
    rows[position, 0] = (np.nan, np.inf, -0.2, 1.2)[kind]
    for expected in (DISTRIBUTION, PER_CLASS):
        assert np.flatnonzero(faults_of(rows, expected)).tolist() == [position]
    assert bool(any(faults_of(rows, SCORES))) == (kind < 2)


def test_faults_of_rows_that_do_not_add_up_depends_on_the_kind():
    rows = np.array([[0.9, 0.9], [0.5, 0.5]])
    assert faults_of(rows, DISTRIBUTION) == ["the model gave probabilities that add up to 1.8", ""]
    assert faults_of(rows, PER_CLASS) == ["", ""]


def test_class_values_of_a_single_score_are_its_negative_and_itself():
    np.testing.assert_array_equal(class_values(np.array([[2.0]]), SCORES), [[-2.0, 2.0]])
    np.testing.assert_array_equal(class_values(np.array([[0.25]]), DISTRIBUTION), [[0.75, 0.25]])
