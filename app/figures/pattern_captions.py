"""Captions and notes of a feature visualization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.classifier.hooks import LayerInfo
from app.figures.canvas.sheet import LABEL_SIZE
from app.figures.canvas.text import cut_to
from app.insight.feature_visualization import FeatureVisualization
from app.insight.receptive_fields import ImageField

_CLASS_WIDTH = 90  # pixels of a name


class Shown(NamedTuple):
    """What a figure shows, for its note.

    Attributes:
        source: Number and origin of the images that were searched for patches, if any.
        is_padded: Whether patches reach beyond the images.
        by_class: Whether filters were chosen by class selectivity.
        images: Number of images of each filter.
    """

    source: str | None
    is_padded: bool
    by_class: bool
    images: int


def note_of(shown: Shown, unshared: Mapping[str, tuple[int, int]]) -> str:
    """Return the note of the figure.

    Args:
        shown: What the figure shows.
        unshared: Central cell (row, column) of each layer whose cells have filters of their own.
    """
    what = "an image that maximizes"
    if shown.images > 1:
        what = f"{shown.images} images that maximize"
    sentences = [
        f"{'Left' if shown.source else 'For each filter'}: {what} the activation of the filter, by "
        "gradient ascent from noise, cropped to the filter's effective receptive field: the "
        "central square with 95% of the gradient."
    ]
    if shown.images > 1:
        sentences.append(
            "They must differ: the more alike the Gram matrices of the layer's activations, the "
            "smaller the objective."
        )
    if shown.source:
        outside = "; gray lies outside the image" if shown.is_padded else ""
        sentences += [
            f"Right: the nine top-activating patches in {shown.source}, of the same size, at most "
            f"one per image{outside}.",
            "×: activation, or logit, relative to the best patch.",
        ]
    if shown.by_class:
        sentences.append(
            "Filters with the highest class selectivity, of one preferred class after another."
        )
    if unshared:
        cells = ", ".join(f"{row},{column} of {path}" for path, (row, column) in unshared.items())
        sentences.append(
            "Without weight sharing, every cell has its own filters: shown are those of the middle "
            f"one (cell {cells})."
        )
    return " ".join(sentences)


def layer_caption(
    part: LayerInfo, field: ImageField | None, effective: Sequence[ImageField | None]
) -> str:
    """Return the name of a layer, with its theoretical and effective receptive fields."""
    if field is None:
        return part.path
    sides = sorted({max(one.size) for one in effective if one is not None})
    found = "–".join(map(str, dict.fromkeys((sides[0], sides[-1]))))
    return f"{part.path}; receptive field {field.size[1]}×{field.size[0]} px, effective {found} px"


def filter_caption(
    patterns: Sequence[FeatureVisualization], preferred: str, best: float | None
) -> str:
    """Return a filter's name, and its activations for its patterns.

    Args:
        patterns: Patterns of the filter.
        preferred: Name of its preferred class, or nothing.
        best: Activation for the best patch, 0 if there is none; `None` if none was searched.
    """
    name = f"filter {patterns[0].filter}"
    if preferred:
        name += f" ({short_name(preferred)})"
    alive = [one.activation for one in patterns if not one.is_dead]
    if best == 0 and alive:
        return f"{name} · no patch"
    return with_ratios(name, alive, best)


def short_name(class_name: str) -> str:
    """Return the name of a class, cut to the width that a caption has for it."""
    return cut_to(class_name, _CLASS_WIDTH, LABEL_SIZE)


def with_ratios(name: str, activations: Sequence[float], best: float | None) -> str:
    """Return a name with activations relative to the best of the images."""
    if best is None or best <= 0 or not activations:  # no image is classified as this class
        return name
    ratios = [value / best for value in activations]
    texts = [f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:.0f}" for ratio in ratios]
    return f"{name} · {', '.join(texts)}×"
