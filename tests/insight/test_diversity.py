"""Similarities of Gram matrices, against scikit-learn, and what they do to visualizations."""

import numpy as np
from sklearn.metrics.pairwise import cosine_similarity

from app.classifier.hooks import layer_output, to_numpy
from app.insight.diversity import gram_similarity
from app.insight.feature_visualization import VisualizationSettings, visualize_filters
from tests.insight.networks import opened, sequential

RANDOM = np.random.default_rng(0)


def test_gram_similarity_is_the_mean_cosine_within_a_group():
    maps = RANDOM.normal(size=(6, 4, 5, 7)).astype(np.float32)
    cells = maps.reshape(6, 20, 7)
    grams = np.einsum("bif,big->bfg", cells, cells).reshape(6, 49)
    expected = []
    for start in (0, 3):
        cosines = cosine_similarity(grams[start : start + 3])
        expected += ((cosines.sum(axis=1) - 1) / 2).tolist()
    np.testing.assert_allclose(to_numpy(gram_similarity(maps, 3)), expected, atol=1e-5)


def test_gram_similarity_of_moved_patterns_is_one_and_of_other_channels_zero():
    maps = np.zeros((4, 6, 6, 3), np.float32)
    maps[0, 1, 1, :2] = 5
    maps[1, 4, 2, :2] = 5
    maps[2, 0, 0, 0], maps[3, 0, 0, 2] = 5, 5
    found = to_numpy(gram_similarity(maps, 2))
    np.testing.assert_allclose(found, [1, 1, 0, 0], atol=1e-5)


def test_visualize_filters_of_several_images_are_less_alike_and_still_activate():
    model = opened(sequential())
    part = model.layer("conv_2")
    settings = VisualizationSettings(images=3)
    diverse = visualize_filters(model, part, [0, 5], settings=settings)
    assert [one.filter for one in diverse] == [0, 0, 0, 5, 5, 5]
    alone = [
        visualize_filters(model, part, [0, 5], settings=VisualizationSettings(seed=seed))
        for seed in range(3)
    ]
    single = [found[k] for k in range(2) for found in alone]
    different = {}
    for name, found in (("diverse", diverse), ("single", single)):
        maps = layer_output(model.keras_model, np.stack([one.image for one in found]), part)
        different[name] = 1 - to_numpy(gram_similarity(maps, 3)).mean()
    assert different["diverse"] > 1.5 * different["single"]
    best = {one.filter: one.activation for one in alone[0]}
    assert all(0.3 * best[one.filter] < one.activation for one in diverse)
