"""Corruptions: what their definitions promise, in numbers."""

import io
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from app.data.drawn.dataset import draw_animal
from app.lab.corruptions import CORRUPTIONS, SEVERITIES, corrupt


@pytest.fixture(scope="module")
def animals():
    return np.stack([draw_animal("cat", 0, number, 96) for number in range(3)])


def gray(level, count=4, side=64):
    return np.full((count, side, side, 1), level, np.uint8)


def test_corruptions_hold_those_of_the_paper_and_five_severities():
    assert len(CORRUPTIONS) >= 15
    assert SEVERITIES == (1, 2, 3, 4, 5)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_severity_grows(name, animals):
    changes = [
        np.abs(corrupt(animals, name, severity, range(3)).astype(int) - animals).mean()
        for severity in SEVERITIES
    ]
    assert changes[0] > 0.3
    assert changes[-1] > 1.15 * changes[0]
    # The third fog is thicker than the second, and finer: by this measure they are equal.
    assert all(later > 0.95 * before for before, later in itertools.pairwise(changes))


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_an_image_has_random_numbers_of_its_own(name, animals):
    all_of_them = corrupt(animals, name, 3, [0, 1, 2])
    last = corrupt(animals[2:], name, 3, [2])
    assert (all_of_them[2:] == last).all()


@settings(max_examples=40)
@given(
    name=st.sampled_from(list(CORRUPTIONS)),
    severity=st.sampled_from(SEVERITIES),
    height=st.integers(8, 70),
    width=st.integers(8, 70),
    channels=st.sampled_from([1, 3]),
    level=st.sampled_from([0, 100, 255]),
)
def test_any_size_keeps_its_shape(name, severity, height, width, channels, level):
    images = np.full((2, height, width, channels), level, np.uint8)
    changed = corrupt(images, name, severity, [0, 1])
    assert changed.shape == images.shape
    assert changed.dtype == np.uint8


@pytest.mark.parametrize(("severity", "deviation"), [(1, 0.08), (3, 0.18)])
def test_gaussian_noise_is_as_strong_as_mnist_c_s(severity, deviation):
    noise = corrupt(gray(128), "Gaussian noise", severity, range(4)) / 255 - 128 / 255
    assert noise.std() == pytest.approx(deviation, rel=0.03)
    assert abs(noise.mean()) < 0.005


@pytest.mark.parametrize(("severity", "photons"), [(1, 60), (3, 12)])
def test_shot_noise_is_poisson(severity, photons):
    level = 100 / 255
    found = corrupt(gray(100), "shot noise", severity, range(4)) / 255
    assert found.mean() == pytest.approx(level, rel=0.02)
    assert found.var() == pytest.approx(level / photons, rel=0.06)


@pytest.mark.parametrize(("severity", "share"), [(1, 0.03), (5, 0.27)])
def test_impulse_noise_is_salt_and_pepper(severity, share):
    found = corrupt(gray(100), "impulse noise", severity, range(4))
    assert (found == 255).mean() == pytest.approx(share / 2, rel=0.15)
    assert (found == 0).mean() == pytest.approx(share / 2, rel=0.15)


@pytest.mark.parametrize("side", [24, 96, 448])
def test_images_are_blurred_in_proportion_to_their_size(animals, side):
    image = np.asarray(Image.fromarray(animals[0]).resize((side, side)))
    deviation = 2 * max(1 / 3, side / 224)
    expected = ndimage.gaussian_filter(
        image.astype(float), (deviation, deviation, 0), mode="nearest"
    )
    found = corrupt(image[np.newaxis], "Gaussian blur", 2, [0])[0]
    assert np.abs(found - expected).mean() < 1


def test_motion_blur_weighs_what_the_camera_saw_by_a_one_sided_gaussian():
    """ImageMagick's: 2·radius + 1 taps along a line of any angle up to 45 degrees."""
    point = np.zeros((1, 224, 224, 1), np.uint8)
    point[0, 112, 112] = 255
    seen = corrupt(point, "motion blur", 3, [0])[0, ..., 0] / 255.0
    rows, columns = np.nonzero(seen)
    assert 15 < max(np.ptp(rows), np.ptp(columns)) <= 30  # of a radius of 15
    steps = np.arange(31)
    weights = np.exp(-((steps / 8) ** 2) / 2)
    distances = np.hypot(rows - 112, columns - 112)
    found = (seen[rows, columns] * distances).sum() / seen.sum()
    assert found == pytest.approx((steps * weights).sum() / weights.sum(), rel=0.05)


def test_motion_blur_keeps_the_light(animals):
    found = corrupt(animals, "motion blur", 5, range(3))
    assert found.mean() == pytest.approx(animals.mean(), rel=0.06)


def test_contrast_shrinks_toward_the_mean(animals):
    found = corrupt(animals[:1], "contrast", 1, [0])[0].astype(float)
    assert found.std(axis=(0, 1)) == pytest.approx(0.4 * animals[0].std(axis=(0, 1)), rel=0.02)
    assert found.mean(axis=(0, 1)) == pytest.approx(animals[0].mean(axis=(0, 1)), abs=0.6)


def test_brightness_is_added_to_the_value_of_a_color():
    image = np.zeros((1, 2, 2, 3), np.uint8)
    image[..., 0], image[..., 1] = 100, 50
    found = corrupt(image, "brightness", 2, [0])[0, 0, 0]
    assert found[0] == pytest.approx(100 + 0.2 * 255, abs=1)
    assert found[1] / found[0] == pytest.approx(0.5, abs=0.01)
    assert (corrupt(gray(0), "brightness", 2, range(4)) == round(0.2 * 255)).all()


def test_jpeg_is_pillow_s(animals):
    buffer = io.BytesIO()
    Image.fromarray(animals[0]).save(buffer, "JPEG", quality=15)
    expected = np.asarray(Image.open(buffer))
    assert (corrupt(animals[:1], "JPEG", 3, [0])[0] == expected).all()


def test_pixelation_leaves_as_few_pixels_as_it_says():
    image = np.random.default_rng(0).integers(0, 256, (1, 28, 28, 1), np.uint8)
    found = corrupt(image, "pixelation", 3, [0])[0, ..., 0]
    assert len(np.unique(found, axis=0)) <= 11  # of 28 · 0.4
    smallest = corrupt(image, "pixelation", 5, [0])[0, ..., 0]
    assert len(np.unique(smallest, axis=0)) == 8  # not 28 · 0.25


def test_fog_follows_the_published_mixture():
    """The brightest pixel stays where it was, everything else moves toward the fog."""
    found = corrupt(gray(0), "fog", 1, range(4))
    assert found.max() == 0  # fog is as bright as the image's brightest pixel
    found = corrupt(gray(200), "fog", 1, range(4))
    brightest = 200 / 255
    thinnest = brightest * brightest / (brightest + 1.5)
    assert found.min() == pytest.approx(255 * thinnest, abs=2)
    assert found.max() == pytest.approx(200, abs=1)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_stickers_are_black_and_white(severity):
    found = corrupt(gray(100), "stickers", severity, range(4))
    assert set(np.unique(found)) <= {0, 100, 255}
    assert (found == 0).any()
    assert (found == 255).any() == (severity > 1)


def test_obstructions_cover_only_a_part():
    for name, most in (("rain", 0.8), ("graffiti", 0.8), ("spatter", 0.6)):
        found = corrupt(gray(100), name, 5, range(4))
        assert 0.05 < (found != 100).mean() < most
