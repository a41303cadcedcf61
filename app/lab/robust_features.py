"""What does adversarial training do to the features of a network?

  python -m app lab robust_features -o lab

A convnet is trained on digits, and another on digits that are attacked while
it learns (fast adversarial training). Of both: the accuracy with and without
an attack (PGD), whether the gradient of the predicted class looks like the
image, and images that maximize the logit of each class. Five seeds, in minutes.
Slide: "Vision – Difficulties in real world applications".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from app.classifier.inspected_model import InspectedModel
from app.figures.canvas.style import Figure
from app.figures.class_features import ClassFeatures, class_features
from app.figures.interval_rows import IntervalRow, ShareAxis, interval_rows
from app.insight.alignment import cosines, predicted_gradients
from app.insight.feature_visualization import visualize_classes
from app.insight.gradients import input_gradients
from app.lab.adversarial_training import AdversarialTraining
from app.lab.attacks import ProjectedGradient
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.store import Job
from app.lab.uncertainty import SEEDS, over_seeds, paired
from app.statistics.estimate import Estimate
from app.training.small_run import probabilities_of

_STANDARD, _ADVERSARIAL = "standard training", "adversarial training"
_KINDS = (_STANDARD, _ADVERSARIAL)
# Of digits 0.2 of the range; photographs need far less.
_DIGIT_LEVELS, _PHOTOGRAPH_LEVELS = 51, 4
_STEPS = 40
_MOST_CLASSES = 10
_CLEAN, _ROBUST = "accuracy", "robust_accuracy"
_OWN, _OTHER = "alignment", "alignment_other_class"
_MEASURES = (_CLEAN, _ROBUST, _OWN, _OTHER)


@dataclass(frozen=True)
class _Protocol:
    """Number of training images, epochs and seeds, and ε in levels of 255."""

    training: int
    epochs: int
    seeds: int
    levels: int


def robust_features(options: ExperimentOptions) -> ExperimentResult:
    """Train networks with and without attacks; compare accuracy, gradients and visualizations.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    examples = load_examples(
        options,
        "mnist",
        training=options.full_or_quick(20_000, 200),
        held_out=options.full_or_quick(1000, 50),
    )
    protocol = _Protocol(
        options.full_or_quick(10_000, 100),
        options.full_or_quick(6, 1),
        options.full_or_quick(SEEDS, 1),
        _DIGIT_LEVELS if examples.of_digits else _PHOTOGRAPH_LEVELS,
    )
    jobs: dict[str, Job] = {
        f"{kind}, seed {seed}": partial(_measure, examples, protocol, kind, seed)
        for seed in range(protocol.seeds)
        for kind in _KINDS
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "steps": _STEPS,
        "training_images": protocol.training, "epochs": protocol.epochs,
        "levels": protocol.levels, "seeds": protocol.seeds,
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    runs = {
        kind: [measured[f"{kind}, seed {seed}"] for seed in range(protocol.seeds)]
        for kind in _KINDS
    }
    values = {
        kind: {name: [run[name] for run in found] for name in _MEASURES}
        for kind, found in runs.items()
    }
    rows: list[Row] = [
        {"training": kind, "seed": seed, **{name: round(run[name], 4) for name in _MEASURES}}
        for kind, found in runs.items()
        for seed, run in enumerate(found)
    ]
    features = {kind: found[0]["shown"] for kind, found in runs.items()}
    return ExperimentResult(
        _sentence(values, protocol, examples),
        rows,
        {
            "robust_features": _features_figure(features, protocol, examples),
            "robust_accuracy": _accuracy_figure(values, protocol, examples),
        },
        [
            Reference(kind, over_seeds(values[kind][_CLEAN]).value, len(examples.held_out),
                      examples.chance)
            for kind in _KINDS
        ],
    )  # fmt: skip


def _measure(examples: ExampleImages, protocol: _Protocol, kind: str, seed: int) -> dict[str, Any]:
    """Train one network; return its measures, and for the first seed what the figure shows."""
    drawn = examples.drawn(protocol.training, seed, protocol.seeds)
    levels = protocol.levels if kind == _ADVERSARIAL else 0
    training = AdversarialTraining(levels, protocol.epochs, seed)
    model = training.train(drawn.training, examples.class_names)
    images, labels = drawn.held_out.pixels, drawn.held_out.labels
    random = np.random.default_rng(seed)
    attack = ProjectedGradient(_STEPS, random)
    attacked = attack.attack(model, images, labels, protocol.levels)
    gradients = predicted_gradients(model, images)
    others = _of_other_classes(labels, random)
    found = {
        _CLEAN: _accuracy(model, images, labels),
        _ROBUST: _accuracy(model, attacked, labels),
        _OWN: float(cosines(gradients, images).mean()),
        _OTHER: float(cosines(gradients, images[others]).mean()),
    }
    return {**found, "shown": _shown(model, _images_of_classes(examples))} if seed == 0 else found


def _accuracy(model: InspectedModel, images: np.ndarray, labels: np.ndarray) -> float:
    return float((probabilities_of(model.keras_model, images).argmax(axis=1) == labels).mean())


def _of_other_classes(labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return for each image the position of a random one of another class, `(N,)`."""
    return np.array([random.choice(np.flatnonzero(labels != label)) for label in labels])


def _images_of_classes(examples: ExampleImages) -> list[np.ndarray]:
    """Return the first validation image of each of the first classes."""
    labels, count = examples.held_out.labels, min(_MOST_CLASSES, len(examples.class_names))
    return [examples.held_out.pixels[np.argmax(labels == k)] for k in range(count)]


def _shown(model: InspectedModel, images: Sequence[np.ndarray]) -> dict[str, Any]:
    """Return the gradients of the classes' logits at their images, and the visualizations."""
    gradients = [
        input_gradients(model, image[np.newaxis], k)[0].sum(axis=-1)
        for k, image in enumerate(images)
    ]
    scaled = [one / (np.abs(one).max() or 1.0) for one in gradients]
    return {
        "gradients": np.round(scaled, 3).tolist(),
        "visualizations": visualize_classes(model, range(len(images))).tolist(),
    }


def _sentence(
    values: Mapping[str, Mapping[str, Sequence[float]]],
    protocol: _Protocol,
    examples: ExampleImages,
) -> str:
    parts = [
        f"{kind}: accuracy {over_seeds(found[_CLEAN]).percent}, under attack (PGD, "
        f"ε = {protocol.levels}/255) {over_seeds(found[_ROBUST]).percent}; cosine with the image "
        f"{_cosine(over_seeds(found[_OWN]))}, with one of another class "
        f"{_cosine(over_seeds(found[_OTHER]))}"
        for kind, found in values.items()
    ]
    standard, robust = (values[kind] for kind in _KINDS)
    specific = [np.subtract(found[_OWN], found[_OTHER]).tolist() for found in (robust, standard)]
    return (
        f"A convnet on {protocol.training:,} images of {examples.shown_name}, and the cosine of "
        "the angle between the gradient of the predicted class's logit and images. "
        f"{'; '.join(parts)}. Adversarial training changes the accuracy by "
        f"{paired(robust[_CLEAN], standard[_CLEAN]).points} points, the cosine with the image by "
        f"{_cosine(paired(robust[_OWN], standard[_OWN]))}, and its excess over that with another "
        f"class by {_cosine(paired(*specific))}. Brackets are 95% intervals over seeds."
    )


def _cosine(estimate: Estimate) -> str:
    value, low, high = (f"{number:.2f}".replace("-", "−") for number in estimate)
    return f"{value} [{low}, {high}]"


def _features_figure(
    features: Mapping[str, Mapping[str, Any]], protocol: _Protocol, examples: ExampleImages
) -> Figure:
    images = _images_of_classes(examples)
    return class_features(
        images,
        {
            kind: ClassFeatures(
                np.array(found["gradients"]), np.array(found["visualizations"], np.uint8)
            )
            for kind, found in features.items()
        },
        examples.class_names[: len(images)],
        title="Features of networks with and without adversarial training",
        note=f"Two convnets on {protocol.training:,} images of {examples.shown_name}; attacks "
        f"change values by at most {protocol.levels}/255. Gradient: of the class's logit by the "
        "pixels of the image, red above zero, blue below. Visualization: an image that maximizes "
        "the logit, by gradient ascent from noise.",
    )


def _accuracy_figure(
    values: Mapping[str, Mapping[str, Sequence[float]]],
    protocol: _Protocol,
    examples: ExampleImages,
) -> Figure:
    names = {
        _CLEAN: "accuracy", _ROBUST: f"accuracy under PGD,\nε = {protocol.levels}/255",
        _OWN: "cosine of gradient\nand image", _OTHER: "cosine of gradient and\nanother class",
    }  # fmt: skip
    return interval_rows(
        [
            IntervalRow(
                names[measure], {kind: over_seeds(values[kind][measure]) for kind in _KINDS}
            )
            for measure in _MEASURES
        ],
        {},
        title="Robust accuracy, and alignment of gradients with images",
        note=f"{protocol.training:,} training images of {examples.shown_name}; PGD: {_STEPS} "
        f"steps; 95% intervals over seeds ({protocol.seeds}), each with its own training images "
        f"and {len(examples.held_out) // protocol.seeds} validation images",
        axis=ShareAxis("accuracy, cosine", percent=False),
    )
