"""Figures one after another, as an animated GIF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

from app.files import atomic_file
from app.plots.style import PIXELS_WIDE, WIDTH, styled

_COLOURS = 128


@styled()
def frame_of(figure: Figure, width: int) -> Image.Image:
    """Return a figure as an image `width` pixels wide."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=PIXELS_WIDE / WIDTH)
    with Image.open(buffer) as picture:
        return _narrowed(picture.convert("RGB"), width)


def frame_from(path: Path, width: int) -> Image.Image:
    """Return a picture file as an image `width` pixels wide."""
    with Image.open(path) as picture:
        return _narrowed(picture.convert("RGB"), width)


def write_animation(
    frames: Sequence[Image.Image], path: Path, *, milliseconds: int, last: int = 3000
) -> None:
    """Write frames of one size as a GIF that repeats, whole or not at all.

    Args:
        frames: At least one.
        path: The file.
        milliseconds: How long each is shown.
        last: How long the last is shown.

    Raises:
        AppError: If the file cannot be written.
    """
    few = [frame.quantize(_COLOURS) for frame in frames]
    times = [milliseconds] * (len(few) - 1) + [last]
    with atomic_file(path) as temporary:
        few[0].save(
            temporary, format="GIF", save_all=True, append_images=few[1:], duration=times, loop=0
        )


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    height = round(image.height * width / image.width)
    return image.resize((width, height), Image.Resampling.LANCZOS)
