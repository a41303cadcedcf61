"""Ascent: motions against SciPy, their transposes, and an objective with a known best image."""

import keras
import numpy as np
from scipy import ndimage

from app.insight.image_ascent import Ascent, _motion, _warped


def test_warped_matches_scipy():
    random = np.random.default_rng(0)
    image = random.uniform(0, 255, (1, 40, 30, 1)).astype(np.float32)
    motion = _motion(random, (40, 30), 3.0)
    moved = _warped(image, [motion], back=False)[0, ..., 0]
    turned = motion[::-1, [1, 0, 2]]  # SciPy's coordinates are (row, column)
    expected = ndimage.affine_transform(
        image[0, ..., 0], turned[:, :2], turned[:, 2], order=1, mode="grid-constant", cval=127.5
    )
    assert np.abs(moved - expected).mean() < 2  # OpenCV rounds positions to 1/32 pixel


def test_gradients_brought_back_are_nearly_the_transpose():
    random = np.random.default_rng(1)
    smooth = [
        ndimage.gaussian_filter(random.normal(size=(1, 64, 64, 1)), (0, 3, 3, 0)).astype(np.float32)
        for _ in range(2)
    ]
    motion = [_motion(random, (64, 64), 2.0)]
    zeros = _warped(np.zeros_like(smooth[0]), motion, back=False)
    forward = ((_warped(smooth[0], motion, back=False) - zeros) * smooth[1]).sum()
    backward = (smooth[0] * _warped(smooth[1], motion, back=True)).sum()
    size = np.linalg.norm(smooth[0]) * np.linalg.norm(smooth[1])
    assert abs(forward - backward) < 0.02 * size


def test_maximize_draws_the_template_that_the_objective_correlates_with():
    template = np.zeros((1, 32, 32, 1), np.float32)
    template[:, 8:24, 14:18] = 1
    template -= template.mean()

    def objective(images):
        values = keras.ops.sum(images * template, axis=(1, 2, 3))
        return values, values

    found = Ascent(objective, (1, 32, 32, 1), 32).maximize(np.random.default_rng(0))
    bound = 255 * template[template > 0].sum()  # white where it is positive, black elsewhere
    assert (found * template).sum() > 0.8 * bound
