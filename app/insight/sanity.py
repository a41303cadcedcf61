"""Sanity checks of heat maps: does a map depend on what the network has learned?

From the output to the input, one layer after another gets new initial weights. A map that explains
the network must change; a map that stays the same shows the image only, as an edge detector does.
Maps are compared by Spearman's rank correlation of their absolute values.

Integrated gradients are multiplied by the change of each pixel. This factor stays when weights are
random, so that their correlation stays higher.

Source: Adebayo et al., Sanity Checks for Saliency Maps, 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from app.classifier.inspected_model import InspectedModel
from app.insight.choices import RANDOM_WEIGHTS
from app.insight.grad_cam import grad_cam
from app.insight.integrated_gradients import baseline_image, contributions
from app.insight.saliency import saliency
from app.insight.untrained import untrained

_STEPS = 32  # of integrated gradients
_MOST_STAGES = 6

HeatMethod = Callable[[InspectedModel, np.ndarray, int], np.ndarray]


def _integrated(model: InspectedModel, image: np.ndarray, class_index: int) -> np.ndarray:
    pixels = image.astype(np.float32)
    plain = baseline_image(pixels, "border")[np.newaxis]
    return np.abs(contributions(model, pixels, class_index, plain, _STEPS).sum(axis=-1))


METHODS: dict[str, HeatMethod] = {
    "gradient": lambda model, image, k: saliency(model, image, k, method="gradient"),
    "SmoothGrad": lambda model, image, k: saliency(model, image, k, method="smoothgrad"),
    "integrated gradients": _integrated,
    "Grad-CAM": grad_cam,
}


@dataclass(frozen=True)
class SanityCheck:
    """Maps of one method while a network is randomized.

    Attributes:
        method: Name of the method.
        stages: `trained`, then the layers from which on, to the output, weights are random.
        maps: `(S, H, W)` heat maps of the first image.
        correlations: `(S, N)` rank correlations with the trained network's map, per image; 0 for a
            map that is the same everywhere.
    """

    method: str
    stages: tuple[str, ...]
    maps: np.ndarray
    correlations: np.ndarray


def sanity_checks(
    model: InspectedModel,
    images: np.ndarray,
    *,
    seed: int = RANDOM_WEIGHTS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[SanityCheck]:
    """Return how the maps of each method change while layer after layer is randomized.

    The class is the one that the trained network predicts. Grad-CAM is left out if there is no
    layer for it.

    Args:
        model: Model whose explanations are checked; it stays as it is.
        images: `(N, H, W, C)` uint8 of the model's size.
        seed: Seed of the random weights.
        progress: Function called with (done, total) stages.

    Raises:
        AppError: If the network cannot be built again.
    """
    methods = {name: one for name, one in METHODS.items() if name != "Grad-CAM" or _has_maps(model)}
    classes = [model.class_index(None, image) for image in images]
    maps: dict[str, list[np.ndarray]] = {name: [] for name in methods}
    stages = []
    total = 1 + len(_groups(model))
    for name, network in _randomized(model, seed):
        for method, explain in methods.items():
            pairs = zip(images, classes, strict=True)
            maps[method].append(np.stack([explain(network, image, k) for image, k in pairs]))
        stages.append(name)
        progress(len(stages), total)
    return [
        SanityCheck(
            method,
            tuple(stages),
            np.stack([of_stage[0] for of_stage in found]),
            np.array(
                [
                    [rank_correlation(*pair) for pair in zip(found[0], of_stage, strict=True)]
                    for of_stage in found
                ]
            ),
        )
        for method, found in maps.items()
    ]


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's correlation of two maps' absolute values; 0 if one is constant."""
    values = np.abs(first).ravel(), np.abs(second).ravel()
    if any(np.ptp(one) == 0 or not np.isfinite(one).all() for one in values):
        return 0.0
    return float(spearmanr(*values).statistic)


def _has_maps(model: InspectedModel) -> bool:
    return any(part.is_spatial and part.has_kernel for part in model.layers)


def _groups(model: InspectedModel) -> list[list[str]]:
    """Return the paths of layers with weights from the output to the input, in up to six groups."""
    paths = [part.path for part in reversed(model.outer_layers) if part.layer.weights]
    count = min(_MOST_STAGES, len(paths))
    return [list(group) for group in np.array_split(np.array(paths, object), count)]


def _randomized(model: InspectedModel, seed: int) -> Iterator[tuple[str, InspectedModel]]:
    """Yield the trained network, then copies with more and more random layers, with names."""
    yield "trained", model
    fresh, copy = untrained(model, seed), untrained(model, seed)
    copy.keras_model.set_weights(model.keras_model.get_weights())
    for group in _groups(model):
        for path in group:
            _copy_weights(fresh, copy, path)
        yield group[-1], copy


def _copy_weights(source: InspectedModel, target: InspectedModel, path: str) -> None:
    given, taken = (network.layer(path).layer for network in (source, target))
    taken.set_weights(given.get_weights())
