"""Conversion of a photograph, scan or drawing of digits to the format of MNIST.

Ink bright on dark; its longer side 20 pixels; strokes of MNIST's width; its center of mass in the
middle of 28×28. Without it, drawn digits are misread, however good the network.

Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits, 1998.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from app.data.decoding import UndecodableImage, load_reduced, longer_side, resized
from app.data.mnist_style.ink import map_ink, stroke_width
from app.data.mnist_style.regions import Region, find_digits
from app.data.registry import source_of
from app.data.shards.packed import ImageFile

SIDE, INK_SIDE = 28, 20
# A scan of a whole page holds no more digit than this, only more pixels.
_PAGE_SIDE = 1024
# Width of a stroke in pixels of the 20 that a digit is high. MNIST's own are left as they are.
_THINNEST, _THICKEST, _USUAL = 1.3, 4.6, 2.4
_STROKE_SIDE = 160  # pixels of a digit's longer side while its strokes are changed


class Box(NamedTuple):
    """Place of a digit in pixels: its upper left corner and its size."""

    x: int
    y: int
    width: int
    height: int


class Digit(NamedTuple):
    """A digit found on a page.

    Attributes:
        pixels: `(28, 28, 1)` uint8, bright ink on black.
        box: Place of the digit in the image.
    """

    pixels: np.ndarray
    box: Box


def reads_digits(dataset: str, channels: int) -> bool:
    """Return whether a model of this dataset is to be shown digits as MNIST would hold them."""
    return source_of(dataset).mnist_style and channels == 1


def load_page(source: ImageFile | bytes, size: tuple[int, int] = (SIDE, SIDE)) -> list[Digit]:
    """Decode an image file, or the bytes of one, and return its digits.

    Args:
        source: A file or the bytes of one.
        size: `(height, width)` in pixels that a model was trained on.

    Returns:
        Digits of that size, the largest first; their boxes are in pixels of the upright image.

    Raises:
        UndecodableImage: As `app.data.decoding.load_image`, or if there is no digit.
    """
    page = load_reduced(source, _PAGE_SIDE, 4)
    digits = read_page(page)
    scale = 1.0
    if max(page.shape) == _PAGE_SIDE:
        scale = longer_side(source) / _PAGE_SIDE
    return [
        Digit(resized(digit.pixels, size, 1), Box(*(round(scale * value) for value in digit.box)))
        for digit in digits
    ]


def load_digit(source: ImageFile | bytes, size: tuple[int, int] = (SIDE, SIDE)) -> np.ndarray:
    """Return the pixels `(H, W, 1)` of the largest of `load_page`."""
    return load_page(source, size)[0].pixels


def in_reading_order(digits: Sequence[Digit]) -> list[Digit]:
    """Return digits line by line from the top, each line from the left."""
    lines: list[list[Digit]] = []
    for digit in sorted(digits, key=lambda digit: digit.box.y + digit.box.height / 2):
        middle = digit.box.y + digit.box.height / 2
        # The line's latest digit decides, since lines slope.
        if lines and middle < max(d.box.y + d.box.height for d in lines[-1][-2:]):
            lines[-1].append(digit)
        else:
            lines.append([digit])
    return [digit for line in lines for digit in sorted(line, key=lambda digit: digit.box.x)]


def read_page(page: np.ndarray) -> list[Digit]:
    """Return the digits of a page, the largest first.

    Args:
        page: `(H, W, C)` uint8 gray, RGB or RGBA; dark on bright or bright on dark.

    Raises:
        UndecodableImage: If there is none.
    """
    inked = map_ink(page)
    regions = find_digits(inked)
    if not regions:
        raise UndecodableImage("no digit found: the page is empty or holds only lines and specks")
    return [
        Digit(_normalize(inked.ink, region), Box(region.x, region.y, region.width, region.height))
        for region in regions
    ]


def center_digit(image: np.ndarray) -> np.ndarray:
    """Return the largest digit of an image as MNIST would hold it.

    Args:
        image: `(H, W, 1)` uint8 gray.

    Returns:
        `(28, 28, 1)` uint8, bright ink on black.

    Raises:
        UndecodableImage: If there is none.
    """
    return read_page(image)[0].pixels


def _normalize(ink: np.ndarray, region: Region) -> np.ndarray:
    """Return a digit `(28, 28, 1)` in MNIST's size, stroke width and place."""
    window = ink[region.y : region.y + region.height, region.x : region.x + region.width]
    box = np.where(region.mask, window, 0)
    top = float(np.percentile(box[region.mask], 99))
    box = np.minimum(box * (255.0 / top), 255.0)
    box = _with_mnist_stroke_width(box)
    scale = INK_SIDE / max(box.shape)
    height, width = (max(1, round(side * scale)) for side in box.shape)
    small = Image.fromarray(box.astype(np.uint8)).resize((width, height), Image.Resampling.BILINEAR)
    pixels = np.asarray(small, dtype=np.float32)  # (height, width)
    mass = max(float(pixels.sum()), 1.0)
    center_y = float((pixels.sum(axis=1) * np.arange(height)).sum() / mass)
    center_x = float((pixels.sum(axis=0) * np.arange(width)).sum() / mass)
    # The middle of 28 pixels lies between the 14th and the 15th: MNIST's own digits center on 14.
    top_row = int(np.clip(round(SIDE / 2 - center_y), 0, SIDE - height))
    left = int(np.clip(round(SIDE / 2 - center_x), 0, SIDE - width))
    canvas = np.zeros((SIDE, SIDE, 1), np.uint8)
    canvas[top_row : top_row + height, left : left + width, 0] = pixels
    return canvas


def _with_mnist_stroke_width(box: np.ndarray) -> np.ndarray:
    """Thicken strokes that would vanish when the digit is reduced, thin those that would merge."""
    width = stroke_width(box > 127) * INK_SIDE / max(box.shape)
    if _THINNEST <= width <= _THICKEST:
        return box
    scale = _STROKE_SIDE / max(box.shape)
    size = tuple(max(1, round(side * scale)) for side in box.shape[::-1])
    shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    box = cv2.resize(box.astype(np.float32), size, interpolation=shrinks)
    wanted = _USUAL if width < _THINNEST else _THICKEST - 0.6
    change = round(abs(wanted - width) * _STROKE_SIDE / INK_SIDE)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (change + 1, change + 1))
    if width > _THICKEST:
        return cv2.erode(box, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    margin = change // 2 + 1
    box = np.pad(box, margin)
    return cv2.dilate(box / max(float(box.max()), 1.0) * 255.0, kernel)
