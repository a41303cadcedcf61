"""A strip of example images, in groups below their captions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from app.figures.canvas.pixels import draw_pixels

_GAP = 0.6  # between groups, in images
_FEWEST = 6.0  # images are never larger than a sixth of the strip


def draw_strip(axes: Axes, images: Mapping[str, Sequence[np.ndarray]]) -> None:
    """Draw images side by side.

    Args:
        axes: Axes for the strip alone.
        images: Square images `(H, W, C)` uint8 by caption, which must not be wider than they are.
    """
    place = 0.0
    for caption, row in images.items():
        axes.text(place, 1.06, caption, va="bottom", fontsize=9)
        for image in row:
            draw_pixels(axes, image, extent=(place, place + 0.95, 0, 0.95))
            place += 1.0
        place += _GAP
    axes.set(xlim=(0, max(place - _GAP, _FEWEST)), ylim=(0, 1.3))
    axes.set_axis_off()
