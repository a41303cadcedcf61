from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, stats

from app.augmentation.augmentation import Augmentation
from app.augmentation.degradations import CHANCE, DEGRADATIONS, Degradations, degrade
from app.augmentation.parsing import parse_augmentation
from app.augmentation.presets import DIGITS, ROBUST_DIGITS, ROBUST_PHOTOGRAPHS
from app.augmentation.random_numbers import pixel_normals, pixel_uniforms
from app.augmentation.sweep import sweeps
from app.errors import AppError
from app.web.training.live_settings import scaled

KEYS = np.arange(50, dtype=np.uint32)
PICTURES = np.random.default_rng(0).random((50, 24, 20, 3), np.float32)
ALL = dict.fromkeys(DEGRADATIONS, 0.7) | {"inversion": True}


def degraded(name, strength, images=PICTURES):
    return degrade(name, images.copy(), np.full(len(images), strength), KEYS[: len(images)])


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_a_degradation_of_no_strength_changes_nothing(name):
    np.testing.assert_allclose(degraded(name, 0.0), PICTURES, atol=1e-6)


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_a_degradation_changes_its_result_and_not_its_input(name):
    given_images = PICTURES.copy()
    changed = degrade(name, given_images, np.full(50, 0.7), KEYS)
    np.testing.assert_array_equal(given_images, PICTURES)
    assert changed.shape == PICTURES.shape
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert np.abs(changed - PICTURES).max(axis=(1, 2, 3)).min() > 0.01


@pytest.mark.parametrize("channels", [1, 3])
def test_blur_is_a_gaussian_filter(channels):
    images = PICTURES[..., :channels]
    expected = [ndimage.gaussian_filter(one, (1.5, 1.5, 0), mode="nearest") for one in images]
    np.testing.assert_allclose(degraded("blur", 1.5, images), expected, atol=0.01)


def test_noise_has_its_standard_deviation():
    gray = np.full((50, 60, 60, 1), 0.5, np.float32)
    assert (degraded("noise", 0.1, gray) - gray).std() == pytest.approx(0.1, rel=0.02)
    # Variance grows with the brightness.
    shot = [(degraded("shot_noise", 0.1, gray * k) - gray * k).std() for k in (0.5, 1.0)]
    assert shot == pytest.approx([0.05, 0.1 * 0.5**0.5], rel=0.03)


def test_impulses_are_black_and_white_alike():
    changed = degraded("impulse_noise", 0.2, np.full((50, 40, 40, 1), 0.5, np.float32))
    shares = [(changed == value).mean() for value in (0, 0.5, 1)]
    assert shares == pytest.approx([0.1, 0.8, 0.1], abs=0.01)


def test_values_of_light():
    np.testing.assert_allclose(degraded("gamma", 1.0), PICTURES**2, rtol=1e-5)
    np.testing.assert_allclose(degraded("gamma", -1.0), PICTURES**0.5, rtol=1e-5)
    np.testing.assert_allclose(degraded("offset", -0.2), np.clip(PICTURES - 0.2, 0, 1))
    np.testing.assert_allclose(degraded("contrast", 0.5), PICTURES / 2 + 0.25, rtol=1e-5)
    np.testing.assert_allclose(degraded("inversion", 0.3), 1 - PICTURES)


def test_a_background_lifts_what_is_dark():
    black, white = (np.full((50, 24, 20, 1), value, np.float32) for value in (0, 1))
    assert (degraded("background", 0.8, white) == 1).all()
    lifted = degraded("background", 0.8, black)
    assert 0.2 < lifted.mean() < 0.6
    assert lifted.max() <= 0.8
    assert np.abs(np.diff(lifted, axis=1)).max() < 0.25  # smooth


def test_an_occlusion_is_a_rectangle_of_one_gray():
    for changed, original in zip(degraded("occlusion", 0.5), PICTURES, strict=True):
        rows, columns = np.nonzero((changed != original).any(axis=-1))
        box = changed[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert len(np.unique(box)) == 1
        assert box.shape[0] <= 12
        assert box.shape[1] <= 10


def test_stripes_are_one_wave():
    gray = np.full((50, 64, 64, 1), 0.5, np.float32)
    spectra = np.abs(np.fft.fft2(degraded("stripes", 0.3, gray)[..., 0] - 0.5)) ** 2
    # A wave has two peaks, opposite each other; a border leaks into their neighbors.
    for spectrum in spectra:
        strongest = np.sort(spectrum.ravel())[-24:].sum()
        assert strongest > 0.7 * spectrum.sum()


def test_bands_are_weakened_and_the_mean_stays():
    changed = degraded("band_dropout", 1.0)
    np.testing.assert_allclose(
        changed.mean(axis=(1, 2)), PICTURES.mean(axis=(1, 2)), atol=0.1
    )  # but for the border, and values beyond 0 and 1
    assert (changed.std(axis=(1, 2, 3)) < PICTURES.std(axis=(1, 2, 3))).all()


def test_as_many_images_are_degraded_as_said():
    images = np.full((4000, 2, 2, 1), 100, np.uint8)
    positions = np.arange(4000)
    for share in (0.3, 1.0):
        changed = Degradations(degraded=share, inversion=True).degrade(images, positions, 0, 0)
        assert (changed != images).any(axis=(1, 2, 3)).mean() == pytest.approx(
            share * CHANCE, abs=0.03
        )


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=12),
    st.integers(0, 99),
    st.sampled_from([np.uint8, np.float32]),
)
@settings(max_examples=30, deadline=None)
def test_a_degraded_image_does_not_depend_on_its_batch(positions, seed, dtype):
    augmentation = Augmentation(degraded=1.0, **ALL)
    images = (255 * PICTURES[: len(positions)]).astype(dtype)
    together = augmentation(images, np.array(positions), seed, 3)
    assert together.dtype == dtype
    for k, position in enumerate(positions):
        alone = augmentation(images[k : k + 1], np.array([position]), seed, 3)
        np.testing.assert_array_equal(alone[0], together[k])


def test_degradations_leave_the_geometry_as_it_is():
    images = (255 * PICTURES).astype(np.uint8)
    geometry = {name.name: getattr(ROBUST_DIGITS, name.name) for name in fields(Degradations)}
    plain = replace(ROBUST_DIGITS, **dict.fromkeys(geometry, 0) | {"inversion": False})
    half = replace(ROBUST_DIGITS, degraded=0.5)
    together, alone = (one(images, np.arange(50), 0, 0) for one in (half, plain))
    kept = (together == alone).all(axis=(1, 2, 3))
    assert 20 < kept.sum() < 40


def test_pixels_numbers_are_uniform_and_normal():
    keys = np.arange(2000, dtype=np.uint32)
    drawn = pixel_uniforms(keys, (5, 4, 1))
    assert drawn.dtype == np.float32
    assert stats.kstest(drawn.ravel(), "uniform").pvalue > 1e-3
    assert stats.kstest(pixel_normals(keys, (5, 4, 1)).ravel(), "norm").pvalue > 1e-3
    flat = drawn.reshape(2000, 20)
    assert np.abs(np.corrcoef(flat.T) - np.eye(20)).max() < 0.09  # between places
    assert np.abs(np.corrcoef(flat[:-1, 0], flat[1:, 0])[0, 1]) < 0.07  # between images
    assert len(np.unique(drawn)) > 0.99 * drawn.size


@pytest.mark.parametrize("augmentation", [ROBUST_DIGITS, ROBUST_PHOTOGRAPHS])
def test_degradations_survive_their_text(augmentation):
    assert parse_augmentation(str(augmentation)) == augmentation


@pytest.mark.parametrize(
    "text", ["blur=-1", "noise=1.5", "inversion=2", "background=[0,1]", "degraded=2", "gamma=9"]
)
def test_degradations_out_of_range_are_refused(text):
    with pytest.raises(AppError, match=text.split("=", maxsplit=1)[0]):
        parse_augmentation(text)


def test_each_degradation_has_its_row_in_a_sweep():
    image = (255 * PICTURES[0]).astype(np.uint8)
    rows = sweeps(Augmentation(**ALL), 5, image.shape)
    assert [row.degradation for row in rows] == list(DEGRADATIONS)
    for row in rows:
        shown = row.apply(DIGITS, image)
        assert shown.dtype == np.uint8
        unchanged = 2 if row.strengths[0] < 0 else 0
        np.testing.assert_array_equal(shown[unchanged], image)
        assert (shown[-1] != image).any()


def test_the_strength_of_an_augmentation_scales_its_degradations():
    half = scaled(Augmentation(blur=2.0, noise=0.8, inversion=True), 0.5)
    assert (half.blur, half.noise, half.inversion) == (1.0, 0.4, True)
    assert scaled(Augmentation(noise=0.8), 2.0).noise == 1.0
