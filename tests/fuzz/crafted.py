"""Image files that ask for much more memory or time than they have bytes.

Each function writes one kind of file at any size, so that tests can use small ones, and
`benchmarks/image_budgets.py` the ones that hurt.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_chunk(kind: bytes, data: bytes = b"") -> bytes:
    """Return one chunk with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, color: int, bits: int = 8, extra: bytes = b"") -> bytes:
    """Return an all-zero PNG.

    Args:
        width: Width in pixels.
        height: Height in pixels.
        color: PNG's color type: 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA.
        bits: Bits per sample.
        extra: Chunks to insert before the pixels.
    """
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    row = bytes(1 + (width * samples * bits + 7) // 8)
    compressor = zlib.compressobj(9)
    together = max(1, 2**20 // len(row))
    parts = [compressor.compress(row * together) for _ in range(height // together)]
    parts += [compressor.compress(row * (height % together)), compressor.flush()]
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    return b"".join(
        [
            PNG_SIGNATURE,
            png_chunk(b"IHDR", header),
            extra,
            png_chunk(b"IDAT", b"".join(parts)),
            png_chunk(b"IEND"),
        ]
    )


def png_header(width: int, height: int, color: int = 6, bits: int = 8) -> bytes:
    """Return a PNG that declares a size and holds almost no pixels."""
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    return b"".join(
        [
            PNG_SIGNATURE,
            png_chunk(b"IHDR", header),
            png_chunk(b"IDAT", zlib.compress(bytes(100))),
            png_chunk(b"IEND"),
        ]
    )


def webp(width: int, height: int) -> bytes:
    """Return a lossless WebP of one color with alpha; under 50 bytes at any size."""
    bits, length = 0, 0

    def put(value: int, count: int) -> None:
        nonlocal bits, length
        bits |= value << length
        length += count

    put(0x2F, 8)
    put(width - 1, 14)
    put(height - 1, 14)
    put(1, 1)  # alpha is used
    put(0, 3)  # version
    put(0, 3)  # neither transforms, nor a color cache, nor several groups of codes
    for _ in range(5):  # green, red, blue, alpha, distance: one symbol each, coded by no bits
        put(1, 1)
        put(0, 1)
        put(0, 1)
        put(0, 1)
    data = bits.to_bytes((length + 7) // 8 + 2, "little")
    data += bytes(len(data) % 2)
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return an image in a file format."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def jpeg_scans(side: int, scans: int) -> bytes:
    """Return a progressive JPEG in which the last scan is repeated."""
    content = encoded(Image.new("RGB", (side, side)), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * scans + content[-2:]


def jpeg_with(segments: bytes) -> bytes:
    """Return a small JPEG with something inserted after its start."""
    content = encoded(Image.new("RGB", (16, 16)), "JPEG")
    return content[:2] + segments + content[2:]


def tiff_jpeg_scans(side: int, scans: int) -> bytes:
    """Return a TIFF whose only strip is a JPEG of many scans."""
    jpeg = jpeg_scans(side, scans)
    entries = [
        (256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 7), (262, 3, 1, 6),
        (273, 4, 1, 8), (277, 3, 1, 3), (278, 4, 1, side), (279, 4, 1, len(jpeg)),
    ]  # fmt: skip
    return tiff(entries, jpeg)


def tiff(entries: list[tuple[int, int, int, int]], data: bytes) -> bytes:
    """Return a TIFF: header, `data` from byte 8 on, then one directory."""
    data += bytes(len(data) % 2)
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", *entry) for entry in sorted(entries)
    )
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory + bytes(4)


def exif_tags(count: int, size: int) -> bytes:
    """Return EXIF data in which each of `count` tags claims the same `size` bytes."""
    entries = [(1000 + tag, 7, size, 8) for tag in range(count)]
    return b"Exif\0\0" + tiff(entries, bytes(size))


def gif_extensions(count: int) -> bytes:
    """Return a GIF with many empty comments before its picture."""
    content = encoded(Image.new("P", (16, 16)), "GIF")
    start = 13 + 3 * 2 ** ((content[10] & 7) + 1) if content[10] & 128 else 13
    return content[:start] + b"\x21\xfe\x01x\x00" * count + content[start:]


def bmp_rle(width: int, height: int, lines: bytes) -> bytes:
    """Return a run-length encoded BMP that holds `lines`."""
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(lines), 0, 0, 256, 0)
    palette = bytes(4 * 256)
    offset = 14 + len(header) + len(palette)
    return (
        b"BM" + struct.pack("<IHHI", offset + len(lines), 0, 0, offset) + header + palette + lines
    )


def plain_pnm(comment_bytes: int) -> bytes:
    """Return a plain PNM of one pixel with many short comments."""
    return b"P3 1 1 255\n" + b"#\n" * (comment_bytes // 2) + b"1 2 3\n"
