"""Patches of one cell only."""

import numpy as np

from app.classifier.hooks import layer_output, to_numpy
from app.insight.receptive_fields import receptive_fields
from app.insight.top_patches import crop, top_patches
from tests.insight.networks import local, opened

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 12, 10, 1)).astype(np.uint8)


def test_top_patches_of_one_cell_are_its_receptive_field():
    model = opened(local(), 3, channels=1)
    part = model.layer("local_1")
    field = receptive_fields(model)["local_1"]
    answers = to_numpy(layer_output(model.keras_model, IMAGES, part))[:, 2, 1]  # (N, K)
    for k, some in enumerate(top_patches(model, IMAGES, part, range(4), field, cell=(2, 1))):
        expected = [i for i in np.argsort(-answers[:, k], kind="stable")[:9] if answers[i, k] > 0]
        assert [patch.image for patch in some] == expected
        for patch in some:
            np.testing.assert_allclose(patch.activation, answers[patch.image, k], rtol=1e-4)
            np.testing.assert_array_equal(patch.pixels, crop(IMAGES[patch.image], field, 2, 1))


def test_top_patches_without_a_cell_search_all_cells():
    model = opened(local(), 3, channels=1)
    part = model.layer("local_1")
    answers = to_numpy(layer_output(model.keras_model, IMAGES, part)).max(axis=(0, 1, 2))
    found = top_patches(model, IMAGES, part, range(4), None, count=1)
    np.testing.assert_allclose([some[0].activation for some in found], answers, rtol=1e-4)
