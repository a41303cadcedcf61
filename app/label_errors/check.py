"""The check of a dataset's labels: `python -m app data check DATASET --labels`."""

from __future__ import annotations

import csv
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from app.data.dataset import SPLIT_NAMES, Dataset, Split
from app.data.folds import refuse_small_class
from app.data.pixels import DecodedSplit, Decoder, fits_in_memory
from app.errors import AppError
from app.files import atomic_file, printable
from app.keras_startup import start_keras
from app.label_errors.settings import fold_settings
from app.metrics import Evaluation, evaluate_probabilities
from app.reporting import SILENT, Reporter
from app.statistics.chance import chance_balanced_accuracy
from app.statistics.confident_learning import LabelErrors, label_errors
from app.training.recipes import resolve

_DEVIATIONS = 1.96  # chance is below it in 39 of 40 cases


class CheckOptions(NamedTuple):
    """What a check of labels is asked for.

    Attributes:
        folds: Number of folds, at least 2.
        limit: Number of images to check, balanced over the classes, or `None` for all.
        store: Folder of the files with the results of folds, with which a check goes on.
        model: Saved model whose features are classified, instead of training networks; `None` for
            none.
    """

    folds: int
    limit: int | None
    store: Path
    model: str | None = None


@dataclass(frozen=True)
class LabelCheck:
    """The result of a check.

    Attributes:
        dataset: Display name of the dataset.
        class_names: Names of the classes `K`, in the order of the labels.
        channels: 3 for RGB, 1 for gray.
        images: The `N` images that could be decoded, as the dataset has them.
        skipped: `(name, reason)` of each that could not.
        probabilities: `(N, K)` out of fold.
        evaluation: Labels compared with the predictions.
        found: Suspect labels.
    """

    dataset: str
    class_names: tuple[str, ...]
    channels: int
    images: Split
    skipped: tuple[tuple[str, str], ...]
    probabilities: np.ndarray
    evaluation: Evaluation
    found: LabelErrors

    @property
    def suspects(self) -> np.ndarray:
        """Positions of the images with suspect labels, the most suspect first."""
        return self.found.ranked[: self.found.count]

    def row(self, position: int) -> dict[str, Any]:
        """Return what is known of the image at a position."""
        found = self.found
        return {
            "image": self.images.names[position],
            "label": self.class_names[self.images.labels[position]],
            "suspect": bool(found.suspect[position]),
            "suggested": self.class_names[found.suggested[position]],
            "margin": round(float(found.margin[position]), 4),
        }

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary that `json` can write."""
        return {
            "dataset": self.dataset,
            "images": len(self.images),
            "skipped": [list(entry) for entry in self.skipped],
            "class_names": list(self.class_names),
            "accuracy": self.evaluation.accuracy,
            "balanced_accuracy": self.evaluation.balanced_accuracy,
            "suspects": [self.row(k) for k in self.suspects],
        }

    def write_csv(self, path: Path) -> None:
        """Write a row per image, the most suspect first, with the probability of every class.

        Raises:
            AppError: If the file cannot be written.
        """
        with (
            atomic_file(path) as temporary,
            temporary.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.writer(file)
            columns = [f"probability of {printable(name)}" for name in self.class_names]
            writer.writerow(["image", "label", "suspect", "suggested", "margin", *columns])
            for k in self.found.ranked:
                row = self.row(k)
                values = [f"{value:.4f}" for value in self.probabilities[k]]
                writer.writerow([*(row | {"suspect": int(row["suspect"])}).values(), *values])


def check_labels(
    data: Dataset, dataset: str, options: CheckOptions, reporter: Reporter = SILENT
) -> LabelCheck:
    """Predict every image by a network that never saw it; find labels that contradict.

    A mistake that is made throughout, such as two classes with each other's name, is learned like
    everything else, and cannot be found in this way.

    Args:
        data: Dataset to check, all splits together.
        dataset: Its name or folder.
        options: Options of the check.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If images have any number of labels, a class has fewer images than there are
            folds, the images do not fit in memory, the model cannot be used or has seen the images,
            or the labels are predicted no better than by chance.
    """
    data.require_one_label("data check --labels")
    predict = _with_features if options.model else _with_networks
    decoded, probabilities = predict(data, dataset, options, reporter)
    labels = decoded.examples.labels
    evaluation = evaluate_probabilities(probabilities, labels, data.class_names)
    _refuse_chance(evaluation, dataset)
    return LabelCheck(
        dataset=data.display_name,
        class_names=data.class_names,
        channels=data.channels,
        images=decoded.examples,
        skipped=decoded.skipped,
        probabilities=probabilities,
        evaluation=evaluation,
        found=label_errors(probabilities, labels),
    )


def _with_networks(
    data: Dataset, dataset: str, options: CheckOptions, reporter: Reporter
) -> tuple[DecodedSplit, np.ndarray]:
    """Train a network without each fold; return the images and their probabilities."""
    images = _limited(Split.concatenate([data.split(n) for n in SPLIT_NAMES]), data, options)
    settings = fold_settings(dataset, len(images))
    config = resolve(settings)
    size = (config.image_size, config.image_size)
    if not fits_in_memory(2 * len(images), size, data.channels):  # and the copy of a fold
        raise AppError(
            f"{len(images):,} images of {size[0]}×{size[1]} pixels do not fit in memory.",
            "Expected fewer images.",
            "Check a part of them: --limit N",
            status=1,
        )
    decoder = Decoder(size, data.channels, True, os.cpu_count() or 1, config.fit)
    decoded = _decoded(images, decoder, data, options, reporter)
    readable = decoded.examples
    reporter.info(
        f"Training {options.folds} networks for {config.epochs} epochs on {size[0]}×{size[1]} "
        f"pixels, each without one of {options.folds} parts of {len(readable):,} images …"
    )
    start_keras()
    from app.label_errors.out_of_fold import OutOfFold  # needs Keras

    folds = OutOfFold(settings, data.class_names, options.folds, options.store)
    pixels = decoded.images[np.arange(len(readable))]
    try:
        found = folds.probabilities(Split(pixels, readable.labels, readable.names), reporter)
    except KeyboardInterrupt:
        reporter.warning(
            f"Stopped. Finished folds are in '{options.store}': repeat the command to go on."
        )
        raise
    return decoded, found


def _with_features(
    data: Dataset, dataset: str, options: CheckOptions, reporter: Reporter
) -> tuple[DecodedSplit, np.ndarray]:
    """Classify the features of a model; return the images and their probabilities."""
    start_keras()
    from app.classifier import load
    from app.label_errors.features import linear_probabilities, unseen_images  # needs Keras

    model = load(str(options.model), raw=True).inspect()
    images = _limited(unseen_images(model, data, dataset, reporter), data, options)
    size, channels = model.image_size, model.channels
    kept = fits_in_memory(len(images), size, channels)
    decoder = Decoder(size, channels, kept, os.cpu_count() or 1, model.fit)
    decoded = _decoded(images, decoder, data, options, reporter)
    return decoded, linear_probabilities(model, decoded, options.folds, reporter)


def _limited(images: Split, data: Dataset, options: CheckOptions) -> Split:
    """Return the images to check; refuse more folds than a class has of them."""
    if options.limit is not None:
        images = images.take_balanced(options.limit)
    refuse_small_class(images.labels, data, options.folds, "images")
    return images


def _decoded(
    images: Split, decoder: Decoder, data: Dataset, options: CheckOptions, reporter: Reporter
) -> DecodedSplit:
    """Decode the images; refuse more folds than a class has readable ones."""
    with reporter.progress("decoding images") as update:
        decoded = decoder.decode(images, data.class_names, update)
    refuse_small_class(decoded.examples.labels, data, options.folds, "readable images")
    return decoded


def _refuse_chance(evaluation: Evaluation, dataset: str) -> None:
    """Refuse predictions whose balanced accuracy is not significantly above chance."""
    chance, deviation = chance_balanced_accuracy(evaluation.confusion_matrix)
    needed = chance + _DEVIATIONS * deviation
    balanced = evaluation.balanced_accuracy
    if balanced <= needed:
        raise AppError(
            f"The labels of '{dataset}' cannot be checked: networks predict those of images that "
            f"they never saw no better than by chance. Balanced accuracy: {balanced:.1%}; by "
            f"chance it is {chance:.1%} on average, and at most {needed:.1%} in 39 of 40 cases.",
            "Expected labels that can be learned from the other images.",
            "If the labels are right, add images; if they may be shuffled, look at some of each "
            f"class: python -m app data info {shlex.quote(dataset)} -o sheet.png",
            status=1,
        )
