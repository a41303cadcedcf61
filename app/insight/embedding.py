"""A dataset in the last hidden layer of a network, projected to two dimensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import NearestNeighbors

from app.classifier.hooks import LayerInfo, hooked, layer_output, to_numpy
from app.classifier.inspected_model import InspectedModel
from app.data.pixels import Images
from app.errors import AppError
from app.insight.choices import EMBEDDING_METHODS

_BATCH = 32
_FEWEST = 5
_NEIGHBORS = 5


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


def features_and_logits(model: InspectedModel, images: Images) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of `hidden_features` `(N, D)` and the logits `(N, K)` of one run."""
    info, features, logits = last_hidden(model), [], []
    for start in range(0, len(images), _BATCH):
        batch = images[np.arange(start, min(start + _BATCH, len(images)))]
        found: list[np.ndarray] = []

        def keep(_: str, output: Any, found: list[np.ndarray] = found) -> Any:
            found.append(to_numpy(output))
            return output

        with hooked({info.path: info.layer}, keep):
            logits.append(model.logits(batch))
        features.append(found[-1])
    return np.concatenate(features).reshape(len(images), -1), np.concatenate(logits)


class Projection(NamedTuple):
    """How features are projected to two dimensions.

    Attributes:
        method: `pca`, the plane of the largest variance; or `tsne`, which preserves neighbors.
        perplexity: Effective number of neighbors of t-SNE; at most a third of the images.
        seed: Seed of t-SNE.
    """

    method: str = "tsne"
    perplexity: float = 30.0
    seed: int = 0

    def perplexity_of(self, count: int) -> float:
        """Return the perplexity for a number of images."""
        return min(self.perplexity, (count - 1) / 3)


TSNE_OF_30 = Projection()


class Quality(NamedTuple):
    """What of the neighborhoods in feature space is left in two dimensions.

    Attributes:
        features: Leave-one-out accuracy of the five nearest neighbors by all features.
        plane: The same by the two dimensions.
        trustworthiness: 1 if the five neighbors of each point are neighbors by all features, too.
        explained: Share of the variance along both axes of PCA; `None` for t-SNE.
    """

    features: float
    plane: float
    trustworthiness: float
    explained: tuple[float, float] | None


def embed(features: np.ndarray, projection: Projection = TSNE_OF_30) -> np.ndarray:
    """Project features `(N, D)` to two dimensions, `(N, 2)`.

    Args:
        features: One row per image.
        projection: Method and its settings.

    Raises:
        AppError: If there are fewer than five images.
        ValueError: If there is no such method.

    Source: van der Maaten & Hinton, Visualizing Data using t-SNE, 2008.
    """
    if len(features) < _FEWEST:
        raise AppError(f"{len(features)} images.", f"Expected at least {_FEWEST} to be compared.")
    if np.ptp(features, axis=0).max() == 0:  # all equal
        return np.zeros((len(features), 2))
    # Distances are the same in the space that the points span; t-SNE is faster there.
    components = min(50, len(features) - 1, features.shape[1])
    plane = PCA(components, svd_solver="full").fit_transform(features.astype(np.float64))
    if projection.method == "pca":
        return np.pad(plane[:, :2], ((0, 0), (0, 2 - min(2, plane.shape[1]))))
    if projection.method == "tsne":
        perplexity = projection.perplexity_of(len(features))
        return TSNE(perplexity=perplexity, init="pca", random_state=projection.seed).fit_transform(
            plane
        )
    raise ValueError(
        f"Argument `method` must be one of {EMBEDDING_METHODS}. Received: {projection.method!r}"
    )


def quality(features: np.ndarray, points: np.ndarray, labels: np.ndarray, method: str) -> Quality:
    """Measure a projection by the neighbors that it keeps.

    Args:
        features: `(N, D)`, at least five rows.
        points: `(N, 2)`, their projection.
        labels: `(N,)` classes.
        method: `pca` or `tsne`.

    Source: Venna & Kaski, Neighborhood preservation in nonlinear projection methods, 2001, for
        trustworthiness.
    """
    explained = None
    if method == "pca":
        centered = features.astype(np.float64) - features.mean(axis=0, dtype=np.float64)
        total = centered.var(axis=0).sum() or 1.0
        shares = points.astype(np.float64).var(axis=0) / total
        explained = float(shares[0]), float(shares[1])
    neighbors = min(_NEIGHBORS, (len(features) - 1) // 2)
    return Quality(
        neighbor_accuracy(features, labels),
        neighbor_accuracy(points, labels),
        float(trustworthiness(features, points, n_neighbors=neighbors)),
        explained,
    )


def neighbor_accuracy(points: np.ndarray, labels: np.ndarray) -> float:
    """Return the leave-one-out accuracy of the five nearest neighbors of points `(N, D)`.

    Args:
        points: At least two rows.
        labels: `(N,)` classes; the smallest of several equally frequent ones wins.
    """
    count = min(_NEIGHBORS, len(points) - 1)
    # Without an argument, the nearest neighbors of the points themselves, not counting each itself.
    _, nearest = NearestNeighbors(n_neighbors=count).fit(points).kneighbors()
    _, classes = np.unique(labels, return_inverse=True)
    votes = np.eye(classes.max() + 1)[classes[nearest]].sum(axis=1)  # (N, classes)
    return float((votes.argmax(axis=1) == classes).mean())
