"""A dataset in the last hidden layer of a network, projected to two dimensions."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from app.classifier.hooks import LayerInfo, layer_output, to_numpy
from app.classifier.inspected_model import InspectedModel
from app.data.pixels import Images
from app.errors import AppError
from app.insight.choices import EMBEDDING_METHODS

_BATCH = 32
_FEWEST = 5
_PERPLEXITY = 30.0


def last_hidden(model: InspectedModel) -> LayerInfo:
    """Return the layer before the last layer with weights, not counting dropout.

    Raises:
        AppError: If there is none.
    """
    leaves = [
        info
        for info in model.layers
        if not info.is_composite and not isinstance(info.layer, keras.layers.Dropout)
    ]
    weighted = [i for i, info in enumerate(leaves) if info.layer.count_params() > 0]
    if not weighted or weighted[-1] == 0:
        raise AppError(f"The model '{model.name}' has no hidden layer.")
    return leaves[weighted[-1] - 1]


def hidden_features(
    model: InspectedModel,
    images: Images,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> np.ndarray:
    """Return `(N, D)` float32: activations of the last hidden layer for `N` images."""
    info = last_hidden(model)
    rows = []
    for start in range(0, len(images), _BATCH):
        indices = np.arange(start, min(start + _BATCH, len(images)))
        rows.append(to_numpy(layer_output(model.keras_model, images[indices], info)))
        progress(int(indices[-1]) + 1, len(images))
    return np.concatenate(rows).reshape(len(images), -1)


def embed(features: np.ndarray, method: str = "tsne", *, seed: int = 0) -> np.ndarray:
    """Project features `(N, D)` to two dimensions, `(N, 2)`.

    Args:
        features: One row per image.
        method: `pca`, the plane of the largest variance; or `tsne`, which preserves neighbors.
        seed: Seed of t-SNE.

    Raises:
        AppError: If there are fewer than five images.
        ValueError: If there is no such method.
    """
    if len(features) < _FEWEST:
        raise AppError(f"{len(features)} images.", f"Expected at least {_FEWEST} to be compared.")
    if np.ptp(features, axis=0).max() == 0:  # all equal
        return np.zeros((len(features), 2))
    # Distances are the same in the space that the points span; t-SNE is faster there.
    components = min(50, len(features) - 1, features.shape[1])
    plane = PCA(components, svd_solver="full").fit_transform(features.astype(np.float64))
    if method == "pca":
        return np.pad(plane[:, :2], ((0, 0), (0, 2 - min(2, plane.shape[1]))))
    if method == "tsne":
        perplexity = min(_PERPLEXITY, (len(features) - 1) / 3)
        return TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(plane)
    raise ValueError(f"Argument `method` must be one of {EMBEDDING_METHODS}. Received: {method!r}")
