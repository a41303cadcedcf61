"""Comparisons of models: who is wrong alone, and what may be said."""

import numpy as np
import pytest

from app.compare import Contender, Pair, compare, compare_pairs
from app.errors import AppError
from app.metrics import evaluate_probabilities
from app.statistics.calibration import brier_score, calibration
from app.statistics.estimate import Estimate
from app.statistics.proportions import McNemar


def contender(name: str, errors: np.ndarray) -> Contender:
    """Return a model that is wrong about the images at these positions, of 2,000."""
    labels = np.arange(2000) % 2
    predicted = labels.copy()
    predicted[errors] = 1 - labels[errors]
    probabilities = np.eye(2)[predicted] * 0.8 + 0.1
    return Contender(
        name,
        1234,
        evaluate_probabilities(probabilities, labels, ("cat", "dog")),
        predicted == labels,
        calibration(probabilities, labels),
        brier_score(probabilities, labels),
    )


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
    pair = Pair("a", "b", McNemar(40, 10, 2.4e-5), 2.4e-5, Estimate(-0.03, -0.045, -0.016))
    assert pair.verdict == "b is more accurate than a (p = 2.4e-05)."


def test_compare_of_more_models_than_colors_is_refused():
    with pytest.raises(AppError, match="9 models cannot be compared"):
        compare([None] * 9)
