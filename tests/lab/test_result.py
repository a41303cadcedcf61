"""A finding is stated only by a full run whose references are above chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from app.lab.result import Reference, chance_of, conclude

CLEAR = Reference("dense", 0.9, 500, 0.1)


def test_conclude_full_run_above_chance_states_the_finding():
    found = conclude("Dense wins.", [CLEAR], quick=False)
    assert (found.finding, found.reason, found.quick) == ("Dense wins.", "", False)
    assert found.text == "Dense wins."


def test_conclude_quick_run_states_no_finding():
    found = conclude("Dense wins.", [CLEAR], quick=True)
    assert found.finding == ""
    assert "demonstration run (--quick)" in found.text
    assert "Dense wins." not in found.text


@pytest.mark.parametrize(
    ("accuracy", "images", "chance"),
    [(0.5, 40, 0.5), (0.55, 500, 0.52), (0.12, 200, 0.1), (0.03, 200, 0.1), (1.0, 4, 0.9)],
)
def test_conclude_reference_near_chance_says_which(accuracy, images, chance):
    weak = Reference("neither", accuracy, images, chance)
    found = conclude("Neither wins.", [CLEAR, weak], quick=False)
    assert found.finding == ""
    assert f"neither {100 * accuracy:.1f}% of {images} images (chance: {100 * chance:.1f}%)" in (
        found.text
    )
    assert "dense" not in found.text


@given(st.integers(30, 5000), st.floats(0.1, 0.9), st.floats(0, 1))
def test_is_near_chance_agrees_with_the_binomial_standard_deviation(images, chance, accuracy):
    limit = chance + 2 * binom.std(images, chance) / images
    one = Reference("a", accuracy, images, chance)
    assert one.is_near_chance == (accuracy <= limit) or np.isclose(accuracy, limit)


def test_chance_of_unbalanced_labels_is_the_largest_share():
    assert chance_of(np.array([0, 1, 1, 1])) == 0.75
    assert chance_of(np.arange(10)) == pytest.approx(0.1)
