"""CPU time and memory of opening crafted image files and large photographs.

    python benchmarks/image_budgets.py [NAME …]

Each file is opened in a new process in three ways: as `predict` opens photographs, as it opens
digits, and as `data check` does. Printed are file size, outcome, CPU seconds and peak memory. The
limits are those of `app/data/budget.py`: 5 s and 1.2 GB per file.
"""

from __future__ import annotations

import multiprocessing
import queue
import re
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(1, str(Path(__file__).parent.parent))
from tests.fuzz import crafted as make

_RGB, _ANY = 2, 13_000


def _photograph(width: int, height: int) -> Image.Image:
    """Return an image that compresses like a photograph: smooth, with noise."""
    rng = np.random.default_rng(0)
    tile = rng.normal(128, 30, (256, 256, 3)) + np.linspace(-60, 60, 256)[:, None, None]
    small = Image.fromarray(np.clip(tile, 0, 255).astype(np.uint8)).resize((512, 512))
    image = Image.new("RGB", (width, height))
    for top in range(0, height, 512):
        for left in range(0, width, 512):
            image.paste(small, (left, top))
    return image


def _deep_tiff(width: int, height: int) -> bytes:
    """Return an uncompressed TIFF of 16-bit RGB."""
    size = width * height * 6
    entries = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 8 + size), (259, 3, 1, 1),
        (262, 3, 1, 2), (273, 4, 1, 8), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, size),
    ]  # fmt: skip
    noise = np.random.default_rng(0).integers(0, 65536, size // 2, np.uint16).tobytes()
    return make.tiff(entries, noise + b"\x10\0\x10\0\x10\0")


def _frames(kind: str, side: int, count: int) -> bytes:
    frames = [Image.new("RGBA", (side, side), (i, 0, 0, 128)) for i in range(count)]
    return make.encoded(frames[0], kind, save_all=True, append_images=frames[1:])


FILES: dict[str, Callable[[], bytes]] = {
    "WebP of 30 bytes, 13000×13000": lambda: make.webp(_ANY, _ANY),
    "WebP, 6000×6000": lambda: make.webp(6000, 6000),
    "PNG RGBA, 13000×13000": lambda: make.png(_ANY, _ANY, color=6),
    "PNG LA, 13000×13000": lambda: make.png(_ANY, _ANY, color=4),
    "PNG RGB, 13000×13000": lambda: make.png(_ANY, _ANY, color=2),
    "PNG RGB 16-bit, 13000×13000": lambda: make.png(_ANY, _ANY, color=2, bits=16),
    "PNG gray 16-bit, 13000×13000": lambda: make.png(_ANY, _ANY, color=0, bits=16),
    "PNG palette and transparency, 13000×13000": lambda: make.png(
        _ANY, _ANY, color=3,
        extra=make.png_chunk(b"PLTE", bytes(768)) + make.png_chunk(b"tRNS", bytes(256)),
    ),
    "PNG RGBA 16-bit, 10000×10000": lambda: make.png(10_000, 10_000, color=6, bits=16),
    "PNG RGB, 100000000×1": lambda: make.png(100_000_000, 1, color=2),
    "PNG gray, 1×100000000": lambda: make.png(1, 100_000_000, color=0),
    "PNG, 40 MB of empty chunks": lambda: make.png(
        9, 9, color=2, extra=make.png_chunk(b"abCd") * 3_300_000
    ),
    "PNG, EXIF of 20 MB, tags of 10 MB": lambda: make.png(
        9, 9, color=2, extra=make.png_chunk(b"eXIf", make.exif_tags(60_000, 10**7)[6:])
    ),
    "TIFF float, deflate, 13000×13000": lambda: make.encoded(
        Image.new("F", (_ANY, _ANY)), "TIFF", compression="tiff_adobe_deflate"
    ),
    "TIFF LZMA, 13000×13000": lambda: make.encoded(
        Image.new("RGB", (_ANY, _ANY)), "TIFF", compression="lzma"
    ),
    "TIFF, 60000 tags of the same 10 MB": lambda: make.exif_tags(60_000, 10**7)[6:],
    "TIFF of a JPEG of 400 scans, 8000×8000": lambda: make.tiff_jpeg_scans(8000, 400),
    "JPEG, 400 scans, 8000×8000": lambda: make.jpeg_scans(8000, 400),
    "JPEG, 65500×2700": lambda: make.encoded(Image.new("RGB", (65_500, 2700)), "JPEG"),
    "JPEG, 40 MB of markers": lambda: make.jpeg_with(b"\xff\xfe\0\x02" * 10_000_000),
    "JPEG, 40 MB of 0xFF": lambda: make.jpeg_with(b"\xff" * 40_000_000),
    "JPEG, EXIF of 64 kB, 5000 tags": lambda: make.jpeg_with(
        b"\xff\xe1\xff\xff" + make.exif_tags(2000, 41_000)[:65_533].ljust(65_533, b"\0")
    ),
    "P3, 0.8 MB of comments": lambda: make.plain_pnm(800_000),
    "P3, 40 MB of comments": lambda: make.plain_pnm(40_000_000),
    "P3, 40 MB of numbers": lambda: b"P3 4000 1600 255\n" + b"1 " * 20_000_000,
    "P6, 40 MB of spaces": lambda: b"P6" + b" " * 40_000_000 + b"1 1 255\n123",
    "GIF, 40 MB of comments": lambda: make.gif_extensions(8_000_000),
    "BMP RLE, 13000×13000, empty lines": lambda: make.bmp_rle(_ANY, _ANY, b"\0\0" * _ANY),
    "BMP RLE, 40 MB of runs": lambda: make.bmp_rle(10_000, 2000, b"\x01\x01" * 20_000_000),
    "WebP animation, 4000×4000": lambda: _frames("WEBP", 4000, 12),
    "GIF animation, 4000×4000": lambda: _frames("GIF", 4000, 12),
    "photograph: JPEG, 100 Mpx": lambda: make.encoded(
        _photograph(11_500, 8700), "JPEG", quality=92
    ),
    "photograph: progressive JPEG, 100 Mpx": lambda: make.encoded(
        _photograph(11_500, 8700), "JPEG", quality=92, progressive=True, subsampling=0
    ),
    "photograph: JPEG panorama, 16000×3900": lambda: make.encoded(
        _photograph(16_000, 3900), "JPEG", quality=90
    ),
    "photograph: TIFF 16-bit RGB, 40 Mpx": lambda: _deep_tiff(7800, 5200),
    "photograph: TIFF RGB LZW, 40 Mpx": lambda: make.encoded(
        _photograph(7800, 5200), "TIFF", compression="tiff_lzw"
    ),
    "photograph: PNG RGBA, 24 Mpx": lambda: make.encoded(
        _photograph(6000, 4000).convert("RGBA"), "PNG", compress_level=1
    ),
    "photograph: WebP, 24 Mpx": lambda: make.encoded(
        _photograph(6000, 4000), "WEBP", method=0
    ),
}  # fmt: skip


def _check(opened: Callable[[Path], AbstractContextManager[Image.Image]], source: Path) -> None:
    with opened(source):
        pass


def _measure(path: str, way: str, results: multiprocessing.Queue[tuple[str, float, float]]) -> None:
    from app.data.decoding import UndecodableImage, load_image, load_reduced, opened_image

    ways: dict[str, Callable[[Path], object]] = {
        "predict": lambda source: load_image(source, (180, 180)),
        "digit": lambda source: load_reduced(source, 1024, 1),
        "check": lambda source: _check(opened_image, source),
    }
    start = time.process_time()
    outcome = "decoded"
    try:
        ways[way](Path(path))
    except UndecodableImage as error:
        outcome = f"refused: {error}"
    seconds = time.process_time() - start
    # `ru_maxrss` would include the memory of the parent process.
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    results.put((outcome, seconds, int(peak[1]) / 1e3 if peak else float("nan")))


def main() -> None:
    """Create each file, open it in separate processes, and print a table."""
    parts_of_names = sys.argv[1:]
    context = multiprocessing.get_context("spawn")
    print(f"{'file':44} {'bytes':>11} {'way':8} {'CPU s':>6} {'peak MB':>8}  outcome")
    for name, content in FILES.items():
        if parts_of_names and not any(part in name for part in parts_of_names):
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "image")
            path.write_bytes(content())
            for way in ("predict", "digit", "check"):
                results = context.Queue()
                process = context.Process(target=_measure, args=(str(path), way, results))
                process.start()
                try:
                    outcome, seconds, peak = results.get(timeout=120)
                except queue.Empty:
                    outcome, seconds, peak = "still running after 120 s", 120.0, float("nan")
                process.kill()
                process.join()
                print(
                    f"{name:44} {path.stat().st_size:11,} {way:8} {seconds:6.2f} {peak:8.0f}  "
                    f"{outcome[:90]}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
