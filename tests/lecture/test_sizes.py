import pytest

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
