import numpy as np
import pytest

from app.figures.overfitting import overfitting_curves


def history(offset, epochs=10):
    return [
        {"epoch": n, "accuracy": 0.5 + 0.04 * n, "val_accuracy": 0.6 + offset,
         "loss": 1.0 / n, "val_loss": 0.7 + offset}
        for n in range(1, epochs + 1)
    ]  # fmt: skip


@pytest.mark.parametrize("metrics", [["accuracy"], ["loss"], ["accuracy", "loss"]])
def test_overfitting_curves_show_every_run(metrics):
    runs = {f"setting {k}": [history(0.0), history(0.1, epochs=4)] for k in range(5)}
    figure = overfitting_curves(runs, "five settings", metrics=metrics)
    seen = [axes for axes in figure.axes if axes.get_visible()]
    assert [title for axes in seen if (title := axes.get_title(loc="left"))] == list(runs)
    assert len(seen) == 5 * len(metrics)
    # Four settings in a row, one metric below the other.
    for axes, metric in zip(
        [seen[4 * number] for number in range(len(metrics))], metrics, strict=True
    ):
        training, shorter, held_out, _ = axes.get_lines()
        np.testing.assert_allclose(training.get_ydata(), [row[metric] for row in history(0)])
        assert len(shorter.get_xdata()) == 4
        np.testing.assert_allclose(held_out.get_ydata(), {"accuracy": 0.6, "loss": 0.7}[metric])
        means = {"accuracy": {"78%", "65%"}, "loss": {"0.17", "0.75"}}[metric]
        assert {text.get_text() for text in axes.texts} == means
