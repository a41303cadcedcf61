"""Select images of a model's dataset: one rule for evaluation, figures, reports and experiments.

A model gets the dataset that it was trained on, with the protocol, fold and training limit of its
card, so that its training images are never shown as unseen ones. A model that was trained
on a stand-in gets the stand-in. Any other model gets no stand-in, because an accuracy on it would
be read as that on the real images; a single figure that names its images may ask for one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.classifier.classifier import Classifier
from app.data.dataset import SPLIT_NAMES, Dataset, Split
from app.data.download.download import NoNetwork
from app.data.folds import parse_fold, with_fold
from app.data.pixels import DecodedSplit, Decoder, fits_in_memory
from app.data.registry import (
    DATASETS,
    default_data_dir,
    folder_and_labels,
    is_present,
    load_dataset,
    normal_dataset,
    source_of,
)
from app.errors import AppError
from app.names import listed
from app.references import is_reference
from app.reporting import SILENT, Reporter, counted
from app.storage.card import Card

_KINDS = {"train": "training ", "validation": "validation ", "test": "test ", "all": ""}


@dataclass(frozen=True)
class DatasetImages:
    """Images of a dataset as a model sees them.

    Attributes:
        dataset: Dataset, with the labels of the model if it has the same classes.
        split: `train`, `validation`, `test` or `all`.
        decoded: Pixels of the images, and which files were skipped.
    """

    dataset: Dataset
    split: str
    decoded: DecodedSplit

    @property
    def pixels(self) -> np.ndarray:
        """`(N, H, W, C)` uint8."""
        return self.decoded.images[np.arange(len(self.labels))]

    @property
    def labels(self) -> np.ndarray:
        """`(N,)` int64; `(N, K)` booleans of a multi-label dataset."""
        return self.decoded.examples.labels

    @property
    def examples(self) -> Split:
        """The images in memory, with labels and names."""
        return Split(self.pixels, self.labels, self.decoded.examples.names)

    @property
    def source(self) -> str:
        """Text such as `1,000 validation images of catsdogs`."""
        return f"{len(self.labels):,} {_KINDS[self.split]}images of {self.dataset.display_name}"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which images to select.

    Attributes:
        dataset: Name or folder of a dataset; `None` for that of the model's card.
        split: `train`, `validation`, `test` or `all`.
        count: Largest number of images, balanced over the classes; `None` for all.
        data_dir: Folder of the datasets; `None` for `$CONVLAB_DATA`, else `datasets/`.
        any_classes: Whether the dataset may have other classes than the model.
        allow_stand_in: Whether a stand-in may replace a dataset that is not available: only for a
            figure that names it, never beside or for measurements.
        download: Whether a dataset that is not there may be downloaded.
        any_number: Whether images have any number of labels, as a multi-label model needs.
    """

    dataset: str | None = None
    split: str = "test"
    count: int | None = None
    data_dir: Path | None = None
    any_classes: bool = False
    allow_stand_in: bool = False
    download: bool = True
    any_number: bool = False


def select_images(
    model: Classifier,
    selection: Selection,
    reporter: Reporter = SILENT,
) -> DatasetImages:
    """Return images of a dataset, at the size of a model.

    Args:
        model: Model that the images are for.
        selection: Dataset, split and number of images.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the dataset is unknown or not available, or has other classes than the model.
    """
    card = model.card
    name = _dataset_of(card, selection.dataset)
    is_own = card is not None and name == normal_dataset(card.dataset)
    stand_in = "auto" if selection.allow_stand_in else "never"
    if card is not None and card.stand_in and selection.dataset is None:
        stand_in = "always"
    data_dir = selection.data_dir or default_data_dir()
    if not selection.download and stand_in != "always" and not is_present(name, data_dir):
        if stand_in == "never":
            raise NoNetwork(
                f"The images of {name} are not on this machine.",
                "Expected them in the folder of the datasets.",
                f"Download them: python -m app data fetch {name}",
            )
        stand_in = "always"
    data = _load(name, card if is_own else None, stand_in, data_dir, reporter)
    if not selection.any_number:
        data.require_one_label("This command")
    elif not data.multi_label:
        raise AppError(
            f"The dataset '{data.name}' has one label per image; the model '{model.name}' predicts "
            "any number.",
            "Expected a folder, and a CSV file in which images have several labels or none.",
        )
    splits = SPLIT_NAMES if selection.split == "all" else (selection.split,)
    if card is not None and is_own and data.stand_in == card.stand_in:
        changed = [n for n in splits if card.fingerprints.get(n) != data.split(n).fingerprint()]
        if changed:
            reporter.warning(
                f"note: the {', '.join(changed)} images are not those of the model's card: "
                "they changed after it was trained,",
                "so it was not trained on exactly these."
                if changed == ["train"]
                else "so it may have been trained on some of them, and its accuracy be too high.",
            )
    if not selection.any_classes:
        data = _with_classes_of(model, data)
    examples = Split.concatenate([data.split(n) for n in splits])
    if selection.count is not None:
        examples = examples.take_balanced(selection.count)
    size, channels = model.image_size, model.channels
    in_memory = fits_in_memory(len(examples), size, channels)
    decoder = Decoder(size, channels, in_memory, os.cpu_count() or 1, model.fit)
    with reporter.progress("decoding images") as update:
        decoded = decoder.decode(examples, data.class_names, update)
    if decoded.skipped:
        reporter.warning(
            f"skipped {counted(len(decoded.skipped), 'file')}, which cannot be decoded: "
            + "; ".join(f"{image} ({reason})" for image, reason in decoded.skipped[:3])
        )
    return DatasetImages(data, selection.split, decoded)


def _dataset_of(card: Card | None, dataset: str | None) -> str:
    """Return the dataset that is named, otherwise the card's."""
    if dataset is not None:
        return normal_dataset(dataset)
    if card is None:
        raise AppError(
            "The model has no card that names its dataset.",
            "Expected --dataset with a name or a folder.",
        )
    if is_reference(card.dataset):  # a card must not decide which code runs
        raise AppError(
            f"The model was trained on a dataset of your own, '{card.dataset}'.",
            "Expected --dataset with its reference.",
        )
    if card.dataset not in DATASETS and not folder_and_labels(card.dataset)[0].is_dir():
        raise AppError(
            f"The model was trained on the folder '{card.dataset}', which does not exist.",
            "Expected --dataset with the path of the folder, and --labels if it has a CSV file.",
        )
    return normal_dataset(card.dataset)


def _load(
    name: str,
    card: Card | None,
    stand_in: str,
    data_dir: Path,
    reporter: Reporter,
) -> Dataset:
    """Load a dataset; `card` is that of the model that was trained on it."""
    settings = card.configuration if card is not None else {}
    try:
        data = load_dataset(
            name,
            data_dir,
            protocol=settings.get("protocol", "lecture"),
            stand_in=stand_in,
            # What is doubtful about the model's own folder was said when it was trained.
            reporter=reporter if name in DATASETS or card is None else SILENT,
        )
    except NoNetwork as error:
        fix = f"{error.fix} Or without a download: --dataset {source_of(name).stand_in}."
        raise AppError(error.received, error.expected, fix, status=error.status) from None
    if settings.get("fold"):
        data = with_fold(data, parse_fold(settings["fold"]))
    return data.with_training_limit(settings["limit"]) if settings.get("limit") else data


def _with_classes_of(model: Classifier, data: Dataset) -> Dataset:
    if model.card is not None:
        return data.with_classes_of(model.class_names)
    if len(data.class_names) != len(model.class_names):
        raise AppError(
            f"The dataset has the classes {listed(data.class_names)}; the model knows "
            f"{len(model.class_names)} classes, which have no names.",
            "Expected as many classes.",
            "Name a dataset of the model's classes with --dataset.",
        )
    return data
