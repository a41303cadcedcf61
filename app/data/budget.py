"""What one image file may cost, and how much is spent at the same time. All limits are here.

Whatever the file, opening it takes less than 5 s of one core, and the process less than 1.2 GB,
however many threads decode (`benchmarks/image_budgets.py` measures both). Declared sizes are
checked before pixels are decoded; Python code that walks through a file is stopped by the number of
its reads. Ordinary large photographs pass: JPEGs and PNGs of 100 megapixels, 16-bit TIFFs of 40.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import ImageFile

MAX_FILE_BYTES = 2**28
# All copies of all pixels that are decoded at one time, in bytes.
MAX_PIXEL_BYTES = 880_000_000
# Pillow's own threshold of an attack; a JPEG of so many pixels is decoded at a smaller scale.
MAX_PIXELS = 178_956_970
# Pillow parses most formats in Python, about a microsecond a read.
MAX_READS = 500_000
# Reading them builds objects of Python: tags of a TIFF with the offsets of its strips.
MAX_TIFF_HEADER_BYTES = 2**22
# Every scan of a JPEG goes through all pixels; an ordinary progressive one has 10.
MAX_SCANNED_PIXELS = 1_200_000_000
# libtiff accepts 100 scans in each JPEG inside a TIFF.
MAX_TIFF_JPEG_PIXELS = 16_000_000
# Numbers that Pillow decodes in Python, one by one.
MAX_PYTHON_SAMPLES = 6_000_000
MAX_PLAIN_BYTES = 20_000_000

_PYTHON_DECODERS = ("bmp_rle", "ppm", "ppm_plain")
# LZMA is slow, and the others are rare: files that use them can be saved otherwise.
_TIFF_COMPRESSIONS = frozenset(
    {
        "raw", "packbits", "tiff_ccitt", "group3", "group4", "tiff_lzw", "tiff_adobe_deflate",
        "tiff_deflate", "tiff_raw_16", "jpeg",
    }
)  # fmt: skip
_SMALLER = "resize it first"


class OverBudget(Exception):
    """A file that would cost too much; the text says what, the limit and the remedy."""


class Share:
    """A number of bytes that threads take parts of and give back.

    Args:
        capacity: Total number of bytes.
    """

    def __init__(self, capacity: int):
        self.capacity = capacity
        self._free = capacity
        self._changed = threading.Condition()

    @contextmanager
    def reserved(self, amount: int) -> Iterator[None]:
        """Hold `amount` bytes, at most `capacity`; wait until they are free."""
        with self._changed:
            self._changed.wait_for(lambda: self._free >= amount)
            self._free -= amount
        try:
            yield
        finally:
            with self._changed:
                self._free += amount
                self._changed.notify_all()


# A thread that decodes takes from the first, then from the second: always in this order.
FILES = Share(MAX_FILE_BYTES)
PIXELS = Share(MAX_PIXEL_BYTES)


class CountedBytes(io.BytesIO):
    """The content of a file, which may be read so many times and no more.

    Args:
        content: All bytes.
    """

    def __init__(self, content: bytes):
        super().__init__(content)
        self._reads = 0
        tiff = content[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
        self._header_bytes = MAX_TIFF_HEADER_BYTES if tiff else None

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as `io.BytesIO` does."""
        self._reads += 1
        if self._reads > MAX_READS:
            raise OverBudget(f"more than {MAX_READS:,} pieces; save it again as JPEG or PNG")
        content = super().read(size)
        if self._header_bytes is not None:
            self._header_bytes -= len(content)
            if self._header_bytes < 0:
                raise OverBudget(
                    f"more than {MAX_TIFF_HEADER_BYTES:,} bytes of tags; save it without layers"
                )
        return content

    def header_is_read(self) -> None:
        """Lift the limit on the tags of a TIFF: what is read now are its pixels."""
        self._header_bytes = None


def check_header(image: ImageFile.ImageFile, content: bytes) -> int:
    """Check an image by its header, before it is decoded.

    Args:
        image: Opened image, not decoded yet.
        content: Content of the file.

    Returns:
        Bytes that its decoder needs in addition to the pixels, at any scale.

    Raises:
        OverBudget: If decoding would take too long.
    """
    overhead = 0
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise OverBudget(f"{_size(image)} pixels, more than {MAX_PIXELS:,}; {_SMALLER}")
    if image.format in ("JPEG", "MPO"):
        scans = _scans_at_most(image, content)
        if scans * pixels > MAX_SCANNED_PIXELS:
            raise OverBudget(
                f"{scans:,} scans of {_size(image)} pixels, more than {MAX_SCANNED_PIXELS:,} "
                "together; save it again as a baseline JPEG"
            )
        if scans > 1:  # the coefficients of all components
            overhead = 2 * getattr(image, "layers", 4) * pixels
    if image.format == "TIFF":
        compression = image.info.get("compression")
        if compression not in _TIFF_COMPRESSIONS:
            raise OverBudget(
                f"TIFF compression '{compression}' is not read; save it with LZW or deflate"
            )
        if compression == "jpeg" and pixels > MAX_TIFF_JPEG_PIXELS:
            raise OverBudget(
                f"{_size(image)} pixels as JPEG in a TIFF, more than {MAX_TIFF_JPEG_PIXELS:,}; "
                "save it as JPEG"
            )
    if image.tile and image.tile[0][0] in _PYTHON_DECODERS:
        samples = pixels * len(image.getbands())
        if samples > MAX_PYTHON_SAMPLES:
            raise OverBudget(
                f"{samples:,} numbers in a slow encoding, more than {MAX_PYTHON_SAMPLES:,}; save "
                "it as JPEG or PNG"
            )
    if image.format == "TIFF":
        overhead = len(content) + _largest_piece(image)
    return overhead


def pixel_bytes(image: ImageFile.ImageFile, overhead: int) -> int:
    """Return what decoding an image takes at most, in bytes, copies included.

    Args:
        image: Opened image, not decoded yet; of a JPEG, at the scale for decoding.
        overhead: Result of `check_header`.

    Raises:
        OverBudget: If that is too much.
    """
    width, height = image.size
    pixels = width * height
    # As stored by Pillow, and a second copy: upright, or of another mode.
    needed = overhead + pixels * (_stored_bytes(image.mode) + 4)
    # Tables of the resize and rows of the decoder grow with the sides alone.
    needed += 16 * (width + height)
    if image.format == "WEBP":
        needed += 12 * pixels  # two canvases of its decoder, and what they are handed over in
    if needed > MAX_PIXEL_BYTES:
        raise OverBudget(
            f"{_size(image)} pixels take {needed / 1e6:,.0f} MB to decode, more than "
            f"{MAX_PIXEL_BYTES / 1e6:,.0f}; {_SMALLER}"
        )
    return needed


def _stored_bytes(mode: str) -> int:
    if mode in ("1", "L", "P"):
        return 1
    return 2 if mode.startswith("I;16") else 4


def _largest_piece(image: Any) -> int:
    """Return the bytes of the strip or tile that libtiff holds in addition to the image."""
    tags = image.tag_v2
    bits = tags.get(258, (8,))
    samples = sum(bits) / 8 if isinstance(bits, tuple) else bits / 8
    if 322 in tags:
        width, height = tags[322], tags.get(323, 1)
    else:
        width, height = image.width, min(image.height, tags.get(278, image.height))
    return int(width * height * max(4.0, samples))


_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
_START_OF_SCAN, _END = 0xDA, 0xD9
_FEW_PIXELS, _FEW_SCANS = 10_000_000, 100


def _scans_at_most(image: ImageFile.ImageFile, content: bytes) -> int:
    """Return the number of scans of a JPEG, or more if they are few and small anyway."""
    count = content.count(bytes([0xFF, _START_OF_SCAN]))
    if count <= 1 or (image.width * image.height < _FEW_PIXELS and count <= _FEW_SCANS):
        return count
    # The same bytes occur in thumbnails, profiles and the films that phones append.
    scans, position = 0, 2
    while match := _MARKER.search(content, position):
        marker, position = content[match.end() - 1], match.end()
        if marker == _END:
            break
        if marker == 0xD8:
            continue
        scans += marker == _START_OF_SCAN
        position += int.from_bytes(content[position : position + 2], "big")
        if scans * image.width * image.height > MAX_SCANNED_PIXELS:
            break
    return scans


def _size(image: ImageFile.ImageFile) -> str:
    return f"{image.width}×{image.height}"
