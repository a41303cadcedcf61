"""Class selectivity against its definition, and the order in which filters are chosen."""

import numpy as np
import pytest

from app.classifier.hooks import layer_outputs
from app.insight.selectivity import (
    channel_means,
    class_selectivity,
    most_selective,
    preferred_classes,
)
from tests.insight.networks import SIDE, opened, sequential


def test_class_selectivity_matches_its_definition():
    labels = np.array([0, 0, 1, 1, 2, 2])
    one_class = np.array([[4.0], [4.0], [0.0], [0.0], [0.0], [0.0]])
    assert class_selectivity(one_class, labels, 3) == pytest.approx(1.0)
    assert class_selectivity(np.ones((6, 5)), labels, 3) == pytest.approx(0.0)
    mixed = np.array([[3.0], [3.0], [1.0], [1.0], [1.0], [1.0]])
    assert class_selectivity(mixed, labels, 3) == pytest.approx((3 - 1) / (3 + 1))
    assert class_selectivity(np.zeros((6, 1)), labels, 3) == 0  # a dead filter


def test_most_selective_goes_through_the_classes():
    labels = np.array([0, 0, 1, 1])
    features = np.array([[9.0, 1, 8, 0, 1], [9, 1, 8, 0, 1], [1, 2, 1, 0, 1], [1, 2, 1, 0, 1]])
    assert preferred_classes(features[:, :3], labels, 2).tolist() == [0, 1, 0]
    assert most_selective(features, labels, 2, 3) == [0, 1, 2]
    assert most_selective(features, labels, 2, 9) == [0, 1, 2, 4]


def test_channel_means_are_those_of_the_positive_maps():
    model = opened(sequential())
    images = np.random.default_rng(0).integers(0, 256, (40, SIDE, SIDE, 3)).astype(np.uint8)
    parts = [model.layer("conv_1"), model.layer("conv_2")]
    found = channel_means(model, images, parts)
    maps = layer_outputs(model.keras_model, images, parts)
    for part in parts:
        expected = np.maximum(maps[part.path], 0).mean(axis=(1, 2))
        np.testing.assert_allclose(found[part.path], expected, rtol=1e-4, atol=1e-6)
