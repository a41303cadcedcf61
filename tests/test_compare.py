"""Comparisons of models and of recipes: who is wrong alone, and what may be said."""

import numpy as np
import pytest

from app.compare.comparison import Contender, Pair, compare_pairs
from app.statistics.calibration import brier_score, calibration
from app.statistics.estimate import Estimate
from app.statistics.means import bootstrap_difference, bootstrap_mean
from app.statistics.proportions import McNemar


def contender(name: str, *errors: np.ndarray) -> Contender:
    """Return models that are wrong about the images at these positions, of 2,000."""
    labels = np.arange(2000) % 2
    predicted = np.stack([labels] * len(errors))
    for row, wrong in zip(predicted, errors, strict=True):
        row[wrong] = 1 - labels[wrong]
    probabilities = np.eye(2)[predicted.ravel()] * 0.8 + 0.1
    every = np.tile(labels, len(errors))
    return Contender(
        name, 1234, predicted == labels, 0.1, calibration(probabilities, every),
        brier_score(probabilities, every),
    )  # fmt: skip


def test_compare_pairs_adjusts_for_their_number_and_says_who_is_better():
    models = [
        contender("a", np.arange(100)),
        contender("b", np.arange(10, 115)),  # 10 and 15 errors alone
        contender("c", np.arange(0, 160)),  # every error of a, and 60 more
    ]
    ab, ac, bc = compare_pairs(models)
    assert (ab.test.only_first_wrong, ab.test.only_second_wrong) == (10, 15)
    assert not ab.is_significant
    assert ab.verdict == "a and b are not told apart (p = 0.42)."
    assert ab.difference.value == pytest.approx(5 / 2000)
    assert ab.difference.low < 0 < ab.difference.high
    assert ac.test.p_value == pytest.approx(2 * 0.5**60)
    assert ac.p_value == pytest.approx(3 * ac.test.p_value)
    assert ac.verdict == "a is more accurate than c (p = 5.2e-18)."
    assert ac.difference.low > 0
    assert bc.verdict.startswith("b is more accurate than c")


def test_verdict_names_the_better_model_first():
    pair = Pair("a", "b", McNemar(40, 10, 2.4e-5), 2.4e-5, 2.4e-5, Estimate(-0.03, -0.045, -0.016))
    assert pair.verdict == "b is more accurate than a (p = 2.4e-05)."


def test_recipes_are_compared_by_the_bootstrap_over_seeds_and_images():
    random = np.random.default_rng(0)
    better = [random.choice(2000, 100 + 3 * k, replace=False) for k in range(5)]
    worse = [random.choice(2000, 140 + 3 * k, replace=False) for k in range(5)]
    first, second, third = (
        contender(n, *e) for n, e in zip("abc", (better, worse, better), strict=True)
    )
    assert (first.seeds, first.errors) == (5, 106)
    assert first.accuracy == bootstrap_mean(first.correct)
    ab, ac, bc = compare_pairs([first, second, third])
    assert ab.test is None
    assert ab.to_json()["only_first_wrong"] is None
    assert ab.difference == bootstrap_difference(first.correct, second.correct)
    assert ab.difference.value == pytest.approx(40 / 2000)
    assert ab.verdict.startswith("a is more accurate than b (p = 0.0006")  # 3 × 2 / 10,001
    assert bc.verdict.startswith("c is more accurate than b")
    assert ac.verdict == "a and c are not told apart (p = 1)."
