"""Robustness to noise, blur, weather, stickers and graffiti.

  python -m app lab robustness mnist-dense mnist-convnet mnist-best -o lab
  python -m app lab robustness catsdogs-lecture catsdogs-best -o lab
  python -m app lab robustness mnist-best --mnist-c mnist_c.zip -o lab/mnist-c

Fifteen corruptions in five severities are applied to the image files; each
model then gets the same corrupted images, resized to its own size. Models are
compared by the paired differences of their errors, and by their mean corruption
error (mCE), whose baseline is the first model. Minutes per model. With
--mnist-c or --cifar-c, models are measured on published corrupted images
instead, so that errors compare with the literature: MNIST-C of Mu & Gilmer
(2019), https://zenodo.org/records/3239543, or CIFAR-10-C of Hendrycks &
Dietterich (2019), https://zenodo.org/records/2535967, and folders like it.
Slide: "Vision – Difficulties in real world applications".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from app.data.decoding import load_reduced, resized
from app.figures.canvas.contact_sheet import contact_sheet
from app.figures.robustness import CorruptionRow, corruption_table
from app.lab.corruptions import CORRUPTIONS, SEVERITIES, corrupt
from app.lab.models import ModelUnderTest, model_hashes, models_under_test
from app.lab.options import ExperimentOptions
from app.lab.published_corruptions import compared, published_corruptions
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.lab.store import Job
from app.statistics.estimate import Estimate
from app.statistics.means import bootstrap_mean
from app.statistics.proportions import wilson_interval

_CLEAN = "clean"
_SHOWN_SEVERITY = 3
_WORST_COLUMNS = 6
_DIGITS, _PHOTOGRAPHS = 400, 120  # images; photographs take minutes per model
_LARGEST_SIDE = 256  # of larger files; twice what the shipped models see


class Originals(NamedTuple):
    """Images `(H, W, C)` uint8, each of its own size, and their labels `(N,)`."""

    images: Sequence[np.ndarray]
    labels: np.ndarray


def robustness(options: ExperimentOptions) -> ExperimentResult:
    """Measure saved models of the same classes.

    Raises:
        AppError: If models, images or an earlier measurement do not fit.
    """
    if options.files:
        return published_corruptions(options)
    subjects = models_under_test(options, options.full_or_quick(_DIGITS, 20))
    originals = originals_of(subjects[0], _DIGITS if subjects[0].of_digits else _PHOTOGRAPHS)
    jobs: dict[str, Job] = {_CLEAN: partial(_clean, subjects, originals)}
    for name in CORRUPTIONS:
        jobs[name] = partial(_corrupted, subjects, originals, name)
    settings = {"models": model_hashes(subjects), "images": len(originals.labels)}
    measured = options.measure(jobs, settings, "corrupting images")
    names = [subject.name for subject in subjects]
    figures = {
        "robustness": corruption_table(
            _table(measured, names, originals.images[0]),
            names,
            title="Error under corruptions: noise, blur, weather, light, compression, occlusion",
            note=f"{_source(subjects[0], originals)}; error: mean over the "
            "severities that are shown, with its 95% interval. Corruptions are applied to the "
            "files, which are then resized to each model's input.",
        ),
    }
    worst = _worst_cases(measured, subjects[0], originals)
    if worst[0]:
        figures["worst_cases"] = contact_sheet(
            worst[0], worst[1], columns=_WORST_COLUMNS,
            title=f"The most confident errors of {names[0]} at severity {_SHOWN_SEVERITY}, on "
            "images that it classifies correctly when clean",
        )  # fmt: skip
    return ExperimentResult(
        _sentence(measured, names), _rows(measured, names), figures, _references(measured, subjects)
    )


def originals_of(subject: ModelUnderTest, most: int) -> Originals:
    """Return up to `most` of a model's images at their own size, reduced only if large."""
    files = subject.files.take_balanced(most)
    channels = subject.classifier.channels
    if files.in_files:
        images = [load_reduced(path, _LARGEST_SIDE, channels) for path in files.images]
    else:
        images = list(files.pixels)
    return Originals(images, files.labels)


def _source(subject: ModelUnderTest, originals: Originals) -> str:
    count = len(originals.labels)
    return subject.source if count == len(subject.files) else f"{count} of {subject.source}"


def _at_size_of(subject: ModelUnderTest, images: Sequence[np.ndarray]) -> np.ndarray:
    """Return images of any size as the model's input `(N, H, W, C)`."""
    model = subject.classifier
    size, channels, fit = model.image_size, model.channels, model.fit
    return np.stack([resized(image, size, channels, fit) for image in images])


def _clean(subjects: list[ModelUnderTest], originals: Originals) -> dict[str, str]:
    """Return for each model a digit per image: 1 if it is classified wrongly."""
    return {one.name: _digits(~_is_right(one, originals)) for one in subjects}


def _is_right(subject: ModelUnderTest, originals: Originals) -> np.ndarray:
    rows = subject.probabilities(_at_size_of(subject, originals.images))
    return np.asarray(rows.argmax(axis=1) == originals.labels)


def _corrupted(subjects: list[ModelUnderTest], originals: Originals, name: str) -> dict[str, Any]:
    """Return the errors of each model, and the most confident one of the first model.

    Of a model, `severities` has one error per severity, and `images` a digit per image: at how many
    severities it is classified wrongly. `worst` is an image that is classified correctly when
    clean.
    """
    shape = len(SEVERITIES), len(originals.images)
    wrong = {one.name: np.zeros(shape, bool) for one in subjects}
    worst = None
    for number, severity in enumerate(SEVERITIES):
        changed = [_corrupt(image, name, severity, at) for at, image in enumerate(originals.images)]
        for one in subjects:
            rows = one.probabilities(_at_size_of(one, changed))
            wrong[one.name][number] = rows.argmax(axis=1) != originals.labels
            if severity == _SHOWN_SEVERITY and one is subjects[0]:
                known = _is_right(one, originals)
                worst = _most_confident_error(rows, wrong[one.name][number] & known)
    found: dict[str, Any] = {
        model: {
            "severities": errors.mean(axis=1).tolist(), "images": _digits(errors.sum(axis=0))
        }
        for model, errors in wrong.items()
    }  # fmt: skip
    return {"errors": found, "worst": worst}


def _corrupt(image: np.ndarray, name: str, severity: int, position: int) -> np.ndarray:
    return corrupt(image[np.newaxis], name, severity, [position])[0]


def _most_confident_error(rows: np.ndarray, wrong: np.ndarray) -> dict[str, Any] | None:
    if not wrong.any():
        return None
    position = int(np.argmax(np.where(wrong, rows.max(axis=1), -1)))
    row = rows[position]
    return {"position": position, "label": int(row.argmax()), "probability": float(row.max())}


def _digits(counts: np.ndarray) -> str:
    return "".join(str(int(count)) for count in counts)


def _errors(measured: Mapping[str, Any], model: str, names: Sequence[str]) -> np.ndarray:
    """Return each image's error `(N,)`, the mean over corruptions and severities."""
    counts = [[int(digit) for digit in measured[name]["errors"][model]["images"]] for name in names]
    return np.mean(counts, axis=0) / len(SEVERITIES)


def _by_corruption(measured: Mapping[str, Any], model: str) -> np.ndarray:
    """Return `(corruptions, N)` errors, means over the severities."""
    return np.stack([_errors(measured, model, [name]) for name in CORRUPTIONS])


def _clean_error(measured: Mapping[str, Any], model: str) -> Estimate:
    wrong = measured[_CLEAN][model]
    return wilson_interval(wrong.count("1"), len(wrong))


def _rows(measured: Mapping[str, Any], names: list[str]) -> list[Row]:
    rows = []
    for model in names:
        rows.append(_row(model, _CLEAN, 0, _clean_error(measured, model).value))
        for name in CORRUPTIONS:
            errors = measured[name]["errors"][model]["severities"]
            for severity, error in zip(SEVERITIES, errors, strict=True):
                rows.append(_row(model, name, severity, error))
    return rows


def _row(model: str, change: str, strength: int, error: float) -> Row:
    return {"model": model, "change": change, "strength": strength, "error": round(error, 4)}


def _sentence(measured: Mapping[str, Any], names: list[str]) -> str:
    everything = {name: _errors(measured, name, list(CORRUPTIONS)) for name in names}
    parts = []
    for name in names:
        clean = _clean_error(measured, name).percent
        text = (
            f"{name}: error {clean} on clean and {bootstrap_mean(everything[name]).percent} on "
            "corrupted images"
        )
        if name != names[0]:
            baseline = _by_corruption(measured, names[0])
            text += compared(_by_corruption(measured, name), baseline, names[0])
        parts.append(text)
    return (
        "Mean error over fifteen corruptions in five severities, with 95% intervals over the "
        f"images. {'. '.join(parts)}."
    )


def _references(measured: Mapping[str, Any], subjects: list[ModelUnderTest]) -> list[Reference]:
    """Return each model's accuracy on clean images."""
    return [
        Reference(
            f"{one.name} on clean images",
            1 - _clean_error(measured, one.name).value,
            len(measured[_CLEAN][one.name]),
            chance_of(one.examples.labels),
        )
        for one in subjects
    ]


def _table(measured: Mapping[str, Any], names: list[str], image: np.ndarray) -> list[CorruptionRow]:
    clean = [_clean_error(measured, name) for name in names]
    rows = [CorruptionRow(_CLEAN, [image], clean)]
    for one in CORRUPTIONS:
        shown = [_corrupt(image, one, severity, 0) for severity in SEVERITIES]
        rows.append(CorruptionRow(one, shown, _intervals(measured, names, [one])))
    rows.append(CorruptionRow("mean", [], _intervals(measured, names, list(CORRUPTIONS))))
    return rows


def _intervals(
    measured: Mapping[str, Any], names: list[str], corruptions: Sequence[str]
) -> list[Estimate]:
    return [bootstrap_mean(_errors(measured, name, corruptions)) for name in names]


def _worst_cases(
    measured: Mapping[str, Any], subject: ModelUnderTest, originals: Originals
) -> tuple[list[np.ndarray], list[str]]:
    """Return images of the first model with captions, the most confident error first."""
    images, captions = [], []
    found = [(one, measured[one]["worst"]) for one in CORRUPTIONS]
    for name, worst in sorted(
        ((name, worst) for name, worst in found if worst is not None),
        key=lambda pair: -float(pair[1]["probability"]),
    ):
        position = worst["position"]
        images.append(_corrupt(originals.images[position], name, _SHOWN_SEVERITY, position))
        truth = subject.class_names[originals.labels[position]]
        captions.append(
            f"{name}\ntrue {truth}, predicted {subject.class_names[worst['label']]} "
            f"({worst['probability']:.0%})"
        )
    return images, captions
