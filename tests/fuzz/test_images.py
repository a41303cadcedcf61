"""Damaged images of every format: refused or decoded, never anything else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from app.data.decoding import UndecodableImage, load_image, load_reduced
from tests.fuzz.conftest import Campaign
from tests.fuzz.mutation import mutants

SIDE = 24


def seeds() -> list[bytes]:
    """Return one small image of every format, mode and compression that is read."""
    rng = np.random.default_rng(0)
    rgb = Image.fromarray(rng.integers(0, 256, (21, 17, 3), np.uint8))
    alpha = Image.fromarray(rng.integers(0, 256, (21, 17, 4), np.uint8))
    deep = Image.fromarray(rng.integers(0, 65536, (21, 17), np.uint16))
    real = Image.fromarray(rng.random((21, 17), np.float32))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "description"
    images = [
        (rgb, "JPEG", {"exif": exif, "icc_profile": bytes(300), "comment": "comment"}),
        (rgb, "JPEG", {"progressive": True, "quality": 95}),
        (rgb.convert("CMYK"), "JPEG", {}),
        (rgb, "PNG", {"exif": exif}),
        (alpha, "PNG", {}),
        (deep, "PNG", {}),
        (rgb.quantize(16), "PNG", {"transparency": 0}),
        (rgb, "PNG", {"save_all": True, "append_images": [rgb.rotate(180)]}),
        (rgb, "GIF", {"save_all": True, "append_images": [rgb.rotate(180)], "comment": "c"}),
        (rgb, "BMP", {}),
        (rgb.quantize(16), "BMP", {}),
        (rgb, "DIB", {}),
        (rgb, "PPM", {}),
        (rgb.convert("1"), "PPM", {}),
        (real, "PPM", {}),
        (rgb, "WEBP", {"exif": exif}),
        (alpha, "WEBP", {"lossless": True}),
        (rgb, "WEBP", {"save_all": True, "append_images": [rgb.rotate(180)]}),
        (deep, "TIFF", {}),
        (real, "TIFF", {}),
        (alpha, "TIFF", {"compression": "tiff_lzw"}),
        (rgb, "TIFF", {"compression": "jpeg"}),
        (rgb, "TIFF", {"compression": "tiff_adobe_deflate", "exif": exif}),
        (rgb.convert("1"), "TIFF", {"compression": "group4"}),
        (rgb, "TIFF", {"compression": "packbits"}),
    ]
    encoded = []
    for image, kind, options in images:
        stream = io.BytesIO()
        image.save(stream, kind, **options)
        encoded.append(stream.getvalue())
    numbers = " ".join(map(str, np.asarray(rgb).ravel()))
    encoded.append(f"P3 # comment\n17 21 255\n{numbers}\n".encode())
    encoded.append(b"P1 # comment\n4 3\n1 0 1 0\n0 1 0 1 # more\n1111\n")
    return encoded


@pytest.mark.parametrize("channels", [1, 3])
def test_load_image_of_damaged_content_decodes_or_refuses(campaign: Campaign, channels: int):
    for content in mutants(seeds(), campaign.count, channels):
        try:
            pixels = load_image(content, (SIDE, SIDE), channels)
        except UndecodableImage as error:
            assert str(error)
            campaign.note("refused")
        else:
            assert (pixels.shape, pixels.dtype) == ((SIDE, SIDE, channels), np.uint8)
            campaign.note("decoded")


def test_every_way_to_open_a_damaged_image_gives_the_same_verdict(campaign: Campaign):
    for content in mutants(seeds(), campaign.count, 7):
        verdicts = set()
        for load in (lambda c: load_reduced(c, SIDE), load_image):
            try:
                load(content)
            except UndecodableImage:
                verdicts.add("refused")
            else:
                verdicts.add("decoded")
        campaign.note(" or ".join(sorted(verdicts)))


def test_seeds_are_all_read():
    for content in seeds():
        assert load_image(content, (SIDE, SIDE)).shape == (SIDE, SIDE, 3)
