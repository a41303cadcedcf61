"""Does batch normalization hurt or help under corruptions?

  python -m app lab normalization mnist-best -o lab

A network with batch normalization keeps the means and variances of its training
images. On corrupted images they are wrong. Re-estimated from the corrupted
images, without labels and without training, they remove a part of the errors.
Fifteen corruptions, and estimates from 8 to 300 images, in minutes. Slide:
"Illumination Invariance".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import keras
import numpy as np

from app.errors import AppError
from app.figures.canvas.style import Figure
from app.figures.interval_rows import IntervalRow, ShareAxis, interval_rows
from app.lab.corruptions import CORRUPTIONS, corrupt
from app.lab.models import ModelUnderTest, model_hashes, models_under_test
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.lab.store import Job
from app.statistics.means import bootstrap_difference, bootstrap_mean
from app.training.small_run import probabilities_of

_SEVERITIES = (1, 3, 5)
_CLEAN = "none"
_TRAINED, _OWN = "statistics of the training images", "statistics of the corrupted images"
_FEW = 8  # images of the smallest estimate
_BATCH = 100


def normalization(options: ExperimentOptions) -> ExperimentResult:
    """Measure a model with both kinds of statistics.

    Raises:
        AppError: If the model has no batch normalization, or models, images or an earlier
            measurement do not fit.
    """
    subject = models_under_test(options, options.full_or_quick(300, 40))[0]
    network = subject.opened.keras_model
    if not normalizations(network):
        raise AppError(
            f"The model '{subject.name}' has no batch normalization.",
            "Expected a model such as mnist-best or catsdogs-best.",
        )
    jobs: dict[str, Job] = {
        name: partial(_wrong, subject, network, name) for name in (_CLEAN, *CORRUPTIONS)
    }
    settings = {
        "model": model_hashes([subject]), "severities": _SEVERITIES, "few": _FEW,
    }  # fmt: skip
    measured = options.measure(jobs, settings, "corrupting images")
    wrong = {
        name: {kind: np.array(values) for kind, values in found.items()}
        for name, found in measured.items()
    }  # errors by image, mean over the severities
    rows: list[Row] = [
        {"corruption": name, "statistics": kind, "error": round(float(values.mean()), 4)}
        for name, found in wrong.items()
        for kind, values in found.items()
    ]
    labels = subject.examples.labels
    accuracy = 1 - float(wrong[_CLEAN][_TRAINED].mean())
    return ExperimentResult(
        _sentence(wrong),
        rows,
        {"normalization": _figure(wrong, subject)},
        [Reference(f"{subject.name} on the unchanged images", accuracy, len(labels),
                   chance_of(labels))],
    )  # fmt: skip


def normalizations(network: keras.Model) -> list[keras.layers.BatchNormalization]:
    """Return the batch normalizations of a network, also those within blocks."""
    return [
        layer
        for layer in network._flatten_layers(include_self=False)
        if isinstance(layer, keras.layers.BatchNormalization)
    ]


@contextmanager
def own_statistics(network: keras.Model, images: np.ndarray) -> Iterator[None]:
    """Let batch normalization use the mean and variance of images while the context is open.

    Each layer sees what the layers before it return with their statistics of the same images. Those
    of several batches are averaged.

    Args:
        network: Network with batch normalization.
        images: Images `(N, H, W, C)` without labels.

    Source: Schneider et al., Improving robustness against common corruptions by covariate shift
        adaptation, 2020.
    """
    layers = normalizations(network)
    dropouts = [one for one in network._flatten_layers() if isinstance(one, keras.layers.Dropout)]
    before = [(one.momentum, *map(keras.ops.copy, _statistics(one))) for one in layers]
    rates = [one.rate for one in dropouts]
    try:
        for one in dropouts:
            one.rate = 0.0
        for number, start in enumerate(range(0, len(images), _BATCH)):
            for layer in layers:
                layer.momentum = number / (number + 1)  # the mean of all batches so far
            network(images[start : start + _BATCH], training=True)
        yield
    finally:
        for one, rate in zip(dropouts, rates, strict=True):
            one.rate = rate
        for layer, (momentum, *values) in zip(layers, before, strict=True):
            layer.momentum = momentum
            for variable, value in zip(_statistics(layer), values, strict=True):
                variable.assign(value)


def _statistics(layer: keras.layers.BatchNormalization) -> tuple[keras.Variable, keras.Variable]:
    return layer.moving_mean, layer.moving_variance


def _wrong(
    subject: ModelUnderTest, network: keras.Model, corruption: str
) -> dict[str, list[float]]:
    """Return how often each image is misclassified, over the severities."""
    images, labels = subject.examples.pixels, subject.examples.labels
    found: dict[str, list[np.ndarray]] = {_TRAINED: [], _OWN: [], _of_few(): []}
    # A group has images of all classes, as they come.
    order = np.random.default_rng(0).permutation(len(images))
    for severity in _SEVERITIES if corruption != _CLEAN else (0,):
        changed = corrupt(images, corruption, severity, range(len(images))) if severity else images
        found[_TRAINED].append(_errors(network, changed, labels))
        with own_statistics(network, changed[order]):
            found[_OWN].append(_errors(network, changed, labels))
        few = np.empty(len(images), bool)
        for start in range(0, len(images), _FEW):
            group = order[start : start + _FEW]
            with own_statistics(network, changed[group]):
                few[group] = _errors(network, changed[group], labels[group])
        found[_of_few()].append(few)
    return {kind: np.mean(values, axis=0).round(4).tolist() for kind, values in found.items()}


def _of_few() -> str:
    return f"statistics of {_FEW} corrupted images"


def _errors(network: keras.Model, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.asarray(probabilities_of(network, images).argmax(axis=1) != labels)


def _sentence(wrong: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    corrupted = {
        kind: np.mean([wrong[name][kind] for name in CORRUPTIONS], axis=0) for kind in wrong[_CLEAN]
    }
    parts = [
        f"with {kind} {bootstrap_mean(corrupted[kind]).percent} "
        f"({wrong[_CLEAN][kind].mean():.1%} on the unchanged images)"
        for kind in corrupted
    ]
    differences = {
        name: bootstrap_difference(wrong[name][_OWN], wrong[name][_TRAINED]) for name in CORRUPTIONS
    }
    better, worse = (
        [name for name, one in differences.items() if sign * one.value < 0 and one.excludes(0)]
        for sign in (1, -1)
    )
    return (
        f"Mean error over {len(CORRUPTIONS)} corruptions: {'; '.join(parts)}. The statistics of "
        f"the corrupted images change the error by "
        f"{bootstrap_difference(corrupted[_OWN], corrupted[_TRAINED]).points} percentage points; "
        f"they lower it for {len(better)} corruptions and raise it for {len(worse)} (each by its "
        "own 95% interval). Brackets are 95% paired bootstrap intervals over images."
    )


def _figure(wrong: Mapping[str, Mapping[str, np.ndarray]], subject: ModelUnderTest) -> Figure:
    rows = [
        IntervalRow(
            "unchanged" if name == _CLEAN else name,
            {kind: bootstrap_mean(values) for kind, values in found.items()},
        )
        for name, found in wrong.items()
    ]
    return interval_rows(
        rows,
        {},
        title="Means and variances of batch normalization: of which images?",
        note=f"{subject.name}, {len(subject.examples)} images: {subject.source}; mean over the "
        f"severities {', '.join(map(str, _SEVERITIES))}, one view per image; 95% bootstrap "
        "intervals over images",
        axis=ShareAxis("error"),
    )
