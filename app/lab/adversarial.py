"""Adversarial images: how small a change of every pixel changes the prediction.

  python -m app lab adversarial mnist-dense mnist-convnet mnist-best -o lab
  python -m app lab adversarial catsdogs-lecture catsdogs-best -o lab

Robust accuracy under changes of at most ε of any value (ℓ∞): random noise as a
control, one gradient step (FGSM), and projected gradient descent (PGD: 20
steps, 3 random starts). Images are stored in 8 bits before they are
classified. Minutes. Slide: "Vision – Difficulties in real world applications".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from app.figures.attack_curves import Attack, attack_curves
from app.lab.attacks import ProjectedGradient, fast_gradient_sign, random_signs
from app.lab.models import ModelUnderTest, model_hashes, models_under_test
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.lab.store import Job
from app.lab.wording import listed
from app.statistics.estimate import Estimate
from app.statistics.proportions import wilson_interval

_NOISE, _FGSM, _PGD = "random noise", "FGSM", "PGD"
_CORRECT = "correct"
_ATTACKS = (_NOISE, _FGSM, _PGD)
_MORE_STEPS = "more steps"
# Of digits up to 0.3 of the range, where MNIST's attacks end; photographs need far less.
_DIGIT_LEVELS: tuple[int, ...] = (8, 16, 32, 51, 77)
_PHOTOGRAPH_LEVELS: tuple[int, ...] = (1, 2, 4, 8)
_DIGIT_STATED, _PHOTOGRAPH_STATED = 32, 2  # in the finding
_STEPS, _MORE, _TRIES = 20, 100, 3

# `(images (N, H, W, C), labels (N,), levels)` -> changed images.
Change = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
Outcomes = dict[str, Any]


def adversarial(options: ExperimentOptions) -> ExperimentResult:
    """Attack saved models of the same classes.

    Raises:
        AppError: If models, images or an earlier measurement do not fit.
    """
    subjects = models_under_test(options, options.full_or_quick(100, 10))
    of_digits = subjects[0].of_digits
    levels = _DIGIT_LEVELS if of_digits else _PHOTOGRAPH_LEVELS
    levels = levels[:: 2 if options.quick else 1]
    stated = _DIGIT_STATED if of_digits else _PHOTOGRAPH_STATED
    stated = stated if stated in levels else levels[-1]
    steps, more = options.full_or_quick(_STEPS, 5), options.full_or_quick(_MORE, 10)
    jobs: dict[str, Job] = {}
    for subject in subjects:
        jobs[_key(subject.name, _NOISE)] = partial(_under_noise, subject, levels)
        jobs[_key(subject.name, _FGSM)] = partial(_under_one_step, subject, levels)
        pgd = partial(_under_steps, subject, levels, stated, (steps, more))
        jobs[_key(subject.name, _PGD)] = pgd
    settings = {
        "models": model_hashes(subjects), "levels": levels, "steps": steps, "more_steps": more,
        "tries": _TRIES,
    }  # fmt: skip
    measured = options.measure(jobs, settings, "attacking models")
    names = [subject.name for subject in subjects]
    curves = {
        name: {
            one: Attack((0, *levels), _accuracies(_correct(measured, one, name))) for one in names
        }
        for name in _ATTACKS
    }
    figure = attack_curves(
        curves,
        _shown(subjects[0], levels, steps),
        title="Robust accuracy if every value of the image may change by ε",
        note=f"{subjects[0].source}, with 95% intervals; random noise and PGD ({steps} steps): the "
        f"worst of {_TRIES} tries at this ε and the smaller ones; below, one image and the "
        f"prediction of {names[0]} under PGD",
    )  # fmt: skip
    return ExperimentResult(
        _sentence(measured, names, levels, stated),
        _rows(measured, names, levels),
        {"adversarial": figure},
        _references(measured, subjects),
    )


def still_correct(
    subject: ModelUnderTest, change: Change, levels: tuple[int, ...], tries: int
) -> list[np.ndarray]:
    """Return whether each image is classified correctly, unchanged and after an attack.

    Of several tries the worst counts, at this level and all smaller ones, whose images are within
    ±ε too; images that no longer resist are not attacked again. A single try counts for its level
    alone.

    Args:
        subject: Model and its images.
        change: Attack.
        levels: Increasing largest changes.
        tries: Number of tries at each level.

    Returns:
        One array `(N,)` of booleans for 0 and each level.
    """
    clean = subject.clean.argmax(axis=1) == subject.examples.labels
    found = [clean]
    for level in levels:
        correct = found[-1] if tries > 1 else clean
        for _ in range(tries):
            correct = attacked(subject, change, level, correct)
        found.append(correct)
    return found


def attacked(
    subject: ModelUnderTest, change: Change, level: int, correct: np.ndarray
) -> np.ndarray:
    """Attack the images that are classified `correct`ly; return which ones still are, `(N,)`."""
    left = np.flatnonzero(correct)
    after = correct.copy()
    if len(left):
        labels = subject.examples.labels[left]
        changed = change(subject.examples.pixels[left], labels, level)
        after[left] = subject.probabilities(changed).argmax(axis=1) == labels
    return after


def _under_noise(subject: ModelUnderTest, levels: tuple[int, ...]) -> Outcomes:
    random = np.random.default_rng(0)

    def change(images: np.ndarray, labels: np.ndarray, level: int) -> np.ndarray:
        return random_signs(images, level, random)

    return _as_json(still_correct(subject, change, levels, _TRIES))


def _under_one_step(subject: ModelUnderTest, levels: tuple[int, ...]) -> Outcomes:
    change = partial(fast_gradient_sign, subject.opened)
    return _as_json(still_correct(subject, change, levels, 1))


def _under_steps(
    subject: ModelUnderTest, levels: tuple[int, ...], stated: int, steps: tuple[int, int]
) -> Outcomes:
    """Return the outcomes of PGD, and of more steps on the images that resist it at one level."""
    random = np.random.default_rng(0)
    few, more = (
        partial(ProjectedGradient(count, random).attack, subject.opened) for count in steps
    )
    found = still_correct(subject, few, levels, _TRIES)
    left = attacked(subject, more, stated, found[levels.index(stated) + 1])
    return {**_as_json(found), _MORE_STEPS: left.astype(int).tolist()}


def _as_json(found: list[np.ndarray]) -> Outcomes:
    """Return 1 for every image that is classified correctly, for 0 and each level."""
    return {_CORRECT: [row.astype(int).tolist() for row in found]}


def _key(model: str, name: str) -> str:
    return f"{model}: {name}"


def _correct(measured: Mapping[str, Any], model: str, name: str) -> list[list[int]]:
    outcomes: list[list[int]] = measured[_key(model, name)][_CORRECT]
    return outcomes


def _accuracies(outcomes: list[list[int]]) -> list[Estimate]:
    return [wilson_interval(sum(row), len(row)) for row in outcomes]


def _success(outcomes: list[list[int]], number: int) -> float:
    """Return the attack success rate at a level: the share of correctly classified images."""
    return 1 - sum(outcomes[number]) / max(1, sum(outcomes[0]))


def _rows(measured: Mapping[str, Any], names: list[str], levels: tuple[int, ...]) -> list[Row]:
    return [
        {
            "model": model, "attack": name, "epsilon_255": level,
            "robust_accuracy": round(estimate.value, 4), "low": round(estimate.low, 4),
            "high": round(estimate.high, 4),
            "attack_success": round(_success(_correct(measured, model, name), number), 4),
        }
        for model in names
        for name in _ATTACKS
        for number, (level, estimate) in enumerate(
            zip((0, *levels), _accuracies(_correct(measured, model, name)), strict=True)
        )
    ]  # fmt: skip


def _sentence(
    measured: Mapping[str, Any], names: list[str], levels: tuple[int, ...], stated: int
) -> str:
    number = levels.index(stated) + 1
    parts = []
    for model in names:
        found = {name: _correct(measured, model, name) for name in _ATTACKS}
        shares = {name: _accuracies(rows)[number].percent for name, rows in found.items()}
        more = _accuracies([measured[_key(model, _PGD)][_MORE_STEPS]])[0].percent
        clean = _accuracies(found[_PGD])[0].percent
        parts.append(
            f"{model}: {clean} on clean images; {shares[_NOISE]} under random noise; "
            f"{shares[_FGSM]} under FGSM; {shares[_PGD]} under PGD, a success rate of "
            f"{_success(found[_PGD], number):.0%} among correctly classified images; {more} after "
            f"{_MORE} steps on images that resist"
        )
    weaker = [
        f"{model} at {level}/255"
        for model in names
        for place, level in enumerate(levels, start=1)
        if sum(_correct(measured, model, _PGD)[place])
        > sum(_correct(measured, model, _FGSM)[place])
    ]
    check = f"except for {listed(weaker)}" if weaker else "everywhere"
    return (
        f"Accuracy with its 95% interval if values change by at most ε = {stated}/255 (ℓ∞), in "
        f"8-bit images. {'. '.join(parts)}. PGD "
        f"succeeds at least as often as the single step of FGSM {check}."
    )


def _references(measured: Mapping[str, Any], subjects: list[ModelUnderTest]) -> list[Reference]:
    """Return each model's accuracy on clean images."""
    return [
        Reference(
            f"{one.name} on clean images",
            float(np.mean(_correct(measured, one.name, _PGD)[0])),
            len(one.examples),
            chance_of(one.examples.labels),
        )
        for one in subjects
    ]


def _shown(
    subject: ModelUnderTest, levels: tuple[int, ...], steps: int
) -> list[tuple[str, np.ndarray, str]]:
    """Return one image per level: (ε, image, prediction of the first model)."""
    pgd = ProjectedGradient(steps, np.random.default_rng(0))
    known = int(np.argmax(subject.clean.argmax(axis=1) == subject.examples.labels))
    images = subject.examples.pixels[known : known + 1]
    labels = subject.examples.labels[known : known + 1]
    shown = []
    for level in (0, *levels):
        changed = images
        if level:
            changed = pgd.attack(subject.opened, images, labels, level)
        row = subject.probabilities(changed)[0]
        prediction = f"{subject.class_names[int(row.argmax())]}, {row.max():.0%}"
        shown.append((f"{level}/255" if level else "clean", changed[0], prediction))
    return shown
