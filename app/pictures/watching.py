"""One image during training, as a figure that has the same size after every epoch."""

from __future__ import annotations

import numpy as np

from app.errors import AppError
from app.insight.grad_cam import grad_cam
from app.insight.opened_model import OpenedModel
from app.insight.responses import response_maps
from app.pictures.responses import some_of, strip_of
from app.plots.responses import STRIP_MAPS
from app.plots.style import Figure
from app.plots.watching import watched_epoch

_MOST_LAYERS = 6


def watched_figure(model: OpenedModel, image: np.ndarray, *, title: str) -> Figure:
    """Draw an image, Grad-CAM of the most probable class, probabilities, and response maps.

    Args:
        model: The network as it is now.
        image: `(H, W, C)` uint8, of the model's size.
        title: Says what is seen.
    """
    probabilities = model.probabilities(image[np.newaxis])[0]
    best = int(probabilities.argmax())
    try:
        heat = grad_cam(model, image, best)
    except AppError:  # a dense network
        heat = None
    layers = some_of(response_maps(model, image), _MOST_LAYERS)
    # The same maps after every epoch, so that they can be followed.
    strips = [
        strip_of(found, np.arange(len(found.maps))[:STRIP_MAPS], model.image_size)
        for found in layers
    ]
    return watched_epoch(
        image,
        heat,
        f"Grad-CAM of '{model.class_names[best]}'",
        list(zip(model.class_names, probabilities.tolist(), strict=True)),
        strips,
        title=title,
    )
