"""Translation invariance, and invariance to rotation, scale, viewpoint and light.

  python -m app lab invariance -o lab
  python -m app lab invariance mnist-dense mnist-local mnist-convnet -o lab

Accuracy and the probability of the true class while images are transformed.
Without MODEL, dense, local, convnet and modern networks are trained, each with
and without augmentation, in five minutes. Slides: "Translation Invariance" and
the next ones; "CNNs: characteristics".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from app.data.dataset import Split
from app.figures.invariance_panels import Panel, invariance_panels
from app.lab.examples import ExampleImages, load_examples
from app.lab.models import model_hashes, models_under_test
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.lab.small_run import SmallRun, probabilities_of, small_run
from app.lab.store import Job
from app.lab.transformations import TRANSFORMATIONS, Transformation
from app.lab.wording import percent, points

Probabilities = Callable[[np.ndarray], np.ndarray]
# From global patterns to local ones, from a Flatten head to an average over all positions.
_NETWORKS = ("dense", "local", "convnet", "modern")
_DEFAULT_DATASET = "mnist"


def invariance(options: ExperimentOptions) -> ExperimentResult:
    """Measure saved models, or networks that are trained for it if none is named.

    Raises:
        AppError: If models, images or an earlier measurement do not fit.
    """
    if options.models:
        subjects = models_under_test(options, options.full_or_quick(1000, 100))
        settings: dict[str, Any] = {"models": model_hashes(subjects)}
        jobs: dict[str, Job] = {
            one.name: partial(_measure, one.probabilities, one.examples, one.of_digits)
            for one in subjects
        }
        shown, of_digits, source = subjects[0].examples, subjects[0].of_digits, subjects[0].source
    else:
        examples = load_examples(
            options.dataset or _DEFAULT_DATASET,
            options.data_dir,
            training=options.full_or_quick(10_000, 500),
            held_out=options.full_or_quick(1000, 100),
            reporter=options.reporter,
        )
        settings, jobs = _trained(options, examples)
        shown, of_digits = examples.held_out, examples.of_digits
        source = f"{len(shown):,} validation images of {examples.shown_name}"
    levels = {one.name: list(one.levels) for one in TRANSFORMATIONS}
    settings = {**settings, "levels": levels}
    measured = options.measure(jobs, settings, "transforming images")
    rows = _rows(measured)
    figure = invariance_panels(
        [_panel(one, measured, shown, of_digits) for one in TRANSFORMATIONS],
        title="Accuracy under shifts, rotation, scale, viewpoint and light",
        note=f"{source}; chance is {percent(1 / _classes(shown))}",
    )
    return ExperimentResult(
        _sentence(measured, trained=not options.models),
        rows,
        {"invariance": figure},
        _references(measured, shown.labels),
    )


def _trained(
    options: ExperimentOptions, examples: ExampleImages
) -> tuple[dict[str, Any], dict[str, Job]]:
    """Return settings and jobs for networks with and without augmentation."""
    networks = _NETWORKS[:: 2 if options.quick else 1]
    epochs = options.full_or_quick(5 if examples.of_digits else 20, 1)
    jobs: dict[str, Job] = {}
    for augment in ("none", examples.augmentation):
        for model in networks:
            name = model if augment == "none" else f"{model}, augmented"
            run = small_run(examples, model=model, augment=augment, epochs=epochs)
            jobs[name] = partial(_train_and_measure, run, examples)
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "epochs": epochs,
        "networks": networks, "augmentation": examples.augmentation,
    }  # fmt: skip
    return settings, jobs


def _train_and_measure(run: SmallRun, examples: ExampleImages) -> dict[str, Any]:
    network, _ = run.train(examples.training)
    return _measure(partial(probabilities_of, network), examples.held_out, examples.of_digits)


def _measure(probabilities: Probabilities, held_out: Split, of_digits: bool) -> dict[str, Any]:
    """Return `{transformation: [[accuracy, mean probability of the true class], …]}`."""
    images = held_out.pixels
    found: dict[str, Any] = {}
    for one in TRANSFORMATIONS:
        found[one.name] = []
        for level in one.levels:
            changed = one.apply(images, level, _fill_mode(of_digits))
            rows = probabilities(changed)
            right = rows.argmax(axis=1) == held_out.labels
            true = rows[np.arange(len(rows)), held_out.labels]
            found[one.name].append([float(right.mean()), float(true.mean())])
    return found


def _fill_mode(of_digits: bool) -> str:
    """Return the fill mode: the border of a digit repeats, a photograph is mirrored."""
    return "nearest" if of_digits else "reflect"


def _classes(held_out: Split) -> int:
    return len(np.unique(held_out.labels))


def _rows(measured: dict[str, Any]) -> list[Row]:
    return [
        {
            "model": model, "transformation": one.name, "unit": one.unit, "level": level,
            "accuracy": round(accuracy, 4), "probability": round(probability, 4),
        }
        for model, found in measured.items()
        for one in TRANSFORMATIONS
        for level, (accuracy, probability) in zip(one.levels, found[one.name], strict=True)
    ]  # fmt: skip


def kept(found: dict[str, Any], one: Transformation) -> float:
    """Return the share of the accuracy that is kept, on average over all levels but neutral."""
    accuracies = {
        level: accuracy for level, (accuracy, _) in zip(one.levels, found[one.name], strict=True)
    }
    untouched = accuracies.pop(one.neutral)
    return float(np.mean(list(accuracies.values())) / max(untouched, 1e-9))


def _references(measured: dict[str, Any], labels: np.ndarray) -> list[Reference]:
    """Return each model's accuracy on the unchanged images."""
    shift = TRANSFORMATIONS[0]
    unchanged = shift.levels.index(shift.neutral)
    return [
        Reference(
            f"{name} on the unchanged images",
            found[shift.name][unchanged][0],
            len(labels),
            chance_of(labels),
        )
        for name, found in measured.items()
    ]


def _sentence(measured: dict[str, Any], *, trained: bool) -> str:
    shift = TRANSFORMATIONS[0]
    order = sorted(measured, key=lambda name: kept(measured[name], shift))
    parts = [f"{name} {percent(kept(measured[name], shift))}" for name in order]
    text = (
        f"With images shifted by {shift.levels[5]:.0%} to {shift.levels[-1]:.0%} of their width, "
        f"these shares of the original accuracy are kept: {'; '.join(parts)}."
    )
    others = {
        one.name: np.mean([kept(found, one) for found in measured.values()])
        for one in TRANSFORMATIONS
    }
    worst = min(others, key=lambda name: others[name])
    whom = " on average" if len(measured) > 1 else ""
    text += (
        f" The hardest change{whom} is {worst}: {percent(float(others[worst]))} of the accuracy is "
        "kept."
    )
    pairs = [name for name in measured if f"{name}, augmented" in measured] if trained else []
    if pairs:
        gains = [
            kept(measured[f"{name}, augmented"], shift) - kept(measured[name], shift)
            for name in pairs
        ]
        text += (
            f" Augmentation adds {points(min(gains))} to {points(max(gains))} points to the share."
        )
    return text


def _panel(one: Transformation, measured: dict[str, Any], shown: Split, of_digits: bool) -> Panel:
    # An image of a middle class: among the digits a 5, which has no symmetry.
    middle = int(np.argmax(shown.labels == shown.labels.max() // 2 + 1))
    image = shown.pixels[middle : middle + 1]
    return Panel(
        title=one.name,
        unit=one.unit,
        levels=one.levels,
        images=[one.apply(image, level, _fill_mode(of_digits))[0] for level in one.levels],
        accuracies={
            name: [accuracy for accuracy, _ in found[one.name]] for name, found in measured.items()
        },
        probabilities={
            name: [probability for _, probability in found[one.name]]
            for name, found in measured.items()
        },
    )
