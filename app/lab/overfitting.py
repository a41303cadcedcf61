"""What dropout and augmentation do against overfitting.

  python -m app lab overfitting -o lab

The lecture's convnet is trained on 250 and on 1,000 photographs of 64×64
pixels, with neither, either and both, in minutes. Slide: "Data Augmentation".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from app.figures.overfitting import History, overfitting_curves
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.small_run import small_run
from app.lab.store import Job
from app.statistics.proportions import wilson_interval

_DROPOUT = 0.5
_ARMS = ("neither", "dropout", "augmentation", "both")
_WORDS = {
    "neither": "neither dropout nor augmentation", "dropout": "dropout",
    "augmentation": "augmentation", "both": "dropout and augmentation",
}  # fmt: skip
_COUNTS, _QUICK_COUNTS = (250, 1000), (40,)


def overfitting(options: ExperimentOptions) -> ExperimentResult:
    """Train the lecture's convnet in four ways on each number of images.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    requested = _QUICK_COUNTS if options.quick else _COUNTS
    examples = load_examples(
        options,
        "catsdogs",
        training=requested[-1],
        held_out=options.full_or_quick(500, 40),
    )
    counts = examples.counts(requested)
    epochs = options.full_or_quick(30, 2)
    jobs: dict[str, Job] = {
        _name(arm, count): partial(_train, examples, arm, count, epochs)
        for count in counts
        for arm in _ARMS
    }
    settings = {
            "dataset": examples.label, "images": examples.fingerprint, "counts": counts,
            "epochs": epochs,
        }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    rows: list[Row] = [
        {"setting": arm, "training_images": count, **_rounded(row)}
        for count in counts
        for arm in _ARMS
        for row in _history(measured[_name(arm, count)])
    ]
    panels: dict[str, list[History]] = {
        f"{arm}\n{count:,} images": [_history(measured[_name(arm, count)])]
        for count in counts
        for arm in _ARMS
    }
    figure = overfitting_curves(
        panels, f"Overfitting: the lecture's convnet, {epochs} epochs of {examples.shown_name}"
    )
    return ExperimentResult(
        _sentence(measured, counts, len(examples.held_out)),
        rows,
        {"overfitting": figure},
        _references(measured, counts, examples),
    )


def _name(arm: str, count: int) -> str:
    return f"{arm}, {count:,} images"


def _train(examples: ExampleImages, arm: str, count: int, epochs: int) -> dict[str, list[float]]:
    run = small_run(
        examples, model="convnet", epochs=epochs,
        augment=examples.augmentation if arm in ("augmentation", "both") else "none",
        dropout=_DROPOUT if arm in ("dropout", "both") else 0.0,
    )  # fmt: skip
    training = examples.training.take_balanced(count, len(examples.class_names))
    _, history = run.train(training, examples.held_out)
    return history


def _history(measured: Mapping[str, Any]) -> list[dict[str, float]]:
    """Return a row per epoch."""
    names = ("accuracy", "loss", "val_accuracy", "val_loss")
    return [
        {"epoch": number, **{name: measured[name][number - 1] for name in names}}
        for number in range(1, len(measured["loss"]) + 1)
    ]


def _rounded(row: Mapping[str, float]) -> Row:
    return {name: value if name == "epoch" else round(value, 4) for name, value in row.items()}


def _ends(measured: Mapping[str, Any], count: int) -> dict[str, tuple[float, float]]:
    """Return (training, validation) accuracy of each arm, over its last three epochs."""
    ends = {}
    for arm in _ARMS:
        last = _history(measured[_name(arm, count)])[-3:]  # a single epoch is noisy
        ends[arm] = (
            float(np.mean([row["accuracy"] for row in last])),
            float(np.mean([row["val_accuracy"] for row in last])),
        )
    return ends


def _sentence(measured: Mapping[str, Any], counts: list[int], held_out: int) -> str:
    parts = []
    for count in counts:
        arms = []
        for arm, (training, validation) in _ends(measured, count).items():
            losses = measured[_name(arm, count)]["val_loss"]
            interval = wilson_interval(round(validation * held_out), held_out)
            arms.append(
                f"{_WORDS[arm]} {training:.0%}, {interval.percent}, {min(losses):.2f} and "
                f"{losses[-1]:.2f}"
            )
        parts.append(f"With {count:,} training images: {'; '.join(arms)}.")
    return (
        "Accuracy in training (with the arm's own dropout and augmentation), accuracy on the "
        "validation images with its 95% interval over the images, both means of the last three "
        "epochs, and the lowest and the last validation loss. " + " ".join(parts) + " One seed "
        "each, so the validation accuracies are not compared. A validation loss that rises after "
        "its lowest value is overfitting; one that does not, with a low training accuracy, is "
        "underfitting."
    )


def _references(
    measured: Mapping[str, Any], counts: list[int], examples: ExampleImages
) -> list[Reference]:
    """Return the validation accuracies without measures against overfitting."""
    return [
        Reference(
            f"{_WORDS['neither']}, {count:,} training images",
            _ends(measured, count)["neither"][1],
            len(examples.held_out),
            examples.chance,
        )
        for count in counts
    ]
