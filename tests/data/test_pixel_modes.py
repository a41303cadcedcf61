"""Conversion tile by tile, against Pillow's conversion of the whole image."""

import numpy as np
import pytest
from PIL import Image

from app.data import pixel_modes
from app.data.pixel_modes import in_mode, pixels_of, tiles


def noise(mode: str, size: tuple[int, int] = (37, 23)) -> Image.Image:
    rng = np.random.default_rng(0)
    rgba = Image.fromarray(rng.integers(0, 256, (size[1], size[0], 4), np.uint8))
    if mode == "P with transparency":
        image = rgba.convert("RGB").quantize(16)
        image.info["transparency"] = bytes(range(0, 160, 10))
        return image
    if mode == "RGB with transparency":
        image = rgba.convert("RGB").quantize(4).convert("RGB")
        image.info["transparency"] = image.getpixel((0, 0))
        return image
    return rgba.convert(mode)


def whole(image: Image.Image, mode: str) -> Image.Image:
    """Return what Pillow makes of the whole image."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert(mode)


@pytest.fixture(autouse=True, params=[7, 100, 10**6], ids="tiles of {} pixels".format)
def _small_tiles(request, monkeypatch):
    monkeypatch.setattr(pixel_modes, "_TILE", request.param)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize(
    "stored",
    [
        "1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "P with transparency",
        "RGB with transparency",
    ],
)  # fmt: skip
def test_in_mode_gives_the_pixels_that_pillow_gives_at_once(stored, mode):
    image = noise(stored)
    converted = in_mode(image, mode)
    assert converted.mode == mode
    np.testing.assert_array_equal(np.asarray(converted), np.asarray(whole(image, mode)))


@pytest.mark.parametrize(
    ("pixels", "factor"),
    [
        (np.linspace(0, 65535, 37 * 23).reshape(23, 37).astype(np.uint16), 255 / 65535),
        (np.linspace(0, 200, 37 * 23).reshape(23, 37).astype(np.uint16), 1.0),
        (np.linspace(0, 1, 37 * 23).reshape(23, 37).astype(np.float32), 255.0),
        (np.linspace(0, 250, 37 * 23).reshape(23, 37).astype(np.float32), 1.0),
        (np.linspace(-9, 70_000, 37 * 23).reshape(23, 37).astype(np.int32), 255 / 65535),
    ],
)  # fmt: skip
def test_in_mode_scales_deep_pixels_by_the_largest_of_all_tiles(pixels, factor):
    image = Image.fromarray(pixels)
    expected = np.clip(np.rint(pixels * factor), 0, 255)
    converted = np.asarray(in_mode(image, "RGB")).astype(float)
    assert np.abs(converted - expected[..., np.newaxis]).max() <= 1


def test_in_mode_takes_what_is_not_a_number_as_black():
    pixels = np.array([[np.nan, 0.5], [1.0, 0.0]], np.float32)
    assert np.asarray(in_mode(Image.fromarray(pixels), "L")).tolist() == [[0, 128], [255, 0]]


def test_in_mode_clips_values_of_any_size():
    pixels = np.array([[-3e38, 0.5], [1.0, -np.inf]], np.float32)
    assert np.asarray(in_mode(Image.fromarray(pixels), "L")).tolist() == [[0, 128], [255, 0]]


@pytest.mark.parametrize("size", [(1, 1), (1000, 1), (1, 1000), (37, 23)])
def test_tiles_cover_every_pixel_once(size):
    seen = np.zeros((size[1], size[0]), int)
    for left, top, right, bottom in tiles(size):
        seen[top:bottom, left:right] += 1
    assert (seen == 1).all()


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_pixels_of_are_those_of_the_image(mode):
    image = noise(mode)
    pixels = pixels_of(image)
    assert pixels.shape == (23, 37, len(mode))
    np.testing.assert_array_equal(pixels.squeeze(), np.asarray(image))
