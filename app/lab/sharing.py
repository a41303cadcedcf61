"""When do untied weights win?

  python -m app lab sharing -o lab

A network with locally connected layers, whose weights are untied, is compared
with two convolutional ones: of as many filters, which has the same number of
operations, and of as many parameters. They are trained on 300 and 3,000 digits,
centered and randomly shifted, with five seeds; each network has the learning
rate that is best on other images. In half an hour. Slides: "CNN: parameter
sharing", "CNN: NOT parameter sharing".
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import keras
import numpy as np

from app.augmentation.resampling import resample
from app.augmentation.transforms import Transforms
from app.data.dataset import Split
from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.small_run import accuracy_of, small_run
from app.lab.store import Job
from app.lab.uncertainty import SEEDS, over_seeds, paired
from app.layers.locally_connected_2d import LocallyConnected2D
from app.models.output import output_layer

_UNTIED = "untied"
_FLOPS, _PARAMETERS = "shared, equal FLOPs", "shared, equal parameters"
_ARMS = (_UNTIED, _FLOPS, _PARAMETERS)
_PLACES = ("centered", "shifted")
_COUNTS, _QUICK_COUNTS = (300, 3000), (100, 300)
_FILTERS = 16
# A quarter of the width to either side, which keeps a digit almost whole.
_SHIFT = 0.25
_RATES = (1e-3, 3e-3, 1e-2, 3e-2)
_STEPS, _QUICK_STEPS = 500, 5  # of training, however few the images
_BATCH = 32


class _Training(NamedTuple):
    """One training: arm, kind of images, their number, learning rate."""

    arm: str
    place: str
    images: int
    rate: float


def sharing(options: ExperimentOptions) -> ExperimentResult:
    """Choose a learning rate for each network, then train it with several seeds.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    requested = _QUICK_COUNTS if options.quick else _COUNTS
    examples = load_examples(
        options,
        "mnist",
        training=options.full_or_quick(20_000, 500),
        held_out=options.full_or_quick(2000, 100),
    )
    counts = examples.counts(requested)
    placed = {
        "centered": examples,
        "shifted": replace(
            examples, training=shifted(examples.training, 0), held_out=shifted(examples.held_out, 1)
        ),
    }
    seeds = options.full_or_quick(SEEDS, 1)
    steps = options.full_or_quick(_STEPS, _QUICK_STEPS)
    rates = _RATES[: options.full_or_quick(len(_RATES), 1)]
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "counts": counts,
        "seeds": seeds, "steps": steps, "rates": rates,
    }  # fmt: skip

    def jobs(trainings: list[_Training], numbers: range) -> dict[str, Job]:
        return {
            _name(one, seed): partial(_train, placed[one.place], one, (seed, seeds, steps))
            for seed in numbers
            for one in trainings
        }

    tried = [
        _Training(arm, place, counts[-1], rate)
        for arm in _ARMS
        for place in _PLACES
        for rate in rates
    ]
    # The seed that chooses the rate is none of those that measure.
    found = options.measure(jobs(tried, range(seeds, seeds + 1)), settings, "choosing rates")
    chosen = {}
    for arm in _ARMS:
        for place in _PLACES:
            right = [
                found[_name(_Training(arm, place, counts[-1], rate), seeds)]["choosing"]
                for rate in rates
            ]
            chosen[arm, place] = rates[int(np.argmax(right))]
    trainings = [
        _Training(arm, place, count, chosen[arm, place])
        for place in _PLACES
        for arm in _ARMS
        for count in counts
    ]
    measured = options.measure(jobs(trainings, range(seeds)), settings, "training networks")
    rows: list[Row] = [
        {
            "weights": one.arm, "images": one.place, "training_images": one.images,
            "learning_rate": one.rate, "seed": seed,
            "accuracy": round(measured[_name(one, seed)]["accuracy"], 4),
        }
        for one in trainings
        for seed in range(seeds)
    ]  # fmt: skip
    shape, classes = examples.training.pixels.shape[1:], len(examples.class_names)
    sizes = [f"{arm} {network_of(arm, shape, classes).count_params():,}" for arm in _ARMS]
    figure = curve_panels(
        [
            CurvePanel(
                f"{place} images",
                ("training images", f"accuracy on {place} images"),
                [
                    BandedCurve(arm, counts, [over_seeds(_of(rows, arm, place, n)) for n in counts])
                    for arm in _ARMS
                ],
                logarithmic="x",
            )
            for place in _PLACES
        ],
        {place: list(placed[place].held_out.pixels[:6]) for place in _PLACES},
        title="Untied and shared weights, at equal numbers of operations and of parameters",
        note=f"Parameters: {'; '.join(sizes)}. {steps} steps at the best of {len(rates)} learning "
        f"rates, decayed to zero; {len(examples.held_out):,} validation images of "
        f"{examples.shown_name}; 95% intervals of {seeds} seeds",
    )
    return ExperimentResult(
        _sentence(rows, counts), rows, {"sharing": figure}, _references(rows, counts, examples)
    )


def network_of(arm: str, shape: tuple[int, ...], num_classes: int) -> keras.Sequential:
    """Return the network of an arm, for images `(H, W, C)`."""
    if arm != _PARAMETERS:
        return _network(_FILTERS, shape, num_classes, untied=arm == _UNTIED)
    most = network_of(_UNTIED, shape, num_classes).count_params()
    # The number of parameters is quadratic in the number of filters: from three points.
    found = [_network(k, shape, num_classes).count_params() for k in (1, 2, 3)]
    filters = np.roots(np.polyfit((1, 2, 3), found, 2) - np.array([0, 0, most])).max()
    return _network(int(filters + 1e-6), shape, num_classes)


def _network(
    filters: int, shape: tuple[int, ...], num_classes: int, *, untied: bool = False
) -> keras.Sequential:
    layer = LocallyConnected2D if untied else keras.layers.Conv2D
    return keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Rescaling(1 / 255),
            layer(filters, 5, strides=2, activation="relu"),
            layer(filters, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            output_layer(num_classes),
        ]
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


def _train(
    examples: ExampleImages, one: _Training, amounts: tuple[int, int, int]
) -> dict[str, float]:
    """Return the accuracy on images that choose the learning rate, and on held-out ones."""
    seed, seeds, steps = amounts
    drawn = examples.drawn(one.images, seed, seeds)
    # All steps in one epoch: epochs of few images are mostly waiting.
    repeated = drawn.training.take(np.resize(np.arange(len(drawn.training)), steps * _BATCH))
    run = small_run(
        examples, lambda shape, classes, dropout: network_of(one.arm, shape, classes),
        augment="none", seed=seed, batch_size=_BATCH, learning_rate=one.rate, epochs=1,
    )  # fmt: skip
    network, _ = run.train(repeated)
    return {
        "choosing": accuracy_of(network, drawn.choosing),
        "accuracy": accuracy_of(network, drawn.held_out) if seed < seeds else 0.0,
    }


def _name(one: _Training, seed: int) -> str:
    return f"{one.arm}, {one.place}, {one.images} images, rate {one.rate}, seed {seed}"


def _of(rows: list[Row], arm: str, place: str, count: int) -> list[float]:
    return [
        float(row["accuracy"])
        for row in rows
        if (row["weights"], row["images"], row["training_images"]) == (arm, place, count)
    ]


def _sentence(rows: list[Row], counts: list[int]) -> str:
    parts = []
    for place in _PLACES:
        for count in counts:
            untied = _of(rows, _UNTIED, place, count)
            changes = [
                f"{paired(untied, _of(rows, arm, place, count)).points} to {arm}"
                for arm in (_FLOPS, _PARAMETERS)
            ]
            parts.append(
                f"{count:,} {place} images: untied {over_seeds(untied).percent}, "
                f"{' and '.join(changes)}"
            )
    return (
        "Accuracy of untied weights, and its difference in percentage points to shared weights, "
        f"with 95% intervals. {'. '.join(parts)}."
    )


def _references(rows: list[Row], counts: list[int], examples: ExampleImages) -> list[Reference]:
    """Return the accuracies of shared weights with the most images."""
    return [
        Reference(
            f"{_PARAMETERS}, {place} images",
            over_seeds(_of(rows, _PARAMETERS, place, counts[-1])).value,
            len(examples.held_out),
            examples.chance,
        )
        for place in _PLACES
    ]
