"""What does a network learn if something easier than the digit tells the class?

  python -m app lab shortcut -o lab

In the training images the class is also given by a cue: the color of the
digit, or a small square in the corner. The networks are tested with cues that
fit, that belong to another digit, or that are missing, and Grad-CAM is asked
where the evidence is. Five seeds, in minutes. Slide: "Vision – Difficulties in
real world applications".
"""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import keras
import numpy as np

from app.classifier.inspected_model import InspectedModel
from app.data.dataset import Split
from app.figures.canvas.style import Figure
from app.figures.interval_rows import IntervalRow, ShareAxis, interval_rows
from app.insight.grad_cam import grad_cam
from app.lab.downsampling import downsampled_network
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.small_run import small_run
from app.lab.store import Job
from app.statistics.means import bootstrap_difference, bootstrap_mean
from app.training.small_run import probabilities_of

_COLOR, _CORNER, _CONTROL = "color", "corner", "no cue"
_FITS, _CONTRADICTS, _MISSING = "cue of the digit", "cue of another digit", "no cue"
_TESTS = (_FITS, _CONTRADICTS, _MISSING)
_FILTERS = (16, 32, 64)
_SQUARE = 4  # pixels
_NEAR = 8  # pixels: two cells of the map that Grad-CAM weighs


def shortcut(options: ExperimentOptions) -> ExperimentResult:
    """Train networks with and without a cue and test them on cues that fit or do not.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    examples = load_examples(
        options,
        "mnist",
        training=options.full_or_quick(1000, 100),
        held_out=options.full_or_quick(1000, 100),
    )
    seeds, epochs = range(options.full_or_quick(5, 1)), options.full_or_quick(8, 1)
    explained = min(options.full_or_quick(100, 10), len(examples.held_out))
    jobs: dict[str, Job] = {
        f"{cue}, seed {seed}": partial(_measure, examples, cue, seed, epochs, explained)
        for seed in seeds
        for cue in (_COLOR, _CORNER, _CONTROL)
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "epochs": epochs,
        "explained": explained, "seeds": len(seeds),
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    runs = {
        cue: [measured[f"{cue}, seed {seed}"] for seed in seeds]
        for cue in (_COLOR, _CORNER, _CONTROL)
    }
    correct = {
        (cue, tested, test): np.array([run["correct"][tested][test] for run in runs[cue]])
        for cue in runs
        for tested in (_COLOR, _CORNER)
        for test in _TESTS
        if cue in (tested, _CONTROL)
    }  # (seeds, images)
    corner = {cue: np.array([run["in_corner"] for run in runs[cue]]) for cue in (_CORNER, _CONTROL)}
    rows: list[Row] = [
        {
            "training": cue, "cue": tested, "test": test, "seed": seed,
            "accuracy": round(float(found[number].mean()), 4),
        }
        for (cue, tested, test), found in correct.items()
        for number, seed in enumerate(seeds)
    ]  # fmt: skip
    return ExperimentResult(
        _sentence(correct, corner),
        rows,
        {"shortcut": _figure(correct, examples)},
        [
            Reference(f"trained with {cue}, {test}", float(found.mean()),
                      len(examples.held_out), examples.chance)
            for (cue, _, test), found in correct.items()
            if test == _FITS
        ],
    )  # fmt: skip


def with_cue(images: Split, cue: str, classes: np.ndarray, num_classes: int) -> Split:
    """Return images in color, with a cue for classes that need not be theirs.

    Args:
        images: Gray images `(N, H, W, 1)` or `(N, H, W, 3)`.
        cue: `color`: the image in the color of the class. `corner`: a square of 4×4 pixels of this
            color in the upper left corner. `no cue`: as it is.
        classes: Class of the cue by image, `(N,)`.
        num_classes: Number of classes, and of colors.

    Returns:
        Images `(N, H, W, 3)`.
    """
    palette = np.array([colorsys.hsv_to_rgb(k / num_classes, 0.9, 1.0) for k in range(num_classes)])
    colors = palette[classes][:, np.newaxis, np.newaxis]  # (N, 1, 1, 3)
    changed = np.broadcast_to(images.pixels, (*images.pixels.shape[:3], 3)).copy()
    if cue == _COLOR:
        changed = np.rint(images.pixels * colors).astype(np.uint8)
    elif cue == _CORNER:
        changed[:, :_SQUARE, :_SQUARE] = np.rint(255 * colors)
    return replace(images, images=changed)


def _network(shape: tuple[int, ...], num_classes: int, dropout: float) -> keras.Sequential:
    flatten = keras.layers.Flatten
    return downsampled_network("max pooling", _FILTERS, shape, num_classes, head=flatten)


def _measure(
    examples: ExampleImages, cue: str, seed: int, epochs: int, explained: int
) -> dict[str, Any]:
    """Train one network; return what it classifies correctly, and where Grad-CAM points."""
    training, held_out, count = examples.training, examples.held_out, len(examples.class_names)
    colored = with_cue(training, cue, training.labels, count)
    run = small_run(
        replace(examples, training=colored), _network, augment="none", seed=seed, batch_size=32,
        learning_rate=2e-3, epochs=epochs,
    )  # fmt: skip
    network, _ = run.train(colored)
    others = (
        held_out.labels + np.random.default_rng(seed).integers(1, count, len(held_out))
    ) % count
    correct: dict[str, dict[str, list[int]]] = {}
    for tested in (_COLOR, _CORNER):
        tests = {
            _FITS: with_cue(held_out, tested, held_out.labels, count),
            _CONTRADICTS: with_cue(held_out, tested, others, count),
            _MISSING: with_cue(held_out, _CONTROL, held_out.labels, count),
        }
        correct[tested] = {
            test: (probabilities_of(network, images.pixels).argmax(axis=1) == held_out.labels)
            .astype(int)
            .tolist()
            for test, images in tests.items()
        }
    shown = with_cue(held_out.take(np.arange(explained)), _CORNER, held_out.labels[:explained],
                     count)  # fmt: skip
    return {"correct": correct, "in_corner": _in_corner(network, shown.pixels, examples)}


def _in_corner(network: keras.Model, images: np.ndarray, examples: ExampleImages) -> list[int]:
    """Return whether the maximum of Grad-CAM is near the corner of the square."""
    model = InspectedModel.wrap(
        network, class_names=examples.class_names, image_shape=images.shape[1:]
    )
    found = []
    for image in images:
        heat = grad_cam(model, image)
        row, column = np.unravel_index(np.argmax(heat), heat.shape)
        found.append(int(row < _NEAR and column < _NEAR))
    return found


def _sentence(
    correct: Mapping[tuple[str, str, str], np.ndarray], corner: Mapping[str, np.ndarray]
) -> str:
    parts = []
    for cue in (_COLOR, _CORNER):
        shares = [f"{test} {bootstrap_mean(correct[cue, cue, test]).percent}" for test in _TESTS]
        fall = bootstrap_difference(
            correct[cue, cue, _CONTRADICTS], correct[_CONTROL, cue, _CONTRADICTS]
        ).points
        parts.append(
            f"trained with the {cue} as a cue: {', '.join(shares)}; with the cue of another digit, "
            f"{fall} points against networks trained without cue"
        )
    return (
        f"Accuracy, {'; '.join(parts)}. Grad-CAM has its maximum near the square in "
        f"{bootstrap_mean(corner[_CORNER]).percent} of the images for networks trained with the "
        f"square, and in {bootstrap_mean(corner[_CONTROL]).percent} for those trained without. "
        "Brackets are 95% intervals over seeds and images."
    )


def _figure(correct: Mapping[tuple[str, str, str], np.ndarray], examples: ExampleImages) -> Figure:
    rows = [
        IntervalRow(
            f"{tested}: {test}",
            {
                "trained with the cue": bootstrap_mean(correct[tested, tested, test]),
                "trained without": bootstrap_mean(correct[_CONTROL, tested, test]),
            },
        )
        for tested in (_COLOR, _CORNER)
        for test in _TESTS
    ]
    shown, count = examples.held_out.take(np.arange(3)), len(examples.class_names)
    others = (shown.labels + 1) % count
    images = {
        f"{cue}, {words}": list(with_cue(shown, cue, labels, count).pixels)
        for cue in (_COLOR, _CORNER)
        for words, labels in (("of the digit", shown.labels), ("of another", others))
    }
    return interval_rows(
        rows,
        images,
        title="Shortcuts: digits with a cue that gives their class away",
        note=f"{len(examples.training):,} training and {len(examples.held_out):,} validation "
        f"images of {examples.shown_name}; 95% intervals over seeds "
        f"({len(correct[_CONTROL, _COLOR, _FITS])}) and images",
        axis=ShareAxis("accuracy", (examples.chance, "chance")),
    )
