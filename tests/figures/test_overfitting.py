import numpy as np
import pytest

from app.figures.overfitting import overfitting_curves


def history(offset):
    return [
        {"epoch": n, "accuracy": 0.5 + 0.04 * n, "val_accuracy": 0.6 + offset,
         "loss": 1.0 / n, "val_loss": 0.7 + offset}
        for n in range(1, 11)
    ]  # fmt: skip


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
def test_overfitting_curves_show_the_mean_of_each_setting(metric):
    runs = {f"setting {k}": [history(0.0), history(0.1)] for k in range(5)}
    figure = overfitting_curves(runs, "five settings", metric=metric)
    seen = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in seen] == list(runs)
    training, validation = seen[0].get_lines()
    np.testing.assert_allclose(training.get_ydata(), [row[metric] for row in history(0)])
    mean = {"accuracy": 0.65, "loss": 0.75}[metric]
    np.testing.assert_allclose(validation.get_ydata(), mean)
