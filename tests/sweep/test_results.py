"""Means over runs and the choice of a setting, compared with NumPy and SciPy."""

from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import pytest
from scipy.stats import ttest_rel

from app.config import RunSettings
from app.storage.card import read_card
from app.sweep.design import Design
from app.sweep.results import results_of
from app.sweep.unit import Measurement, measurement_of
from tests.shipped import MODELS


def measurement(accuracy, *, loss=0.5, finished=True, test=None):
    return Measurement(
        "folder", finished, "accuracy", accuracy, loss, 3, 3, 10.0, (80, 20), test, test
    )


@pytest.mark.parametrize("metric", ["accuracy", "balanced accuracy"])
def test_measurements_are_of_what_selected_the_epoch(metric):
    card = read_card(MODELS / "mnist-tiny" / "card.json")
    results = {"accuracy": 0.9, "balanced_accuracy": 0.8, "loss": 0.3}
    card = replace(
        card,
        metrics={"validation": results, "test": None},
        training={**card.training, "selected_by": metric},
    )
    found = measurement_of(Path("folder"), card)
    assert (found.metric, found.test_accuracy) == (metric, None)
    assert found.accuracy == results[metric.replace(" ", "_")]
    plan = design(settings=1, seeds=1)
    (run,) = plan.runs(Path("out"))
    assert results_of([run], {run.name: found}, 0).metric == metric


def design(settings=3, seeds=4, folds=0):
    rates = tuple(0.001 * (k + 1) for k in range(settings))
    return Design(
        RunSettings(dataset="digits"), tuple(range(seeds)), folds, {"learning_rate": rates}
    )


ACCURACIES = {1: [0.90, 0.91, 0.89, 0.92], 2: [0.95, 0.94, 0.96, 0.95], 3: [0.94, 0.95, 0.93, 0.95]}


def measured(plan, accuracies):
    left = {number: list(values) for number, values in accuracies.items()}
    return {
        run.name: measurement(left[run.number].pop(0))
        for run in plan.runs(Path("out"))
        if left[run.number]
    }


def test_results_are_ordered_by_mean_and_the_tests_are_those_of_scipy():
    plan = design()
    results = results_of(plan.runs(Path("out")), measured(plan, ACCURACIES), 0)
    assert [one.number for one in results.settings] == [2, 3, 1]
    assert results.best.number == 2
    for one in results.settings:
        values = ACCURACIES[one.number]
        assert one.validation == pytest.approx((mean(values), stdev(values)))
    raw = [ttest_rel(ACCURACIES[2], ACCURACIES[k]).pvalue for k in (3, 1)]
    assert [rival.test.p_value for rival in results.rivals] == pytest.approx(raw)
    low, high = sorted(raw)
    assert sorted(rival.p_value for rival in results.rivals) == pytest.approx(
        [min(1, 2 * low), max(min(1, 2 * low), high)]  # Holm
    )
    assert [rival.is_worse for rival in results.rivals] == [False, True]


def test_folds_widen_the_interval():
    plan = design(settings=2, seeds=1, folds=4)
    accuracies = {1: [0.90, 0.91, 0.89, 0.92], 2: [0.95, 0.94, 0.96, 0.95]}
    folds = results_of(plan.runs(Path("out")), measured(plan, accuracies), 4)
    rival = folds.rivals[0]
    differences = np.subtract(accuracies[2], accuracies[1])
    wider = np.sqrt((1 / 4 + 20 / 80) / (1 / 4))
    interval = ttest_rel(accuracies[2], accuracies[1]).confidence_interval(0.95)
    assert rival.test.difference.value == pytest.approx(differences.mean())
    assert rival.test.difference.high - differences.mean() == pytest.approx(
        wider * (interval.high - differences.mean())
    )


def test_a_setting_with_missing_runs_is_not_selected():
    plan = design()
    accuracies = {**ACCURACIES, 2: [0.99, 0.99, 0.99]}
    results = results_of(plan.runs(Path("out")), measured(plan, accuracies), 0)
    assert results.best.number == 3
    assert [one.number for one in results.settings] == [3, 1, 2]
    incomplete = results.settings[-1]
    assert (len(incomplete.finished), incomplete.planned) == (3, 4)
    assert next(r for r in results.rivals if r.setting.number == 2).pairs == 3


def test_two_pairs_are_too_few_for_a_test():
    plan = design(settings=2, seeds=2)
    results = results_of(
        plan.runs(Path("out")), measured(plan, {1: [0.9, 0.91], 2: [0.95, 0.97]}), 0
    )
    assert results.rivals[0].test is not None
    assert results.rivals[0].p_value is None
    assert not results.rivals[0].is_worse


def test_ties_are_decided_by_the_loss_and_unfinished_runs_do_not_count():
    plan = design(settings=2, seeds=1)
    one, other = plan.runs(Path("out"))
    results = results_of(
        [one, other],
        {one.name: measurement(0.9, loss=0.4), other.name: measurement(0.9, loss=0.3)},
        0,
    )
    assert results.best.number == 2
    assert results.rivals[0].test is None
    unfinished = results_of([one, other], {one.name: measurement(0.9, finished=False)}, 0)
    assert not unfinished.settings
    assert unfinished.best is None
