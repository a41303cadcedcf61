"""Patches of all cells, and of one where filters are not shared."""

import numpy as np

from app.classifier.hooks import layer_output, to_numpy
from app.insight.feature_visualization import center_cell
from app.insight.top_patches import top_patches
from tests.insight.networks import SIDE, local, opened, sequential

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 12, 10, 1)).astype(np.uint8)


def test_top_patches_of_unshared_filters_are_those_of_the_middle_cell():
    model = opened(local(), 3, channels=1)
    part = model.layer("local_1")
    row, column = center_cell(part)
    answers = to_numpy(layer_output(model.keras_model, IMAGES, part))[:, row, column]  # (N, K)
    for k, some in enumerate(top_patches(model, IMAGES, part, range(4))):
        expected = [i for i in np.argsort(-answers[:, k], kind="stable")[:9] if answers[i, k] > 0]
        assert [patch.image for patch in some] == expected
        for patch in some:
            np.testing.assert_allclose(patch.activation, answers[patch.image, k], rtol=1e-4)
            assert patch.cell == (row, column)


def test_top_patches_of_shared_filters_are_those_of_all_cells():
    model = opened(sequential())
    images = np.random.default_rng(0).integers(0, 256, (40, SIDE, SIDE, 3)).astype(np.uint8)
    part = model.layer("conv_1")
    answers = to_numpy(layer_output(model.keras_model, images, part))
    for k, some in enumerate(top_patches(model, images, part, range(4))):
        best = np.unravel_index(answers[..., k].argmax(), answers.shape[:3])
        assert (some[0].image, *some[0].cell) == best
        np.testing.assert_allclose(some[0].activation, answers[best][k], rtol=1e-4)
