"""Changes of every pixel within ±ε: random noise, one step along the gradient, or many.

All attacks return 8-bit images, so that what they do survives storage in a file.

Sources: Goodfellow, Shlens & Szegedy, Explaining and harnessing adversarial examples, 2014 (FGSM);
Madry et al., Towards deep learning models resistant to adversarial attacks, 2017 (PGD with random
starts); Carlini et al., On evaluating adversarial robustness, 2019 (random noise as a control).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from app.classifier.inspected_model import InspectedModel
from app.insight.gradients import value_and_gradient

_BATCH = 32


def random_signs(images: np.ndarray, levels: int, random: np.random.Generator) -> np.ndarray:
    """Return images `(N, H, W, C)` uint8 whose values change by plus or minus `levels` at random.

    Args:
        images: `(N, H, W, C)` uint8.
        levels: Change of a value, in levels of 255.
        random: Random numbers.
    """
    change = levels * random.choice((-1, 1), images.shape)
    return np.clip(images + change, 0, 255).astype(np.uint8)


def fast_gradient_sign(
    model: InspectedModel, images: np.ndarray, labels: np.ndarray, levels: int
) -> np.ndarray:
    """Return images after one step of `levels` that increases the loss.

    Args:
        model: Model to attack.
        images: `(N, H, W, C)` uint8.
        labels: `(N,)` int64.
        levels: Largest change of a value, in levels of 255.

    Returns:
        `(N, H, W, C)` uint8.
    """
    return _ascend(model, images, images, labels, (levels, levels, 1))


@dataclass(frozen=True)
class ProjectedGradient:
    """Several steps that increase the loss, from a random start within ±ε.

    Attributes:
        steps: Number of steps.
        random: Random numbers of the starts.
        reach: Length of all steps together, in units of the largest change: 2.5 in Madry et al.
    """

    steps: int
    random: np.random.Generator
    reach: float = 2.5

    def attack(
        self, model: InspectedModel, images: np.ndarray, labels: np.ndarray, levels: int
    ) -> np.ndarray:
        """Return attacked images; arguments and result are those of `fast_gradient_sign`."""
        start = images + self.random.uniform(-levels, levels, images.shape)
        stride = self.reach * levels / self.steps
        return _ascend(model, images, start, labels, (levels, stride, self.steps))


def _ascend(
    model: InspectedModel,
    images: np.ndarray,
    start: np.ndarray,
    labels: np.ndarray,
    how: tuple[int, float, int],
) -> np.ndarray:
    """Return `start` after steps of the sign of the gradient: (largest change, stride, steps)."""
    levels, stride, steps = how
    found = np.empty_like(images)
    for first in range(0, len(images), _BATCH):
        batch = slice(first, first + _BATCH)
        original = images[batch].astype(np.float32)
        lowest = np.maximum(original - levels, 0)
        highest = np.minimum(original + levels, 255)
        changed = np.clip(start[batch].astype(np.float32), lowest, highest)
        for _ in range(steps):
            step = stride * np.sign(loss_gradient(model, changed, labels[batch]))
            changed = np.clip(changed + step, lowest, highest)
        found[batch] = np.rint(changed)
    return found


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
