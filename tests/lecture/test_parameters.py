"""Sizes and weights against the slides."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError
from app.lecture.parameters import count_layer, dense_weights
from app.lecture.sizes import exact_output_size, settings_that_fit


def test_the_slides_example():
    count = count_layer((227, 227, 3), 11, 4, 0, 96)
    assert count.output == (55, 55, 96)
    assert count.neurons == 290_400
    assert count.weights_per_filter == 363
    assert count.unshared == 105_705_600
    assert count.shared_weights == 34_848
    assert count.shared == 34_944
    assert dense_weights((32, 32, 3)) == 3072
    assert dense_weights((200, 200, 3)) == 120_000


@pytest.mark.parametrize(
    ("arguments", "result"),
    [((5, 3, 1, 1), 5), ((5, 3, 2, 1), 3), ((227, 11, 4, 0), 55), ((10, 3, 2, 0), Fraction(9, 2))],
)
def test_exact_sizes(arguments, result):
    assert exact_output_size(*arguments) == result


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 6), st.integers(0, 4))
def test_what_fits_is_whole_and_nearest(width, filter_size, stride, padding):
    if filter_size > width + 2 * padding:
        return
    given_settings = {"W": width, "F": filter_size, "S": stride, "P": padding}
    for name, values in settings_that_fit(width, filter_size, stride, padding).items():
        assert len(values) <= 2
        for value in values:
            changed = {**given_settings, name: value}
            assert exact_output_size(*changed.values()).denominator == 1
            between = range(min(value, given_settings[name]) + 1, max(value, given_settings[name]))
            for other in between:
                try:
                    size = exact_output_size(*{**given_settings, name: other}.values())
                except AppError:
                    continue
                assert size.denominator > 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 3, 1, 0), "W, the input, is 0"), ((5, 0, 1, 0), "F, the filter"),
        ((5, 3, 0, 0), "S, the stride"), ((5, 3, 1, -1), "P, the padding"),
        ((3, 9, 1, 0), "padding of 3"),
    ],
)  # fmt: skip
def test_impossible_sizes_are_told(arguments, message):
    with pytest.raises(AppError, match=message):
        exact_output_size(*arguments)


def test_impossible_layers_are_told():
    with pytest.raises(AppError, match="not whole"):
        count_layer((7, 7, 3), 2, 2, 0, 4)
    with pytest.raises(AppError, match="Expected positive"):
        count_layer((7, 7, 3), 3, 2, 0, 0)
