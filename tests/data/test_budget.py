import threading

import numpy as np
import pytest
from PIL import Image

from app.data import budget
from app.data.budget import Share
from app.data.decoding import UndecodableImage, load_image, load_reduced, opened_image
from tests.fuzz import crafted

# The module that decodes ignores it, but pytest resets all filters.
pytestmark = pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")


def reason(content: bytes) -> str:
    with pytest.raises(UndecodableImage) as caught:
        load_image(content, (8, 8))
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        crafted.webp(13_000, 13_000),
        crafted.png_header(13_000, 13_000),
        crafted.png_header(13_000, 13_000, color=4),
        crafted.png_header(11_000, 11_000, color=2, bits=16),
        crafted.png_header(13_300, 13_300, color=3),
        crafted.png_header(100_000_000, 1, color=2),
        crafted.png_header(1, 100_000_000, color=0),
    ],
    ids=["WebP", "RGBA", "gray and alpha", "RGB 16-bit", "palette", "wide", "high"],
)
def test_declared_pixels_over_the_budget_are_refused_with_limit_and_remedy(content):
    assert "resize it first" in reason(content)
    assert "more than 880" in reason(content)
    for load in (lambda c: load_reduced(c, 8), lambda c: opened_image(c).__enter__()):
        with pytest.raises(UndecodableImage, match="more than"):
            load(content)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (crafted.jpeg_scans(64, 400), "scans"),
        (crafted.png(9, 9, color=2, extra=crafted.png_chunk(b"abCd") * 2000), "pieces"),
        (crafted.jpeg_with(b"\xff\xfe\0\x02" * 2000), "pieces"),
        (crafted.jpeg_with(b"\xff" * 2000), "pieces"),
        (crafted.gif_extensions(2000), "pieces"),
        (b"P6" + b" " * 2000 + b"1 1 255\n123", "pieces"),
        (crafted.bmp_rle(100, 20, b"\x01\x01" * 2000), "pieces"),
        (crafted.bmp_rle(101, 100, b"\0\0" * 100), "slow encoding"),
        (b"P3 100 100 255\n" + b"1 " * 30_000, "slow encoding"),
        (b"P5 101 100 100\n" + bytes(10_100), "slow encoding"),
        (b"P3 1 1 255\n" + b"1 " * 300_000, "as text"),
        (crafted.tiff_jpeg_scans(128, 2), "JPEG in a TIFF"),
        (
            crafted.encoded(Image.new("RGB", (9, 9)), "TIFF", compression="lzma"),
            "compression 'lzma'",
        ),
    ],
)
def test_work_over_the_budget_is_refused(content, part, monkeypatch):
    for name, limit in (
        ("MAX_READS", 1000), ("MAX_SCANNED_PIXELS", 1_000_000), ("MAX_PYTHON_SAMPLES", 10_000),
        ("MAX_TIFF_JPEG_PIXELS", 10_000),
    ):  # fmt: skip
        monkeypatch.setattr(budget, name, limit)
    monkeypatch.setattr("app.data.decoding.MAX_PLAIN_BYTES", 500_000)
    assert part in reason(content)
    assert "save it" in reason(content)


def test_tags_of_a_tiff_over_the_budget_are_refused(monkeypatch):
    monkeypatch.setattr(budget, "MAX_TIFF_HEADER_BYTES", 10_000)
    image = Image.new("RGB", (100, 100))
    small = crafted.encoded(image, "TIFF")
    assert load_image(small).shape == (100, 100, 3)  # its pixels are no tags
    large = crafted.encoded(image, "TIFF", tiffinfo={37724: bytes(20_000)})
    assert "tags" in reason(large)


def test_a_file_over_the_budget_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("app.data.decoding.MAX_FILE_BYTES", 100)
    path = tmp_path / "image.png"
    path.write_bytes(bytes(101))
    with pytest.raises(UndecodableImage, match="101 bytes, more than 100"):
        load_image(path)


def test_comments_in_a_plain_pnm_are_read_over():
    pixels = load_image(crafted.plain_pnm(200_000))
    assert pixels.tolist() == [[[1, 2, 3]]]


@pytest.mark.parametrize("scans", [1, 2, 10])
def test_ordinary_progressive_images_are_read(scans):
    assert load_image(crafted.jpeg_scans(64, scans)).shape == (64, 64, 3)


def test_scans_of_thumbnails_and_appended_films_are_not_counted(monkeypatch):
    monkeypatch.setattr(budget, "_FEW_PIXELS", 0)
    monkeypatch.setattr(budget, "MAX_SCANNED_PIXELS", 16 * 16)
    thumbnail = b"\xff\xe1" + (2 + 400).to_bytes(2, "big") + b"\xff\xda" * 200
    assert load_image(crafted.jpeg_with(thumbnail) + b"\xff\xda" * 99).shape == (16, 16, 3)


@pytest.mark.parametrize(("width", "height"), [(65_500, 30), (30, 65_500)], ids=["wide", "high"])
def test_long_jpegs_are_reduced_while_decoding(width, height):
    content = crafted.encoded(Image.new("RGB", (width, height), (200, 10, 30)), "JPEG")
    reduced = load_reduced(content, 500)
    assert max(reduced.shape) == 500
    with opened_image(content, within=1000) as image:
        assert max(image.size) < 10_000


def test_share_never_lends_more_than_it_has():
    share, held, most = Share(10), [0], [0]
    lock = threading.Lock()

    def work(seed: int) -> None:
        for amount in np.random.default_rng(seed).integers(1, 11, 50).tolist():
            with share.reserved(amount):
                with lock:
                    held[0] += amount
                    most[0] = max(most[0], held[0])
                with lock:
                    held[0] -= amount

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held == [0]
    assert 0 < most[0] <= 10


def test_share_is_given_back_after_a_failure():
    share = Share(10)
    with pytest.raises(KeyError), share.reserved(10):
        raise KeyError
    with share.reserved(10):
        pass
