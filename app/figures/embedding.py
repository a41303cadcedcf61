"""A dataset in the last hidden layer of a network, as a map of images."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage

from app.classifier.dataset_images import DatasetImages
from app.classifier.inspected_model import InspectedModel
from app.figures.canvas.annotation import add_title
from app.figures.canvas.pixels import CRISP_SIDE, POINT
from app.figures.canvas.style import BLACK, PALETTE, PIXELS_WIDE, WIDTH, styled
from app.figures.canvas.text import cut_to, wrap
from app.insight.embedding import (
    TSNE_OF_30,
    Projection,
    embed,
    hidden_features,
    last_hidden,
    quality,
)

_HEIGHT = 7.8  # inches
_NOTE_SIZE = 9
_THUMBNAIL, _SMALL_THUMBNAIL = 44, 30  # pixels; the second for digits
_MARKERS = ("o", "s")
# Ten colors for ten digits: the palette without black, the background of a digit.
_COLORS = (*(color for color in PALETTE if color != BLACK), "#8C6D46", "#999999", "#332288")
_MOST_IN_LEGEND, _NAME_WIDTH = 16, 300  # classes; pixels


def embedding_figure(
    model: InspectedModel,
    images: DatasetImages,
    *,
    projection: Projection = TSNE_OF_30,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Figure:
    """Draw images at their positions in the last hidden layer, reduced to two dimensions.

    Args:
        model: Model that embeds the images.
        images: Images of a dataset, in the model's size.
        projection: Method of the reduction, with its settings.
        progress: Function called with (done, total) images.

    Raises:
        AppError: If there are fewer than five images, or the network has no hidden layer.
    """
    features = hidden_features(model, images.pixels, progress)
    points = embed(features, projection)
    measured = quality(features, points, images.labels, projection.method)
    place = f"the {features.shape[1]} activations of '{last_hidden(model).path}'"
    if measured.explained is not None:
        first, second = measured.explained
        what = f"PCA of {place}, with {first:.0%} and {second:.0%} of the variance"
        warning = ""
    else:
        perplexity = projection.perplexity_of(len(features))
        what = f"t-SNE (perplexity {perplexity:.0f}) of {place}"
        warning = " Sizes of clusters and distances between them mean nothing."
    return embedding_map(
        points,
        images.pixels,
        [images.dataset.class_names[label] for label in images.labels],
        title=f"{model.name}: last hidden layer, {images.source}",
        note=(
            f"{what}. Accuracy of the 5 nearest neighbors: {measured.features:.1%} by all "
            f"activations, {measured.plane:.1%} in the plane; trustworthiness "
            f"{measured.trustworthiness:.2f}.{warning}"
        ),
    )


@styled()
def embedding_map(
    points: np.ndarray,
    images: np.ndarray,
    classes: Sequence[str],
    *,
    title: str,
    note: str,
) -> Figure:
    """Draw thumbnails at their points where they do not overlap, and dots elsewhere.

    More than 16 classes share colors and have no legend.

    Args:
        points: `(N, 2)` positions.
        images: `(N, H, W, C)` uint8.
        classes: `N` true classes; frames and dots have their colors.
        title: Title of the figure.
        note: Note in small print below.
    """
    figure = Figure(figsize=(WIDTH, _HEIGHT))
    add_title(figure, title)
    axes = figure.subplots()
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set(xticks=[], yticks=[])
    lines = wrap(note, PIXELS_WIDE - 100, _NOTE_SIZE)
    axes.set_xlabel("\n".join(lines), size=_NOTE_SIZE)
    present, labels = np.unique(np.asarray(classes), return_inverse=True)
    dots = []
    for k in range(len(present)):
        xs, ys = points[labels == k].T
        marker = _MARKERS[k // len(_COLORS) % len(_MARKERS)]
        dots.append(axes.scatter(xs, ys, s=18, color=_color(k), marker=marker, alpha=0.8))
    if len(present) <= _MOST_IN_LEGEND:
        names = [cut_to(str(name), _NAME_WIDTH, 10) for name in present]
        longest = max(len(name) for name in names)
        figure.legend(
            dots, names, loc="outside lower center", ncols=max(2, min(10, 80 // (longest + 4))),
            markerscale=1.8, handletextpad=0.2, columnspacing=1.2,
        )  # fmt: skip
    side = _SMALL_THUMBNAIL if max(images.shape[1:]) < CRISP_SIDE else _THUMBNAIL
    for index in _without_overlap(points, side):
        image = images[index]
        height, width = image.shape[:2]
        picture = OffsetImage(
            image[..., 0] if image.shape[-1] == 1 else image,
            zoom=side / max(height, width) / POINT,
            cmap="gray",
            norm=Normalize(0, 255),
        )
        box = AnnotationBbox(
            picture,
            points[index],
            pad=0.12,
            bboxprops={"edgecolor": _color(int(labels[index])), "linewidth": 2},
        )
        axes.add_artist(box)
    return figure


def _without_overlap(points: np.ndarray, side: int) -> list[int]:
    """Return indices of points, in random order, whose thumbnails do not overlap."""
    span = np.ptp(points, axis=0)
    span[span == 0] = 1.0
    # The axes take about 86% of each side of the figure.
    pixels = (points - points.min(axis=0)) / span * np.array([WIDTH, _HEIGHT]) * 0.86 * 150
    kept: list[int] = []
    for index in np.random.default_rng(0).permutation(len(pixels)).tolist():
        if not kept or np.abs(pixels[kept] - pixels[index]).max(axis=1).min() > 1.3 * side:
            kept.append(index)
    return kept


def _color(k: int) -> str:
    return _COLORS[k % len(_COLORS)]
