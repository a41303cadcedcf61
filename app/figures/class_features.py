"""What several networks see in the same classes: gradients and visualizations, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from app.figures.canvas.image_table import ImageRow, table_of_images
from app.figures.canvas.overlay import heat_scale


@dataclass(frozen=True)
class ClassFeatures:
    """What one network sees in K classes.

    Attributes:
        gradients: `(K, H, W)`, of the class's logit by the pixels of its image.
        visualizations: `(K, H, W, C)` uint8, images that maximize the logits.
    """

    gradients: np.ndarray
    visualizations: np.ndarray


def class_features(
    images: Sequence[np.ndarray],
    networks: Mapping[str, ClassFeatures],
    class_names: Sequence[str],
    *,
    title: str,
    note: str,
) -> Figure:
    """Draw an image of each class, the gradients of all networks, and their visualizations.

    Args:
        images: One image `(H, W, C)` uint8 of each class.
        networks: Features by the name of the network.
        class_names: Names of the classes.
        title: Title of the figure.
        note: Note in small print below the title.
    """
    gradients = [
        ImageRow([_colored(one) for one in found.gradients], f"gradient\n{name}")
        for name, found in networks.items()
    ]
    visualizations = [
        ImageRow(list(found.visualizations), f"visualization\n{name}")
        for name, found in networks.items()
    ]
    rows = [ImageRow(list(images), "image"), *gradients, *visualizations]
    return table_of_images(rows, class_names, title=title, note=note)


def _colored(gradient: np.ndarray) -> np.ndarray:
    """Return a gradient `(H, W)` as `(H, W, 3)` uint8: red above zero, blue below."""
    scale = heat_scale(gradient)
    if scale is None:
        return np.full((*gradient.shape, 3), 255, np.uint8)
    return np.asarray((255 * scale.to_rgba(gradient)[..., :3]).round(), np.uint8)
