"""Saliency: how a class's score depends on each pixel."""

from __future__ import annotations

import numpy as np

from app.classifier.inspected_model import InspectedModel
from app.insight.choices import SALIENCY_METHODS
from app.insight.gradients import input_gradients
from app.insight.integrated_gradients import attribute

NOISE = 0.15  # standard deviation, as a share of the image's range of values
SAMPLES = 32
_BATCH = 16


def saliency(
    model: InspectedModel,
    image: np.ndarray,
    class_index: int | None = None,
    *,
    method: str = "smoothgrad",
    seed: int = 0,
) -> np.ndarray:
    """Return how much each pixel influences a class's score.

    Args:
        model: Model to explain.
        image: `(H, W, C)` uint8 of the model's size.
        class_index: Class to explain; by default the most probable one.
        method: `gradient`; `smoothgrad`, the mean gradient of noisy copies; both as the largest
            absolute value over the channels. Or `integrated`, the contribution of each pixel on the
            path from an image of one color to this one.
        seed: Seed of the noise.

    Returns:
        `(H, W)` float32: score per gray level, ≥ 0; for `integrated` in units of the score, of
        either sign, and adding up to the difference between both images' scores.

    Raises:
        ValueError: If there is no such method.
    """
    if class_index is None:
        class_index = model.class_index(None, image)
    pixels = image.astype(np.float32)
    if method == "integrated":
        return attribute(model, image, class_index).values.sum(axis=-1)
    if method == "smoothgrad":
        gradient = smooth_gradient(model, pixels, class_index, seed=seed)
    elif method == "gradient":
        gradient = input_gradients(model, pixels[np.newaxis], class_index)[0]
    else:
        raise ValueError(
            f"Argument `method` must be one of {SALIENCY_METHODS}. Received: {method!r}"
        )
    return np.abs(gradient).max(axis=-1)


def smooth_gradient(
    model: InspectedModel,
    pixels: np.ndarray,
    class_index: int,
    *,
    samples: int = SAMPLES,
    seed: int = 0,
) -> np.ndarray:
    """Return `(H, W, C)`: the mean gradient over noisy copies of an image `(H, W, C)`.

    Args:
        model: Model to explain.
        pixels: The image, 0–255.
        class_index: Class to explain.
        samples: Number of copies.
        seed: Seed of the noise.

    Source: Smilkov et al., SmoothGrad, 2017.
    """
    spread = NOISE * float(pixels.max() - pixels.min())
    random = np.random.default_rng(seed)
    total = np.zeros_like(pixels)
    for start in range(0, samples, _BATCH):
        shape = (min(_BATCH, samples - start), *pixels.shape)
        copies = pixels + random.normal(0.0, spread, shape).astype(np.float32)
        total += input_gradients(model, copies, class_index).sum(axis=0)
    return total / samples
