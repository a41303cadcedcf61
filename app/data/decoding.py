"""The one loader: image file or bytes → `uint8 (H, W, C)`.

Training, evaluation, inference, plots and reports all decode here, so nothing can differ
between them. The rule: EXIF orientation honoured, first frame of an animation, transparency
laid on white, every mode brought to RGB or grey, then squashed to the asked size with an
antialiased bilinear filter. Pillow releases the GIL while it decodes and resizes, so threads
scale.
"""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from app.data.image_files import OTHER_PICTURE_ENDINGS
from app.reading import UnusableFile, read_regular_file

RESIZE_RULE = "squash to (height, width), bilinear, antialiased"

# 178 million pixels, Pillow's own threshold: more is refused before it is decoded.
MAX_PIXELS = 178_956_970
MAX_FILE_BYTES = 2**28

# Names of Keras; all but `nearest` are antialiased.
RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "hamming": Image.Resampling.HAMMING,
    "box": Image.Resampling.BOX,
    "lanczos": Image.Resampling.LANCZOS,
}

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # by number of channels

# Pillow knows more, some of which start other programs on what a stranger sent.
FORMATS = ("BMP", "DIB", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")

# What Pillow's plugins raise on damaged content, found by feeding them some.
_DAMAGE = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, RuntimeError,
    SyntaxError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip


class UndecodableImage(Exception):
    """An image that cannot be used; its text says why, without naming the file."""


def load_image(
    source: Path | bytes,
    size: tuple[int, int] | None = None,
    channels: int = 3,
    *,
    interpolation: str = "bilinear",
    keep_aspect_ratio: bool = False,
) -> np.ndarray:
    """Decode one image.

    Args:
        source: A file or the bytes of one.
        size: `(height, width)` in pixels to squash to; `None` keeps the image's own.
        channels: 3 for RGB, 1 for grey, 4 for RGB and transparency.
        interpolation: One of `RESAMPLING`.
        keep_aspect_ratio: Crop the middle to the shape of `size` instead of squashing.

    Returns:
        `(H, W, C)` uint8.

    Raises:
        UndecodableImage: If the content is empty, no image, truncated, or too large.
    """
    # `reducing` lets libjpeg skip pixels that the resize would average away anyway.
    averages = interpolation != "nearest" and not keep_aspect_ratio
    image = open_image(source, channels, reducing=size if averages else None)
    if size is not None and image.size != (size[1], size[0]):
        box = _middle(image.size, size) if keep_aspect_ratio else None
        image = image.resize((size[1], size[0]), RESAMPLING[interpolation], box)
    pixels = np.asarray(image, dtype=np.uint8)
    return pixels.reshape(*pixels.shape[:2], channels)


def load_reduced(source: Path | bytes, side: int, channels: int = 3) -> np.ndarray:
    """Decode one image, reduced as a whole if it is larger than asked for.

    Args:
        source: A file or the bytes of one.
        side: Pixels that neither side may exceed.
        channels: 3 for RGB, 1 for grey.

    Returns:
        `(H, W, C)` uint8.

    Raises:
        UndecodableImage: As for `load_image`.
    """
    image = open_image(source, channels, reducing=(side, side))
    image.thumbnail((side, side))
    return np.asarray(image, dtype=np.uint8).reshape(image.height, image.width, channels)


def squash(image: np.ndarray, size: tuple[int, int], channels: int) -> np.ndarray:
    """Bring pixels to another size, as `load_image` does.

    Args:
        image: `(H, W, C)` uint8.
        size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for grey.

    Returns:
        `(*size, channels)` uint8.
    """
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    picture = picture.convert("L" if channels == 1 else "RGB")
    resized = picture.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.uint8).reshape(*size, channels)


def open_image(
    source: Path | bytes, channels: int = 3, *, reducing: tuple[int, int] | None = None
) -> Image.Image:
    """Decode one image into a Pillow image of mode RGB or L, upright.

    Args:
        source: A file or the bytes of one.
        channels: 3 for RGB, 1 for grey.
        reducing: `(height, width)` that the image will be reduced to; a large JPEG is then
            decoded at the smallest scale that still has twice those sides.

    Raises:
        UndecodableImage: As for `load_image`.
    """
    try:
        content = source if isinstance(source, bytes) else read_regular_file(source, MAX_FILE_BYTES)
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UndecodableImage(
                    f"{image.width}×{image.height} pixels, more than {MAX_PIXELS:,}"
                )
            if reducing is not None:
                image.draft(None, (2 * max(reducing), 2 * max(reducing)))
            image.load()
            return _to_mode(ImageOps.exif_transpose(image), _MODES[channels])
    except UndecodableImage:
        raise
    except UnusableFile as error:
        raise UndecodableImage(str(error)) from None
    except UnidentifiedImageError:
        raise UndecodableImage(_why_unidentified(content, source)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UndecodableImage(f"more than {MAX_PIXELS:,} pixels") from None
    except OSError as error:
        raise UndecodableImage(error.strerror or str(error)) from None
    except _DAMAGE as error:
        raise UndecodableImage(str(error) or type(error).__name__) from None


def _middle(
    image_size: tuple[int, int], size: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Return the largest box of the shape of `size` (height, width) in the middle of an image."""
    width, height = image_size
    box_width = max(1, min(width, height * size[1] // size[0]))
    box_height = max(1, min(height, width * size[0] // size[1]))
    left, top = (width - box_width) // 2, (height - box_height) // 2
    return left, top, left + box_width, top + box_height


def _to_mode(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        # 16-bit scans and 32-bit floats: Pillow's own conversion clips at 255 instead of scaling.
        values = np.asarray(image, dtype=np.float32)
        top = 1.0 if image.mode == "F" and values.max(initial=0.0) <= 1.0 else 255.0
        if values.max(initial=0.0) > 255.0:
            top = 65535.0
        image = Image.fromarray(np.clip(values * (255.0 / top) + 0.5, 0, 255).astype(np.uint8))
    if mode != "RGBA" and image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == mode else image.convert(mode)


def _why_unidentified(content: bytes, source: Path | bytes) -> str:
    if not content:
        return "empty file"
    ending = "" if isinstance(source, bytes) else source.suffix.lower()
    if ending in OTHER_PICTURE_ENDINGS:
        return f"{ending[1:].upper()} pictures are not read; save it as JPEG or PNG"
    return "not an image in a known format"
