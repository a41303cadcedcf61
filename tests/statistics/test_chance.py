"""Balanced accuracy by chance, against SciPy's permutations and scikit-learn's metric."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test
from sklearn.metrics import balanced_accuracy_score, confusion_matrix

from app.statistics.chance import chance_balanced_accuracy


def both(labels, predicted, classes):
    return chance_balanced_accuracy(confusion_matrix(labels, predicted, labels=range(classes)))


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=5).filter(
        lambda pairs: (
            {one for one, _ in pairs} >= {two for _, two in pairs}
            and len({one for one, _ in pairs}) > 1
        )
    )
)
def test_all_permutations_of_few_images(pairs):
    labels, predicted = np.array(pairs).T
    scores = [balanced_accuracy_score(labels, list(p)) for p in permutations(predicted)]
    mean, deviation = both(labels, predicted, 4)
    assert mean == pytest.approx(np.mean(scores), abs=1e-12)
    assert deviation == pytest.approx(np.std(scores), abs=1e-9)


@pytest.mark.parametrize("shares", [(0.2, 0.3, 0.5), (0.01, 0.01, 0.98)])
def test_many_images_against_scipy(shares):
    rng = np.random.default_rng(0)
    labels = rng.choice(3, 400, p=shares)
    predicted = np.where(rng.random(400) < 0.3, labels, rng.choice(3, 400))
    drawn = permutation_test(
        (predicted,),
        lambda order: balanced_accuracy_score(labels, order),
        permutation_type="pairings",
        n_resamples=4_000,
        rng=rng,
    ).null_distribution
    mean, deviation = both(labels, predicted, 3)
    assert mean == pytest.approx(drawn.mean(), abs=4 * deviation / np.sqrt(len(drawn)))
    assert deviation == pytest.approx(drawn.std(), rel=0.1)


def test_one_predicted_class_is_chance_without_spread():
    mean, deviation = chance_balanced_accuracy(np.array([[5, 0], [9, 0]]))
    assert mean == 0.5
    assert deviation == pytest.approx(0, abs=1e-12)
