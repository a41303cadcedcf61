"""Networks that differ in their pooling alone."""

import keras
import numpy as np
import pytest

from app.lab.downsampling import downsampled_convolution
from app.lab.pooling import network_of

KINDS = ("max pooling", "average pooling", "L2 pooling", "stride", "max pooling + blur")


def test_every_pooling_has_the_same_weights_and_none_ten_times_as_many():
    counts = {kind: network_of(kind, (26, 26, 1), 10).count_params() for kind in KINDS}
    assert len(set(counts.values())) == 1
    weights_per_cell = 32 * 10
    without = network_of("no pooling", (26, 26, 1), 10).count_params()
    assert without - counts["stride"] == (26 * 26 - 7 * 7) * weights_per_cell
    average = network_of("max pooling, global average", (26, 26, 1), 10).count_params()
    assert counts["stride"] - average == (7 * 7 - 1) * weights_per_cell


@pytest.mark.parametrize("kind", KINDS)
def test_downsampled_convolution_halves_a_map(kind):
    network = keras.Sequential([keras.Input((9, 8, 2)), *downsampled_convolution(kind, 4)])
    assert network.output_shape == (None, 5, 4, 4)
    image = np.random.default_rng(0).random((1, 9, 8, 2), np.float32)
    assert np.isfinite(network(image)).all()
