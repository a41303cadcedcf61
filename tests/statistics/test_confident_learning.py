"""Confident learning, compared with cleanlab 2.9 and with its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.statistics.confident_learning import label_errors

LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2])
PROBABILITIES = np.array([
    [26, 5, 69], [79, 2, 19], [26, 34, 40], [26, 0, 74], [11, 37, 52], [51, 33, 16], [15, 58, 27],
    [7, 73, 20], [29, 61, 10], [3, 68, 29], [56, 17, 27], [21, 6, 73], [6, 64, 30], [33, 40, 27],
]) / 100  # fmt: skip


def test_label_errors_are_those_of_cleanlab():
    """`compute_confident_joint(…, calibrate=False)` of cleanlab, and its normalized margins."""
    found = label_errors(PROBABILITIES, LABELS)
    assert np.flatnonzero(found.suspect).tolist() == [0, 2, 3, 4, 5, 10, 12]
    joint = np.zeros((3, 3), int)
    np.add.at(joint, (LABELS[found.suspect], found.suggested[found.suspect]), 1)
    assert joint.tolist() == [[0, 0, 3], [1, 0, 1], [1, 1, 0]]
    margins = [
        0.285, 0.8, 0.43, 0.26, 0.425, 0.41, 0.655, 0.765, 0.66, 0.695, 0.355, 0.76, 0.33, 0.435,
    ]  # fmt: skip
    assert (found.margin + 1) / 2 == pytest.approx(margins)
    assert found.count == 7
    assert found.ranked[:7].tolist() == [3, 0, 12, 10, 5, 4, 2]


def test_an_image_counts_for_the_most_probable_class_whose_threshold_it_reaches():
    """By hand: the thresholds are 0.8 and 0.3, so that 0.6 does not make a 1 a 0."""
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.6, 0.4], [0.8, 0.2]])
    found = label_errors(probabilities, np.array([0, 0, 1, 1]))
    assert found.suspect.tolist() == [False, True, False, True]
    assert found.suggested.tolist() == [0, 1, 1, 0]


def test_a_threshold_is_reached_whatever_the_rounding_of_a_mean():
    probabilities = np.full((7, 2), [0.9, 0.1], np.float32)
    assert label_errors(probabilities, np.array([0] * 6 + [1])).suspect.tolist() == [False] * 6 + [
        True
    ]


def test_nothing_counts_for_a_class_without_labels():
    probabilities = np.array([[0.2, 0.0, 0.8], [0.1, 0.9, 0.0]])
    assert not label_errors(probabilities, np.array([0, 1])).suspect.any()


@st.composite
def predictions(draw):
    """Probabilities that lean towards random labels."""
    classes, count = draw(st.integers(2, 5)), draw(st.integers(1, 20))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    labels = random.integers(0, classes, count)
    probabilities = random.dirichlet(np.full(classes, 0.5), count)
    probabilities[np.arange(count), labels] += draw(st.sampled_from([0.0, 0.5, 2.0]))
    return probabilities / probabilities.sum(axis=1, keepdims=True), labels


@settings(max_examples=40)
@given(predictions())
def test_label_errors_do_not_depend_on_the_order_of_classes_and_images(given_):
    probabilities, labels = given_
    found = label_errors(probabilities, labels)
    random = np.random.default_rng(0)
    images, classes = (random.permutation(count) for count in probabilities.shape)
    again = label_errors(probabilities[images][:, classes], np.argsort(classes)[labels[images]])
    assert again.suspect.tolist() == found.suspect[images].tolist()
    assert classes[again.suggested].tolist() == found.suggested[images].tolist()
    assert again.margin == pytest.approx(found.margin[images])


@settings(max_examples=40)
@given(predictions())
def test_suspect_labels_are_contradicted(given_):
    probabilities, labels = given_
    found = label_errors(probabilities, labels)
    assert ((found.suggested != labels) == found.suspect).all()
    assert sorted(found.ranked) == list(range(len(labels)))
    assert found.suspect[found.ranked].tolist() == sorted(found.suspect, reverse=True)
    for k in np.flatnonzero(found.suspect):
        other = found.suggested[k]
        assert probabilities[k, other] >= probabilities[labels == other, other].mean() - 1e-6


@settings(max_examples=40)
@given(predictions())
def test_labels_that_are_predicted_with_certainty_are_not_suspect(given_):
    probabilities, labels = given_
    found = label_errors(np.eye(probabilities.shape[1])[labels], labels)
    assert found.count == 0
    assert (found.margin == 1).all()
