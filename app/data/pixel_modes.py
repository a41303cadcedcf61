"""Pillow images of any mode → upright, RGB or gray → arrays; tile by tile, to save memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import ExifTags, Image

_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def orientation(file: Image.Image) -> int:
    """Return EXIF's orientation of an opened image file: 1 if it is upright."""
    value = file.getexif().get(ExifTags.Base.Orientation)
    return value if isinstance(value, int) else 1


def upright(file: Image.Image) -> Image.Image:
    """Return an image turned as EXIF says."""
    # `ImageOps.exif_transpose` also copies upright images, and reads and rewrites all of EXIF.
    transposition = _TRANSPOSITIONS.get(orientation(file))
    return file if transposition is None else file.transpose(transposition)


# Pixels that are converted together, so that copies are small compared with the image.
_TILE = 2**20


def tiles(size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Yield boxes that cover an image, none of more than `_TILE` pixels."""
    width, height = size
    across = min(width, _TILE)
    down = max(1, _TILE // max(1, across))
    for top in range(0, height, down):
        for left in range(0, width, across):
            yield left, top, min(width, left + across), min(height, top + down)


def in_mode(image: Image.Image, mode: str) -> Image.Image:
    """Return an image in mode RGB, L or RGBA, 16 bits and floats scaled.

    Transparency is laid on white, or kept in RGBA.
    """
    deep = image.mode.startswith("I;16") or image.mode in ("I", "F")
    on_white = mode != "RGBA" and image.has_transparency_data
    if image.mode == mode and not on_white:
        return image
    factor = _factor_to_bytes(image) if deep else 1.0
    converted = Image.new(mode, image.size, None)
    for box in tiles(image.size):
        tile = image.crop(box)
        if deep:
            # Pillow's own conversion clips at 255 instead of scaling.
            values = np.nan_to_num(np.asarray(tile, dtype=np.float32))
            values = np.clip(values, 0.0, 255.0 / factor) * factor + 0.5
            tile = Image.fromarray(values.astype(np.uint8))
        if on_white:
            tile = tile.convert("RGBA")
            tile = Image.alpha_composite(Image.new("RGBA", tile.size, "white"), tile)
        converted.paste(tile.convert(mode), box)
    return converted


def _factor_to_bytes(image: Image.Image) -> float:
    """Return what brings the values of a 16-bit or float image to [0, 255]."""
    most = 0.0
    for box in tiles(image.size):
        values = np.nan_to_num(np.asarray(image.crop(box), dtype=np.float32))
        most = max(most, float(values.max(initial=0.0)))
    if most > 255.0:
        return 255.0 / 65535.0
    return 255.0 if image.mode == "F" and most <= 1.0 else 1.0


def pixels_of(image: Image.Image) -> np.ndarray:
    """Return an 8-bit image as `(H, W, C)` uint8."""
    shape = (image.height, image.width, len(image.getbands()))
    if image.width * image.height <= _TILE:
        return np.asarray(image).reshape(shape)
    pixels = np.empty(shape, np.uint8)
    for left, top, right, bottom in tiles(image.size):
        tile = np.asarray(image.crop((left, top, right, bottom)))
        pixels[top:bottom, left:right] = tile.reshape(bottom - top, right - left, -1)
    return pixels
