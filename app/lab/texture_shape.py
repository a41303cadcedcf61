"""Does a network look at shape or at texture?

  python -m app lab texture_shape -o lab

Cats and dogs are drawn so that both cues tell them apart: the shape of the
parts, and the fur, striped for cats and spotted for dogs. On drawings whose fur
contradicts the shape, the network shows which cue it uses. For comparison, the
same network is trained on drawings whose fur is random. Then fur, details and
shape are taken away in turn. Five seeds each, in minutes. Slide: "The
fundamental difference between Dense and CNN".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from app.data.dataset import Split
from app.data.drawn.dataset import KINDS, PARTS, UNCHANGED, Change
from app.figures.canvas.style import Figure
from app.figures.interval_rows import IntervalRow, ShareAxis, interval_rows
from app.lab.drawings import (
    drawings,
    drawn_examples_of,
    drawn_run,
    held_out_numbers,
    require_drawings,
)
from app.lab.examples import ExampleImages
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.lab.store import Job
from app.statistics.means import bootstrap_difference, bootstrap_mean
from app.training.small_run import probabilities_of

_FITTING = {"cat": Change(pattern="stripes"), "dog": Change(pattern="spots")}
_SWAPPED = {"cat": _FITTING["dog"], "dog": _FITTING["cat"]}
_PLAIN = {kind: Change(pattern="plain") for kind in KINDS}
_RANDOM = dict.fromkeys(KINDS, UNCHANGED)
_TRAINING = {"fur tells the class": _FITTING, "fur is random": _RANDOM}
_CONFLICT = "fur contradicts shape"
_CAPTIONS = ("fur fits", "contradicts", "plain", "silhouette", "shuffled")
_PATCHES = 4  # along each side
_DARK = (40, 36, 40)


def texture_shape(options: ExperimentOptions) -> ExperimentResult:
    """Train on both kinds of fur and test on changed drawings.

    Raises:
        AppError: If another dataset is named or an earlier measurement does not fit.
    """
    require_drawings(options)
    count, held_out = options.full_or_quick(750, 30), options.full_or_quick(100, 10)
    epochs = options.full_or_quick(12, 1)
    examples = {
        name: drawn_examples_of(count, held_out, changes) for name, changes in _TRAINING.items()
    }
    tests = _tests(held_out)
    seeds = range(options.full_or_quick(5, 1))
    jobs: dict[str, Job] = {
        f"{name}, seed {seed}": partial(_correct, images, tests, epochs, seed)
        for seed in seeds
        for name, images in examples.items()
    }
    settings = {
        "images": [one.fingerprint for one in examples.values()], "count": count,
        "epochs": epochs, "seeds": len(seeds),
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    correct = {
        name: {
            test: np.array([measured[f"{name}, seed {seed}"][test] for seed in seeds])
            for test in tests
        }
        for name in _TRAINING
    }  # (seeds, images) by training and test
    rows: list[Row] = [
        {
            "training": name, "drawings": test, "seed": seed,
            "accuracy": round(float(found[number].mean()), 4),
        }
        for name, of_test in correct.items()
        for test, found in of_test.items()
        for number, seed in enumerate(seeds)
    ]  # fmt: skip
    labels = tests[_CONFLICT].labels
    return ExperimentResult(
        _sentence(correct),
        rows,
        {"texture_shape": _figure(correct, tests, count)},
        [
            Reference(name, float(next(iter(found.values())).mean()), len(labels),
                      chance_of(labels))
            for name, found in correct.items()
        ],
    )  # fmt: skip


def shuffled_patches(images: np.ndarray, patches: int, seed: int = 0) -> np.ndarray:
    """Return images `(N, H, W, C)` cut into squares, in another random order for each image.

    Args:
        images: Images whose sides are multiples of `patches`.
        patches: Squares along each side.
        seed: Seed of the orders.
    """
    count, height, width, channels = images.shape
    rows, columns = height // patches, width // patches
    cut = images.reshape(count, patches, rows, patches, columns, channels)
    tiles = cut.transpose(0, 1, 3, 2, 4, 5).reshape(count, patches**2, rows, columns, channels)
    random = np.random.default_rng(seed)
    mixed = np.stack([one[random.permutation(patches**2)] for one in tiles])
    grid = mixed.reshape(count, patches, patches, rows, columns, channels)
    return grid.transpose(0, 1, 3, 2, 4, 5).reshape(images.shape)


def _tests(count: int) -> dict[str, Split]:
    """Return the drawings of each test; labels are those of the shape."""
    numbers = held_out_numbers(count)
    fitting = drawings(numbers, _FITTING)
    return {
        "fur fits shape": fitting,
        _CONFLICT: drawings(numbers, _SWAPPED),
        "plain fur": drawings(numbers, _PLAIN),
        "silhouette": _silhouettes(count),
        f"{_PATCHES}×{_PATCHES} patches shuffled": Split(
            shuffled_patches(fitting.pixels, _PATCHES), fitting.labels, fitting.names
        ),
    }


def _silhouettes(count: int) -> Split:
    """Return the plain drawings with all pixels of the animals in one dark color."""
    numbers = held_out_numbers(count)
    complete = drawings(numbers, _PLAIN)
    empty = drawings(numbers, {kind: Change(PARTS, "plain") for kind in KINDS}).pixels
    animal = (complete.pixels != empty).any(axis=-1, keepdims=True)
    filled = np.where(animal, np.array(_DARK, np.uint8), empty)
    return Split(filled, complete.labels, complete.names)


def _correct(
    examples: ExampleImages, tests: Mapping[str, Split], epochs: int, seed: int
) -> dict[str, list[int]]:
    """Return, for each test, which drawings are classified by their shape."""
    network, _ = drawn_run(examples, epochs, seed).train(examples.training)
    return {
        name: (probabilities_of(network, test.pixels).argmax(axis=1) == test.labels)
        .astype(int)
        .tolist()
        for name, test in tests.items()
    }


def _sentence(correct: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    told, other = correct.values()
    parts = [
        f"{test} {bootstrap_mean(found).percent} and {bootstrap_mean(other[test]).percent}"
        for test, found in told.items()
    ]
    conflict = bootstrap_difference(other[_CONFLICT], told[_CONFLICT]).points
    return (
        "Share of drawings classified by shape, of networks trained on striped cats and spotted "
        f"dogs, and on random fur: {'; '.join(parts)}. Where fur contradicts shape, "
        f"training on random fur changes the share by {conflict} percentage points. "
        "Chance is 50%; brackets are 95% intervals over seeds and images."
    )


def _figure(
    correct: Mapping[str, Mapping[str, np.ndarray]], tests: Mapping[str, Split], count: int
) -> Figure:
    rows = [
        IntervalRow(
            test,
            {f"trained where {name}": bootstrap_mean(found[test])
             for name, found in correct.items()},
        )
        for test in tests
    ]  # fmt: skip
    seeds = len(next(iter(correct["fur is random"].values())))
    return interval_rows(
        rows,
        {
            caption: [test.pixels[0], test.pixels[-1]]
            for caption, test in zip(_CAPTIONS, tests.values(), strict=True)
        },
        title="Shape or texture? Drawings whose fur and shape are changed separately",
        note=f"{2 * count:,} training and {len(tests[_CONFLICT])} validation drawings; 95% "
        f"intervals over seeds ({seeds}) and images. Where fur contradicts shape, the other "
        "class is that of the fur",
        axis=ShareAxis("share classified by shape", (0.5, "chance")),
    )
