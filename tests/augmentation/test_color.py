import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from app.augmentation.color import jitter_color, scale_brightness, shift_channels


def noise(channels=3):
    return np.random.default_rng(0).integers(20, 230, (4, 9, 7, channels), np.uint8)


@pytest.mark.parametrize("factor", [0.0, 0.4, 1.0, 1.7])
def test_brightness_is_pillow_s_within_a_level(factor):
    images = noise()
    ours = scale_brightness(images, np.full(4, factor))
    for image, mine in zip(images, ours, strict=True):
        theirs = np.asarray(ImageEnhance.Brightness(Image.fromarray(image)).enhance(factor))
        assert np.abs(theirs.astype(int) - mine).max() <= 1


def test_brightness_of_floats_keeps_fractions():
    images = np.full((1, 2, 2, 1), 0.5, np.float32)
    np.testing.assert_allclose(scale_brightness(images, np.array([0.5])), 0.25)


def test_shift_channels_stays_within_the_range_of_the_image():
    images = noise()
    shifted = shift_channels(images, np.array([0.0, 10.0, 300.0, -300.0]))
    np.testing.assert_array_equal(shifted[0], images[0])
    np.testing.assert_array_equal(shifted[1], np.minimum(images[1] + 10, images[1].max()))
    assert (shifted[2] == images[2].max()).all()
    assert (shifted[3] == images[3].min()).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_jitter_color_with_factors_of_one_changes_nothing(channels):
    images = noise(channels)
    assert np.abs(jitter_color(images, np.ones((4, 3))).astype(int) - images).max() <= 1


def test_jitter_color_without_saturation_is_gray_without_contrast_flat():
    images = noise()
    gray = jitter_color(images, np.tile([1.0, 1.0, 0.0], (4, 1)))
    assert (np.ptp(gray.astype(int), axis=-1) == 0).all()
    flat = jitter_color(images, np.tile([1.0, 0.0, 1.0], (4, 1)))
    assert np.ptp(flat.astype(int), axis=(1, 2, 3)).max() == 0


@given(
    seed=st.integers(0, 1000),
    channels=st.sampled_from([1, 3]),
    strengths=st.tuples(*[st.floats(0, 2)] * 3),
    kind=st.sampled_from(["uint8", "float32"]),
)
def test_jitter_color_equals_its_three_steps(seed, channels, strengths, kind):
    images = np.random.default_rng(seed).integers(0, 256, (2, 5, 6, channels)).astype(kind)
    brightness, contrast, saturation = strengths
    wanted = []
    for image in images.astype(float):
        bright = brightness * image
        contrasted = bright.mean() + contrast * (bright - bright.mean())
        gray = (contrasted @ [0.299, 0.587, 0.114])[..., None] if channels == 3 else contrasted
        wanted.append(np.clip(gray + saturation * (contrasted - gray), 0, 255))
    found = jitter_color(images, np.tile(strengths, (2, 1)))
    assert found.dtype == kind
    assert np.abs(found - np.array(wanted)).max() <= (1 if kind == "uint8" else 0.01)
