"""Does training on degraded images help against corruptions it never showed?

  python -m app lab unseen_corruptions -o lab

A network of 9,406 weights learns digits with geometric augmentation alone, with
degradations of all families (noise, blur, light, occlusion), and with all but
one family. Each is measured on the fifteen corruptions of `lab robustness`, so
that errors on a family that training has seen and on one that it has not are
told apart. Compression is in no training. Five seeds, in minutes. Slide:
"Vision – Difficulties in real world applications".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from app.augmentation.augmentation import Augmentation
from app.augmentation.degradations import Degradations
from app.augmentation.presets import DIGITS
from app.data.dataset import Split
from app.figures.canvas.style import Figure
from app.figures.interval_rows import IntervalRow, ShareAxis, interval_rows
from app.lab.corruptions import corrupt
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.small_run import small_run
from app.lab.store import Job
from app.lab.uncertainty import SEEDS, paired, share_over_seeds
from app.training.small_run import probabilities_of

# What training shows of each family, and the corruptions of that family.
_TRAINED = {
    "noise": Degradations(shot_noise=0.3, noise=0.35, impulse_noise=0.2),
    "blur": Degradations(blur=1.6),
    "light": Degradations(background=0.8, gamma=1.0, contrast=0.75, offset=0.2, inversion=True),
    "occlusion": Degradations(occlusion=0.4),
    "compression": Degradations(),
}
FAMILIES = {
    "noise": ("Gaussian noise", "shot noise", "impulse noise"),
    "blur": ("Gaussian blur", "motion blur"),
    "light": ("fog", "brightness", "darkness", "contrast"),
    "occlusion": ("rain", "spatter", "stickers", "graffiti"),
    "compression": ("JPEG", "pixelation"),
}
_NONE, _ALL, _BUT = "geometry alone", "all degradations", "all but this family"
_CLEAN = "clean"
_SEVERITIES = (1, 3, 5)
_SHOWN = 3

Errors = dict[str, float]  # by family, and on clean images


def unseen_corruptions(options: ExperimentOptions) -> ExperimentResult:
    """Train with and without each family of degradations, and measure all families.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    examples = load_examples(
        options,
        "mnist",
        training=options.full_or_quick(5000, 100),
        held_out=options.full_or_quick(1000, 100),
    )
    seeds = range(options.full_or_quick(SEEDS, 1))
    epochs = options.full_or_quick(20, 1)
    arms = {_NONE: (), _ALL: tuple(_TRAINED)} | {
        f"without {left_out}": tuple(name for name in _TRAINED if name != left_out)
        for left_out, degradations in _TRAINED.items()
        if degradations.strengths
    }
    jobs: dict[str, Job] = {
        f"{arm}, seed {seed}": partial(_measure, examples, families, epochs, (seed, len(seeds)))
        for seed in seeds
        for arm, families in arms.items()
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "epochs": epochs,
        "severities": list(_SEVERITIES), "seeds": len(seeds),
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    errors = {arm: [measured[f"{arm}, seed {seed}"] for seed in seeds] for arm in arms}
    rows: list[Row] = [
        {"training": arm, "family": family, "seed": seed, "error": round(error, 4)}
        for arm, runs in errors.items()
        for seed, run in zip(seeds, runs, strict=True)
        for family, error in run.items()
    ]
    return ExperimentResult(
        _sentence(errors),
        rows,
        {"unseen_corruptions": _figure(errors, examples)},
        [
            Reference(
                arm,
                float(np.mean([1 - run[_CLEAN] for run in runs])),
                len(examples.held_out),
                examples.chance,
            )
            for arm, runs in errors.items()
        ],
    )


def augmentation_of(families: tuple[str, ...]) -> Augmentation:
    """Return the geometric augmentation of digits with the degradations of some families."""
    settings: dict[str, Any] = {}
    for family in families:
        settings |= _TRAINED[family].strengths
    return replace(DIGITS, **settings)


def _training_count(examples: ExampleImages) -> int:
    return len(examples.training) * 4 // 5  # a quarter as many more are drawn for choices


def _measure(
    examples: ExampleImages,
    families: tuple[str, ...],
    epochs: int,
    seed_of: tuple[int, int],
) -> Errors:
    seed, seeds = seed_of
    drawn = examples.drawn(_training_count(examples), seed, seeds)
    run = small_run(
        examples, model="stack-10000", augment=str(augmentation_of(families)), epochs=epochs,
        seed=seed, batch_size=64, optimizer="adamw", learning_rate=8e-3, schedule="cosine",
    )  # fmt: skip
    network, _ = run.train(drawn.training)

    def error_on(pixels: np.ndarray) -> float:
        predicted = probabilities_of(network, pixels).argmax(axis=1)
        return float((predicted != drawn.held_out.labels).mean())

    return {_CLEAN: error_on(drawn.held_out.pixels)} | {
        family: float(
            np.mean(
                [
                    error_on(_corrupted(drawn.held_out, name, severity))
                    for name in names
                    for severity in _SEVERITIES
                ]
            )
        )
        for family, names in FAMILIES.items()
    }


def _corrupted(images: Split, name: str, severity: int) -> np.ndarray:
    return corrupt(images.pixels, name, severity, range(len(images)))


def _by_kind(errors: Mapping[str, list[Errors]], family: str) -> dict[str, list[float]]:
    """Return the errors on a family, by what training has seen of it."""
    kinds = {_NONE: _NONE, _BUT: f"without {family}", _ALL: _ALL}
    return {
        kind: [run[family] for run in errors[arm]] for kind, arm in kinds.items() if arm in errors
    }


def _over_trained(errors: Mapping[str, list[Errors]], kind: str) -> list[float]:
    """Return each seed's mean error over the families that are in some training."""
    trained = [family for family, one in _TRAINED.items() if one.strengths]
    return np.mean([_by_kind(errors, family)[kind] for family in trained], axis=0).tolist()


def _sentence(errors: Mapping[str, list[Errors]]) -> str:
    none, unseen, seen = (_over_trained(errors, kind) for kind in (_NONE, _BUT, _ALL))
    compression = {arm: [run["compression"] for run in errors[arm]] for arm in (_NONE, _ALL)}
    clean = {arm: [run[_CLEAN] for run in errors[arm]] for arm in (_NONE, _ALL)}
    return (
        "Mean error on corruptions by noise, blur, light and occlusion: trained with geometry "
        f"alone {share_over_seeds(none).percent}; with degradations of the other three families "
        f"{share_over_seeds(unseen).percent} ({paired(unseen, none).points} points); with those "
        f"of all four {share_over_seeds(seen).percent} ({paired(seen, none).points} points). On "
        f"compression, which no training shows, {share_over_seeds(compression[_NONE]).percent} "
        f"and {share_over_seeds(compression[_ALL]).percent}; on clean images "
        f"{share_over_seeds(clean[_NONE]).percent} and {share_over_seeds(clean[_ALL]).percent} "
        f"({paired(clean[_ALL], clean[_NONE]).points} points). Brackets are 95% intervals over "
        "seeds."
    )


def _figure(errors: Mapping[str, list[Errors]], examples: ExampleImages) -> Figure:
    rows = [
        IntervalRow(
            family,
            {kind: share_over_seeds(found) for kind, found in _by_kind(errors, family).items()},
        )
        for family in (*FAMILIES, _CLEAN)
    ]
    shown = examples.held_out.take(np.arange(1))
    images = {
        family: [_corrupted(shown, name, _SHOWN)[0] for name in names[:2]]
        for family, names in FAMILIES.items()
    }
    return interval_rows(
        rows,
        images,
        title="Corruptions that training has seen, and others",
        note=f"A network of 9,406 weights, {_training_count(examples):,} training images of "
        f"{examples.shown_name}; error on images of each family, two of which are shown above at "
        f"severity {_SHOWN}; 95% intervals over seeds ({len(errors[_NONE])}), which also draw the "
        "images",
        axis=ShareAxis("error"),
    )
