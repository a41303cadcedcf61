import pytest

from app.lecture.sizes import dilated_size, output_size, same_output_size


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


@pytest.mark.parametrize(("width", "stride", "dilation"), [(5, 2, 1), (7, 3, 1), (28, 1, 2)])
def test_same_and_dilated_sizes_agree_with_keras(keras, width, stride, dilation):
    for padding in ("same", "valid"):
        layer = keras.layers.Conv1D(1, 3, stride, padding, dilation_rate=dilation)
        expected = layer.compute_output_shape((1, width, 1))[1]
        span = dilated_size(3, dilation)
        ours = output_size(width, span, stride) if padding == "valid" else None
        assert (same_output_size(width, stride) if ours is None else ours) == expected
