"""Dense layers learn global patterns, convolutions local ones.

  python -m app lab locality -o lab

Dense, local and convolutional networks are trained on the same images twice:
unchanged, and with all pixels in one fixed random order. The permutation loses
no information but separates neighbors, so only networks that rely on local
patterns suffer. Three seeds, in minutes. Slide: "The fundamental difference
between Dense and CNN".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from app.data.dataset import Split
from app.figures.bars import Group, grouped_bars
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.small_run import small_run
from app.lab.store import Job
from app.lab.wording import mean_and_spread, with_spread

_NETWORKS = ("dense", "local", "convnet")
_ARRANGEMENTS = ("as they are", "in random order")
_SHOWN = 4


def locality(options: ExperimentOptions) -> ExperimentResult:
    """Train each network on both pixel arrangements, with several seeds.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    examples = load_examples(
        options.dataset or "mnist",
        options.data_dir,
        training=options.full_or_quick(10_000, 500),
        held_out=options.full_or_quick(5000, 500),
        reporter=options.reporter,
    )
    networks = _NETWORKS[:: 2 if options.quick else 1]
    seeds = range(options.full_or_quick(3, 1))
    epochs = options.full_or_quick(3 if examples.of_digits else 20, 1)
    arranged = {
        "as they are": examples,
        "in random order": replace(
            examples, training=permuted(examples.training), held_out=permuted(examples.held_out)
        ),
    }
    jobs: dict[str, Job] = {}
    for seed in seeds:
        for model in networks:
            for arrangement in _ARRANGEMENTS:
                images = arranged[arrangement]
                run = small_run(images, model=model, augment="none", epochs=epochs, seed=seed)
                jobs[f"{model}, {arrangement}, seed {seed}"] = partial(
                    run.accuracy, images.training, images.held_out
                )
    settings = {
            "dataset": examples.label, "images": examples.fingerprint, "epochs": epochs,
            "networks": networks, "seeds": len(seeds),
        }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    rows = _rows(measured, networks, seeds)
    groups = [
        Group(
            model,
            {name: [1 - accuracy for accuracy in _of(rows, model, name)] for name in _ARRANGEMENTS},
        )
        for model in networks
    ]
    figure = grouped_bars(
        groups,
        {name: list(arranged[name].held_out.pixels[:_SHOWN]) for name in _ARRANGEMENTS},
        title="The same images with their pixels in one random order: which networks need locality",
        note=_note(examples, epochs, len(seeds)),
        label="error",
    )
    return ExperimentResult(
        _sentence(rows, networks), rows, {"locality": figure}, _references(rows, networks, examples)
    )


def permuted(examples: Split, seed: int = 0) -> Split:
    """Return the images with their pixels in one fixed random order."""
    images = examples.pixels
    count, height, width, channels = images.shape
    order = np.random.default_rng(seed).permutation(height * width)
    mixed = images.reshape(count, height * width, channels)[:, order]
    return replace(examples, images=mixed.reshape(images.shape))


def _rows(measured: Mapping[str, Any], networks: tuple[str, ...], seeds: range) -> list[Row]:
    return [
        {
            "model": model, "pixels": arrangement, "seed": seed,
            "accuracy": round(measured[f"{model}, {arrangement}, seed {seed}"], 4),
        }
        for model in networks
        for arrangement in _ARRANGEMENTS
        for seed in seeds
    ]  # fmt: skip


def _of(rows: list[Row], model: str, arrangement: str) -> list[float]:
    return [
        float(row["accuracy"])
        for row in rows
        if row["model"] == model and row["pixels"] == arrangement
    ]


def _sentence(rows: list[Row], networks: tuple[str, ...]) -> str:
    parts = [
        f"{model} {with_spread(_of(rows, model, 'as they are'))} and "
        f"{with_spread(_of(rows, model, 'in random order'))}"
        for model in networks
    ]
    return (
        "Accuracy on the original images, and with the pixels of all images in one random order: "
        f"{'; '.join(parts)}."
    )


def _references(
    rows: list[Row], networks: tuple[str, ...], examples: ExampleImages
) -> list[Reference]:
    """Return the accuracies on the original images, which are the baseline."""
    return [
        Reference(
            f"{model} on the original images",
            mean_and_spread(_of(rows, model, "as they are"))[0],
            len(examples.held_out),
            examples.chance,
        )
        for model in networks
    ]


def _note(examples: ExampleImages, epochs: int, seeds: int) -> str:
    spread = f"; mean and range of {seeds} seeds" if seeds > 1 else ""
    passes = f"{epochs} epochs" if epochs > 1 else "one epoch"
    return (
        f"{len(examples.training):,} training images of {examples.shown_name}, {passes}, "
        f"measured on {len(examples.held_out):,} validation images{spread}"
    )
