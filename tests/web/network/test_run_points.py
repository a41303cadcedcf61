"""Points of training curves on the page: they stay means of the batches, however many there are."""

import numpy as np
import pytest

from app.web.training.curve import averaged


def points_of(count, start=0):
    steps = np.arange(start + 1, start + count + 1)
    loss = 2.3 * np.exp(-steps / 300) + 0.1 * np.sin(steps)
    return {"step": steps.tolist(), "loss": loss.tolist(), "accuracy": (1 - loss / 3).tolist()}


@pytest.mark.parametrize("count", [1, 2_000, 2_001, 5_117, 9_000])
def test_the_page_thins_as_the_server_does(modules, count):
    shown = modules("training/run_points.js", "m.thinned(given)", points_of(count))
    expected = averaged(points_of(count))
    assert shown["step"] == expected["step"]
    assert shown["loss"] == pytest.approx(expected["loss"])


@pytest.mark.parametrize("start", [0, 4_690])
def test_all_points_that_are_drawn_stand_for_as_many_batches(modules, start):
    raw = points_of(5_117, start)
    older = averaged({name: each[:4_001] for name, each in raw.items()})
    points = {name: [*older[name], *raw[name][4_001:]] for name in raw}
    even = modules("training/run_points.js", "m.evenPoints(given)", points)
    assert even["batches"] == 4
    steps, loss = even["points"]["step"], np.array(raw["loss"])
    assert set(np.diff(steps[:-1])) == {4}
    means = [loss[max(0, b - 4 - start) : b - start].mean() for b in steps[:-1]]
    assert even["points"]["loss"][:-1] == pytest.approx(means)


def test_the_running_mean_stays_near_the_batches_from_the_start(modules):
    points = points_of(2_000)
    means = modules("training/run_points.js", "m.runningMean(given.step, given.loss)", points)
    loss = np.array(points["loss"])
    assert means[0] == loss[0]
    for k in (50, 199, 1_000, 1_999):
        reach = min(50, (k + 1) // 4)  # a fortieth of the run, at first a quarter of the batches
        assert means[k] == pytest.approx(loss[k + 1 - reach : k + 1].mean())
    trend = 2.3 * np.exp(-np.array(points["step"]) / 300)
    assert np.abs(means - trend).max() < 0.35
    assert np.abs(np.diff(means)).max() < 0.1
