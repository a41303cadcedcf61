"""A page without a server decodes photographs as Python's loader does, or nearly."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from app.data.decoding import load_image
from app.web.bundle import bundle
from tests.shipped import MODELS

pytestmark = pytest.mark.slow

EXAMPLES = MODELS.parent / "datasets" / "examples"
PAGE = "<!doctype html><title>page</title><link rel=icon href=data:,>"
END = 'globalThis.decodePhotograph = convlab.load("photograph.js").decodePhotograph;'
DECODE = """async ({ text, kind, image }) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return Array.from(await decodePhotograph(new Blob([bytes], { type: kind }), image));
}"""


@pytest.fixture
def decoded(watched, tmp_path):
    """A function that decodes the bytes of an image in a page that was opened from disk."""
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    watched.page.goto((tmp_path / "page.html").as_uri())
    watched.page.add_script_tag(content=bundle(["photograph.js"], END), type="module")
    watched.page.wait_for_function("globalThis.decodePhotograph !== undefined")

    def decode(
        content: bytes, size: tuple[int, int], channels: int, kind: str, fit: str = "squash"
    ) -> np.ndarray:
        height, width = size
        image = {"height": height, "width": width, "channels": channels, "fit": fit}
        given = {"text": base64.b64encode(content).decode(), "kind": kind, "image": image}
        pixels = watched.page.evaluate(DECODE, given)
        return np.array(pixels, np.uint8).reshape(height, width, channels)

    yield decode
    assert watched.problems == []


def differences(decoded, content, size, channels, kind="image/png") -> np.ndarray:
    expected = load_image(content, size, channels).astype(int)
    return np.abs(decoded(content, size, channels, kind).astype(int) - expected)


def noise(mode: str, size: tuple[int, int]) -> Image.Image:
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (size[1] // 10, size[0] // 10, len(mode)), np.uint8)
    return Image.fromarray(small.squeeze(), mode).resize(size)


def saved(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("channels", [3, 1])
@pytest.mark.parametrize("size", [(176, 176), (500, 300), (40, 90)])
def test_a_lossless_image_has_the_same_pixels(decoded, size, channels):
    content = saved(noise("RGB", (360, 240)), "PNG")
    assert differences(decoded, content, size, channels).max() == 0


@pytest.mark.parametrize("fit", ["crop", "pad"])
@pytest.mark.parametrize("shape", [(360, 240), (111, 360), (90, 90), (400, 1)])
@pytest.mark.parametrize("size", [(176, 176), (75, 75), (40, 90)])
def test_a_cropped_or_padded_image_has_the_same_pixels(decoded, fit, shape, size):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    content = saved(Image.fromarray(pixels), "PNG")
    expected = load_image(content, size, 3, fit=fit).astype(int)
    difference = np.abs(decoded(content, size, 3, "image/png", fit) - expected)
    is_tall = shape[0] > shape[1]  # Pillow may resize the columns first, and round in between
    assert difference.max() <= is_tall


def test_transparency_becomes_white(decoded):
    content = saved(noise("RGBA", (360, 240)), "PNG")
    assert differences(decoded, content, (176, 176), 3).max() <= 2


@pytest.mark.parametrize("name", ["cat.jpg", "dog.jpg"])
def test_a_photograph_differs_by_fractions_of_a_gray_level(decoded, name, record_property):
    content = (EXAMPLES / name).read_bytes()
    difference = differences(decoded, content, (176, 176), 3, "image/jpeg")
    record_property("mean", float(difference.mean()))
    assert difference.mean() < 1
    assert np.quantile(difference, 0.999) <= 6


def test_the_orientation_in_a_photograph_counts(decoded):
    exif = Image.Exif()
    exif[0x0112] = 6
    content = saved(noise("RGB", (360, 240)), "JPEG", quality=95, exif=exif)
    assert differences(decoded, content, (90, 60), 3, "image/jpeg").mean() < 1
