"""Robustness to noise, weather, stickers, graffiti and adversarial images.

  python -m app lab robustness mnist-dense mnist-convnet mnist-best -o lab
  python -m app lab robustness catsdogs-lecture catsdogs-best -o lab

Corruptions in 5 severities, then FGSM and PGD; the other models are compared
with the first one. Minutes per model. Slide: "Vision – Difficulties in real
world applications".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from app.figures.canvas.contact_sheet import contact_sheet
from app.figures.robustness import Attack, CorruptionRow, attack_curves, corruption_table
from app.lab.adversarial import fast_gradient_sign, projected_gradient
from app.lab.corruptions import CORRUPTIONS, SEVERITIES, corrupt
from app.lab.models import ModelUnderTest, model_hashes, models_under_test
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.lab.store import Job
from app.lab.wording import percent

_CLEAN, _FGSM, _PGD = "clean", "FGSM", "PGD"
_ATTACKS = {_FGSM: fast_gradient_sign, _PGD: projected_gradient}
# Gray levels of 255: of digits up to 0.3, where MNIST's attacks end; photographs need far less.
_DIGIT_LEVELS: tuple[int, ...] = (8, 16, 32, 51, 77)
_PHOTOGRAPH_LEVELS: tuple[int, ...] = (1, 2, 4, 8)
_SHOWN_SEVERITY = 3
_WORST_COLUMNS = 6


def robustness(options: ExperimentOptions) -> ExperimentResult:
    """Measure saved models of the same classes.

    Raises:
        AppError: If models, images or an earlier measurement do not fit.
    """
    subjects = models_under_test(options, options.full_or_quick(400, 20))
    attacked = options.full_or_quick(100, 10)
    levels = _DIGIT_LEVELS if subjects[0].of_digits else _PHOTOGRAPH_LEVELS
    levels = levels[:: 2 if options.quick else 1]
    jobs: dict[str, Job] = {}
    for subject in subjects:
        jobs[_key(subject.name, _CLEAN)] = partial(_clean, subject)
        for name in CORRUPTIONS:
            jobs[_key(subject.name, name)] = partial(_corrupted, subject, name)
        for name in _ATTACKS:
            jobs[_key(subject.name, name)] = partial(_attacked, subject, name, levels, attacked)
    settings = {"models": model_hashes(subjects), "levels": levels, "attacked": attacked}
    measured = options.measure(jobs, settings, "corrupting images")
    names = [subject.name for subject in subjects]
    rows = _rows(measured, names, levels)
    source = subjects[0].source
    relative = ""
    if len(names) > 1:
        usable = sum(_total(measured, names[0], one) > 0 for one in CORRUPTIONS)
        relative = (
            f"; relative: to {names[0]}'s, as Hendrycks & Dietterich define the mean corruption "
            f"error, over the {usable} corruptions on which {names[0]} errs"
        )
    figures = {
        "robustness": corruption_table(
            _table(measured, subjects),
            names,
            title="Error under corruptions: noise, blur, weather, light, compression, occlusion",
            note=f"{source}; error is the mean over the five severities that are shown{relative}",
        ),
        "adversarial": attack_curves(
            _curves(measured, names, levels),
            _adversarial_images(subjects[0], levels),
            title="Adversarial images: every pixel changed by a few levels of 255",
            note=f"first {attacked} of {source}; PGD in 10 steps; below, one image and "
            f"the prediction of {names[0]} under PGD",
        ),
    }
    worst = _worst_cases(measured, subjects)
    if worst[0]:
        figures["worst_cases"] = contact_sheet(
            worst[0], worst[1], columns=_WORST_COLUMNS,
            title=f"The most confident errors of {names[0]} at severity {_SHOWN_SEVERITY}, on "
            "images that it classifies correctly when clean",
        )  # fmt: skip
    return ExperimentResult(
        _sentence(measured, names), rows, figures, _references(measured, subjects)
    )


def _key(model: str, name: str) -> str:
    return f"{model}: {name}"


def _clean(subject: ModelUnderTest) -> float:
    return _error(subject.clean, subject)


def _error(probabilities: np.ndarray, subject: ModelUnderTest) -> float:
    labels = subject.examples.labels[: len(probabilities)]
    return float((probabilities.argmax(axis=1) != labels).mean())


def _corrupted(subject: ModelUnderTest, name: str) -> dict[str, Any]:
    """Return the errors by severity, and the most confident one at the middle severity."""
    images, labels = subject.examples.pixels, subject.examples.labels
    known = subject.clean.argmax(axis=1) == labels
    errors, worst = [], None
    for severity in SEVERITIES:
        found = subject.probabilities(corrupt(images, name, severity, range(len(images))))
        errors.append(_error(found, subject))
        if severity == _SHOWN_SEVERITY:
            wrong = known & (found.argmax(axis=1) != labels)
            if wrong.any():
                position = int(np.argmax(np.where(wrong, found.max(axis=1), -1)))
                worst = {
                    "position": position,
                    "label": int(found[position].argmax()),
                    "probability": float(found[position].max()),
                }
    return {"errors": errors, "worst": worst}


def _attacked(
    subject: ModelUnderTest, name: str, levels: tuple[int, ...], count: int
) -> list[float]:
    """Return the error before and after each strength of an attack, by the network attacked."""
    model = subject.opened
    images = subject.examples.pixels[:count]
    labels = subject.examples.labels[:count]
    changed = [_ATTACKS[name](model, images, labels, float(level)) for level in levels]
    return [_error(model.values(one), subject) for one in (images, *changed)]


def mean_corruption_errors(measured: Mapping[str, Any], names: list[str]) -> dict[str, float]:
    """Return each model's mean corruption error: over the corruptions, relative to the first's.

    Corruptions on which the first makes no error are left out.

    Source: Hendrycks & Dietterich, 2019, where the first is AlexNet.
    """
    sums = {name: [_total(measured, name, one) for one in CORRUPTIONS] for name in names}
    usable = [base > 0 for base in sums[names[0]]]
    return {
        name: float(
            np.mean(
                [
                    own / base
                    for own, base, use in zip(sums[name], sums[names[0]], usable, strict=True)
                    if use
                ]
                or [1.0]
            )
        )
        for name in names
    }


def _total(measured: Mapping[str, Any], model: str, corruption: str) -> float:
    """Return the sum of the errors over the severities."""
    return float(sum(measured[_key(model, corruption)]["errors"]))


def _mean_error(measured: Mapping[str, Any], model: str) -> float:
    return float(np.mean([measured[_key(model, name)]["errors"] for name in CORRUPTIONS]))


def _rows(measured: Mapping[str, Any], names: list[str], levels: tuple[int, ...]) -> list[Row]:
    rows: list[Row] = []
    for model in names:
        rows.append(_row(model, _CLEAN, 0, measured[_key(model, _CLEAN)]))
        for name in CORRUPTIONS:
            for severity, error in zip(
                SEVERITIES, measured[_key(model, name)]["errors"], strict=True
            ):
                rows.append(_row(model, name, severity, error))
        for name in _ATTACKS:
            for level, error in zip((0, *levels), measured[_key(model, name)], strict=True):
                rows.append(_row(model, name, level, error))
    return rows


def _row(model: str, change: str, strength: int, error: float) -> Row:
    return {"model": model, "change": change, "strength": strength, "error": round(error, 4)}


def _sentence(measured: Mapping[str, Any], names: list[str]) -> str:
    parts = []
    relative = mean_corruption_errors(measured, names)
    for name in names:
        means = {one: float(np.mean(measured[_key(name, one)]["errors"])) for one in CORRUPTIONS}
        hardest = max(means, key=lambda one: means[one])
        text = (
            f"{name}: error {percent(measured[_key(name, _CLEAN)])} on clean and "
            f"{percent(_mean_error(measured, name))} on corrupted images, most under {hardest} "
            f"({percent(means[hardest])})"
        )
        if name != names[0]:
            text += f", mean corruption error {relative[name]:.2f} relative to {names[0]}"
        parts.append(text)
    return ". ".join(parts) + "."


def _references(measured: Mapping[str, Any], subjects: list[ModelUnderTest]) -> list[Reference]:
    """Return each model's accuracy on clean images."""
    return [
        Reference(
            f"{one.name} on clean images",
            1 - measured[_key(one.name, _CLEAN)],
            len(one.examples),
            chance_of(one.examples.labels),
        )
        for one in subjects
    ]


def _table(measured: Mapping[str, Any], subjects: list[ModelUnderTest]) -> list[CorruptionRow]:
    first = subjects[0]
    names = [subject.name for subject in subjects]
    image = first.examples.pixels[:1]
    rows = [
        CorruptionRow("clean", [image[0]], [measured[_key(name, _CLEAN)] for name in names]),
    ]
    for one in CORRUPTIONS:
        rows.append(
            CorruptionRow(
                one,
                [corrupt(image, one, severity, [0])[0] for severity in SEVERITIES],
                [float(np.mean(measured[_key(name, one)]["errors"])) for name in names],
            )
        )
    rows.append(CorruptionRow("mean", [], [_mean_error(measured, name) for name in names]))
    if len(names) > 1:
        relative = mean_corruption_errors(measured, names)
        rows.append(CorruptionRow("relative", [], list(relative.values()), of_shares=False))
    return rows


def _curves(
    measured: Mapping[str, Any], names: list[str], levels: tuple[int, ...]
) -> dict[str, dict[str, Attack]]:
    return {
        attack: {name: Attack((0, *levels), tuple(measured[_key(name, attack)])) for name in names}
        for attack in _ATTACKS
    }


def _adversarial_images(
    subject: ModelUnderTest, levels: tuple[int, ...]
) -> list[tuple[str, np.ndarray, str]]:
    """Return one image per strength: (strength, image, prediction of the first model)."""
    model = subject.opened
    image, label = subject.examples.pixels[:1], subject.examples.labels[:1]
    shown = []
    for level in (0, *levels):
        changed = projected_gradient(model, image, label, float(level)) if level else image
        row = model.values(changed)[0]
        prediction = f"{subject.class_names[int(row.argmax())]} {row.max():.0%}"
        name = f"±{level}" if level else "clean"
        shown.append((name, np.rint(changed[0]).astype(np.uint8), prediction))
    return shown


def _worst_cases(
    measured: Mapping[str, Any], subjects: list[ModelUnderTest]
) -> tuple[list[np.ndarray], list[str]]:
    """Return images of the first model with captions, the most confident error first."""
    subject = subjects[0]
    images, captions = [], []
    found = [(one, measured[_key(subject.name, one)]["worst"]) for one in CORRUPTIONS]
    for name, worst in sorted(
        ((name, worst) for name, worst in found if worst is not None),
        key=lambda pair: -float(pair[1]["probability"]),
    ):
        position = worst["position"]
        original = subject.examples.pixels[position : position + 1]
        images.append(corrupt(original, name, _SHOWN_SEVERITY, [position])[0])
        truth = subject.class_names[subject.examples.labels[position]]
        captions.append(
            f"{name}\ntrue {truth}, predicted {subject.class_names[worst['label']]} "
            f"({worst['probability']:.0%})"
        )
    return images, captions
