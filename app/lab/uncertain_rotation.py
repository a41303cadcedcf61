"""Does a network know that it does not know?

  python -m app lab uncertain_rotation -o lab

Digits are turned up to 90 degrees, which the networks have never seen. Their
error grows; their confidence, the probability of the predicted class, should
fall by as much. One pass without dropout is compared with the mean of twenty
passes with it (Monte Carlo dropout). Five seeds, in minutes. Slide:
"Rotation/Viewpoint Invariance".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import keras
import numpy as np

from app.augmentation.resampling import resample
from app.augmentation.transforms import Transforms
from app.data.dataset import Split
from app.figures.canvas.style import Figure
from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.small_run import small_run
from app.lab.store import Job
from app.metrics import class_probabilities
from app.statistics.means import bootstrap_difference, bootstrap_mean
from app.training.small_run import probabilities_of

_ANGLES = tuple(range(0, 91, 15))
_PASSES = 20
_DROPOUT = 0.5
_SINGLE, _MANY = "one pass", "MC dropout"
_KINDS = tuple(
    f"{measure}, {passes}" for passes in (_SINGLE, _MANY) for measure in ("accuracy", "confidence")
)


def uncertain_rotation(options: ExperimentOptions) -> ExperimentResult:
    """Train networks with dropout and measure their confidence on turned images.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    examples = load_examples(
        options,
        "mnist",
        training=options.full_or_quick(1000, 100),
        held_out=options.full_or_quick(300, 50),
    )
    seeds, epochs = range(options.full_or_quick(5, 1)), options.full_or_quick(15, 1)
    jobs: dict[str, Job] = {
        f"seed {seed}": partial(_measure, examples, epochs, seed) for seed in seeds
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "epochs": epochs,
        "angles": _ANGLES, "passes": _PASSES, "seeds": len(seeds),
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    found = {
        kind: np.array([measured[f"seed {seed}"][kind] for seed in seeds]) for kind in _KINDS
    }  # (seeds, angles, images)
    rows: list[Row] = [
        {"measure": kind, "degrees": angle, "seed": seed,
         "value": round(float(values[number, place].mean()), 4)}
        for kind, values in found.items()
        for place, angle in enumerate(_ANGLES)
        for number, seed in enumerate(seeds)
    ]  # fmt: skip
    return ExperimentResult(
        _sentence(found),
        rows,
        {"uncertain_rotation": _figure(found, examples)},
        [
            Reference("upright digits", float(found[_KINDS[0]][:, 0].mean()),
                      len(examples.held_out), examples.chance)
        ],
    )  # fmt: skip


def turned(images: np.ndarray, degrees: float) -> np.ndarray:
    """Return images `(N, H, W, C)` turned counterclockwise, with their border repeated."""
    count, height, width = images.shape[:3]
    transforms = replace(Transforms.identity(count), rotation=np.full(count, float(degrees)))
    return resample(images, transforms.matrices(height, width), "nearest")


def mean_with_dropout(network: keras.Model, images: np.ndarray, passes: int) -> np.ndarray:
    """Return the mean probabilities `(N, K)` of several passes with dropout.

    Args:
        network: Network whose layers differ in training by dropout alone.
        images: Images `(N, H, W, C)`.
        passes: Number of passes.

    Source: Gal & Ghahramani, Dropout as a Bayesian approximation, 2016.
    """
    return np.mean(
        [
            class_probabilities(keras.ops.convert_to_numpy(network(images, training=True)))
            for _ in range(passes)
        ],
        axis=0,
    )


def _measure(examples: ExampleImages, epochs: int, seed: int) -> dict[str, list[list[float]]]:
    """Return, by angle and image, whether it is classified correctly, and both confidences."""
    run = small_run(
        examples, model="convnet", augment="none", dropout=_DROPOUT, seed=seed, batch_size=32,
        learning_rate=1e-3, epochs=epochs,
    )  # fmt: skip
    network, _ = run.train(examples.training)
    held_out: Split = examples.held_out
    found: dict[str, list[list[float]]] = {kind: [] for kind in _KINDS}
    for angle in _ANGLES:
        images = turned(held_out.pixels, angle)
        answers = {
            _SINGLE: probabilities_of(network, images),
            _MANY: mean_with_dropout(network, images, _PASSES),
        }
        for passes, rows in answers.items():
            right = (rows.argmax(axis=1) == held_out.labels).astype(float)
            found[f"accuracy, {passes}"].append(right.tolist())
            found[f"confidence, {passes}"].append(rows.max(axis=1).round(4).tolist())
    return found


def _sentence(found: Mapping[str, np.ndarray]) -> str:
    parts = [
        f"at {_ANGLES[place]}° {', '.join(f'{kind} {_mean(found, kind, place)}' for kind in found)}"
        for place in (0, len(_ANGLES) // 2, -1)
    ]
    gaps = [
        bootstrap_difference(
            found[f"confidence, {passes}"][:, -1], found[f"accuracy, {passes}"][:, -1]
        ).points
        for passes in (_SINGLE, _MANY)
    ]
    return (
        f"Digits turned by angles that were not in training: {'; '.join(parts)}. At "
        f"{_ANGLES[-1]}°, confidence exceeds accuracy by {gaps[0]} percentage points in one pass, "
        f"and by {gaps[1]} in the mean of {_PASSES} passes with dropout. Brackets are 95% "
        "intervals over seeds and images."
    )


def _mean(found: Mapping[str, np.ndarray], kind: str, place: int) -> str:
    return bootstrap_mean(found[kind][:, place]).percent


def _figure(found: Mapping[str, np.ndarray], examples: ExampleImages) -> Figure:
    curves = [
        BandedCurve(
            kind, _ANGLES, [bootstrap_mean(values[:, place]) for place in range(len(_ANGLES))]
        )
        for kind, values in found.items()
    ]
    shown = examples.held_out.pixels[1:2]
    images = {f"{angle}°": [turned(shown, angle)[0]] for angle in _ANGLES}
    return curve_panels(
        [CurvePanel("", ("rotation in degrees, counterclockwise", "accuracy, confidence"), curves)],
        images,
        title="Accuracy and confidence on turned digits",
        note=f"Convnet with dropout, {len(examples.training):,} training and "
        f"{len(examples.held_out)} validation images of {examples.shown_name}; 95% bands over "
        f"seeds ({len(found[_KINDS[0]])}) and images; MC dropout: mean of {_PASSES} passes. The "
        "curves of both accuracies coincide",
    )
