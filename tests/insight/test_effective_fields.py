"""Effective receptive fields: linear networks with known gradients, and Gaussians."""

import keras
import numpy as np
import pytest

from app.classifier.hooks import to_numpy
from app.insight.effective_fields import (
    SHARE,
    effective_fields,
    effective_width,
    effective_widths,
    pixel_influence,
)
from app.insight.receptive_fields import receptive_fields
from app.insight.untrained import untrained
from tests.insight.networks import SIDE, opened, sequential


def images(count=4):
    return np.random.default_rng(0).integers(0, 256, (count, SIDE, SIDE, 3)).astype(np.uint8)


def uniform(depth):
    """A linear network of 3×3 means: its gradient is the repeated convolution of a box."""
    layers = keras.layers
    means = [
        layers.Conv2D(3, 3, padding="same", use_bias=False, name=f"mean_{k}") for k in range(depth)
    ]
    model = opened(keras.Sequential([
        keras.Input((SIDE, SIDE, 3)), *means, layers.GlobalAveragePooling2D(), layers.Dense(3)
    ]))  # fmt: skip
    for layer in means:
        layer.kernel.assign(np.ones(layer.kernel.shape, np.float32) / 27)
    return model


def test_pixel_influence_of_a_linear_network_is_its_kernel():
    model = uniform(3)
    row = np.convolve(np.convolve([1, 1, 1], [1, 1, 1]), [1, 1, 1]) / 27  # 7 values
    expected = np.zeros((SIDE, SIDE))
    expected[9:16, 9:16] = np.outer(row, row)
    found = pixel_influence(model, images(), model.layer("mean_2"))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert effective_width(found) < 7  # theoretical
    assert effective_width(pixel_influence(model, images(), model.layer("mean_0"))) == 3


def test_effective_width_of_a_gaussian():
    """95.45% of a round Gaussian lie within the radius σ·sqrt(−2 ln 0.0455)."""
    place = np.arange(-100, 101)
    sigma = 12.0
    influence = np.exp(-(place[:, np.newaxis] ** 2 + place**2) / (2 * sigma**2))
    radius = sigma * np.sqrt(-2 * np.log(1 - SHARE))
    expected = np.sqrt(np.pi) * radius  # the side of a square as large as that circle
    assert effective_width(influence / influence.sum()) == pytest.approx(expected, rel=0.01)


def test_effective_width_of_equal_shares_counts_them():
    assert effective_width(np.full((5, 5), 1 / 25), 1.0) == 5
    assert effective_width(np.full((10, 10), 1 / 100), 0.49) == 7


def test_effective_widths_of_trained_and_untrained():
    found = effective_widths(opened(sequential()), images())
    assert set(found) == {"rescaling", "conv_1", "pool_1", "conv_2"}
    assert found["rescaling"] == (1, 1)
    assert all(2.5 <= width <= 3 for width in found["conv_1"])
    assert all(4 < width <= 8 for width in found["conv_2"])


@pytest.mark.parametrize("cell_of_center", [True, False], ids=["inner", "border"])
def test_effective_fields_of_filters_hold_the_weights_that_are_not_zero(cell_of_center):
    """Filters of one convolution, whose gradient is the kernel itself."""
    layers = keras.layers
    side = 15 if cell_of_center else 6  # of a small image, the field is larger
    model = opened(keras.Sequential([
        keras.Input((side, side, 3)), layers.Conv2D(4, 9, padding="same", name="conv"),
        layers.GlobalAveragePooling2D(), layers.Dense(3),
    ]))  # fmt: skip
    part = model.layer("conv")
    kernel = np.zeros((9, 9, 3, 4), np.float32)
    kernel[4, 4, :, 0] = -1  # the center
    kernel[2:7, 4, :, 1] = 1  # 5 px
    kernel[1:8, 1:8, :, 2] = 1  # 7 px; filter 3 has no gradient
    part.layer.kernel.assign(kernel)
    shown = np.random.default_rng(0).integers(0, 256, (5, side, side, 3)).astype(np.uint8)
    found = effective_fields(model, part, [2, 0, 3, 1, 2], shown)
    assert [field.size for field in found] == [(k, k) for k in (7, 1, 9, 5, 7)]
    assert found[1].rows.start == found[1].columns.start == 0
    assert found[2] == receptive_fields(model)["conv"]


def test_effective_fields_of_an_unknown_field_are_unknown():
    layers = keras.layers
    model = opened(keras.Sequential([
        keras.Input((SIDE, SIDE, 3)), layers.Conv2DTranspose(2, 3, name="conv"),
        layers.GlobalAveragePooling2D(), layers.Dense(3),
    ]))  # fmt: skip
    assert effective_fields(model, model.layer("conv"), [0, 1], images(2)) == [None, None]


def test_untrained_has_other_weights_of_the_same_shape():
    model = opened(sequential())
    before = [to_numpy(weight) for weight in model.keras_model.weights]
    copies = [untrained(model, seed) for seed in (1, 1, 2)]
    first, same, other = ([to_numpy(w) for w in m.keras_model.weights] for m in copies)
    for old, a, b, c in zip(before, first, same, other, strict=True):
        assert old.shape == a.shape
        np.testing.assert_array_equal(a, b)
        if old.ndim > 1:
            assert np.abs(a - old).max() > 0
            assert np.abs(a - c).max() > 0
    for weight, old in zip(model.keras_model.weights, before, strict=True):
        np.testing.assert_array_equal(to_numpy(weight), old)
    assert [part.path for part in copies[0].layers] == [part.path for part in model.layers]
