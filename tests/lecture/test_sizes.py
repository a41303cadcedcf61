import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lecture.sizes import output_size


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ((5, 3, 1, 1), 5),
        ((5, 3, 2, 1), 3),
        ((227, 11, 4, 0), 55),
        ((5, 6, 1, 0), 0),
        ((5, 5, 3, 0), 1),
    ],
)
def test_the_lecture_s_numbers(arguments, size):
    assert output_size(*arguments) == size


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 5))
@settings(max_examples=60)
def test_agrees_with_keras(width, filter_size, stride):
    ours = output_size(width, filter_size, stride)
    if ours:
        layer = keras.layers.Conv1D(1, filter_size, stride)
        assert layer.compute_output_shape((1, width, 1))[1] == ours
