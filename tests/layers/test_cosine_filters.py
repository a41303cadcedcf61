"""Cosine filters against SciPy's cosine transform."""

import numpy as np
import pytest
from scipy import fft

from app.layers.cosine_filters import cosine_filters


def coefficients(filters):
    """Return SciPy's cosine transform of filters `(F, F, C, K)`."""
    return fft.dctn(filters, axes=(0, 1), norm="ortho")


@pytest.mark.parametrize(("side", "channels", "count"), [(5, 3, 32), (5, 1, 32), (4, 3, 96)])
def test_cosine_filters_are_orthonormal_with_their_negatives(side, channels, count):
    filters = cosine_filters(side, channels, count)
    half = count // 2
    matrix = filters.reshape(-1, count)
    np.testing.assert_allclose(matrix[:, :half].T @ matrix[:, :half], np.eye(half), atol=1e-12)
    np.testing.assert_array_equal(filters[..., half:], -filters[..., :half])


def test_each_cosine_filter_has_one_frequency_and_the_lowest_come_first():
    found = coefficients(cosine_filters(5, 1, 50))[:, :, 0, :25]
    frequencies = [np.argwhere(np.abs(found[..., k]) > 1e-9) for k in range(25)]
    assert all(len(one) == 1 for one in frequencies)
    distances = [np.hypot(*one[0]) for one in frequencies]
    assert distances == sorted(distances)
    np.testing.assert_allclose(found.sum(axis=2), 1)  # each frequency once


def test_color_filters_do_not_respond_to_gray():
    filters = cosine_filters(5, 3, 150)[..., :75]
    gray = np.abs(filters.sum(axis=2)).max(axis=(0, 1)) > 1e-9
    assert gray.sum() == 25
    assert gray[0]  # the mean of luma has the lowest frequency of all


@pytest.mark.parametrize("count", [5, 152])
def test_cosine_filters_without_so_many_functions_raise(count):
    with pytest.raises(ValueError, match=f"Received `count`={count}. Expected an even number"):
        cosine_filters(5, 3, count)
