"""How many images does each network need?

  python -m app lab data_efficiency -o lab

Dense, local, convnet and modern networks are trained on 30 to 1,000 digits,
with and without augmentation, for the same number of steps. In logarithmic
axes a power law is a straight line. Five seeds, each with images of its own;
takes minutes. Slides: "CNN: parameter sharing", "Data Augmentation".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from app.figures.canvas.style import Figure
from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.small_run import small_run
from app.lab.store import Job
from app.lab.uncertainty import over_seeds, share_over_seeds
from app.lab.wording import listed
from app.training.small_run import SmallRun

_NETWORKS = ("dense", "local", "convnet", "modern")
_AUGMENTED = ("as they are", "augmented")
_COUNTS, _QUICK_COUNTS = (30, 100, 300, 1000), (20, 60)
_BATCH = 64

Errors = Mapping[str, Mapping[str, np.ndarray]]
"""Errors `(counts, seeds)` by images (as they are, augmented) and network."""


def data_efficiency(options: ExperimentOptions) -> ExperimentResult:
    """Train each network on increasing numbers of images, with and without augmentation.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    requested = _QUICK_COUNTS if options.quick else _COUNTS
    examples = load_examples(
        options,
        "mnist",
        training=options.full_or_quick(10_000, requested[-1]),
        held_out=options.full_or_quick(2000, 100),
    )
    networks = _NETWORKS[:: 2 if options.quick else 1]
    counts = examples.counts(requested)
    seeds, steps = range(options.full_or_quick(5, 1)), options.full_or_quick(150, 10)
    jobs: dict[str, Job] = {
        _name(model, augmented, count, seed): partial(
            _accuracy, examples, _run(examples, model, augmented, seed), count, steps
        )
        for seed in seeds
        for augmented in _AUGMENTED
        for model in networks
        for count in counts
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "counts": counts,
        "networks": networks, "seeds": len(seeds), "steps": steps,
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    # A logarithm needs an error: half an image where there is none.
    least = 0.5 / len(examples.held_out)
    errors = {
        augmented: {
            model: np.array(
                [
                    [
                        max(1 - measured[_name(model, augmented, count, seed)], least)
                        for seed in seeds
                    ]
                    for count in counts
                ]
            )
            for model in networks
        }
        for augmented in _AUGMENTED
    }
    rows: list[Row] = [
        {
            "model": model, "images": augmented, "training_images": count, "seed": seed,
            "accuracy": round(measured[_name(model, augmented, count, seed)], 4),
        }
        for augmented in _AUGMENTED
        for model in networks
        for count in counts
        for seed in seeds
    ]  # fmt: skip
    return ExperimentResult(
        _sentence(errors, counts, steps),
        rows,
        {"data_efficiency": _figure(errors, counts, examples, steps)},
        [
            Reference(
                f"{model} with {counts[-1]:,} images",
                float(1 - found[-1].mean()),
                len(examples.held_out),
                examples.chance,
            )
            for model, found in errors["as they are"].items()
        ],
    )


def power_law(counts: Sequence[int], errors: np.ndarray) -> np.ndarray:
    """Return the exponent of the error as a power of the number of images, for each seed.

    The slope of the straight line through the logarithms by least squares.

    Args:
        counts: `N` numbers of training images.
        errors: `(N, S)` errors above 0 of `S` seeds.

    Source: Hestness et al., Deep Learning Scaling is Predictable, Empirically, 2017.
    """
    return np.polyfit(np.log(counts), np.log(errors), 1)[0]


def _name(model: str, augmented: str, count: int, seed: int) -> str:
    return f"{model}, {augmented}, {count} images, seed {seed}"


def _run(examples: ExampleImages, model: str, augmented: str, seed: int) -> SmallRun:
    return small_run(
        examples, model=model, seed=seed, batch_size=_BATCH, epochs=1,
        augment=examples.augmentation if augmented == "augmented" else "none",
    )  # fmt: skip


def _accuracy(examples: ExampleImages, run: SmallRun, count: int, steps: int) -> float:
    order = np.random.default_rng(run.settings.seed).permutation(len(examples.training))
    few = examples.training.take(order).take_balanced(count)
    # All steps in one epoch: epochs of few images are mostly waiting.
    training = few.take(np.resize(np.arange(len(few)), steps * _BATCH))
    return run.accuracy(training, examples.held_out)


def _sentence(errors: Errors, counts: Sequence[int], steps: int) -> str:
    plain, augmented = (errors[name] for name in _AUGMENTED)
    ends = listed([f"{count:,}" for count in (counts[0], counts[-1])])
    parts = [
        f"{model} {_error(found, 0)} and {_error(found, -1)}, "
        f"falling as n to the power −{-power_law(counts, found).mean():.2f}"
        for model, found in plain.items()
    ]
    gains = [
        f"{model} {' and '.join(_gain(augmented[model], found, end) for end in (0, -1))}"
        for model, found in plain.items()
    ]
    return (
        f"Error after {steps} training steps with {ends} training images: {'; '.join(parts)}. "
        f"Change of the error by augmentation in percentage points: {'; '.join(gains)}. Brackets "
        "are 95% intervals over seeds, each with other training images."
    )


def _error(errors: np.ndarray, end: int) -> str:
    return share_over_seeds(errors[end].tolist()).percent


def _gain(augmented: np.ndarray, plain: np.ndarray, end: int) -> str:
    return over_seeds((augmented[end] - plain[end]).tolist()).points


def _figure(errors: Errors, counts: Sequence[int], examples: ExampleImages, steps: int) -> Figure:
    panels = [
        CurvePanel(
            title,
            ("training images", "error"),
            [
                BandedCurve(model, counts, [share_over_seeds(row.tolist()) for row in found])
                for model, found in errors[augmented].items()
            ],
            "xy",
        )
        for title, augmented in zip(
            ("without augmentation", "with augmentation"), _AUGMENTED, strict=True
        )
    ]
    seeds = next(iter(errors["augmented"].values())).shape[1]
    return curve_panels(
        panels,
        {},
        title="Error against the number of training images",
        note=f"{steps} steps of {_BATCH} images of {examples.shown_name}, measured on "
        f"{len(examples.held_out):,} validation images; mean and 95% interval, number of seeds: "
        f"{seeds}; logarithmic axes",
    )
