"""Animated GIFs of figures."""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib.figure import Figure
from PIL import Image

from app.figures.canvas.style import PIXELS_WIDE, WIDTH, styled

_COLORS = 128


@styled()
def frame_of(figure: Figure, width: int) -> Image.Image:
    """Return a figure as an image `width` pixels wide."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=PIXELS_WIDE / WIDTH)
    with Image.open(buffer) as image:
        return resized(image.convert("RGB"), width)


def encode_animation(frames: Sequence[Image.Image], *, milliseconds: int, last: int) -> bytes:
    """Return frames of one size as a GIF that repeats.

    Args:
        frames: At least one frame.
        milliseconds: Duration of each frame.
        last: Duration of the last frame, in milliseconds.
    """
    first, *others = [frame.quantize(_COLORS) for frame in frames]
    durations = [milliseconds] * len(others) + [last]
    buffer = io.BytesIO()
    first.save(
        buffer, format="GIF", save_all=True, append_images=others, duration=durations, loop=0
    )
    return buffer.getvalue()


def resized(image: Image.Image, width: int) -> Image.Image:
    """Return an image scaled to a width."""
    height = round(image.height * width / image.width)
    return image.resize((width, height), Image.Resampling.LANCZOS)
