"""Grad-CAM: regions of an image that support a class, in the last convolutional layer."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from keras import ops

from app.classifier.hooks import LayerInfo, hooked
from app.classifier.inspected_model import InspectedModel
from app.insight.gradients import value_and_gradient


def grad_cam(
    model: InspectedModel,
    image: np.ndarray,
    class_index: int | None = None,
    layer: str | None = None,
    *,
    full_size: bool = True,
) -> np.ndarray:
    """Return how much each region of an image supports a class.

    Each map of the layer is weighted by the mean gradient of the class's score; negative evidence
    is left out.

    Args:
        model: Model to explain.
        image: `(H, W, C)` uint8 of the model's size.
        class_index: Class to explain; by default the most probable one.
        layer: Path of a layer with the output `(B, H', W', F)`; by default the last one before
            pooling.
        full_size: Whether the map is enlarged to the image's size.

    Returns:
        `(H, W)` or `(H', W')` float32 ≥ 0, unnormalized. All zero if nothing supports the class.

    Raises:
        AppError: If the layer is unknown or has no spatial axes.

    Source: Selvaraju et al., Grad-CAM, 2017.
    """
    info = model.last_conv_layer if layer is None else model.spatial_layer(layer)
    if class_index is None:
        class_index = model.class_index(None, image)
    maps, gradient = maps_and_gradient(model, image[np.newaxis], class_index, info)
    weights = gradient.mean(axis=(1, 2), keepdims=True)  # (1, 1, 1, F)
    heat = np.maximum((weights * maps).sum(axis=-1)[0], 0.0)  # (H', W')
    return enlarge(heat, image.shape[:2]) if full_size else heat


def maps_and_gradient(
    model: InspectedModel, images: np.ndarray, class_index: int, info: LayerInfo
) -> tuple[np.ndarray, np.ndarray]:
    """Return a layer's maps `(B, H', W', F)` and the gradient of a class's score by them."""
    score = model.score_of(class_index)

    def function(change: Any) -> tuple[Any, Any]:
        held: list[Any] = []

        def shift(_: str, outputs: Any) -> Any:
            held.append(outputs)
            if len(held) < info.uses:
                return outputs
            return outputs + ops.cast(change, outputs.dtype)

        with hooked({info.path: info.layer}, shift):
            outputs = model.keras_model(images, training=False)
        return score(outputs), held[-1]

    no_change = np.zeros((len(images), *info.output_shape[1:]), np.float32)
    with model.linear_output():
        _, gradient, maps = value_and_gradient(function, no_change)
    return maps, gradient


def enlarge(heat: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a map `(H', W')` at `size` (height, width), bilinearly."""
    return np.asarray(cv2.resize(heat, (size[1], size[0]), interpolation=cv2.INTER_LINEAR))
