"""Does a network know what it does not know? It is shown things of no class.

  python -m app lab unknown mnist-dense mnist-convnet mnist-best -o lab
  python -m app lab unknown catsdogs-lecture catsdogs-best -o lab/photographs

Networks of digits are shown letters, photographs and noise; networks of cats
and dogs are shown drawn faces, digits, letters and noise. Three scores have to
tell these from validation images of the classes: the highest probability, the
energy of the logits, and the distance of the features of the last hidden layer
from those of training images (Mahalanobis). Their AUROC gets a bootstrap
interval over the images. Minutes. Slide: "Vision – Difficulties in real world
applications".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from app.classifier.dataset_images import Selection, select_images
from app.figures.interval_rows import IntervalRow, ShareAxis, interval_rows
from app.insight.embedding import features_and_logits
from app.lab.foreign_images import Source, at_size, foreign_images
from app.lab.models import ModelUnderTest, model_hashes, models_under_test, named_classifiers
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.lab.store import Job
from app.lab.wording import listed, percent, two_decimals
from app.statistics.estimate import Estimate
from app.statistics.novelty import (
    FeatureDistance,
    accepted,
    confidence_novelty,
    energy_novelty,
    separation,
)

_KNOWN = "known"
_CONFIDENCE, _ENERGY, _DISTANCE = "highest probability", "energy", "feature distance"
_SCORES = (_CONFIDENCE, _ENERGY, _DISTANCE)
_COVERAGE = 0.95  # of the known images, in the finding
_DIGIT_IMAGES, _PHOTOGRAPHS = (300, 1_000), (150, 500)  # of each kind; from training
_DIGITS = 6  # significant, of a stored score


def unknown(options: ExperimentOptions) -> ExperimentResult:
    """Show saved models of the same classes images of other things.

    Raises:
        AppError: If models, images or an earlier measurement do not fit.
    """
    of_digits = all(one.mnist_style for one in named_classifiers(options).values())
    full = _DIGIT_IMAGES if of_digits else _PHOTOGRAPHS
    count, training = options.full_or_quick(full[0], 12), options.full_or_quick(full[1], 40)
    subjects = models_under_test(options, count)
    sources = foreign_images(options, of_digits=of_digits)
    jobs: dict[str, Job] = {
        one.name: partial(_scores, options, one, sources, (count, training)) for one in subjects
    }
    settings = {
        "models": model_hashes(subjects), "images": count, "training_images": training,
        "things": list(sources),
    }  # fmt: skip
    measured = options.measure(jobs, settings, "showing images of other things")
    names = [subject.name for subject in subjects]
    figure = interval_rows(
        [
            IntervalRow(
                f"{name}\n{thing}",
                {score: _separation(measured, name, thing, score) for score in _SCORES},
            )
            for name in names
            for thing in sources
        ],
        {thing: list(at_size(source(2), (64, 64), 3)) for thing, source in sources.items()},
        title="Things of no class, told from images of the classes by three scores",
        note=f"AUROC with its 95% bootstrap interval over {subjects[0].source} and up to {count} "
        "images of each thing. Highest probability and energy: of the outputs. Feature distance: "
        f"Mahalanobis distance in the last hidden layer, to the nearest class of {training:,} "
        "training images.",
        axis=ShareAxis("AUROC", (0.5, "chance"), percent=False),
    )
    return ExperimentResult(
        _sentence(measured, subjects, list(sources)),
        _rows(measured, names, list(sources)),
        {"unknown": figure},
        _references(measured, subjects),
    )


def _scores(
    options: ExperimentOptions,
    subject: ModelUnderTest,
    sources: Mapping[str, Source],
    counts: tuple[int, int],
) -> dict[str, Any]:
    """Return the scores of known images and of each thing, and how confident the model is."""
    model, (count, training) = subject.opened, counts
    selection = Selection(
        dataset=options.dataset, split="train", data_dir=options.data_dir, count=training
    )
    seen = select_images(subject.classifier, selection, options.reporter)
    distance = FeatureDistance.fit(features_and_logits(model, seen.pixels)[0], seen.labels)
    groups = {_KNOWN: subject.examples.pixels}
    for thing, source in sources.items():
        groups[thing] = at_size(source(count), model.image_size, model.channels, model.fit)
    found: dict[str, Any] = {}
    for name, images in groups.items():
        features, logits = features_and_logits(model, images)
        if model.keras_model.output_shape[-1] == 1:
            logits = logits / 2  # −z and z: the probabilities are those of ±z/2
        novelty = {
            _CONFIDENCE: confidence_novelty(logits),
            _ENERGY: energy_novelty(logits),
            _DISTANCE: distance.novelty(features),
        }
        found[name] = {
            score: [float(f"{value:.{_DIGITS}g}") for value in values]
            for score, values in novelty.items()
        }
        found[name]["mean_confidence"] = float(1 - novelty[_CONFIDENCE].mean())
        if name == _KNOWN:
            right = logits.argmax(axis=1) == subject.examples.labels
            found[name]["accuracy"] = float(right.mean())
    return found


def _of(measured: Mapping[str, Any], name: str, thing: str, score: str) -> np.ndarray:
    return np.array(measured[name][thing][score])


def _separation(measured: Mapping[str, Any], name: str, thing: str, score: str) -> Estimate:
    return separation(*(_of(measured, name, group, score) for group in (_KNOWN, thing)))


def _accepted(measured: Mapping[str, Any], name: str, thing: str, score: str) -> float:
    known, foreign = (_of(measured, name, group, score) for group in (_KNOWN, thing))
    return accepted(known, foreign, _COVERAGE)


def _rows(measured: Mapping[str, Any], names: list[str], things: list[str]) -> list[Row]:
    rows: list[Row] = []
    for name in names:
        for thing in things:
            for score in _SCORES:
                found = _separation(measured, name, thing, score)
                rows.append({
                    "model": name, "thing": thing, "score": score,
                    "auroc": round(found.value, 4), "low": round(found.low, 4),
                    "high": round(found.high, 4),
                    "accepted": round(_accepted(measured, name, thing, score), 4),
                    "mean_confidence": round(measured[name][thing]["mean_confidence"], 4),
                })  # fmt: skip
    return rows


def _sentence(
    measured: Mapping[str, Any], subjects: list[ModelUnderTest], things: list[str]
) -> str:
    parts = []
    for subject in subjects:
        name = subject.name
        areas = [
            f"{thing} "
            + listed([two_decimals(_separation(measured, name, thing, s)) for s in _SCORES])
            for thing in things
        ]
        taken = [
            f"{_accepted(measured, name, thing, _CONFIDENCE):.0%} of {thing}" for thing in things
        ]
        parts.append(
            f"{name}: {'; '.join(areas)}; with a threshold that {_COVERAGE:.0%} of the known "
            f"images pass, {listed(taken)} are still given a class"
        )
    text = (
        "AUROC of things of no class against validation images, by highest probability, energy and "
        f"feature distance, with 95% intervals over the images. {'. '.join(parts)}."
    )
    if len(subjects[0].class_names) == 2:
        text += _on_two_classes(measured, [subject.name for subject in subjects], things)
    return text


def _on_two_classes(measured: Mapping[str, Any], names: list[str], things: list[str]) -> str:
    sure = {
        (name, thing): measured[name][thing]["mean_confidence"]
        for name in names
        for thing in things
    }
    name, thing = max(sure, key=lambda pair: sure[pair])
    return (
        " Two classes cannot mean 'neither', and the energy of one sigmoid orders images as its "
        f"probability does: {name} gives {thing} one of its two classes with a mean probability of "
        f"{percent(sure[name, thing])}. What is unknown has to be asked for: by a threshold, by "
        "the distance to what training showed, or by a third class."
    )


def _references(measured: Mapping[str, Any], subjects: list[ModelUnderTest]) -> list[Reference]:
    return [
        Reference(
            one.name,
            measured[one.name][_KNOWN]["accuracy"],
            len(one.examples),
            chance_of(one.examples.labels),
        )
        for one in subjects
    ]
