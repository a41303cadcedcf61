import numpy as np

from app.figures.randomization_ranges import randomization_ranges


def test_randomization_ranges_has_a_panel_per_column():
    history = [{"epoch": n, "val_accuracy": 0.6, "a": n / 10, "b": 2.0} for n in range(1, 6)]
    figure = randomization_ranges(
        history, {"a": ("tilt", 1.0, "degrees"), "b": ("haze", 3.0, "×")}, "run"
    )
    seen = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in seen] == ["validation accuracy", "tilt", "haze"]
    curve, limit = seen[1].get_lines()
    np.testing.assert_allclose(curve.get_ydata(), np.arange(1, 6) / 10)
    np.testing.assert_allclose(limit.get_ydata(), 1.0)
    assert seen[2].get_ylabel() == "×"
    assert {axes.get_xlabel() for axes in seen} == {"epoch"}
