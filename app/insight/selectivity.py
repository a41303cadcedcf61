"""Class selectivity: how much more a filter is active for one class than for the others.

Source: Morcos et al., On the importance of single directions for generalization, 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from app.classifier.hooks import LayerInfo, layer_outputs
from app.classifier.inspected_model import InspectedModel
from app.data.pixels import Images

_BATCH = 32


def channel_means(
    model: InspectedModel,
    images: Images,
    layers: Sequence[LayerInfo],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, np.ndarray]:
    """Return `{path: (N, F)}`: the mean positive activation of each filter in each image.

    Args:
        model: Model with the layers.
        images: `N` images of the model's size.
        layers: Layers with the output `(B, H', W', F)`.
        progress: Function called with (done, total) images.
    """
    features: dict[str, list[np.ndarray]] = {part.path: [] for part in layers}
    for start in range(0, len(images), _BATCH):
        indices = np.arange(start, min(start + _BATCH, len(images)))
        outputs = layer_outputs(model.keras_model, images[indices], layers)
        for path, values in outputs.items():
            features[path].append(np.maximum(values, 0).mean(axis=(1, 2)))  # (B, F)
        progress(int(indices[-1]) + 1, len(images))
    return {path: np.concatenate(parts) for path, parts in features.items()}


def class_selectivity(features: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Return the class selectivity of each filter, `(F,)`: 0 for none, 1 for a single class.

    It is (a − b) / (a + b) for the mean activation a for the preferred class and b for the others.

    Args:
        features: Mean activations `(N, F)`, not negative.
        labels: `(N,)` int64, with images of every class.
        num_classes: Number of classes K, at least 2.
    """
    means = _class_means(features, labels, num_classes)
    best = means.max(axis=0)
    others = (means.sum(axis=0) - best) / (num_classes - 1)
    return np.asarray((best - others) / np.maximum(best + others, 1e-9))


def preferred_classes(features: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Return the class with the largest mean activation of each filter, `(F,)`."""
    return _class_means(features, labels, num_classes).argmax(axis=0)


def most_selective(
    features: np.ndarray, labels: np.ndarray, num_classes: int, count: int
) -> list[int]:
    """Return the positions of the most selective filters, of one preferred class after another.

    Filters that are inactive in all images are left out.

    Args:
        features: Mean activations `(N, F)`, not negative.
        labels: `(N,)` int64, with images of every class.
        num_classes: Number of classes K, at least 2.
        count: Largest number of filters.
    """
    order = np.argsort(-class_selectivity(features, labels, num_classes), kind="stable")
    order = order[np.asarray(features.any(axis=0))[order]]
    preferred = preferred_classes(features, labels, num_classes)[order]
    # The rank of each filter among those of its class: the first of each class come first.
    ranks = np.empty(len(order), int)
    for label in range(num_classes):
        ranks[preferred == label] = np.arange((preferred == label).sum())
    return [int(k) for k in order[np.lexsort((np.arange(len(order)), ranks))][:count]]


def _class_means(features: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    return np.stack([features[labels == label].mean(axis=0) for label in range(num_classes)])
