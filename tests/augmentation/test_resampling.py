import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from app.augmentation.augmentation import Augmentation
from app.augmentation.resampling import FILL_MODES, resample
from app.augmentation.transforms import Transforms


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def by_scipy(image, matrix, mode, cval, order=1):
    """The same map through SciPy, whose coordinates are (row, column)."""
    swap = np.array([[0, 1], [1, 0]])
    linear = swap @ matrix[:, :2] @ swap
    return np.stack(
        [
            ndimage.affine_transform(
                image[..., c].astype(float), linear, matrix[::-1, 2], order=order, mode=mode,
                cval=cval,
            )
            for c in range(image.shape[-1])
        ],
        axis=-1,
    )  # fmt: skip


def drawn(count, height, width):
    everything = Augmentation(
        rotation_range=60, width_shift_range=0.3, height_shift_range=0.3, shear_range=20,
        zoom_range=[0.5, 1.5], horizontal_flip=True, vertical_flip=True,
    )  # fmt: skip
    return everything.draw(np.arange(count), 1, 2, height, width).matrices(height, width)


@pytest.mark.parametrize("mode", FILL_MODES)
@pytest.mark.parametrize("shape", [(24, 24, 3), (20, 31, 1), (50, 41, 3), (40, 40, 1), (9, 8, 4)])
def test_agrees_with_scipy(mode, shape):
    images, matrices = noise(300 if shape[0] == 24 else 6, *shape), None
    matrices = drawn(len(images), *shape[:2])
    exact = resample(images.astype(np.float32), matrices, mode, 77.0)
    rounded = resample(images, matrices, mode, 77.0)
    assert (exact.dtype, rounded.dtype) == (np.float32, np.uint8)
    for image, matrix, mine, whole in zip(images, matrices, exact, rounded, strict=True):
        expected = by_scipy(image, matrix, mode, 77.0)
        # A coordinate on the very edge may fall to either side of it.
        if mode in ("constant", "wrap"):
            assert (np.abs(expected - mine) > 0.02).mean() < 0.002
            assert (np.abs(expected - whole) > 1).mean() < 0.002
        else:
            assert np.abs(expected - mine).max() < 0.02
            assert np.abs(expected - whole).max() <= 1


@pytest.mark.parametrize("order", [0, 2, 3])
def test_resample_of_other_orders_matches_scipy(order):
    images = noise(2, 12, 15, 3).astype(np.float32)
    matrices = drawn(2, 12, 15)
    for image, matrix, mine in zip(
        images, matrices, resample(images, matrices, "reflect", 0, order), strict=True
    ):
        np.testing.assert_allclose(
            mine, by_scipy(image, matrix, "reflect", 0, order), atol=1e-3, rtol=1e-5
        )


@pytest.mark.parametrize("mode", FILL_MODES)
@given(st.integers(1, 40), st.integers(1, 70), st.sampled_from([1, 3, 5]))
@settings(max_examples=15)
def test_resample_of_identity_and_flips_is_exact(mode, height, width, channels):
    images = noise(3, height, width, channels)
    still = Transforms.identity(3).matrices(height, width)
    np.testing.assert_array_equal(resample(images, still, mode), images)
    yes = np.ones(3, bool)
    no, zero, one = ~yes, np.zeros(3), np.ones(3)
    turned = Transforms(zero, zero, zero, zero, one, one, yes, no).matrices(height, width)
    np.testing.assert_array_equal(resample(images, turned, mode), images[:, :, ::-1])
    turned = Transforms(zero, zero, zero, zero, one, one, no, yes).matrices(height, width)
    np.testing.assert_array_equal(resample(images, turned, mode), images[:, ::-1])


def test_resample_as_a_mosaic_equals_single_images():
    images, matrices = noise(600, 28, 28, 1), drawn(600, 28, 28)
    together = resample(images, matrices)
    alone = np.concatenate([resample(images[k : k + 1], matrices[k : k + 1]) for k in range(600)])
    np.testing.assert_array_equal(together, alone)
