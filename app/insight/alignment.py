"""Alignment of the gradient with the image: does what the network reacts to look like the image?

Source: Etmann et al., On the connection between adversarial robustness and saliency map
interpretability, 2019, whose alignment is divided here by the length of the image, too.
"""

from __future__ import annotations

import numpy as np

from app.classifier.inspected_model import InspectedModel
from app.insight.gradients import input_gradients


def predicted_gradients(model: InspectedModel, images: np.ndarray) -> np.ndarray:
    """Return the gradient of the logit of each image's predicted class, `(N, H, W, C)`.

    Args:
        model: Model to differentiate.
        images: `(N, H, W, C)` uint8 of the model's size.
    """
    predicted = model.logits(images).argmax(axis=1)
    gradients = np.empty(images.shape, np.float32)
    for label in np.unique(predicted):
        chosen = predicted == label
        gradients[chosen] = input_gradients(model, images[chosen], int(label))
    return gradients


def cosines(gradients: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return the cosine of the angle between each gradient and an image, `(N,)`.

    Args:
        gradients: `(N, H, W, C)`.
        images: `(N, H, W, C)` of pixels 0–255; black has the length 0 and so the cosine 0.
    """
    first, second = (
        values.reshape(len(values), -1).astype(np.float64) for values in (gradients, images)
    )
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return np.asarray((first * second).sum(axis=1) / np.where(lengths > 0, lengths, 1.0))
