"""Models on published corrupted images, MNIST-C or CIFAR-10-C: part of the experiment `robustness`.

The baseline of the mean corruption error is the first model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from app.classifier import Classifier
from app.data import cifar_c, mnist_c
from app.data.dataset import Split
from app.data.decoding import resized
from app.data.mnist import CLASS_NAMES
from app.errors import AppError
from app.figures.robustness import CorruptionRow, corruption_table
from app.lab.models import model_hash, named_classifiers
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.statistics.corruption_error import mean_corruption_error
from app.statistics.estimate import Estimate
from app.statistics.means import bootstrap_difference, bootstrap_mean
from app.statistics.proportions import wilson_interval

OPTIONS = ("mnist-c", "cifar-c")
_QUICK_IMAGES = 100
_BATCH = 1000

Wrong = Mapping[str, np.ndarray]  # by corruption: (severities, N), 1 where classified wrongly


@dataclass(frozen=True)
class Published:
    """Published images.

    Attributes:
        title: Name and source.
        splits: Images by corruption: `N` in the mildest severity, then the same in the next.
        severities: Number of severities.
        clean: Name of the images without corruption, if there are any.
    """

    title: str
    splits: Mapping[str, Split]
    severities: int
    clean: str | None

    @property
    def corruptions(self) -> list[str]:
        """Names of the corruptions."""
        return [name for name in self.splits if name != self.clean]

    @property
    def images(self) -> int:
        """Number of images in each severity."""
        return len(next(iter(self.splits.values()))) // self.severities

    def first(self, count: int) -> Published:
        """Return the first images of each severity."""
        kept = np.arange(min(count, self.images))
        rows = np.concatenate([kept + level * self.images for level in range(self.severities)])
        splits = {name: split.take(rows) for name, split in self.splits.items()}
        return Published(self.title, splits, self.severities, self.clean)


def published_corruptions(options: ExperimentOptions) -> ExperimentResult:
    """Measure saved models on all published images.

    Raises:
        AppError: If models, file or an earlier measurement do not fit.
    """
    given = [f"--{name}" for name in OPTIONS if name in options.files]
    if options.dataset is not None:
        given.append(f"--dataset {options.dataset}")
    if len(given) > 1:
        raise AppError(
            f"{given[1]} was given beside {given[0]}.",
            "Expected one of them: published images are a dataset of their own.",
        )
    models = named_classifiers(options)
    published = _read(options, next(iter(models.values())).class_names)
    if options.quick:
        published = published.first(_QUICK_IMAGES)
    settings = {
        "models": {n: model_hash(p) for n, p in zip(models, options.models, strict=True)},
        "images": {name: split.fingerprint() for name, split in published.splits.items()},
    }
    jobs = {name: partial(_wrong, models, split) for name, split in published.splits.items()}
    measured = options.measure(jobs, settings, "classifying images")
    wrong = {
        model: {
            name: np.array([*measured[name][model]], int).reshape(published.severities, -1)
            for name in published.splits
        }
        for model in models
    }
    figure = corruption_table(
        _table(wrong, published), list(models), title=f"Error on {published.title}, as published",
        note=f"{published.images:,} test images under each corruption in {published.severities} "
        f"{'severity' if published.severities == 1 else 'severities'}, one view of each; error "
        f"and 95% interval. The mean is over {len(published.corruptions)} corruptions.",
    )  # fmt: skip
    return ExperimentResult(
        _sentence(wrong, published), _rows(wrong, published), {"robustness": figure},
        _references(wrong, published),
    )  # fmt: skip


def _read(options: ExperimentOptions, classes: Sequence[str]) -> Published:
    if "mnist-c" in options.files:
        if tuple(classes) != CLASS_NAMES:
            raise _other_classes(options, classes, "a model of MNIST, with the classes 0 to 9")
        splits = mnist_c.read_mnist_c(options.files["mnist-c"])
        return Published("MNIST-C (Mu & Gilmer, 2019)", splits, 1, mnist_c.CLEAN)
    splits = cifar_c.read_cifar_c(options.files["cifar-c"])
    count = int(next(iter(splits.values())).labels.max()) + 1
    if len(classes) < count:
        raise _other_classes(options, classes, f"a model of at least {count} classes, the labels'")
    name = options.files["cifar-c"].name
    return Published(f"{name} (Hendrycks & Dietterich, 2019)", splits, cifar_c.SEVERITIES, None)


def _other_classes(options: ExperimentOptions, classes: Sequence[str], expected: str) -> AppError:
    return AppError(
        f"'{options.models[0]}' knows the classes {', '.join(classes)}.",
        f"Expected {expected}.",
        "List the saved models: python -m app models",
    )


def _wrong(models: Mapping[str, Classifier], images: Split) -> dict[str, str]:
    """Return for each model a digit per image: 1 if it is classified wrongly."""
    found = {}
    for name, model in models.items():
        predicted = [
            model.probabilities(
                np.stack(
                    [
                        resized(image, model.image_size, model.channels, model.fit)
                        for image in images.pixels[start : start + _BATCH]
                    ]
                )
            ).argmax(axis=1)
            for start in range(0, len(images), _BATCH)
        ]
        wrong = np.concatenate(predicted) != images.labels
        found[name] = "".join(map(str, wrong.astype(int)))
    return found


def _error(wrong: np.ndarray) -> Estimate:
    """Return the error over images `(severities, N)`; of one severity with Wilson's interval."""
    if len(wrong) == 1:
        return wilson_interval(int(wrong.sum()), wrong.size)
    return bootstrap_mean(wrong.mean(axis=0))


def _errors(found: Wrong, published: Published) -> np.ndarray:
    """Return `(corruptions, N)` errors, means over the severities."""
    return np.stack([found[name].mean(axis=0) for name in published.corruptions])


def _mean_error(found: Wrong, published: Published) -> np.ndarray:
    """Return each image's error `(N,)`, the mean over the corruptions."""
    return _errors(found, published).mean(axis=0)


def _table(wrong: Mapping[str, Wrong], published: Published) -> list[CorruptionRow]:
    rows = [
        CorruptionRow(
            name.replace("_", " "),
            [
                split.pixels[level * published.images]
                for level in range(1 if name == published.clean else published.severities)
            ],
            [_error(found[name]) for found in wrong.values()],
        )
        for name, split in published.splits.items()
    ]
    means = [bootstrap_mean(_mean_error(found, published)) for found in wrong.values()]
    return [*rows, CorruptionRow("mean", [], means)]


def _rows(wrong: Mapping[str, Wrong], published: Published) -> list[Row]:
    rows: list[Row] = []
    for model, found in wrong.items():
        for name in published.splits:
            error, low, high = (round(value, 4) for value in _error(found[name]))
            rows.append(
                {"model": model, "corruption": name, "error": error, "low": low, "high": high}
            )
    return rows


def _sentence(wrong: Mapping[str, Wrong], published: Published) -> str:
    first, *others = wrong
    parts = []
    for model, found in wrong.items():
        clean = f"{_error(found[published.clean]).percent} on clean and " if published.clean else ""
        mean = bootstrap_mean(_mean_error(found, published))
        text = f"{model}: error {clean}{mean.percent} on corrupted images"
        if model in others:
            text += compared(_errors(found, published), _errors(wrong[first], published), first)
        parts.append(text)
    return (
        f"Mean error over {len(published.corruptions)} corruptions of {published.title}, with 95% "
        f"intervals over the images. {'. '.join(parts)}."
    )


def compared(errors: np.ndarray, baseline: np.ndarray, name: str) -> str:
    """Return how a model's errors differ from the baseline's, as the end of a sentence.

    Args:
        errors: `(C, N)` errors under `C` corruptions of `N` images, means over the severities.
        baseline: `(C, N)` those of the baseline.
        name: Name of the baseline.
    """
    change = bootstrap_difference(errors.mean(axis=0), baseline.mean(axis=0))
    text = f", {change.points} points compared with {name}"
    if baseline.any():
        relative = mean_corruption_error(errors, baseline)
        text += f", {relative.percent} of its error in the mean over the corruptions (mCE)"
    return text


def _references(wrong: Mapping[str, Wrong], published: Published) -> list[Reference]:
    """Return each model's accuracy on clean images, else under the corruption it survives best."""
    references = []
    for model, found in wrong.items():
        name = published.clean or min(published.corruptions, key=lambda one: found[one].mean())
        labels = published.splits[name].labels[: published.images]
        references.append(
            Reference(
                f"{model} on {name}", 1 - found[name].mean(), published.images, chance_of(labels)
            )
        )
    return references
