"""Writing figures and animations to files, completely or not at all."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from app.errors import AppError
from app.figures.canvas.animation import encode_animation, resized
from app.figures.canvas.style import FORMATS, Figure, encode
from app.files import atomic_file


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, JPEG, WebP, SVG or PDF, depending on the extension of `path`.

    Raises:
        AppError: If the extension is unknown, or the file cannot be written.
    """
    extension = path.suffix.lower()
    if extension not in FORMATS:
        raise AppError(
            f"Cannot save a figure as '{path}': "
            f"{f'unknown extension {extension!r}' if extension else 'it has no extension'}.",
            f"Expected a name that ends in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.",
            f"Example: -o {shlex.quote(str(path.with_suffix('.png')))}",
        )
    with atomic_file(path) as temporary:
        temporary.write_bytes(encode(figure, extension))


def save_animation(
    frames: Sequence[Image.Image], path: Path, *, milliseconds: int, last: int = 3000
) -> None:
    """Write frames of one size as a GIF that repeats.

    Args:
        frames: At least one frame.
        path: File to write.
        milliseconds: Duration of each frame.
        last: Duration of the last frame, in milliseconds.

    Raises:
        AppError: If the file cannot be written.
    """
    with atomic_file(path) as temporary:
        temporary.write_bytes(encode_animation(frames, milliseconds=milliseconds, last=last))


def read_frame(path: Path, width: int) -> Image.Image:
    """Return an image file as a frame `width` pixels wide."""
    with Image.open(path) as image:
        return resized(image.convert("RGB"), width)
