"""Pooling of the classical example, of pixels and of windows that do not fit."""

import numpy as np
import pytest

from app.errors import AppError
from app.lecture.arrays import parse_array
from app.lecture.pooling import discarded_share, pool, show_pooling, windows

EXAMPLE = parse_array("1 1 2 4; 5 6 7 8; 3 2 1 0; 1 2 3 4")


def test_the_classical_example():
    assert pool(EXAMPLE, "max", 2, 2).tolist() == [[6, 8], [3, 4]]
    assert pool(EXAMPLE, "max", 2, 2).dtype == EXAMPLE.dtype
    assert pool(EXAMPLE, "average", 2, 2).tolist() == [[3.25, 5.25], [2, 2]]
    np.testing.assert_allclose(pool(EXAMPLE, "l2", 2, 2) ** 2, [[63, 133], [18, 26]])
    assert discarded_share((4, 4), (2, 2)) == 0.75
    assert discarded_share((4, 6, 3), (2, 3, 3)) == 0.75


def test_pixels_do_not_overflow():
    white = np.full((6, 6, 3), 255, np.uint8)
    assert (pool(white, "average", 3, 3) == 255).all()
    assert (pool(white, "l2", 3, 3) == 3 * 255).all()
    assert pool(white, "max", 3, 3).dtype == np.uint8


def test_large_windows_that_overlap_need_little_memory():
    image = np.random.default_rng(0).integers(0, 256, (400, 400, 3)).astype(np.uint8)
    assert pool(image, "l2", 100, 1).shape == (301, 301, 3)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("max", "max(1, −2, 3.5, 0) = 3.5"),
        ("average", "average(1, −2, 3.5, 0) = 0.625"),
        ("l2", "√(1² + (−2)² + 3.5² + 0²) = 4.15331"),
    ],
)
def test_each_cell_is_shown_as_computed(kind, text):
    cells = parse_array("1 -2; 3.5 0")
    assert show_pooling(kind, cells, pool(cells, kind, 2, 2).item()) == text


@pytest.mark.parametrize(
    ("window", "stride", "message"),
    [(5, 1, "5×5 on 4×4"), (0, 1, "F, the filter, is 0"), (2, 0, "S, the stride, is 0")],
)
def test_impossible_windows_are_told(window, stride, message):
    for function in (windows, lambda *arguments: pool(arguments[0], "max", *arguments[1:])):
        with pytest.raises(AppError, match=message):
            function(EXAMPLE, window, stride)


def test_an_unknown_kind_is_told():
    with pytest.raises(ValueError, match="average"):
        pool(EXAMPLE, "median", 2, 2)
