"""Can a network learn labels that mean nothing?

  python -m app lab random_labels -o lab

The convnet is trained on the same digits with their labels and with shuffled
ones, and then with dropout or augmentation on shuffled ones. It fits labels
that mean nothing, so a high training accuracy says nothing of what a network
knows. Five seeds, in minutes. Slide: "Data Augmentation".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from app.data.dataset import Split
from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.small_run import small_run
from app.lab.store import Job
from app.lab.uncertainty import share_over_seeds
from app.statistics.estimate import Estimate
from app.training.small_run import probabilities_of


@dataclass(frozen=True)
class _Condition:
    shuffled: bool
    dropout: float = 0.0
    augmented: bool = False


_CONDITIONS = {
    "true labels": _Condition(shuffled=False),
    "shuffled labels": _Condition(shuffled=True),
    "shuffled labels, dropout": _Condition(shuffled=True, dropout=0.5),
    "shuffled labels, augmentation": _Condition(shuffled=True, augmented=True),
}


def random_labels(options: ExperimentOptions) -> ExperimentResult:
    """Train the convnet on true and on shuffled labels.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    examples = load_examples(
        options,
        "mnist",
        training=options.full_or_quick(500, 100),
        held_out=options.full_or_quick(1000, 100),
    )
    seeds, epochs = range(options.full_or_quick(5, 1)), options.full_or_quick(50, 2)
    jobs: dict[str, Job] = {
        f"{name}, seed {seed}": partial(_train, examples, condition, epochs, seed)
        for seed in seeds
        for name, condition in _CONDITIONS.items()
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "epochs": epochs,
        "seeds": len(seeds),
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    runs = {name: [measured[f"{name}, seed {seed}"] for seed in seeds] for name in _CONDITIONS}
    rows: list[Row] = [
        {
            "setting": name, "seed": seed,
            "accuracy": round(runs[name][number]["training"][-1], 4),
            "validation_accuracy": round(runs[name][number]["validation"], 4),
        }
        for name in _CONDITIONS
        for number, seed in enumerate(seeds)
    ]  # fmt: skip
    fitted = {name: share_over_seeds([run["training"][-1] for run in runs[name]]) for name in runs}
    valid = {name: share_over_seeds([run["validation"] for run in runs[name]]) for name in runs}
    return ExperimentResult(
        _sentence(fitted, valid, examples),
        rows,
        {"random_labels": _figure(runs, valid, examples)},
        [Reference("true labels", valid["true labels"].value, len(examples.held_out),
                   examples.chance)],
    )  # fmt: skip


def shuffled(images: Split, seed: int) -> Split:
    """Return the images with their labels in a random order: as many of each, without meaning."""
    labels = np.random.default_rng(seed).permutation(images.labels)
    return replace(images, labels=labels)


def _train(
    examples: ExampleImages, condition: _Condition, epochs: int, seed: int
) -> dict[str, Any]:
    """Return the accuracies on the training labels after each epoch, and on validation images.

    Both are those of the finished network on the images as they are: without dropout, and without
    augmentation.
    """
    run = small_run(
        examples, model="convnet", epochs=epochs, seed=seed, batch_size=32, learning_rate=1e-3,
        augment=examples.augmentation if condition.augmented else "none",
        dropout=condition.dropout,
    )  # fmt: skip
    training = shuffled(examples.training, seed) if condition.shuffled else examples.training
    network, history = run.train(training, training)
    predicted = probabilities_of(network, examples.held_out.pixels).argmax(axis=1)
    return {
        "training": history["val_accuracy"],
        "validation": float((predicted == examples.held_out.labels).mean()),
    }


def _sentence(
    fitted: Mapping[str, Estimate], valid: Mapping[str, Estimate], examples: ExampleImages
) -> str:
    parts = [
        f"{name} {fitted[name].percent} (validation {valid[name].value:.1%})" for name in fitted
    ]
    return (
        f"Accuracy on the {len(examples.training):,} training images, without dropout and "
        f"augmentation at measurement, and on validation images with their true labels: "
        f"{'; '.join(parts)}. Chance is {examples.chance:.0%}; brackets are 95% intervals over "
        "seeds, each with its own shuffled labels."
    )


def _figure(
    runs: Mapping[str, list[dict[str, Any]]],
    valid: Mapping[str, Estimate],
    examples: ExampleImages,
) -> Any:
    curves = []
    for name, found in runs.items():
        by_epoch = zip(*(run["training"] for run in found), strict=True)
        estimates = [share_over_seeds(list(values)) for values in by_epoch]
        curves.append(BandedCurve(name, range(1, len(estimates) + 1), estimates))
    mixed = shuffled(examples.training, 0)
    images = {
        f"“{examples.class_names[label]}”": [examples.training.pixels[number]]
        for number, label in enumerate(mixed.labels[:8])
    }
    validation = ", ".join(f"{name} {found.value:.1%}" for name, found in valid.items())
    return curve_panels(
        [
            CurvePanel(
                "", ("epoch", "accuracy on the training labels"), curves,
                line=(examples.chance, "chance"),
            )
        ],
        images,
        title="A network fits labels that mean nothing",
        note=f"{len(examples.training):,} training images of {examples.shown_name}, measured "
        f"without dropout and augmentation; mean and 95% interval, number of seeds: "
        f"{len(runs['true labels'])}. The images show shuffled labels. Validation accuracy: "
        f"{validation}",
    )  # fmt: skip
