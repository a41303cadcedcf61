"""The convolution demo: sizes, and what is refused."""

import pytest

from app.errors import AppError
from app.lecture.volumes import example_layer, output_of, steps


def test_the_lectures_sizes():
    layer = example_layer((5, 5, 3), (2, 3), 2, 1, 0)
    assert layer.padded.shape == (7, 7, 3)
    assert output_of(layer).shape == (3, 3, 2)
    assert len(list(steps(layer))) == 18


@pytest.mark.parametrize("settings", [((5, 5, 0), (2, 3), 2, 1), ((5, 5, 3), (0, 3), 2, 1)])
def test_nothing_is_refused(settings):
    with pytest.raises(AppError, match="Expected positive"):
        example_layer(*settings, 0)
