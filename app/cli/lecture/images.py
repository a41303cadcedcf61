"""Images that topics look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import AppError

if TYPE_CHECKING:
    import numpy as np

_LARGEST_SIDE = 400  # pixels


def load_picture(name: str, channels: int = 3) -> np.ndarray:
    """Return `(H, W, C)` uint8, reduced to at most 400 pixels along its longer side.

    Args:
        name: Of the file.
        channels: 1 for grey; of 3, one is left if the image has no colours.

    Raises:
        AppError: If it is missing or cannot be decoded.
    """
    from app.data.decoding import UndecodableImage, load_reduced

    try:
        image = load_reduced(Path(name), _LARGEST_SIDE, channels)
    except UndecodableImage as error:
        raise AppError(
            f"'{name}' cannot be used: {error}.", "Expected an image file such as a JPEG or PNG."
        ) from None
    return image[:, :, :1] if (image == image[:, :, :1]).all() else image
