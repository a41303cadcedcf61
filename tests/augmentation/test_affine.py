import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, stats

from app.augmentation.affine import RandomAffine
from app.augmentation.presets import LECTURE, PRESETS
from app.augmentation.random_numbers import uniforms


def smooth(count, height, width, channels):
    noise = np.random.default_rng(0).random((count, height, width, channels)) * 255
    return ndimage.gaussian_filter(noise, (0, 2, 2, 0)).astype(np.uint8)


def by_scipy(image, matrix):
    """The same map through SciPy, whose coordinates are (row, column)."""
    swap = np.array([[0, 1], [1, 0]])
    linear = swap @ matrix[:, :2] @ swap
    return np.stack(
        [
            ndimage.affine_transform(
                image[..., c].astype(float), linear, matrix[::-1, 2], order=1, mode="nearest"
            )
            for c in range(image.shape[-1])
        ],
        axis=-1,
    )


SINGLE = [
    RandomAffine(rotation=40), RandomAffine(width_shift=0.3), RandomAffine(height_shift=0.3),
    RandomAffine(shear=20), RandomAffine(zoom=0.4), RandomAffine(horizontal_flip=True), LECTURE,
]  # fmt: skip


@pytest.mark.parametrize("augment", SINGLE, ids=str)
@pytest.mark.parametrize("shape", [(24, 24, 3), (20, 31, 1)])
def test_agrees_with_scipy(augment, shape):
    images = smooth(6, *shape)
    positions = np.arange(6)
    ours = augment(images, positions, 1, 2)
    assert ours.shape == images.shape
    assert ours.dtype == np.uint8
    matrices = augment.matrices(positions, 1, 2, *shape[:2])
    for image, matrix, mine in zip(images, matrices, ours, strict=True):
        assert np.abs(by_scipy(image, matrix) - mine).max() <= 3


def test_nothing_asked_nothing_changed():
    images = smooth(3, 9, 12, 3)
    np.testing.assert_array_equal(RandomAffine()(images, np.arange(3), 0, 0), images)


def test_a_flip_is_exact_and_half_of_all():
    images = smooth(200, 8, 7, 1)
    flipped = RandomAffine(horizontal_flip=True)(images, np.arange(200), 0, 0)
    mirrored = (flipped == images[:, :, ::-1]).all(axis=(1, 2, 3))
    same = (flipped == images).all(axis=(1, 2, 3))
    assert (mirrored | same).all()
    assert 70 < mirrored.sum() < 130


@pytest.mark.parametrize(
    ("augment", "axis"), [(RandomAffine(width_shift=0.2), 0), (RandomAffine(height_shift=0.2), 1)]
)
def test_shifts_go_where_their_names_say(augment, axis):
    matrices = augment.matrices(np.arange(500), 0, 0, 50, 100)
    moved = np.abs(matrices[:, axis, 2])
    assert np.allclose(matrices[:, 1 - axis, 2], 0)
    assert moved.max() <= 0.2 * (100, 50)[axis]
    assert moved.max() > 0.19 * (100, 50)[axis]


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=20),
    st.integers(0, 99),
    st.integers(0, 99),
)
@settings(deadline=None, max_examples=30)
def test_an_image_s_fate_is_its_own(positions, seed, epoch):
    images = smooth(len(positions), 6, 6, 1)
    together = LECTURE(images, np.array(positions), seed, epoch)
    for k, position in enumerate(positions):
        alone = LECTURE(images[k : k + 1], np.array([position]), seed, epoch)
        np.testing.assert_array_equal(alone[0], together[k])


def test_uniforms_are_uniform_and_independent():
    draws = uniforms(7, 3, np.arange(4000), 7)
    assert draws.shape == (4000, 7)
    for column in draws.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    correlation = np.corrcoef(draws.T) - np.eye(7)
    assert np.abs(correlation).max() < 0.06
    for other in (uniforms(8, 3, np.arange(4000), 7), uniforms(7, 4, np.arange(4000), 7)):
        assert abs(np.corrcoef(draws[:, 0], other[:, 0])[0, 1]) < 0.06


def test_the_lecture_s_seven_arguments():
    assert PRESETS["none"] is None
    assert (
        RandomAffine(40.0, 0.2, 0.2, pytest.approx(np.rad2deg(0.2), abs=1e-3), 0.2, True) == LECTURE
    )
