"""Patches of one cell only."""

import numpy as np

from app.insight.anatomy import run_until, to_numpy
from app.insight.exciting_patches import crop, exciting_patches
from app.insight.receptive_fields import receptive_fields
from tests.insight.networks import local, opened

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 12, 10, 1)).astype(np.uint8)


def test_patches_of_one_cell_are_what_that_cell_saw():
    model = opened(local(), 3, channels=1)
    part = model.part("local_1")
    field = receptive_fields(model)["local_1"]
    answers = to_numpy(run_until(model.keras_model, IMAGES, part))[:, 2, 1]  # (N, K)
    for k, some in enumerate(exciting_patches(model, IMAGES, part, range(4), field, cell=(2, 1))):
        expected = [i for i in np.argsort(-answers[:, k], kind="stable")[:9] if answers[i, k] > 0]
        assert [patch.image for patch in some] == expected
        for patch in some:
            np.testing.assert_allclose(patch.answer, answers[patch.image, k], rtol=1e-4)
            np.testing.assert_array_equal(patch.pixels, crop(IMAGES[patch.image], field, 2, 1))


def test_all_cells_are_searched_otherwise():
    model = opened(local(), 3, channels=1)
    part = model.part("local_1")
    answers = to_numpy(run_until(model.keras_model, IMAGES, part)).max(axis=(0, 1, 2))
    found = exciting_patches(model, IMAGES, part, range(4), None, count=1)
    np.testing.assert_allclose([some[0].answer for some in found], answers, rtol=1e-4)
