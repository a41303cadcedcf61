import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.data.decoding import UndecodableImage, load_image, load_reduced, opened_image


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def noise(height: int, width: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    return pixels if channels > 1 else pixels[..., 0]


def test_pixels_come_back_unchanged_at_their_own_size():
    pixels = noise(13, 17)
    np.testing.assert_array_equal(load_image(encoded(Image.fromarray(pixels))), pixels)


@given(
    st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40),
    st.sampled_from([1, 3]), st.sampled_from([1, 3]),
)  # fmt: skip
@settings(max_examples=40)
def test_result_has_the_asked_shape(height, width, to_height, to_width, stored, asked):
    source = encoded(Image.fromarray(noise(height, width, stored)))
    result = load_image(source, (to_height, to_width), asked)
    assert result.shape == (to_height, to_width, asked)
    assert result.dtype == np.uint8


def test_reduction_is_antialiased_like_tensorflow():
    import tensorflow as tf

    pixels = noise(96, 128)
    ours = load_image(encoded(Image.fromarray(pixels)), (24, 40)).astype(float)
    theirs = tf.image.resize(pixels, (24, 40), method="bilinear", antialias=True).numpy()
    assert np.abs(ours - theirs).max() <= 1.5


def test_exif_orientation_is_honoured():
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[:, :8] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise
    upright = load_image(encoded(Image.fromarray(pixels), "JPEG", quality=100, exif=exif))
    assert upright.shape == (16, 8, 3)
    assert upright[:8].mean() > 240
    assert upright[8:].mean() < 15


def test_modes_are_brought_to_rgb_and_gray():
    red = Image.new("RGB", (6, 6), (200, 10, 30))
    for image, kind in (
        (red.convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
        (red.convert("CMYK"), "JPEG"),
        (red.convert("RGBA"), "PNG"),
    ):
        assert np.abs(load_image(encoded(image, kind)).astype(int) - (200, 10, 30)).max() <= 12
    assert load_image(encoded(red), None, 1).shape == (6, 6, 1)
    assert (load_image(encoded(Image.new("1", (4, 4), 1))) == 255).all()


def test_transparency_is_laid_on_white():
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert (load_image(encoded(image)) == 255).all()
    gray = Image.new("LA", (4, 4), (0, 255))
    assert (load_image(encoded(gray), None, 1) == 0).all()


@pytest.mark.parametrize("top", [65535, 40000, 300])
def test_sixteen_bits_are_scaled_not_clipped(top):
    pixels = np.linspace(0, top, 64, dtype=np.uint16).reshape(8, 8)
    result = load_image(encoded(Image.fromarray(pixels)), None, 1)[..., 0]
    np.testing.assert_allclose(result, pixels / 257.0, atol=1.01)


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("RGB", (5, 5), c) for c in ("red", "blue")]
    source = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert load_image(source)[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    ("size", "shape"), [((300, 90), (30, 100)), ((90, 300), (100, 30)), ((40, 99), (99, 40))]
)
def test_large_images_are_reduced_as_a_whole(size, shape):
    for kind in ("PNG", "JPEG"):
        source = encoded(Image.new("RGB", size, (200, 10, 30)), kind)
        found = load_reduced(source, 100)
        assert found.shape == (*shape, 3)
        assert np.abs(found.astype(int) - (200, 10, 30)).max() <= 3
        assert load_reduced(source, 100, 1).shape == (*shape, 1)


def test_one_pixel_is_an_image():
    assert load_image(encoded(Image.new("RGB", (1, 1), "red")), (3, 2)).shape == (3, 2, 3)


def bomb() -> bytes:
    # A PNG header alone: the size is read before any pixel is.
    small = bytearray(encoded(Image.new("L", (1, 1))))
    import struct
    import zlib

    small[16:24] = struct.pack(">II", 20_000, 20_000)
    small[29:33] = struct.pack(">I", zlib.crc32(small[12:29]))
    return bytes(small)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"just some text", "not an image"),
        (encoded(Image.fromarray(noise(64, 64)), "JPEG")[:-900], "truncated"),
        (encoded(Image.fromarray(noise(64, 64)))[:2000], "runcated"),
        (bomb(), "pixels"),
    ],
    ids=["empty", "text", "cut JPEG", "cut PNG", "bomb"],
)
def test_what_cannot_be_decoded_says_why(content, reason, tmp_path):
    path = tmp_path / "image.jpg"
    path.write_bytes(content)
    for source in (content, path):
        with pytest.raises(UndecodableImage, match=reason):
            load_image(source)


def test_a_missing_file_and_a_folder_say_why(tmp_path):
    with pytest.raises(UndecodableImage, match="No such file"):
        load_image(tmp_path / "none.jpg")
    with pytest.raises(UndecodableImage, match="directory"):
        load_image(tmp_path)


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_arbitrary_bytes_never_crash(content):
    try:
        load_image(content)
    except UndecodableImage as error:
        assert str(error)


def test_large_jpegs_are_reduced_while_decoding():
    big = encoded(Image.fromarray(noise(800, 1200)).resize((1200, 800)), "JPEG")
    with opened_image(big, reduced_to=(50, 50)) as reduced:
        assert max(reduced.size) < 400
        assert min(reduced.size) >= 100
