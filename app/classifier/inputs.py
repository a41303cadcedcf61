"""From an image to what a network gets."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from app.classifier.image_sources import image_source
from app.data.decoding import UndecodableImage, load_image
from app.data.fitting import SQUASH
from app.data.mnist_style.normalize import Box, in_reading_order, load_page
from app.data.shards.packed import ImageFile
from app.errors import AppError


class Input(NamedTuple):
    """One input of a network, and where it was in the image.

    Attributes:
        pixels: `(H, W, C)` uint8.
        box: Place of a digit, in pixels of the upright image.
        digits_found: Number of digits in the image.
        number: Place of the digit in reading order, from 1, if all digits were read; else 0.
    """

    pixels: np.ndarray
    box: Box | None = None
    digits_found: int = 0
    number: int = 0


def digit_inputs(
    source: ImageFile | bytes, size: tuple[int, int], *, all_digits: bool = False
) -> list[Input]:
    """Return the largest digit of an image, or all digits in reading order.

    Args:
        source: File or the bytes of one.
        size: `(height, width)` in pixels.
        all_digits: Whether all digits are returned.

    Raises:
        UndecodableImage: If it cannot be decoded, or there is no digit.
    """
    digits = load_page(source, size)
    if not all_digits:
        return [Input(*digits[0], len(digits))]
    return [
        Input(*digit, len(digits), number)
        for number, digit in enumerate(in_reading_order(digits), start=1)
    ]


def load_input(
    image: Any,
    size: tuple[int, int],
    channels: int,
    *,
    fit: str = SQUASH,
    mnist_style: bool = False,
) -> np.ndarray:
    """Return an image as a network sees it, `(H, W, C)` uint8.

    Args:
        image: Path, bytes of an image file, file object, Pillow image or uint8 pixels `(H, W)`,
            `(H, W, 1)`, `(H, W, 3)` or `(H, W, 4)`.
        size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for gray.
        fit: Rule of `app.data.fitting` for another aspect ratio.
        mnist_style: Whether the image shows a digit, which is converted to the format of MNIST.

    Raises:
        AppError: If it is missing, something else, or cannot be decoded.
    """
    source = image_source(image)
    try:
        if mnist_style:
            return digit_inputs(source, size)[0].pixels
        return load_image(source, size, channels, fit=fit)
    except UndecodableImage as error:
        what = "The image" if isinstance(source, bytes) else f"'{source}'"
        raise AppError(
            f"{what} cannot be used: {error}.",
            "Expected an image file such as a JPEG or PNG"
            + (" that shows a digit." if mnist_style else "."),
        ) from None
