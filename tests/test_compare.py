"""Comparisons of models and of recipes: who is wrong alone, and what may be said."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    log_loss,
    roc_auc_score,
)

from app.compare.comparison import Comparison, Contender, Pair, compare_pairs
from app.statistics.estimate import Estimate
from app.statistics.means import bootstrap_difference, bootstrap_mean
from app.statistics.proportions import McNemar


def contender(name: str, *errors: np.ndarray) -> Contender:
    """Return models that are wrong about the images at these positions, of 2,000."""
    labels = np.arange(2000) % 2
    predicted = np.stack([labels] * len(errors))
    for row, wrong in zip(predicted, errors, strict=True):
        row[wrong] = 1 - labels[wrong]
    return Contender(name, 1234, np.eye(2)[predicted] * 0.8 + 0.1, labels, ("cat", "dog"))


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


def test_metrics_of_a_recipe_are_means_over_its_seeds():
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    probabilities = random.dirichlet(np.ones(3), (2, 100))
    found = Contender("r", None, probabilities, labels, ("a", "b", "c"))
    predicted = probabilities.argmax(axis=2)
    every = np.tile(labels, 2)
    for key, value in {
        "balanced_accuracy": [balanced_accuracy_score(labels, row) for row in predicted],
        "macro_f1": [f1_score(labels, row, average="macro") for row in predicted],
        "auroc": [roc_auc_score(labels, rows, multi_class="ovr") for rows in probabilities],
        "average_precision": [average_precision_score(labels, rows) for rows in probabilities],
        "loss": [log_loss(labels, rows) for rows in probabilities],
        "brier_score": [((probabilities.reshape(-1, 3) - np.eye(3)[every]) ** 2).sum() / 200],
    }.items():
        assert found.to_json()[key] == pytest.approx(np.mean(value)), key


def test_write_csv_has_every_probability_of_every_model(tmp_path):
    models = [contender("one", np.arange(3), np.arange(5)), contender("two", [], [7])]
    names = tuple(f"test/{k}" for k in range(2000))
    Comparison("drawn, test", names, tuple(models), ()).write_csv(tmp_path / "all.csv")
    table = pd.read_csv(tmp_path / "all.csv")
    assert len(table) == 4 * 2000
    assert list(table.columns[-2:]) == ["cat", "dog"]
    wrong = table[table.true != table.predicted]
    assert wrong.groupby(["model", "repeat"]).size().to_dict() == {
        ("one", 1): 3, ("one", 2): 5, ("two", 2): 1
    }  # fmt: skip
    assert table[["cat", "dog"]].max(axis=1).equals(table.probability)
