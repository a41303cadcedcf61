"""A dataset as its network sees it, as a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from app.insight.embedding import embed, hidden_features, last_hidden
from app.insight.opened_model import OpenedModel
from app.plots.embedding import embedding_map
from app.plots.style import Figure


def embedding_figure(
    model: OpenedModel,
    images: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    *,
    source: str,
    method: str = "tsne",
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Figure:
    """Draw images where the last hidden layer of a network puts them.

    Args:
        model: Which network.
        images: `(N, H, W, C)` uint8 of the model's size.
        labels: `(N,)` their classes.
        class_names: Of the dataset, in the order of the labels.
        source: How many of what these images are.
        method: `tsne` or `pca`.
        seed: Of t-SNE.
        progress: Called with (done, total) images.

    Raises:
        AppError: If there are fewer than five images, or the network has no hidden layer.
    """
    features = hidden_features(model, images, progress)
    points = embed(features, method, seed=seed)
    how = "PCA" if method == "pca" else "t-SNE"
    return embedding_map(
        points,
        images,
        labels,
        class_names,
        title=f"{model.name}: last hidden layer, {source}",
        axes_label=f"{how} of the {features.shape[1]} activations of '{last_hidden(model).path}'",
    )
