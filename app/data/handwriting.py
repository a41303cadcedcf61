"""The MNIST recipe: from a photograph or drawing of a digit to what MNIST's makers fed.

Ink bright on dark; its longer side 20 pixels; its centre of mass in the middle of 28×28. Without
it, drawn digits are misread, however good the network.

Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits, 1998.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from app.config import DIGIT_DATASETS
from app.data.decoding import load_reduced, squash

SIDE, INK_SIDE = 28, 20
# Ink is what rises this share of the way from the paper to the brightest stroke: below it lie
# shadows on the paper and the noise of a camera.
_INK_SHARE = 0.2
_WIDEST_STROKE = 1 / 3  # of the image's longer side
# A scan of a whole page holds no more digit than this, only more pixels.
_PAGE_SIDE = 1024


def reads_digits(dataset: str, channels: int) -> bool:
    """Return whether a model of this dataset is to be shown digits as MNIST would hold them."""
    return dataset in DIGIT_DATASETS and channels == 1


def load_digit(source: Path | bytes, size: tuple[int, int] = (SIDE, SIDE)) -> np.ndarray:
    """Decode an image file, or the bytes of one, and return its digit as `center_digit` does.

    Args:
        source: A file or the bytes of one.
        size: `(height, width)` in pixels that a model was trained on.

    Returns:
        `(H, W, 1)` uint8.

    Raises:
        UndecodableImage: As `app.data.decoding.load_image`.
    """
    return squash(center_digit(load_reduced(source, _PAGE_SIDE, 1)), size, 1)


def _without_shade(ink: np.ndarray) -> np.ndarray:
    """Return ink `(H, W)` less the shade that lies on paper in uneven light.

    Shade is what is left when everything narrower than a stroke can be is taken away: a
    morphological opening.
    """
    side = max(3, round(_WIDEST_STROKE * max(ink.shape)))
    # Going on beyond the edge, where a shade that grows towards it would be cut off otherwise.
    wide = np.pad(ink, side, mode="edge")
    shade = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    return ink - shade[side:-side, side:-side]


def center_digit(image: np.ndarray) -> np.ndarray:
    """Return the digit of an image as MNIST would hold it.

    Args:
        image: `(H, W, 1)` uint8 grey; dark on bright is inverted, by the brightness of its border.

    Returns:
        `(28, 28, 1)` uint8, bright ink on black; all black if there is no ink.
    """
    grey = image[..., 0].astype(np.float32)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    paper = float(np.median(border))
    if paper > 127.5:
        grey, paper = 255.0 - grey, 255.0 - paper
    ink = _without_shade(np.clip(grey - paper, 0.0, None))
    top = float(ink.max())
    if top < 1.0:
        return np.zeros((SIDE, SIDE, 1), np.uint8)
    rows, columns = np.nonzero(ink > _INK_SHARE * top)
    box = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    box = box * (255.0 / top)

    scale = INK_SIDE / max(box.shape)
    height, width = (max(1, round(side * scale)) for side in box.shape)
    small = Image.fromarray(box.astype(np.uint8)).resize((width, height), Image.Resampling.BILINEAR)
    pixels = np.asarray(small, dtype=np.float32)  # (height, width)
    mass = pixels.sum()
    if mass == 0:  # a few specks far apart, which the reduced picture no longer has
        return np.zeros((SIDE, SIDE, 1), np.uint8)
    center_y = float((pixels.sum(axis=1) * np.arange(height)).sum() / mass)
    center_x = float((pixels.sum(axis=0) * np.arange(width)).sum() / mass)
    # The middle of 28 pixels lies between the 14th and the 15th: MNIST's own digits centre on 14.
    top_row = int(np.clip(round(SIDE / 2 - center_y), 0, SIDE - height))
    left = int(np.clip(round(SIDE / 2 - center_x), 0, SIDE - width))
    canvas = np.zeros((SIDE, SIDE, 1), np.uint8)
    canvas[top_row : top_row + height, left : left + width, 0] = pixels
    return canvas
