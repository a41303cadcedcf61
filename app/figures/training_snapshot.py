"""A network during training, shown by one image; the figure has one size in all epochs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.classifier.inspected_model import InspectedModel
from app.errors import AppError
from app.figures.canvas.overlay import overlaid
from app.figures.canvas.sheet import GAP, MARGIN, NOTE_COLOR, Sheet, line_height, shown_size
from app.figures.canvas.style import BLUE, PIXELS_WIDE, styled
from app.figures.canvas.text import cut_to
from app.figures.response_strips import STRIP_MAPS, Strip, draw_strips, spread_layers, strip_of
from app.insight.activations import response_maps
from app.insight.grad_cam import grad_cam

_IMAGE_WIDTH, _BAR_WIDTH, _MOST_CLASSES, _MOST_LAYERS = 260, 260, 10, 6


def training_snapshot(model: InspectedModel, image: np.ndarray, *, title: str) -> Figure:
    """Draw an image, Grad-CAM of the most probable class, probabilities, and response maps.

    Args:
        model: Model in its current state.
        image: `(H, W, C)` uint8 of the model's size.
        title: Title of the figure.
    """
    probabilities = model.values(image[np.newaxis])[0]
    best = int(probabilities.argmax())
    try:
        heat = grad_cam(model, image, best), f"Grad-CAM of '{model.class_names[best]}'"
    except AppError:  # a dense network
        heat = None
    # The first maps, not the strongest: they are the same maps after every epoch.
    strips = [
        strip_of(responses, np.arange(len(responses.maps))[:STRIP_MAPS], model.image_size)
        for responses in spread_layers(response_maps(model, image), _MOST_LAYERS)
    ]
    return snapshot_sheet(
        image,
        heat,
        list(zip(model.class_names, probabilities.tolist(), strict=True)),
        strips,
        title=title,
    )


@styled()
def snapshot_sheet(
    image: np.ndarray,
    heat: tuple[np.ndarray, str] | None,
    probabilities: Sequence[tuple[str, float]],
    strips: Sequence[Strip],
    *,
    title: str,
) -> Figure:
    """Draw an image, its heat map and its probabilities, and response maps below.

    Args:
        image: `(H, W, C)` uint8.
        heat: Heat map `(H, W)` ≥ 0 and its label, or `None`.
        probabilities: Classes with their probabilities; the first ten are shown.
        strips: Response maps of the same layers after every epoch.
        title: Title of the figure.
    """
    sheet = Sheet(title)
    wide, tall = shown_size(_IMAGE_WIDTH, image.shape)
    sheet.image(image, (MARGIN, sheet.y, wide, tall))
    x: float = MARGIN + wide + 2 * GAP
    if heat is not None:
        values, label = heat
        sheet.image(overlaid(image, values), (x, sheet.y, wide, tall))
        sheet.text(x, sheet.y + tall + 4, label, color=NOTE_COLOR)
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
