"""Which part of a convnet makes it invariant: all combinations of three parts, trained.

Each part's effect is the mean over the combinations of the other two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import keras
import numpy as np

from app.figures.interval_rows import IntervalRow, ShareAxis, interval_rows
from app.lab.examples import ExampleImages, load_examples
from app.lab.invariance_measures import Run, measure, relative_accuracy, relative_at
from app.lab.invariance_networks import (
    CONVNETS,
    HEADS,
    LECTURE,
    NORMALIZED,
    NORMS,
    SCALES,
    Parts,
    build_convnet_of,
)
from app.lab.invariance_tables import (
    curves_of,
    fill_mode_of,
    original_accuracy,
    references_of,
    rows_of,
)
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult
from app.lab.small_run import small_run
from app.lab.store import Job
from app.lab.transformations import SHIFTS, TRANSFORMATIONS
from app.lab.uncertainty import SEEDS, over_seeds, paired
from app.lab.wording import listed
from app.statistics.estimate import Estimate
from app.training.small_run import probabilities_of

_DENSE, _AUGMENTED = "dense", f"{LECTURE.name}, augmented"
_CANVAS = 4  # pixels on each side of a digit
_LIGHT, _DARK = "illumination", 0.2
_MEASURES = (
    "accuracy on the original images", "relative accuracy under shifts",
    f"relative accuracy with {_DARK} of the light",
)  # fmt: skip
# What the augmentation of digits varies, by transformation.
_TRAINED = {"horizontal shift": (-0.1, 0.1), "vertical shift": (-0.1, 0.1),
            "rotation": (-10.0, 10.0), "scale": (0.9, 1.1)}  # fmt: skip


def ablation(options: ExperimentOptions) -> ExperimentResult:
    """Train every network with several seeds, and measure it.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    examples = on_canvas(
        load_examples(
            options,
            "mnist",
            training=options.full_or_quick(20_000, 200),
            held_out=options.full_or_quick(2000, 50),
        )
    )
    seeds = range(options.full_or_quick(SEEDS, 1))
    images, epochs = options.full_or_quick(2000, 100), options.full_or_quick(20, 1)
    networks = [_DENSE, *(parts.name for parts in CONVNETS), _AUGMENTED]
    jobs: dict[str, Job] = {
        f"{name}, seed {seed}": partial(
            _train_and_measure, examples, name, (images, epochs, seed, len(seeds))
        )
        for seed in seeds
        for name in networks
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "epochs": epochs,
        "training": images, "seeds": len(seeds), "networks": networks,
        "levels": {one.name: list(one.levels) for one in TRANSFORMATIONS},
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    runs = {name: [measured[f"{name}, seed {seed}"] for seed in seeds] for name in networks}
    note = (
        f"{images:,} training images of {examples.shown_name}, {len(examples.held_out):,} "
        "validation images"
        + (f"; mean and 95% interval of {len(seeds)} seeds" if seeds[1:] else "")
    )
    shown = [_DENSE, LECTURE.name, NORMALIZED.name, _AUGMENTED]
    relative = {name: _relative(found, examples.chance) for name, found in runs.items()}
    return ExperimentResult(
        _sentence(relative),
        rows_of(runs),
        {
            "invariance": curves_of(
                {name: runs[name] for name in shown}, examples.held_out,
                f"{note}; dashed: trained with augmentation, in the range that is gray",
                of_digits=examples.of_digits, trained=_TRAINED if examples.of_digits else {},
            ),
            "parts": interval_rows(
                [
                    IntervalRow(
                        name,
                        dict(zip(
                            _MEASURES,
                            (original_accuracy(runs[name]), *map(over_seeds, values)),
                            strict=True,
                        )),
                    )
                    for name, values in relative.items()
                ],
                {},
                title="Which part of a convnet makes it invariant to shifts, which to light?",
                note=f"{note}; relative accuracy: (a − c) / (a₀ − c), with the accuracy a on "
                "changed and a₀ on original images, and chance c",
                axis=ShareAxis("accuracy, relative accuracy"),
            ),
        },
        references_of(runs, examples.held_out.labels),
    )  # fmt: skip


def on_canvas(examples: ExampleImages) -> ExampleImages:
    """Return digits on a larger canvas, so that no shift cuts off strokes; others unchanged."""
    if not examples.of_digits:
        return examples
    border = ((0, 0), (_CANVAS, _CANVAS), (_CANVAS, _CANVAS), (0, 0))
    training, held_out = (
        replace(part, images=np.pad(part.pixels, border, mode="edge"))
        for part in (examples.training, examples.held_out)
    )
    return replace(examples, training=training, held_out=held_out)


def _train_and_measure(
    examples: ExampleImages, name: str, amounts: tuple[int, ...]
) -> dict[str, Any]:
    images, epochs, seed, seeds = amounts
    drawn = examples.drawn(images, seed, seeds)
    augment = examples.augmentation if name == _AUGMENTED else "none"
    run = small_run(
        examples, None if name == _DENSE else _builder(name), model="dense", augment=augment,
        epochs=epochs, schedule="constant", batch_size=64, learning_rate=2e-3, seed=seed,
    )  # fmt: skip
    network, _ = run.train_to_plateau(drawn.training, drawn.choosing)
    return measure(
        partial(probabilities_of, network), drawn.held_out,
        fill_mode=fill_mode_of(examples.of_digits), cut_off=False,
    )  # fmt: skip


def _builder(name: str) -> Callable[[tuple[int, int, int], int, float], keras.Sequential]:
    parts = LECTURE if name == _AUGMENTED else {one.name: one for one in CONVNETS}[name]
    return lambda shape, classes, dropout: build_convnet_of(parts, shape, classes)


def _relative(runs: Sequence[Run], chance: float) -> tuple[list[float], list[float]]:
    """Return each seed's chance-corrected relative accuracy under shifts, and in the dark."""
    dark = next(one for one in TRANSFORMATIONS if one.name == _LIGHT).levels.index(_DARK)
    return (
        [relative_accuracy(run, [one.name for one in SHIFTS], chance) for run in runs],
        [relative_at(run, _LIGHT, dark, chance) for run in runs],
    )


def effect(values: Mapping[str, Sequence[float]], place: int, part: str) -> Estimate:
    """Return the effect of one part of a convnet: the paired difference, mean of all pairs.

    Args:
        values: One value per seed for each of `CONVNETS`, by name.
        place: Position of the part in `Parts`.
        part: The part in question; the other alternative is the baseline.
    """
    groups: dict[bool, list[Sequence[float]]] = {True: [], False: []}
    for parts in CONVNETS:
        groups[parts[place] == part].append(values[parts.name])
    return paired(*(np.mean(groups[chosen], axis=0).tolist() for chosen in (True, False)))


def _sentence(relative: Mapping[str, tuple[list[float], list[float]]]) -> str:
    words = {HEADS[1]: "a global average for Flatten", NORMS[1]: "batch normalization",
             SCALES[1]: "pixels from −1 to 1 for 0 to 1"}  # fmt: skip
    parts = []
    for number, condition in enumerate(("under shifts", f"with {_DARK} of the light")):
        values = {name: found[number] for name, found in relative.items()}
        effects = [
            f"{words[part]} {effect(values, place, part).points}"
            for place, part in enumerate(words)
        ]
        ends = [
            f"{over_seeds(values[name]).percent} for {what}"
            for name, what in (
                (LECTURE.name, "the lecture's convnet with half of its filters"),
                (_DENSE, "a dense network"),
            )
        ]  # fmt: skip
        parts.append(
            f"{condition}: {listed(ends)}; effects of the parts of a convnet: {', '.join(effects)}"
        )
    alone = [
        f"{over_seeds(relative[name][1]).percent} with {what} alone"
        for name, what in (
            (Parts(HEADS[0], NORMS[1], SCALES[0]).name, "batch normalization"),
            (Parts(HEADS[0], NORMS[0], SCALES[1]).name, "pixels from −1 to 1"),
        )
    ]
    gain = paired(relative[_AUGMENTED][0], relative[LECTURE.name][0]).points
    return (
        "Chance-corrected relative accuracy (100% is that on the original images), effects in "
        f"percentage points, with 95% intervals. {parts[0][0].upper()}{parts[0][1:]}; "
        f"augmentation of the first {gain}. {parts[1][0].upper()}{parts[1][1:]}; "
        f"{listed(alone)}."
    )
