"""Does a prediction survive a shift of one pixel?

  python -m app lab shift_consistency -o lab

A small convnet with a global average at its end is trained with four ways of
downsampling: max pooling, average pooling, a stride, and max pooling behind
which a blur removes what the coarser grid cannot hold. Then photographs are
shifted by a few pixels, with real content moving in at the border, and the
predictions compared. Five seeds, in minutes. Slide: "Translation Invariance".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import keras
import numpy as np

from app.data.dataset import Split
from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
from app.lab.downsampling import downsampled_network
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.shifting import agreement, crop, predicted
from app.lab.small_run import small_run
from app.lab.store import Job
from app.statistics.means import bootstrap_difference, bootstrap_mean

_DOWNSAMPLING = ("max pooling", "average pooling", "stride", "max pooling + blur")
_BASELINE = "max pooling"
_FILTERS = (8, 16, 32)
_STRIDE = 2 ** len(_FILTERS)  # of all layers together


def shift_consistency(options: ExperimentOptions) -> ExperimentResult:
    """Train the network with each way of downsampling and compare predictions under shifts.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    examples = load_examples(
        options,
        "catsdogs",
        training=options.full_or_quick(1000, 100),
        held_out=options.full_or_quick(500, 50),
    )
    most = examples.training.pixels.shape[1] // _STRIDE
    cropped = replace(examples, training=crop(examples.training, most),
                      held_out=crop(examples.held_out, most))  # fmt: skip
    seeds, epochs = range(options.full_or_quick(5, 1)), options.full_or_quick(12, 1)
    jobs: dict[str, Job] = {
        f"{kind}, seed {seed}": partial(_measure, examples.held_out, cropped, kind, epochs, seed)
        for seed in seeds
        for kind in _DOWNSAMPLING
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "epochs": epochs,
        "seeds": len(seeds),
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    same = {
        kind: np.array([measured[f"{kind}, seed {seed}"]["agreement"] for seed in seeds])
        for kind in _DOWNSAMPLING
    }  # (seeds, shifts, images)
    correct = {
        kind: np.array([measured[f"{kind}, seed {seed}"]["correct"] for seed in seeds])
        for kind in _DOWNSAMPLING
    }  # (seeds, images)
    rows: list[Row] = [
        {
            "downsampling": kind, "shift": shift, "seed": seed,
            "consistency": round(float(same[kind][number, shift].mean()), 4),
            "accuracy": round(float(correct[kind][number].mean()), 4),
        }
        for kind in _DOWNSAMPLING
        for shift in range(most + 1)
        for number, seed in enumerate(seeds)
    ]  # fmt: skip
    return ExperimentResult(
        _sentence(same, correct),
        rows,
        {"shift_consistency": _figure(same, correct, examples, most)},
        [
            Reference(kind, float(right.mean()), len(examples.held_out), examples.chance)
            for kind, right in correct.items()
        ],
    )


def network_of(kind: str, shape: tuple[int, ...], num_classes: int) -> keras.Sequential:
    """Return the network with one way of downsampling, for images `(H, W, C)`.

    All have the same weights. Only the stride, and the zeros at the border, keep it from being
    invariant to shifts, because the average over all positions is.
    """
    return downsampled_network(kind, _FILTERS, shape, num_classes)


def _measure(
    whole: Split, cropped: ExampleImages, kind: str, epochs: int, seed: int
) -> dict[str, list[Any]]:
    """Return, by image, the share of shifts by 0, 1, … pixels that keep the predicted class."""
    run = small_run(
        cropped, lambda shape, classes, dropout: network_of(kind, shape, classes),
        augment="none", seed=seed, batch_size=32, learning_rate=3e-3, epochs=epochs,
    )  # fmt: skip
    network, _ = run.train(cropped.training)
    margin = (whole.pixels.shape[1] - cropped.held_out.pixels.shape[1]) // 2
    return {
        "agreement": [
            agreement(network, whole, margin, shift).tolist() for shift in range(margin + 1)
        ],
        "correct": (predicted(network, whole, margin) == whole.labels).astype(int).tolist(),
    }


def _sentence(same: Mapping[str, np.ndarray], correct: Mapping[str, np.ndarray]) -> str:
    parts = [
        f"{kind} {bootstrap_mean(found[:, 1]).percent} (accuracy {correct[kind].mean():.1%})"
        for kind, found in same.items()
    ]
    differences = [
        f"{kind} {bootstrap_difference(found[:, 1], same[_BASELINE][:, 1]).points}"
        for kind, found in same.items()
        if kind != _BASELINE
    ]
    return (
        "Share of predictions that stay the same under a shift by one pixel: "
        f"{'; '.join(parts)}. Difference from {_BASELINE} in percentage points: "
        f"{'; '.join(differences)}. Brackets are 95% intervals over seeds and images."
    )


def _figure(
    same: Mapping[str, np.ndarray],
    correct: Mapping[str, np.ndarray],
    examples: ExampleImages,
    most: int,
) -> Any:
    shifts = range(1, most + 1)
    curves = [
        BandedCurve(kind, shifts, [bootstrap_mean(found[:, shift]) for shift in shifts])
        for kind, found in same.items()
    ]
    shown = examples.held_out.take(np.arange(1))
    images = {
        "not shifted": [crop(shown, most).pixels[0]],
        "by 1 pixel": [crop(shown, most, (0, 1)).pixels[0]],
        f"by {most} pixels": [crop(shown, most, (0, most)).pixels[0]],
    }
    accuracies = ", ".join(f"{kind} {right.mean():.1%}" for kind, right in correct.items())
    panel = CurvePanel(
        "", ("shift in pixels (right, left, down, up)", "same prediction as without shift"), curves
    )
    seeds = len(correct[_BASELINE])
    return curve_panels(
        [panel],
        images,
        title="Which predictions survive a shift?",
        note=f"{len(examples.training):,} training and {len(examples.held_out):,} validation "
        f"images of {examples.shown_name}; 95% bands over seeds ({seeds}) and images; the "
        f"stride of all layers together is {_STRIDE}. "
        f"Accuracy: {accuracies}",
    )
