"""One image after one epoch: what the network thinks of it, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.plots.overlay import overlaid
from app.plots.responses import Strip, draw_strips
from app.plots.sheet import GAP, MARGIN, NOTE_COLOUR, Sheet, line_height, shown_size
from app.plots.style import BLUE, PIXELS_WIDE, styled
from app.plots.text import cut_to

_IMAGE_WIDTH, _BAR_WIDTH, _MOST_CLASSES = 260, 260, 10


@styled()
def watched_epoch(
    image: np.ndarray,
    heat: np.ndarray | None,
    heat_label: str,
    probabilities: Sequence[tuple[str, float]],
    strips: Sequence[Strip],
    *,
    title: str,
) -> Figure:
    """Draw an image, its heat map, its probabilities, and response maps below.

    Args:
        image: `(H, W, C)` uint8.
        heat: `(H, W)` ≥ 0, or `None` if there is none.
        heat_label: Below the heat map.
        probabilities: Of each class, in a fixed order; the first ten are shown.
        strips: Response maps, of the same layers after every epoch.
        title: Says what is seen.
    """
    sheet = Sheet(title)
    wide, tall = shown_size(_IMAGE_WIDTH, image.shape)
    sheet.image(image, MARGIN, sheet.y, wide, tall)
    x: float = MARGIN + wide + 2 * GAP
    if heat is not None:
        sheet.image(overlaid(image, heat), x, sheet.y, wide, tall)
        sheet.text(x, sheet.y + tall + 4, heat_label, color=NOTE_COLOUR)
        x += wide + 2 * GAP
    names_width = PIXELS_WIDE - MARGIN - _BAR_WIDTH - 70 - x
    for number, (name, probability) in enumerate(probabilities[:_MOST_CLASSES]):
        y = sheet.y + number * line_height(10)
        sheet.text(x, y, cut_to(name, names_width - GAP, 10))
        bar = Rectangle((x + names_width, y + 5), _BAR_WIDTH * probability, 14, color=BLUE)
        sheet.axes.add_patch(bar)
        sheet.text(PIXELS_WIDE - MARGIN, y, f"{probability:.0%}", ha="right")
    rows = min(len(probabilities), _MOST_CLASSES) * line_height(10)
    sheet.y += max(tall + line_height(10), rows) + 2 * GAP
    draw_strips(sheet, strips)
    return sheet.finish(sheet.y - GAP)
