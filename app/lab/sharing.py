"""When do unshared weights win?

  python -m app lab sharing -o lab

One network with convolutions, and with locally connected layers in their place,
is trained on 100 to 10,000 images, centered and randomly shifted, with two
seeds, in minutes. Slides: "CNN: parameter sharing", "CNN: NOT parameter
sharing".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import keras
import numpy as np

from app.augmentation.resampling import resample
from app.augmentation.transforms import Transforms
from app.data.dataset import Split
from app.figures.learning_curves import Curve, learning_curves
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.small_run import small_run
from app.lab.store import Job
from app.lab.wording import listed, mean_and_spread, with_spread
from app.layers.locally_connected_2d import LocallyConnected2D
from app.models.output import output_layer

_KINDS = {"shared": keras.layers.Conv2D, "unshared": LocallyConnected2D}
_PLACES = ("centered", "shifted")
_COUNTS, _QUICK_COUNTS = (100, 300, 1000, 3000, 10_000), (100, 300)
_FILTERS = 16
# A quarter of the width to either side, which keeps a digit almost whole.
_SHIFT = 0.25
_STEPS, _QUICK_STEPS = 500, 30  # of training, however few the images
_BATCH = 64


def sharing(options: ExperimentOptions) -> ExperimentResult:
    """Train both networks on centered and shifted images, with increasing numbers of them.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    requested = _QUICK_COUNTS if options.quick else _COUNTS
    examples = load_examples(
        options.dataset or "mnist",
        options.data_dir,
        training=requested[-1],
        held_out=options.full_or_quick(2000, 500),
        reporter=options.reporter,
    )
    counts = examples.counts(requested)
    placed = {
        "centered": examples,
        "shifted": replace(
            examples, training=shifted(examples.training, 0), held_out=shifted(examples.held_out, 1)
        ),
    }
    seeds = range(options.full_or_quick(2, 1))
    steps = options.full_or_quick(_STEPS, _QUICK_STEPS)
    jobs: dict[str, Job] = {}
    for seed in seeds:
        for place in _PLACES:
            for count in counts:
                for kind in _KINDS:
                    jobs[f"{kind}, {place}, {count} images, seed {seed}"] = partial(
                        _train_and_measure, placed[place], kind, count, seed, steps
                    )
    settings = {
            "dataset": examples.label, "images": examples.fingerprint, "counts": counts,
            "seeds": len(seeds), "steps": steps,
        }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    rows = _rows(measured, counts, seeds)
    weights = {
        kind: network_of(kind, examples.training.pixels.shape[1:], len(examples.class_names))
        .count_params()
        for kind in _KINDS
    }  # fmt: skip
    figure = learning_curves(
        {place: _curves(rows, place, counts) for place in _PLACES},
        {place: list(placed[place].held_out.pixels[:6]) for place in _PLACES},
        title="Shared and unshared weights: when are unshared ones better?",
        note=f"After {steps} steps; one network of {weights['shared']:,} (shared) or "
        f"{weights['unshared']:,} weights; "
        f"{len(examples.held_out):,} validation images of {examples.shown_name}",
        label="accuracy",
    )
    return ExperimentResult(
        _sentence(rows, counts, weights, steps),
        rows,
        {"sharing": figure},
        _references(rows, counts, examples),
    )


def network_of(kind: str, shape: tuple[int, ...], num_classes: int) -> keras.Sequential:
    """Return the network with `shared` or `unshared` weights, for images `(H, W, C)`."""
    layer = _KINDS[kind]
    return keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Rescaling(1 / 255),
            layer(_FILTERS, 5, strides=2, activation="relu"),
            layer(_FILTERS, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            output_layer(num_classes),
        ],
        name=kind,
    )


def shifted(examples: Split, seed: int) -> Split:
    """Return the images, each shifted at random by whole pixels."""
    images = examples.pixels
    count, height, width = images.shape[:3]
    random = np.random.default_rng(seed)

    def moves(side: int) -> np.ndarray:
        most = round(_SHIFT * side)
        return np.asarray(random.integers(-most, most + 1, count), np.float64)

    transforms = replace(Transforms.identity(count), shift_x=moves(width), shift_y=moves(height))
    moved = resample(images, transforms.matrices(height, width), "nearest")
    return replace(examples, images=moved)


def _train_and_measure(
    examples: ExampleImages, kind: str, count: int, seed: int, steps: int
) -> float:
    few = examples.training.take_balanced(count, len(examples.class_names))
    # All steps in one epoch: epochs of few images are mostly waiting.
    training = few.take(np.resize(np.arange(len(few)), steps * _BATCH))
    run = small_run(
        examples, lambda shape, classes, dropout: network_of(kind, shape, classes),
        augment="none", seed=seed, batch_size=_BATCH, learning_rate=1e-3, epochs=1,
    )  # fmt: skip
    return run.accuracy(training, examples.held_out)


def _rows(measured: Mapping[str, Any], counts: list[int], seeds: range) -> list[Row]:
    return [
        {
            "weights": kind, "images": place, "training_images": count, "seed": seed,
            "accuracy": round(measured[f"{kind}, {place}, {count} images, seed {seed}"], 4),
        }
        for place in _PLACES
        for kind in _KINDS
        for count in counts
        for seed in seeds
    ]  # fmt: skip


def _of(rows: list[Row], kind: str, place: str, count: int) -> list[float]:
    return [
        float(row["accuracy"])
        for row in rows
        if (row["weights"], row["images"], row["training_images"]) == (kind, place, count)
    ]


def _curves(rows: list[Row], place: str, counts: list[int]) -> list[Curve]:
    return [Curve(kind, counts, [_of(rows, kind, place, n) for n in counts]) for kind in _KINDS]


def _sentence(rows: list[Row], counts: list[int], weights: Mapping[str, int], steps: int) -> str:
    parts = []
    for place in _PLACES:
        ends = []
        for count in dict.fromkeys((counts[0], counts[-1])):
            shared, unshared = (with_spread(_of(rows, kind, place, count)) for kind in _KINDS)
            ends.append(f"{shared} and {unshared} with {count:,}")
        wins = [f"{count:,}" for count in counts if _wins(rows, place, count)]
        better = f"with {listed(wins)}" if wins else "with no number of images"
        parts.append(f"On {place} images: {', '.join(ends)}; unshared weights are better {better}.")
    several = len(_of(rows, "shared", _PLACES[0], counts[0])) > 1
    beyond = "by more than the spread over the seeds" if several else "with one seed"
    ratio = weights["unshared"] / weights["shared"]
    return (
        f"Accuracy after {steps} training steps with shared and with unshared weights, by number "
        f"of training images. {' '.join(parts)} Better means {beyond}; the unshared network has "
        f"{ratio:.1f} times the weights."
    )


def _references(rows: list[Row], counts: list[int], examples: ExampleImages) -> list[Reference]:
    """Return the accuracies of shared weights with the most images."""
    return [
        Reference(
            f"shared weights on {place} images",
            mean_and_spread(_of(rows, "shared", place, counts[-1]))[0],
            len(examples.held_out),
            examples.chance,
        )
        for place in _PLACES
    ]


def _wins(rows: list[Row], place: str, count: int) -> bool:
    """Return whether unshared weights are better by more than either spread over the seeds."""
    shared, shared_spread = mean_and_spread(_of(rows, "shared", place, count))
    unshared, unshared_spread = mean_and_spread(_of(rows, "unshared", place, count))
    return unshared - shared > max(shared_spread, unshared_spread)
