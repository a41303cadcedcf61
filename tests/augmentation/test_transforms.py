import numpy as np
import pytest

from app.augmentation.transforms import pixel_shifts


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        (0.0, 0.0), (0.2, 20.0), (1.0, 1.0), (7.5, 7.5), (0, 0.0), (3, [0, 1, 2]),
        ((0.1, 0.3), [10, 30]), ((-50, -10), [-50, -10]), ((-0.2, 3), [-0.2, 3]),
    ],
)  # fmt: skip
def test_pixels_of_every_form(shift, expected):
    found = pixel_shifts(shift, 100)
    assert isinstance(found, np.ndarray) == isinstance(expected, list)
    np.testing.assert_allclose(found, expected)
