"""Models of MNIST on the published images of MNIST-C: part of the experiment `robustness`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from app.classifier import Classifier
from app.data.dataset import Split
from app.data.decoding import squash
from app.data.mnist import CLASS_NAMES
from app.data.mnist_c import CLEAN, CORRUPTIONS, read_mnist_c
from app.errors import AppError
from app.figures.robustness import CorruptionRow, corruption_table
from app.lab.models import model_hash, named_classifiers
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.statistics.estimate import Estimate
from app.statistics.means import bootstrap_difference, bootstrap_mean
from app.statistics.proportions import wilson_interval

_QUICK_IMAGES = 100
_BATCH = 1000


def published_corruptions(options: ExperimentOptions, file: Path) -> ExperimentResult:
    """Measure saved models of MNIST on all test images of MNIST-C.

    Args:
        options: Options of the experiment.
        file: File or folder that `read_mnist_c` reads.

    Raises:
        AppError: If models, file or an earlier measurement do not fit.
    """
    if options.dataset is not None:
        raise AppError(
            f"--dataset {options.dataset} was given beside --mnist-c.",
            "Expected one of them: the images of MNIST-C are a dataset of their own.",
        )
    models = named_classifiers(options)
    classes = next(iter(models.values())).class_names
    if classes != CLASS_NAMES:
        raise AppError(
            f"'{next(iter(models))}' knows the classes {', '.join(classes)}.",
            "Expected a model of MNIST, with the classes 0 to 9.",
            "List the saved models: python -m app models",
        )
    images = read_mnist_c(file)
    if options.quick:
        first = np.arange(min(_QUICK_IMAGES, len(images[CLEAN])))
        images = {name: split.take(first) for name, split in images.items()}
    settings = {
        "models": {n: model_hash(p) for n, p in zip(models, options.models, strict=True)},
        "images": {name: split.fingerprint() for name, split in images.items()},
    }
    jobs = {name: partial(_wrong, models, split) for name, split in images.items()}
    measured = options.measure(jobs, settings, "classifying images")
    wrong = {
        model: {name: np.array([*measured[name][model]], int) for name in images}
        for model in models
    }
    count = len(images[CLEAN])
    figure = corruption_table(
        _table(wrong, images), list(models),
        title="Error on MNIST-C, as published",
        note=f"{count:,} test images of MNIST under each corruption, one view of each; error and "
        "95% interval. The mean is over the fifteen corruptions. Source: Mu & Gilmer, 2019.",
    )  # fmt: skip
    references = [
        Reference(f"{model} on {CLEAN}", 1 - found[CLEAN].mean(), count,
                  chance_of(images[CLEAN].labels))
        for model, found in wrong.items()
    ]  # fmt: skip
    return ExperimentResult(_sentence(wrong), _rows(wrong), {"robustness": figure}, references)


def _wrong(models: Mapping[str, Classifier], images: Split) -> dict[str, str]:
    """Return for each model a digit per image: 1 if it is classified wrongly."""
    found = {}
    for name, model in models.items():
        predicted = [
            model.probabilities(
                np.stack([squash(image, model.image_size, model.channels) for image in part])
            ).argmax(axis=1)
            for part in np.split(images.pixels, range(_BATCH, len(images), _BATCH))
        ]
        wrong = np.concatenate(predicted) != images.labels
        found[name] = "".join(map(str, wrong.astype(int)))
    return found


def _error(wrong: np.ndarray) -> Estimate:
    return wilson_interval(int(wrong.sum()), len(wrong))


def _mean_error(found: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return each image's error `(N,)`, the mean over the corruptions."""
    return np.mean([found[name] for name in CORRUPTIONS], axis=0)


def _table(
    wrong: Mapping[str, Mapping[str, np.ndarray]], images: Mapping[str, Split]
) -> list[CorruptionRow]:
    rows = [
        CorruptionRow(
            name.replace("_", " "),
            [split.pixels[0]],
            [_error(found[name]) for found in wrong.values()],
        )
        for name, split in images.items()
    ]
    means = [bootstrap_mean(_mean_error(found)) for found in wrong.values()]
    return [*rows, CorruptionRow("mean", [], means)]


def _rows(wrong: Mapping[str, Mapping[str, np.ndarray]]) -> list[Row]:
    rows: list[Row] = []
    for model, found in wrong.items():
        for name, errors in found.items():
            error, low, high = (round(value, 4) for value in _error(errors))
            rows.append(
                {"model": model, "corruption": name, "error": error, "low": low, "high": high}
            )
    return rows


def _sentence(wrong: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    first = next(iter(wrong))
    parts = []
    for model, found in wrong.items():
        text = (
            f"{model}: error {_error(found[CLEAN]).percent} on clean and "
            f"{bootstrap_mean(_mean_error(found)).percent} on corrupted images"
        )
        if model != first:
            change = bootstrap_difference(_mean_error(found), _mean_error(wrong[first]))
            text += f", {change.points} points compared with {first}"
        parts.append(text)
    return (
        "Mean error over the fifteen corruptions of MNIST-C, with 95% intervals over the images. "
        f"{'. '.join(parts)}."
    )
