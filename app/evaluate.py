"""A saved model measured on a dataset, by the engine that people use it with."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.augmentation.tta import identity, tta_views
from app.classifier import Classifier
from app.data.dataset import SPLIT_NAMES, Dataset, Split, shown_name
from app.data.pixels import DecodedSplit, decode, fits_in_memory
from app.data.registry import default_data_dir, normal_dataset
from app.errors import AppError
from app.files import atomic_file, printable
from app.metrics import Evaluation, evaluate_probabilities
from app.names import listed
from app.reporting import SILENT, Reporter
from app.storage.card import dataset_of
from app.storage.loading import Network
from app.storage.own_dataset import load_own_dataset

_BATCH = 64


@dataclass(frozen=True)
class Misclassification:
    """One wrong prediction.

    Attributes:
        image: Name of the image.
        true: True class.
        predicted: Predicted class.
        probability: Probability of the predicted class.
        pixels: `(H, W, C)` uint8, as the model saw it.
    """

    image: str
    true: str
    predicted: str
    probability: float
    pixels: np.ndarray

    @property
    def caption(self) -> str:
        """Text below the picture: the classes, then the file's name."""
        name = printable(self.image.rpartition("/")[2])
        true, predicted = printable(self.true), printable(self.predicted)
        return f"true {true}\npredicted {predicted} {self.probability:.0%}\n{name}"


@dataclass(frozen=True, repr=False)
class EvaluationResult:
    """What `evaluate` found.

    Attributes:
        model: Name of the model.
        dataset: Name of the dataset.
        split: Which part of it.
        source: Where the images came from, for people.
        stand_in: Whether they replace the dataset.
        averaged: Whether probabilities are means over several views.
        evaluation: The numbers.
        probabilities: `(N, K)`.
        decoded: The images, and which files were skipped.
    """

    model: str
    dataset: str
    split: str
    source: str
    stand_in: bool
    averaged: bool
    evaluation: Evaluation
    probabilities: np.ndarray
    decoded: DecodedSplit

    def __repr__(self) -> str:
        return (
            f"<EvaluationResult {self.model} on {self.shown_dataset}, {self.split}: "
            f"{self.evaluation!r}>"
        )

    @property
    def class_names(self) -> tuple[str, ...]:
        """In the order of the probabilities."""
        return self.evaluation.class_names

    @property
    def shown_dataset(self) -> str:
        """The dataset for people."""
        return shown_name(self.dataset, stand_in=self.stand_in)

    def errors(self, count: int | None = None) -> list[Misclassification]:
        """Return the `count` most confident wrong predictions, or all of them."""
        names = self.evaluation.class_names
        return [
            Misclassification(
                image=self.decoded.examples.names[i],
                true=names[self.decoded.examples.labels[i]],
                predicted=names[int(self.probabilities[i].argmax())],
                probability=float(self.probabilities[i].max()),
                pixels=self.decoded.images[np.array([i])][0],
            )
            for i in self.evaluation.worst[:count]
        ]

    def predictions(self) -> Iterator[tuple[str, str, str, np.ndarray]]:
        """Yield `(image name, true class, predicted class, probabilities (K,))` of every image."""
        names, examples = self.evaluation.class_names, self.decoded.examples
        for image, label, row in zip(
            examples.names, examples.labels, self.probabilities, strict=True
        ):
            yield image, names[label], names[int(row.argmax())], row

    def write_csv(self, path: Path) -> None:
        """Write every prediction: image, true and predicted class, probabilities."""
        with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as f:
            writer = csv.writer(f)
            names = map(printable, self.class_names)
            writer.writerow(["image", "true", "predicted", "probability", *names])
            for *texts, row in self.predictions():
                writer.writerow([*map(printable, texts), row.max(), *row])

    def to_json(self, errors: int | None = None) -> dict[str, Any]:
        """Return a dictionary that `json` can write.

        Args:
            errors: Number of wrong predictions to list; `None` for all.
        """
        names = self.class_names
        return {
            "model": self.model,
            "dataset": self.dataset,
            "split": self.split,
            "source": self.source,
            "stand_in": self.stand_in,
            "tta": self.averaged,
            **self.evaluation.to_json(),
            "errors": [
                {"image": e.image, "true": e.true, "predicted": e.predicted,
                 "probability": e.probability}
                for e in self.errors(errors)
            ],
            "predictions": [
                {"image": image, "true": true, "predicted": predicted,
                 "probability": float(row.max()),
                 "probabilities": dict(zip(names, row.tolist(), strict=True))}
                for image, true, predicted, row in self.predictions()
            ],
            "skipped": [{"image": n, "reason": r} for n, r in self.decoded.skipped],
        }  # fmt: skip


def evaluate(
    classifier: Classifier,
    *,
    dataset: str | None = None,
    split: str = "test",
    data_dir: Path | None = None,
    averaged: bool | None = None,
    reporter: Reporter = SILENT,
) -> EvaluationResult:
    """Run a model over a dataset.

    Args:
        classifier: The model.
        dataset: A dataset's name or folder; `None` for the one of its card, stand-in or not.
        split: `train`, `validation`, `test` or `all`.
        data_dir: Where datasets are kept; `None` for `$CONVLAB_DATA`, else `datasets/`.
        averaged: Test-time augmentation: mean over several views; `None` does as the
            settings on its card say.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: As `images_for`, or if the model gives anything but probabilities.
    """
    splits, decoded = images_for(
        classifier.network,
        dataset=dataset,
        split=split,
        data_dir=data_dir or default_data_dir(),
        reporter=reporter,
    )
    card = classifier.network.card
    if averaged is not None:
        settings = card.configuration if card is not None else {}
        views = tta_views(settings, classifier.network.image_size) if averaged else (identity,)
        if averaged and len(views) == 1:
            reporter.warning(
                "note: --tta changes nothing: only the image itself is fair to this model."
            )
        classifier = replace(classifier, views=views)
    probabilities = _probabilities(classifier, decoded, reporter)
    return EvaluationResult(
        model=classifier.network.name,
        dataset=dataset or splits.name,
        split=split,
        source=splits.source,
        stand_in=splits.stand_in,
        averaged=len(classifier.views) > 1,
        evaluation=evaluate_probabilities(
            probabilities, decoded.examples.labels, splits.class_names
        ),
        probabilities=probabilities,
        decoded=decoded,
    )


def images_for(
    network: Network,
    *,
    dataset: str | None,
    split: str,
    data_dir: Path,
    count: int | None = None,
    reporter: Reporter = SILENT,
) -> tuple[Dataset, DecodedSplit]:
    """Return a dataset of a model's classes, and the images of one split as the model sees them.

    Args:
        network: The model's.
        dataset: A dataset's name or folder; `None` for the one of its card, stand-in or not.
        split: `train`, `validation`, `test` or `all`.
        data_dir: Where datasets are kept.
        count: At most as many images, of all classes alike; `None` for all.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the dataset is unknown, or its classes are not the model's.
    """
    card = network.card
    splits = load_own_dataset(card, dataset, data_dir, measures=True, reporter=reporter)
    if card is None and len(splits.class_names) != len(network.class_names):
        raise AppError(
            f"The dataset has the classes {listed(splits.class_names)}; the model knows "
            f"{len(network.class_names)} classes, which have no names.",
            "Expected as many classes.",
            "Name a dataset of the model's classes with --dataset.",
        )
    names = SPLIT_NAMES if split == "all" else (split,)
    if card is not None and dataset_of(card, dataset) == normal_dataset(card.dataset):
        changed = [n for n in names if card.fingerprints.get(n) != splits.split(n).fingerprint()]
        if changed:
            reporter.warning(
                f"note: the {', '.join(changed)} images are not those of the model's card."
            )
    if card is not None:
        splits = splits.with_classes_of(network.class_names)
    examples = Split.concatenate([splits.split(name) for name in names])
    if count is not None:
        examples = examples.take_balanced(count, len(splits.class_names))
    workers = os.cpu_count() or 1
    with reporter.progress("decoding images") as update:
        decoded = decode(
            examples,
            splits.class_names,
            network.image_size,
            network.channels,
            in_memory=fits_in_memory(len(examples), network.image_size, network.channels),
            workers=workers,
            progress=update,
        )
    if decoded.skipped:
        reporter.warning(
            f"skipped {len(decoded.skipped):,} files, which cannot be decoded: "
            + "; ".join(f"{name} ({reason})" for name, reason in decoded.skipped[:3])
        )
    return splits, decoded


def _probabilities(classifier: Classifier, decoded: DecodedSplit, reporter: Reporter) -> np.ndarray:
    """Return `(N, K)` probabilities."""
    total = len(decoded.examples)
    parts = []
    with reporter.progress("recognising images") as update:
        for start in range(0, total, _BATCH):
            images = decoded.images[np.arange(start, min(start + _BATCH, total))]
            parts.append(classifier.probabilities(images))
            update(start + len(images), total)
    return np.concatenate(parts)
