"""The one loader: image file or bytes → `uint8 (H, W, C)`.

Training, evaluation, inference, figures and reports all decode here, so nothing can differ
between them. The rule: EXIF orientation is honoured; of an animation the first frame counts;
transparency becomes white; every mode becomes RGB or gray; the image is brought to the given size
by a rule of `app.data.fitting`, with an antialiased bilinear filter. `app.data.budget` limits the
cost of a file. Pillow releases the GIL while it decodes and resizes, so threads scale.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from app.data.budget import (
    FILES,
    MAX_FILE_BYTES,
    MAX_PIXELS,
    MAX_PLAIN_BYTES,
    PIXELS,
    CountedBytes,
    OverBudget,
    check_header,
    pixel_bytes,
)
from app.data.fitting import SQUASH, fitted
from app.data.image_files import OTHER_PICTURE_ENDINGS
from app.data.pixel_modes import in_mode, pixels_of, upright
from app.data.shards.packed import ImageFile, PackedImage
from app.reading import UnusableFile, opened_regular_file, read_at_most

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

# Pillow knows more, some of which start other programs on untrusted input.
FORMATS = ("BMP", "DIB", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")

# One hostile file can cause thousands of warnings; what makes an image unusable is raised.
warnings.filterwarnings("ignore", module=r"PIL\.")

# Blocks of Pillow's default size stay with the threads that freed them, those of over 32 MB return
# to the system.
Image.core.set_block_size(2**26)  # type: ignore[attr-defined]

# What Pillow's plugins raise on damaged content, found by feeding them some.
_DAMAGE = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, RuntimeError,
    SyntaxError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip


class UndecodableImage(Exception):
    """An image that cannot be used; its text says why, without naming the file."""


def load_image(
    source: ImageFile | bytes,
    size: tuple[int, int] | None = None,
    channels: int = 3,
    *,
    interpolation: str = "bilinear",
    fit: str = SQUASH,
) -> np.ndarray:
    """Decode one image.

    Args:
        source: A file or the bytes of one.
        size: `(height, width)` in pixels; `None` keeps the image's own.
        channels: 3 for RGB, 1 for gray, 4 for RGB and transparency.
        interpolation: One of `RESAMPLING`.
        fit: Rule for another aspect ratio than that of `size`: `squash`, `crop` or `pad`.

    Returns:
        `(H, W, C)` uint8.

    Raises:
        UndecodableImage: If the content is empty, no image, truncated, or too large.
    """
    averages = interpolation != "nearest"
    with opened_image(source, channels, reduced_to=size if averages else None) as image:
        if size is not None:
            image = fitted(image, size, fit, RESAMPLING[interpolation])
        return pixels_of(image)


def load_reduced(source: ImageFile | bytes, side: int, channels: int = 3) -> np.ndarray:
    """Decode one image, reduced as a whole if it is larger than asked for.

    Args:
        source: A file or the bytes of one.
        side: Pixels that neither side may exceed.
        channels: 3 for RGB, 1 for gray.

    Returns:
        `(H, W, C)` uint8.

    Raises:
        UndecodableImage: As for `load_image`.
    """
    with opened_image(source, channels, within=side) as image:
        image.thumbnail((side, side))
        return pixels_of(image)


def longer_side(source: ImageFile | bytes) -> int:
    """Return the longer side in pixels of an image file, whatever it was reduced to.

    Args:
        source: A file or the bytes of one.

    Raises:
        UndecodableImage: As for `load_image`.
    """
    with (
        file_content(source) as content,
        _reporting_damage(content, source),
        Image.open(io.BytesIO(content), formats=FORMATS) as file,
    ):
        return max(file.size)


def resized(
    image: np.ndarray, size: tuple[int, int], channels: int, fit: str = SQUASH
) -> np.ndarray:
    """Bring pixels to another size, as `load_image` does.

    Args:
        image: `(H, W, C)` uint8.
        size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for gray.
        fit: Rule for another aspect ratio: `squash`, `crop` or `pad`.

    Returns:
        `(*size, channels)` uint8.
    """
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    picture = picture.convert("L" if channels == 1 else "RGB")
    return np.asarray(fitted(picture, size, fit), dtype=np.uint8).reshape(*size, channels)


@contextmanager
def file_content(source: ImageFile | bytes) -> Iterator[bytes]:
    """Yield the bytes of an image file; other threads may wait until the block is left.

    Args:
        source: A file or the bytes of one.

    Raises:
        UndecodableImage: If it is no regular file, too large, or cannot be read.
    """
    if isinstance(source, bytes):
        yield source
        return
    with ExitStack() as held:
        try:
            if isinstance(source, PackedImage):
                held.enter_context(FILES.reserved(min(source.size, MAX_FILE_BYTES)))
                content = source.read(MAX_FILE_BYTES)
            else:
                with opened_regular_file(source, MAX_FILE_BYTES) as (file, size):
                    held.enter_context(FILES.reserved(size))
                    content = read_at_most(file, MAX_FILE_BYTES, size + 1)
        except UnusableFile as error:
            raise UndecodableImage(str(error)) from None
        except (OSError, ValueError) as error:
            raise UndecodableImage(getattr(error, "strerror", None) or str(error)) from None
        yield content


@contextmanager
def opened_image(
    source: ImageFile | bytes,
    channels: int = 3,
    *,
    reduced_to: tuple[int, int] | None = None,
    within: int | None = None,
) -> Iterator[Image.Image]:
    """Decode one image into a Pillow image of mode RGB or L, upright.

    Other threads may wait until the block is left, since all images that are open at one time share
    one budget.

    Args:
        source: A file or the bytes of one.
        channels: 3 for RGB, 1 for gray.
        reduced_to: `(height, width)` that the image will be resized to; a large JPEG is then
            decoded at the smallest scale that still has twice those sides.
        within: Side of the square that the image will be reduced to fit into; a large JPEG is
            then decoded at a smaller scale.

    Raises:
        UndecodableImage: As for `load_image`.
    """
    with file_content(source) as content, ExitStack() as held:
        with _reporting_damage(content, source):
            image = _decode(content, channels, reduced_to, within, held)
        try:
            yield image
        finally:
            del image  # before others may take what it held


@contextmanager
def opened_header(source: ImageFile | bytes) -> Iterator[Image.Image]:
    """Yield an image file of Pillow's whose pixels are not decoded.

    Args:
        source: A file or the bytes of one.

    Raises:
        UndecodableImage: As for `load_image`, but for damaged pixels.
    """
    with file_content(source) as content:
        with _reporting_damage(content, source):
            file = Image.open(CountedBytes(content), formats=FORMATS)
        with file:
            yield file


def _decode(
    content: bytes,
    channels: int,
    reduced_to: tuple[int, int] | None,
    within: int | None,
    held: ExitStack,
) -> Image.Image:
    """Return the image of a file; `held` gets the share of `PIXELS` that it takes."""
    plain = re.match(rb"P[123]\s", content)
    if plain and len(content) > MAX_PLAIN_BYTES:
        raise OverBudget(
            f"{len(content):,} bytes of numbers as text, more than {MAX_PLAIN_BYTES:,}; save it as "
            "JPEG or PNG"
        )
    # Pillow's own removal of comments takes quadratic time.
    stream = CountedBytes(re.sub(rb"#[^\r\n]*", b"", content) if plain else content)
    with Image.open(stream, formats=FORMATS) as file:
        overhead = check_header(file, content)
        stream.header_is_read()
        if within is not None:
            scale = min(1.0, within / max(file.size))
            width, height = (max(1, round(2 * scale * side)) for side in file.size)
            file.draft(None, (width, height))
        elif reduced_to is not None:
            file.draft(None, (2 * max(reduced_to), 2 * max(reduced_to)))
        held.enter_context(PIXELS.reserved(pixel_bytes(file, overhead)))
        file.load()
        return in_mode(upright(file), _MODES[channels])


@contextmanager
def _reporting_damage(content: bytes, source: ImageFile | bytes) -> Iterator[None]:
    try:
        yield
    except OverBudget as error:
        raise UndecodableImage(str(error)) from None
    except UnidentifiedImageError:
        raise UndecodableImage(_why_unidentified(content, source)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UndecodableImage(f"more than {MAX_PIXELS:,} pixels; resize it first") from None
    except OSError as error:
        raise UndecodableImage(error.strerror or str(error)) from None
    except _DAMAGE as error:
        raise UndecodableImage(str(error) or type(error).__name__) from None


def _why_unidentified(content: bytes, source: ImageFile | bytes) -> str:
    if not content:
        return "empty file"
    ending = source.suffix.lower() if isinstance(source, Path) else ""
    if ending in OTHER_PICTURE_ENDINGS:
        return f"{ending[1:].upper()} pictures are not read; save it as JPEG or PNG"
    return "not an image in a known format"
