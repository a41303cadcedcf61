"""Adversarial images: the fast gradient sign method, and projected gradient descent.

Sources: Goodfellow, Shlens & Szegedy, Explaining and harnessing adversarial examples, 2014; Madry
et al., Towards deep learning models resistant to adversarial attacks, 2017.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from app.classifier.inspected_model import InspectedModel
from app.insight.gradients import value_and_gradient

_BATCH = 32


def fast_gradient_sign(
    model: InspectedModel, images: np.ndarray, labels: np.ndarray, levels: float
) -> np.ndarray:
    """Return images after one step that increases the loss.

    Args:
        model: Model to attack.
        images: `(N, H, W, C)` uint8.
        labels: `(N,)` int64.
        levels: Largest change of a pixel, in gray levels of 255.

    Returns:
        `(N, H, W, C)` float32, 0–255.
    """
    return projected_gradient(model, images, labels, levels, steps=1)


def projected_gradient(
    model: InspectedModel, images: np.ndarray, labels: np.ndarray, levels: float, *, steps: int = 10
) -> np.ndarray:
    """Return images after several steps that increase the loss, within a largest change.

    Each of several steps is 2.5 / `steps` of the largest change, as in Madry et al.; they begin at
    the images themselves.

    Args:
        model: Model to attack.
        images: `(N, H, W, C)` uint8.
        labels: `(N,)` int64.
        levels: Largest change of a pixel, in gray levels of 255.
        steps: Number of steps.

    Returns:
        `(N, H, W, C)` float32, 0–255.
    """
    stride = levels if steps == 1 else 2.5 * levels / steps
    changed = images.astype(np.float32)
    for start in range(0, len(images), _BATCH):
        batch = slice(start, start + _BATCH)
        original = images[batch].astype(np.float32)
        lowest = np.maximum(original - levels, 0)
        highest = np.minimum(original + levels, 255)
        for _ in range(steps):
            step = stride * np.sign(loss_gradient(model, changed[batch], labels[batch]))
            changed[batch] = np.clip(changed[batch] + step, lowest, highest)
    return changed


def loss_gradient(model: InspectedModel, pixels: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the gradient of the cross-entropy with respect to the pixels, `(B, H, W, C)`.

    The loss is computed from logits: a probability that rounds to one has no gradient.
    """

    def loss(tensor: Any) -> tuple[Any, Any]:
        scores = model.keras_model(tensor, training=False)
        if scores.shape[-1] == 1:
            target = keras.ops.convert_to_tensor(labels[:, np.newaxis].astype(np.float32))
            values = keras.ops.binary_crossentropy(target, scores, from_logits=True)[:, 0]
        else:
            values = keras.ops.sparse_categorical_crossentropy(labels, scores, from_logits=True)
        return values, values

    with model.linear_output():
        _, gradient, _ = value_and_gradient(loss, pixels)
    return gradient
