"""Heat maps over images: the larger the value, the more opaque."""

from __future__ import annotations

import cv2
import matplotlib
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from app.figures.canvas.style import SIGNED

_HEAT = "inferno"
_LEAST_OPACITY, _MOST_OPACITY = 0.1, 0.9
_FADED = 0.55  # darkness of the darkest pixels below the heat map
_SHOWN_SHARE = 0.998  # quantile at which the scale ends: outliers would darken the rest


def heat_scale(heat: np.ndarray) -> ScalarMappable | None:
    """Return the color scale of a heat map, symmetric with signs; `None` if all is zero."""
    sizes = np.abs(heat)
    top = float(np.quantile(sizes, _SHOWN_SHARE)) or float(sizes.max())
    if top == 0:
        return None
    signed = bool((heat < 0).any())
    return ScalarMappable(
        Normalize(-top if signed else 0.0, top), matplotlib.colormaps[SIGNED if signed else _HEAT]
    )


def overlaid(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Return `(H, W, 3)` uint8: a faded image with a heat map over it.

    Args:
        image: `(H, W, C)` uint8.
        heat: `(H', W')` heat map; cells of a coarse one stay visible.
    """
    height, width = image.shape[:2]
    gray = image.astype(np.float32).mean(axis=-1, keepdims=True).repeat(3, axis=-1)
    faded = 255 - _FADED * (255 - gray)
    scale = heat_scale(heat)
    if scale is None:
        return faded.round().astype(np.uint8)
    values = cv2.resize(heat.astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST)
    colors = 255 * scale.to_rgba(values)[..., :3]
    share = np.minimum(np.abs(values) / scale.get_clim()[1], 1.0)[..., np.newaxis]
    opacity = _LEAST_OPACITY + (_MOST_OPACITY - _LEAST_OPACITY) * share
    return np.asarray((faded * (1 - opacity) + colors * opacity).round(), np.uint8)
