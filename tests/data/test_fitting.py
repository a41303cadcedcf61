import io

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from app.config import FITS
from app.config import settings as run_settings
from app.data.decoding import load_image, resized
from app.data.fitting import RESIZE_RULES, fitted, middle_box

SIDES = st.integers(1, 60)


def noise(width: int, height: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)


def png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@given(SIDES, SIDES, SIDES, SIDES)
@settings(max_examples=60, deadline=None)
def test_crop_is_what_keras_does_to_keep_the_aspect_ratio(width, height, to_width, to_height):
    content = png(noise(width, height))
    size = to_height, to_width
    theirs = keras.utils.load_img(
        io.BytesIO(content), target_size=size, keep_aspect_ratio=True, interpolation="bilinear"
    )
    np.testing.assert_array_equal(load_image(content, size, fit="crop"), np.asarray(theirs))


@given(SIDES, SIDES, SIDES, SIDES)
@settings(max_examples=200, deadline=None)
def test_crop_takes_the_box_of_pillow_to_the_pixel(width, height, to_width, to_height):
    boxes = []

    class Recorded(Image.Image):
        def resize(self, size, resample=None, box=None, reducing_gap=None):
            boxes.append(box)
            return self

    picture = Recorded()
    picture._size = width, height
    ImageOps.fit(picture, (to_width, to_height))
    ours = middle_box((width, height), (to_height, to_width))
    np.testing.assert_allclose(ours, boxes[0], atol=1)


@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from([1, 3]))
@settings(max_examples=60, deadline=None)
def test_pad_is_pillows_pad(width, height, to_width, to_height, channels):
    pixels, size = noise(width, height, channels), (to_height, to_width)
    picture = Image.fromarray(pixels.squeeze(-1) if channels == 1 else pixels)
    gray = 128 if channels == 1 else (128, 128, 128)
    theirs = ImageOps.pad(picture, size[::-1], Image.Resampling.BILINEAR, gray)
    ours = resized(pixels, size, channels, "pad")
    np.testing.assert_array_equal(ours, np.asarray(theirs).reshape(*size, channels))


@pytest.mark.parametrize("shape", [(96, 48), (48, 96), (120, 120)])
def test_pad_keeps_all_of_the_image_like_tensorflow(shape):
    import tensorflow as tf

    pixels = noise(*shape)
    ours = resized(pixels, (24, 24), 3, "pad").astype(float)
    theirs = tf.image.resize_with_pad(pixels, 24, 24, "bilinear", antialias=True).numpy()
    inside = tf.image.resize_with_pad(np.ones_like(pixels), 24, 24).numpy() > 0
    assert np.abs(ours - theirs)[inside].max() <= 1.5
    assert (ours[~inside] == 128).all()


@given(st.integers(8, 40), st.floats(1.2, 3), st.booleans(), st.sampled_from(["crop", "pad"]))
@settings(max_examples=40, deadline=None)
def test_a_disk_stays_round_unless_it_is_squashed(radius, stretch, is_wide, fit):
    long = round(2.5 * radius * stretch)
    width, height = (long, round(2.5 * radius)) if is_wide else (round(2.5 * radius), long)
    rows, columns = np.mgrid[:height, :width]
    disk = np.hypot(rows - (height - 1) / 2, columns - (width - 1) / 2) < radius
    image = np.where(disk, 255, 128).astype(np.uint8)[..., np.newaxis]

    def spread(fit: str) -> tuple[float, float]:
        values = resized(image, (64, 64), 1, fit)[..., 0].astype(float) - 128
        at = np.mgrid[:64, :64] - 31.5
        return tuple(np.sqrt((values * at**2).sum(axis=(1, 2)) / values.sum()))

    vertical, horizontal = spread(fit)
    assert vertical == pytest.approx(horizontal, rel=0.06)
    vertical, horizontal = spread("squash")
    assert vertical / horizontal == pytest.approx(width / height, rel=0.06)


@given(SIDES, st.sampled_from(list(RESIZE_RULES)), st.integers(1, 20))
def test_an_image_of_the_same_aspect_ratio_is_only_resized(side, fit, factor):
    image = Image.fromarray(noise(3 * factor, 2 * factor))
    size = 2 * side, 3 * side
    theirs = image.resize(size[::-1], Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(np.asarray(fitted(image, size, fit)), np.asarray(theirs))


@pytest.mark.parametrize("fit", RESIZE_RULES)
@pytest.mark.parametrize("shape", [(1, 5_000), (5_000, 1)])
def test_a_line_becomes_an_image_of_the_size(fit, shape):
    assert load_image(png(noise(*shape)), (16, 16), fit=fit).shape == (16, 16, 3)


@pytest.mark.parametrize("fit", RESIZE_RULES)
def test_a_large_jpeg_is_decoded_at_a_smaller_scale_without_another_result(fit):
    small = Image.fromarray(noise(30, 20)).resize((1200, 800), Image.Resampling.BICUBIC)
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=95)
    ours = load_image(stream.getvalue(), (32, 32), fit=fit).astype(float)
    whole = fitted(Image.open(stream), (32, 32), fit)
    assert np.abs(ours - np.asarray(whole)).mean() < 1


def test_flags_and_cards_name_the_same_rules():
    (names,) = [one.metadata["names"] for one in run_settings() if one.name == "fit"]
    assert tuple(names) == tuple(RESIZE_RULES)


def test_the_setting_has_the_names_of_the_rules():
    assert tuple(RESIZE_RULES) == FITS
