"""What is pooling good for, and which kind?

  python -m app lab pooling -o lab

The lecture's kinds of pooling, a stride and no pooling at all, in the same
small convnet behind Flatten, trained on 1,000 digits: accuracy, number of
parameters, and predictions that survive a shift by one pixel. Five seeds, in
minutes. Slides: "Pooling layer", "Why pooling?".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import keras
import numpy as np

from app.figures.canvas.style import Figure
from app.figures.interval_rows import IntervalRow, ShareAxis, interval_rows
from app.lab.downsampling import downsampled_network
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.shifting import agreement, crop, predicted
from app.lab.small_run import small_run
from app.lab.store import Job
from app.statistics.means import bootstrap_difference, bootstrap_mean

_KINDS = (
    "max pooling", "average pooling", "L2 pooling", "stride", "max pooling + blur", "no pooling",
)  # fmt: skip
_BASELINE = "max pooling"
_GLOBAL = "max pooling, global average"
_FILTERS = (16, 32)
_MARGIN = 1


def pooling(options: ExperimentOptions) -> ExperimentResult:
    """Train the network with each kind of pooling.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    examples = load_examples(
        options,
        "mnist",
        training=options.full_or_quick(1000, 100),
        held_out=options.full_or_quick(2000, 100),
    )
    cropped = replace(examples, training=crop(examples.training, _MARGIN),
                      held_out=crop(examples.held_out, _MARGIN))  # fmt: skip
    seeds, epochs = range(options.full_or_quick(5, 1)), options.full_or_quick(12, 1)
    names = (*_KINDS, _GLOBAL)
    jobs: dict[str, Job] = {
        f"{name}, seed {seed}": partial(_measure, examples, cropped, name, epochs, seed)
        for seed in seeds
        for name in names
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "epochs": epochs,
        "seeds": len(seeds),
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    correct, same = (
        {
            name: np.array([measured[f"{name}, seed {seed}"][key] for seed in seeds])
            for name in names
        }
        for key in ("correct", "same")
    )  # (seeds, images) by name
    shape, classes = cropped.training.pixels.shape[1:], len(examples.class_names)
    parameters = {name: network_of(name, shape, classes).count_params() for name in names}
    rows: list[Row] = [
        {
            "pooling": name, "parameters": parameters[name], "seed": seed,
            "accuracy": round(float(correct[name][number].mean()), 4),
            "consistency": round(float(same[name][number].mean()), 4),
        }
        for name in names
        for number, seed in enumerate(seeds)
    ]  # fmt: skip
    return ExperimentResult(
        _sentence(correct, same, parameters),
        rows,
        {"pooling": _figure(correct, same, parameters, examples)},
        [
            Reference(name, float(right.mean()), len(examples.held_out), examples.chance)
            for name, right in correct.items()
        ],
    )


def network_of(name: str, shape: tuple[int, ...], num_classes: int) -> keras.Sequential:
    """Return the network with one kind of pooling, for images `(H, W, C)`."""
    if name == _GLOBAL:
        return downsampled_network(_BASELINE, _FILTERS, shape, num_classes)
    return downsampled_network(name, _FILTERS, shape, num_classes, head=keras.layers.Flatten)


def _measure(
    whole: ExampleImages, cropped: ExampleImages, name: str, epochs: int, seed: int
) -> dict[str, list[Any]]:
    """Return, by image, whether it is classified correctly and how consistently under shifts."""
    run = small_run(
        cropped, lambda shape, classes, dropout: network_of(name, shape, classes),
        augment="none", seed=seed, batch_size=32, learning_rate=2e-3, epochs=epochs,
    )  # fmt: skip
    network, _ = run.train(cropped.training)
    right = predicted(network, whole.held_out, _MARGIN) == whole.held_out.labels
    return {
        "correct": right.astype(int).tolist(),
        "same": agreement(network, whole.held_out, _MARGIN, 1).tolist(),
    }


def _sentence(
    correct: Mapping[str, np.ndarray],
    same: Mapping[str, np.ndarray],
    parameters: Mapping[str, int],
) -> str:
    parts = [
        f"{name} {bootstrap_mean(right).percent} and {bootstrap_mean(same[name]).percent}"
        for name, right in correct.items()
    ]
    differences = [
        f"{name} {bootstrap_difference(right, correct[_BASELINE]).points} and "
        f"{bootstrap_difference(same[name], same[_BASELINE]).points}"
        for name, right in correct.items()
        if name != _BASELINE
    ]
    return (
        "Accuracy, and share of predictions that stay the same under a shift by one pixel: "
        f"{'; '.join(parts)}. Differences from {_BASELINE} in percentage points: "
        f"{'; '.join(differences)}. The network has {parameters[_BASELINE]:,} parameters with "
        f"downsampling and Flatten, {parameters[_GLOBAL]:,} with a global average, "
        f"{parameters['no pooling']:,} without pooling. Brackets are 95% intervals over seeds and "
        "images."
    )


def _figure(
    correct: Mapping[str, np.ndarray],
    same: Mapping[str, np.ndarray],
    parameters: Mapping[str, int],
    examples: ExampleImages,
) -> Figure:
    rows = [
        IntervalRow(
            f"{name}\n{parameters[name]:,} parameters",
            {
                "accuracy": bootstrap_mean(right),
                "same prediction after a shift by one pixel": bootstrap_mean(same[name]),
            },
        )
        for name, right in correct.items()
    ]
    return interval_rows(
        rows,
        {},
        title="Kinds of pooling in the same small convnet",
        note=f"{len(examples.training):,} training and {len(examples.held_out):,} validation "
        f"images of {examples.shown_name}; mean and 95% interval over seeds "
        f"({len(correct[_BASELINE])}) and images. The global average follows only two "
        "convolutions, whose units see 10×10 pixels",
        axis=ShareAxis("share of the validation images"),
    )
