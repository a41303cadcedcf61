"""Images and frames on an axes in pixels of the sheet, from its upper left corner."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from app.figures.canvas.style import PIXELS_WIDE, VERMILLION, WIDTH

Box = tuple[float, float, float, float]  # x, y, width, height

POINT = PIXELS_WIDE / WIDTH / 72
# Smaller images are drawn with sharp pixels, because interpolation would blur them.
CRISP_SIDE = 64


def show_image(axes: Axes, image: np.ndarray, box: Box) -> None:
    """Draw `uint8 (H, W)`, `(H, W, 1)` or `(H, W, 3)` into a box."""
    x, y, wide, tall = box
    draw_pixels(axes, image, aspect="auto", extent=(x, x + wide, y + tall, y))


def draw_pixels(axes: Axes, image: np.ndarray, **where: Any) -> None:
    """Draw `uint8 (H, W)`, `(H, W, 1)` or `(H, W, 3)`; `where` goes to `imshow`."""
    axes.imshow(
        image[:, :, 0] if image.ndim == 3 and image.shape[2] == 1 else image,
        cmap="gray",
        vmin=0,
        vmax=255,
        interpolation="nearest" if max(image.shape[:2]) < CRISP_SIDE else "antialiased",
        **where,
    )


def frame_image(axes: Axes, box: Box) -> None:
    """Draw a thick frame around an image: a mark that does not rely on color alone."""
    x, y, wide, tall = box
    axes.add_patch(
        Rectangle(
            (x - 3, y - 3),
            wide + 6,
            tall + 6,
            fill=False,
            edgecolor=VERMILLION,
            linewidth=4 / POINT,
        )
    )
