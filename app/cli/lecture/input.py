"""Input of the topics: sizes as they are typed, and images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import AppError

if TYPE_CHECKING:
    import numpy as np

_LARGEST_SIDE = 400  # pixels


def parse_volume(text: str) -> tuple[int, int, int]:
    """Return (width, height, depth) of `227x227x3`.

    Raises:
        AppError: If the text is anything else.
    """
    width, height, depth = _parse(text, 3, "width, height and depth, such as 227x227x3")
    return width, height, depth


def parse_area(text: str) -> tuple[int, int]:
    """Return (width, height) of `5x5`.

    Raises:
        AppError: If the text is anything else.
    """
    width, height = _parse(text, 2, "width and height, such as 5x5")
    return width, height


def _parse(text: str, count: int, expected: str) -> list[int]:
    try:
        numbers = [int(number) for number in text.lower().replace("×", "x").split("x")]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise AppError(f"--input '{text}'.", f"Expected {expected}.")
    return numbers


def load_picture(name: str, channels: int = 3) -> np.ndarray:
    """Return `(H, W, C)` uint8, reduced to at most 400 pixels along its longer side.

    Args:
        name: Name of the file.
        channels: 1 for gray, 3 for RGB; an image without colors has one channel.

    Raises:
        AppError: If the file is missing or cannot be decoded.
    """
    from app.data.decoding import UndecodableImage, load_reduced

    try:
        image = load_reduced(Path(name), _LARGEST_SIDE, channels)
    except UndecodableImage as error:
        raise AppError(
            f"'{name}' cannot be used: {error}.", "Expected an image file such as a JPEG or PNG."
        ) from None
    return image[:, :, :1] if (image == image[:, :, :1]).all() else image
