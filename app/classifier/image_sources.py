"""Convert images of Python code to what the loader decodes: a path, or the bytes of a file.

Pixels in memory become a lossless file in memory. The loader treats them like any file, so that an
array and a file of the same pixels give the same prediction.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.data.budget import MAX_FILE_BYTES
from app.errors import AppError
from app.reading import UnusableFile, read_at_most

Source = Path | bytes

_EXPECTED = (
    "Expected a path, the bytes of an image file, a file object, a Pillow image, or uint8 pixels "
    "(H, W), (H, W, 1), (H, W, 3), (H, W, 4) or, for several images, (B, H, W, C)."
)
_IN_PNG = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
_IN_TIFF = frozenset({"CMYK", "F", "I", "LAB", "YCbCr"})
_CONVERTED = {"La": "LA", "RGBa": "RGBA", "PA": "RGBA"}  # others become RGB


def named_sources(images: Any) -> Iterator[tuple[str, Source]]:
    """Yield `(name, source)` for one image or an iterable of images.

    Args:
        images: Paths as text or `Path`, bytes of image files, file objects, Pillow images, arrays
            of uint8 pixels; one of them, or any iterable of them. A batch `(B, H, W, C)` counts as
            `B` images. Files have their path as name, others are called `image 0`, `image 1`, …
            by their position.

    Raises:
        AppError: If one of them is something else.
    """
    for number, image in enumerate(_flattened(images)):
        if isinstance(image, str | Path):
            yield str(image), Path(image)
        else:
            yield f"image {number}", image_source(image)


def image_source(image: Any) -> Source:
    """Return one image as a path or as the bytes of a file.

    Args:
        image: As for `named_sources`.

    Raises:
        AppError: If it is something else, or pixels of another type or shape.
    """
    if isinstance(image, str | Path):
        return Path(image)
    if isinstance(image, bytes | bytearray | memoryview):
        return bytes(image)
    if isinstance(image, Image.Image):
        return _file_of(image)
    if hasattr(image, "read"):
        return _content_of(image)
    if hasattr(image, "__array__"):
        return _file_of(Image.fromarray(_pixels(np.asarray(image))))
    raise AppError(f"The image is of the type {type(image).__name__}.", _EXPECTED)


def _content_of(file: Any) -> bytes:
    if isinstance(file, io.TextIOBase):
        raise AppError("The image is a file that was opened as text.", "Expected mode 'rb'.")
    try:
        return read_at_most(file, MAX_FILE_BYTES)
    except UnusableFile as error:
        raise AppError(f"The image is a file object of {error}.") from None


def _flattened(images: Any) -> Iterator[Any]:
    if _is_one(images):
        yield images
    elif hasattr(images, "__array__"):
        yield from np.asarray(images)
    elif isinstance(images, Iterable) and not isinstance(images, dict):
        for image in images:
            # A batch in a list counts as its images; lists within lists are a mistake.
            yield from _flattened(image) if hasattr(image, "__array__") else (image,)
    else:
        raise AppError(f"The images are of the type {type(images).__name__}.", _EXPECTED)


def _is_one(images: Any) -> bool:
    if isinstance(images, str | Path | bytes | bytearray | memoryview | Image.Image):
        return True
    return hasattr(images, "read") or (
        hasattr(images, "__array__") and np.asarray(images).ndim != 4
    )


def _pixels(values: np.ndarray) -> np.ndarray:
    """Return pixels as Pillow takes them: `(H, W)`, `(H, W, 3)` or `(H, W, 4)`."""
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[-1] not in (1, 3, 4)):
        gray = values.ndim == 3
        raise AppError(
            f"The image is an array of shape {values.shape}.",
            _EXPECTED,
            "Give several gray images a channel axis: images[..., numpy.newaxis]." if gray else "",
        )
    if values.size == 0:
        raise AppError(f"The image is an array of shape {values.shape}.", "Expected some pixels.")
    if values.dtype != np.uint8:
        raise _wrong_type(values)
    return values[..., 0] if values.shape[2:] == (1,) else values


def _wrong_type(values: np.ndarray) -> AppError:
    received = f"The image is an array of {values.dtype}"
    if not (np.issubdtype(values.dtype, np.number) and np.isrealobj(values)):
        return AppError(f"{received}.", "Expected uint8 pixels from 0 to 255.")
    lowest, highest = values.min(), values.max()
    if lowest >= 0 and highest <= 1:
        fix = "If 1 is white: (image * 255).round().astype('uint8')."
    elif lowest >= 0 and highest <= 255:
        fix = "Convert it: image.round().astype('uint8')."
    else:
        fix = "Bring its values to 0–255, then call .astype('uint8')."
    return AppError(
        f"{received}, with values from {lowest:g} to {highest:g}.",
        "Expected uint8 pixels from 0 to 255.",
        fix,
    )


def _file_of(image: Image.Image) -> bytes:
    """Return a Pillow image as the bytes of a lossless file, its orientation included."""
    if image.mode not in _IN_PNG | _IN_TIFF:
        image = image.convert(_CONVERTED.get(image.mode, "RGB"))
    stream = io.BytesIO()
    if image.mode in _IN_PNG:
        image.save(stream, "PNG", compress_level=0, exif=image.getexif())
    else:
        image.save(stream, "TIFF", exif=image.getexif())
    return stream.getvalue()
