"""Images changed by the network's own gradient: the fast gradient sign method, and steps of it.

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
    """Return images changed in one step towards a larger loss.

    Args:
        model: The one to be deceived.
        images: `(N, H, W, C)` uint8.
        labels: `(N,)` int64.
        levels: By how many grey levels of 255 each pixel may change.

    Returns:
        `(N, H, W, C)` float32, 0–255.
    """
    return projected_gradient(model, images, labels, levels, steps=1)


def projected_gradient(
    model: InspectedModel, images: np.ndarray, labels: np.ndarray, levels: float, *, steps: int = 10
) -> np.ndarray:
    """Return images changed in several steps towards a larger loss, never by more than allowed.

    Several steps are each 2.5 / `steps` of what is allowed, as Madry et al. have them, and begin
    at the images themselves.

    Args:
        model: The one to be deceived.
        images: `(N, H, W, C)` uint8.
        labels: `(N,)` int64.
        levels: By how many grey levels of 255 each pixel may change.
        steps: How many.

    Returns:
        `(N, H, W, C)` float32, 0–255.
    """
    stride = levels if steps == 1 else 2.5 * levels / steps
    changed = images.astype(np.float32)
    for start in range(0, len(images), _BATCH):
        chosen = slice(start, start + _BATCH)
        original = images[chosen].astype(np.float32)
        lowest = np.maximum(original - levels, 0)
        highest = np.minimum(original + levels, 255)
        for _ in range(steps):
            step = stride * np.sign(loss_gradient(model, changed[chosen], labels[chosen]))
            changed[chosen] = np.clip(changed[chosen] + step, lowest, highest)
    return changed


def loss_gradient(model: InspectedModel, pixels: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the gradient of the cross-entropy by the pixels, `(B, H, W, C)`.

    Taken before softmax or sigmoid: a probability of one in 32 bits would have none.
    """

    def loss(tensor: Any) -> tuple[Any, Any]:
        scores = model.keras_model(tensor, training=False)
        if scores.shape[-1] == 1:
            wanted = keras.ops.convert_to_tensor(labels[:, np.newaxis].astype(np.float32))
            values = keras.ops.binary_crossentropy(wanted, scores, from_logits=True)[:, 0]
        else:
            values = keras.ops.sparse_categorical_crossentropy(labels, scores, from_logits=True)
        return values, values

    with model.linear_output():
        _, gradient, _ = value_and_gradient(loss, pixels)
    return gradient
