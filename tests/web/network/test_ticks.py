"""Round numbers for axes."""

import pytest


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        ([0, 3.11, 5], ["0", "1", "2", "3", "4"]),
        ([0, 2.46, 5], ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"]),
        ([0, 1, 5], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ([0, 0.0731, 5], ["0.00", "0.02", "0.04", "0.06", "0.08"]),
        ([0, 5_117, 5], ["0", "2000", "4000", "6000"]),
        ([0, 3e-6, 3], ["0", "1·10⁻⁶", "2·10⁻⁶", "3·10⁻⁶"]),
    ],
)
def test_ticks_are_round_and_enclose_the_values(modules, given, texts):
    assert modules("draw/ticks.js", "m.tickTexts(m.roundTicks(...given), false)", given) == texts


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        ([0.0021, 2.4], ["0.001", "0.01", "0.1", "1", "10"]),
        ([0.031, 0.9], ["0.02", "0.05", "0.1", "0.2", "0.5", "1"]),
        ([0.5, 0.5], ["0.1", "1"]),
        ([1e-6, 2], ["1·10⁻⁶", "1·10⁻⁵", "0.0001", "0.001", "0.01", "0.1", "1", "10"]),
    ],
)
def test_ticks_of_a_logarithmic_axis_are_powers_of_ten(modules, given, texts):
    assert modules("draw/ticks.js", "m.tickTexts(m.logTicks(...given), true)", given) == texts
