"""Do saliency maps point at what matters? With images whose truth is known.

  python -m app lab saliency_truth -o lab

The program's drawn cats and dogs differ by ears, eyes, muzzle, whiskers and
tail alone; fur, pose and scenery say nothing. Each part can be left out, which
shows where it is and how much the network relies on it. The maximum of a
saliency map should lie on such a part (pointing game), more often than a random
point of the animal, the center, or the strongest edge. Five networks, in
minutes. Slide: "CNNs: characteristics".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_gradient_magnitude

from app.classifier.inspected_model import InspectedModel
from app.data.drawn.dataset import KINDS, TELLING_PARTS, Change
from app.figures.canvas.style import Figure
from app.figures.interval_rows import IntervalRow, ShareAxis, interval_rows
from app.insight.grad_cam import enlarge, grad_cam
from app.insight.occlusion import occlusion
from app.insight.saliency import saliency
from app.lab.drawings import (
    SIDE,
    drawings,
    drawn_examples_of,
    drawn_run,
    held_out_numbers,
    require_drawings,
)
from app.lab.drawn_truth import TOLERANCE, DrawnTruth, most_important_parts
from app.lab.examples import ExampleImages
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.lab.store import Job
from app.lab.wording import listed
from app.statistics.means import bootstrap_difference, bootstrap_mean
from app.training.small_run import probabilities_of

_METHODS = ("Grad-CAM", "gradient", "SmoothGrad", "integrated gradients", "occlusion")
_CONTROLS = ("random point", "random point of the animal", "center", "strongest edge")
_ANY, _TOP = "on a part that tells cat from dog", "on the part that the network relies on most"


def saliency_truth(options: ExperimentOptions) -> ExperimentResult:
    """Train networks on drawings and test where their saliency maps have their maximum.

    Raises:
        AppError: If another dataset is named or an earlier measurement does not fit.
    """
    require_drawings(options)
    count, epochs = options.full_or_quick(25, 3), options.full_or_quick(12, 1)
    examples = drawn_examples_of(options.full_or_quick(750, 30), options.full_or_quick(150, 10))
    truth = DrawnTruth(count)
    seeds = range(options.full_or_quick(5, 1))
    jobs: dict[str, Job] = {
        f"seed {seed}": partial(_measure, examples, truth, epochs, seed) for seed in seeds
    }
    settings = {
        "images": examples.fingerprint, "count": count, "epochs": epochs, "seeds": len(seeds),
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks, drawing saliency maps")
    runs = [measured[f"seed {seed}"] for seed in seeds]
    hits = {
        name: {kind: np.array([run["hits"][name][kind] for run in runs]) for kind in (_ANY, _TOP)}
        for name in (*_METHODS, *_CONTROLS)
    }  # (seeds, images) by method and kind
    rows: list[Row] = [
        {
            "method": name, "seed": seed,
            "hits_telling_part": round(float(found[_ANY][number].mean()), 4),
            "hits_top_part": round(float(found[_TOP][number].mean()), 4),
            "accuracy": round(runs[number]["accuracy"], 4),
            "accuracy_without_parts": round(runs[number]["accuracy_without"], 4),
        }
        for name, found in hits.items()
        for number, seed in enumerate(seeds)
    ]  # fmt: skip
    accuracy = float(np.mean([run["accuracy"] for run in runs]))
    return ExperimentResult(
        _sentence(hits, runs),
        rows,
        {"saliency_truth": _figure(hits, truth, runs)},
        [
            Reference("the networks", accuracy, len(examples.held_out),
                      chance_of(examples.held_out.labels))
        ],
    )  # fmt: skip


def pointing_game(
    maximum: tuple[int, int], masks: Mapping[str, np.ndarray], top: str
) -> dict[str, float]:
    """Return whether a point lies on any part, and on the most important one.

    Args:
        maximum: Row and column of a map's maximum.
        masks: Pixels `(H, W)` by part.
        top: Name of the part that the network relies on most.

    Source: Zhang et al., Top-down Neural Attention by Excitation Backprop, 2016.
    """
    on = {part: bool(mask[maximum]) for part, mask in masks.items()}
    return {_ANY: float(any(on.values())), _TOP: float(on[top])}


def _measure(examples: ExampleImages, truth: DrawnTruth, epochs: int, seed: int) -> dict[str, Any]:
    """Train one network; return its accuracy, and per image and method whether it hits."""
    network, _ = drawn_run(examples, epochs, seed).train(examples.training)
    model = InspectedModel.wrap(network, class_names=KINDS, image_shape=(SIDE, SIDE, 3))
    everything = probabilities_of(network, examples.held_out.pixels)
    bare = drawings(held_out_numbers(len(examples.held_out) // 2), Change(hidden=TELLING_PARTS))
    tops = most_important_parts(network, truth)
    hits: dict[str, dict[str, list[float]]] = {
        name: {_ANY: [], _TOP: []} for name in (*_METHODS, *_CONTROLS)
    }
    for number, image in enumerate(truth.images):
        masks = {part: mask[number] for part, mask in truth.masks.items()}
        for name, maximum in _maxima(model, image, int(truth.labels[number])).items():
            for kind, hit in pointing_game(maximum, masks, tops[number]).items():
                hits[name][kind].append(hit)
        union = np.any(list(masks.values()), axis=0)
        areas = {_ANY: union, _TOP: masks[tops[number]]}
        for kind, area in areas.items():
            hits["random point"][kind].append(float(area.mean()))
            on_animal = area[truth.animal[number]]
            hits["random point of the animal"][kind].append(float(on_animal.mean()))
    right = everything.argmax(axis=1) == examples.held_out.labels
    without = probabilities_of(network, bare.pixels).argmax(axis=1) == bare.labels
    return {
        "accuracy": float(right.mean()), "accuracy_without": float(without.mean()),
        "tops": tops, "hits": hits,
    }  # fmt: skip


def _maxima(model: InspectedModel, image: np.ndarray, label: int) -> dict[str, tuple[int, int]]:
    """Return row and column of the maximum of each method, and of the controls that have one."""
    maps = {
        "Grad-CAM": grad_cam(model, image, label),
        "gradient": saliency(model, image, label, method="gradient"),
        "SmoothGrad": saliency(model, image, label),
        "integrated gradients": saliency(model, image, label, method="integrated"),
        "occlusion": enlarge(occlusion(model, image, label), image.shape[:2]),
        "strongest edge": gaussian_gradient_magnitude(
            image.astype(np.float64).mean(axis=-1), 1.0
        ),
    }  # fmt: skip
    found = {name: np.unravel_index(np.argmax(one), one.shape) for name, one in maps.items()}
    maxima = {name: (int(row), int(column)) for name, (row, column) in found.items()}
    return {**maxima, "center": (SIDE // 2, SIDE // 2)}


def _sentence(hits: Mapping[str, Mapping[str, np.ndarray]], runs: list[dict[str, Any]]) -> str:
    accuracy, without = (
        float(np.mean([run[key] for run in runs])) for key in ("accuracy", "accuracy_without")
    )
    parts = [
        f"{name} {bootstrap_mean(found[_ANY]).percent} and {bootstrap_mean(found[_TOP]).percent}"
        for name, found in hits.items()
    ]
    control = "strongest edge"  # the best of those that know nothing of the network
    differences = [
        f"{name} {bootstrap_difference(hits[name][_ANY], hits[control][_ANY]).points}"
        for name in _METHODS
    ]
    return (
        f"The networks classify {accuracy:.1%} of the drawings correctly, and {without:.1%} "
        f"without {listed(TELLING_PARTS)} (chance 50%). The maximum lies "
        f"on one of these parts, and on the one that the network relies on most: "
        f"{'; '.join(parts)}. First share against the {control}, in percentage points: "
        f"{'; '.join(differences)}. Brackets are 95% intervals over networks and images."
    )


def _figure(
    hits: Mapping[str, Mapping[str, np.ndarray]], truth: DrawnTruth, runs: list[dict[str, Any]]
) -> Figure:
    rows = [
        IntervalRow(name, {kind: bootstrap_mean(values) for kind, values in found.items()})
        for name, found in hits.items()
    ]
    number = truth.count  # the first dog
    union = np.any([mask[number] for mask in truth.masks.values()], axis=0)
    images = {
        "drawing": [truth.images[number]],
        "its telling parts": [np.where(union, 255, 0).astype(np.uint8)[..., np.newaxis]],
        "left out: ears, eyes, muzzle, all": [
            truth.without["ears"][number], truth.without["eyes"][number],
            truth.without["muzzle"][number], truth.without_all[number],
        ],
    }  # fmt: skip
    return interval_rows(
        rows,
        images,
        title="Where saliency maps have their maximum, on drawings whose telling parts are known",
        note=f"{len(truth.labels)} validation drawings, networks: {len(runs)}; 95% intervals over "
        f"both; a hit is at most {TOLERANCE} pixel away. The last four rows are controls that "
        "know nothing of the network",
        axis=ShareAxis("share of drawings"),
    )
