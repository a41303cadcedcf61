"""A figure with manual layout: images and text on one axes that covers it.

All lengths are in pixels of the saved figure, from its upper left corner. Many small axes would
take seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.figures.canvas.pixels import CRISP_SIDE, POINT, Box, frame_image, show_image
from app.figures.canvas.style import INK, PIXELS_WIDE, SIGNED, WIDTH
from app.figures.canvas.text import wrap

MARGIN, GAP = 24, 14
TITLE_SIZE, NOTE_SIZE, LABEL_SIZE = 13, 10, 10
LABEL_SIZES = range(LABEL_SIZE, 3, -1)  # sizes to try, largest first
NOTE_COLOR = "#555555"
MAX_CELL = 300
_LINE_HEIGHT = 1.35
LINE_WIDTH = PIXELS_WIDE - 2 * MARGIN
_BAR_HEIGHT = 14


class Sheet:
    """A figure with a title and small print; `y` is the top of the free space below.

    Args:
        title: Title of the figure.
        note: Note in small print below the title; may be empty.
    """

    def __init__(self, title: str, note: str = ""):
        self.figure = Figure()
        self.figure.set_layout_engine("none")
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.y: float = MARGIN
        for line in wrap(title, LINE_WIDTH, TITLE_SIZE, bold=True):
            self.text(MARGIN, self.y, line, size=TITLE_SIZE, weight="bold")
            self.y += line_height(TITLE_SIZE)
        for line in wrap(note, LINE_WIDTH, NOTE_SIZE) if note else ():
            self.text(MARGIN, self.y + 2, line, size=NOTE_SIZE, color=NOTE_COLOR)
            self.y += line_height(NOTE_SIZE)
        self.y += 14

    def image(self, image: np.ndarray, box: Box, *, framed: bool = False) -> None:
        """Draw `uint8 (H, W, C)` or `(H, W)` into a box."""
        show_image(self.axes, image, box)
        if framed:
            frame_image(self.axes, box)

    def signed_map(self, values: np.ndarray, limit: float, box: Box) -> None:
        """Draw `(H, W)` values from −limit (blue) over zero (white) to limit (red)."""
        x, y, wide, tall = box
        self.axes.imshow(
            values,
            cmap=SIGNED,
            vmin=-limit,
            vmax=limit,
            interpolation="nearest" if max(values.shape) < CRISP_SIDE else "antialiased",
            aspect="auto",
            extent=(x, x + wide, y + tall, y),
        )
        self.outline(box)

    def outline(self, box: Box, color: str = "#BBBBBB", width: float = 1) -> None:
        """Draw the edge of a box, `width` pixels thick."""
        x, y, wide, tall = box
        self.axes.add_patch(
            Rectangle((x, y), wide, tall, fill=False, edgecolor=color, linewidth=width / POINT)
        )

    def signed_bar(self, limit: float, label: str, x: float, y: float, wide: float) -> None:
        """Draw the scale of `signed_map`, with its label above and values below."""
        self.text(x, y, label, size=9)
        y += line_height(9)
        values = np.linspace(-limit, limit, 256)[np.newaxis]
        self.signed_map(values, limit, (x, y, wide, _BAR_HEIGHT))
        for share, value in ((0.0, -limit), (0.5, 0.0), (1.0, limit)):
            text = f"{value:.3g}".replace("-", "−")
            self.text(x + share * wide, y + _BAR_HEIGHT + 3, text, size=9, ha=_ANCHORS[share])

    def text(self, x: float, y: float, text: str, **style: Any) -> None:
        """Write one line with its upper edge at `y`."""
        style = {"size": LABEL_SIZE, "color": INK, "va": "top", **style}
        self.axes.text(x, y, text, **style)

    def finish(self, bottom: float) -> Figure:
        """Return the figure, which ends below `bottom`."""
        height = bottom + MARGIN
        self.figure.set_size_inches(WIDTH, height * WIDTH / PIXELS_WIDE)
        # Last, since every image moves the limits.
        self.axes.set(xlim=(0, PIXELS_WIDE), ylim=(height, 0))
        return self.figure


_ANCHORS = {0.0: "left", 0.5: "center", 1.0: "right"}
SIGNED_BAR_HEIGHT = 58  # with label and values


def cell_size(columns: int, width: float, shape: Sequence[int]) -> tuple[int, int]:
    """Return the (width, height) of images of a shape, with `columns` of them in `width`."""
    wide = int((width - (columns - 1) * GAP) // columns)
    return shown_size(max(1, min(MAX_CELL, wide)), shape)


def shown_size(wide: int, shape: Sequence[int]) -> tuple[int, int]:
    """Return the (width, height) of an image `(H, W, …)`, at most `wide`."""
    rows, across = shape[:2]
    if max(rows, across) < CRISP_SIDE and wide > across:
        wide -= wide % across  # each pixel becomes a whole number of screen pixels
    return wide, max(1, round(wide * rows / across))


def line_height(size: int) -> int:
    """Return the height of a line of text."""
    return round(size * POINT * _LINE_HEIGHT)
