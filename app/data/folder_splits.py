"""From lists of files by class to a dataset with three splits.

Splits that are not given are taken from the training images by a hash of each file's path: the same
on every machine, in any order.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.data.dataset import SPLIT_NAMES, Dataset, Split, class_counts
from app.data.decoding import UndecodableImage, opened_header
from app.data.doubts import Listed, left_out
from app.data.shards.packed import ImageFile
from app.errors import AppError
from app.files import is_utf8, printable

TEST_SHARE, VALIDATION_SHARE = 0.15, 0.15
SPLIT_ALIASES = {
    "train": ("train", "training", "train_set", "training_set"),
    "validation": ("validation", "valid", "val", "dev", "validation_set"),
    "test": ("test", "testing", "test_set"),
}


def split_dataset(listed: Listed, class_names: tuple[str, ...], root: Path, source: str) -> Dataset:
    """Return a dataset of listed files; a split that is not listed is taken from training.

    Args:
        listed: `{split: {class: files}}`.
        class_names: Classes in the order of the labels.
        root: Folder of all files.
        source: Human-readable origin of the images.
    """
    files = {
        split: {name: found.paths for name, found in by_class.items()}
        for split, by_class in listed.items()
    }
    for split, share in (("test", TEST_SHARE), ("validation", VALIDATION_SHARE)):
        if split not in files:
            # The share is of all images, of which the other split may have gone already.
            rest = 1.0 if split == "test" or "test" in listed else 1.0 - TEST_SHARE
            files[split] = {
                name: _select_by_hash(paths, share / rest, root)
                for name, paths in files["train"].items()
            }
            for name, chosen in files[split].items():
                taken = set(chosen)
                files["train"][name] = [p for p in files["train"][name] if p not in taken]
    train, validation, test = (_examples(files[name], class_names, root) for name in SPLIT_NAMES)
    return Dataset(
        name=root.resolve().name,
        train=train,
        validation=validation,
        test=test,
        class_names=class_names,
        channels=_channels(train.images),
        source=source,
        left_out=left_out(listed, root),
    )


def check_written(folder: Path, names: Sequence[str] = ()) -> None:
    """Refuse a folder's name, or other names, that a model's card could not hold.

    Raises:
        AppError: With the first name that is not UTF-8.
    """
    foreign = [name for name in (folder.resolve().name, *names) if not is_utf8(name)]
    if foreign:
        raise AppError(
            f"'{folder}': the folder's name {foreign[0]!r} cannot be written.",
            "Expected names in UTF-8.",
            "Rename the folder; names of old archives are often in Latin-1.",
        )


def check_classes(dataset: Dataset, fix: str) -> None:
    """Refuse a dataset in which a split has no image of a class.

    Args:
        dataset: Dataset to check.
        fix: How to remove a class.

    Raises:
        AppError: With the class and the split.
    """
    for split in SPLIT_NAMES:
        counts = class_counts(dataset.split(split).labels, len(dataset.class_names))
        for name, count in zip(dataset.class_names, counts, strict=True):
            if not count:
                raise AppError(
                    f"The class '{name}' of the {dataset.source} has too few images: none for "
                    f"{split}.",
                    "Expected at least 3 images per class, one each for training, validation "
                    "and test.",
                    f"Add images, or {fix}.",
                )


def _select_by_hash(files: Sequence[Path], share: float, root: Path) -> list[Path]:
    """Return the `share` of files whose paths have the lowest hashes, at least one of two."""
    if len(files) < 2:
        return []
    ordered = sorted(
        files,
        key=lambda path: hashlib.sha256(os.fsencode(path.relative_to(root).as_posix())).digest(),
    )
    return ordered[: max(1, round(len(files) * share))]


def _examples(by_class: dict[str, list[Path]], class_names: tuple[str, ...], root: Path) -> Split:
    paths = [path for name in class_names for path in by_class.get(name, [])]
    labels = [label for label, name in enumerate(class_names) for _ in by_class.get(name, [])]
    names = [printable(path.relative_to(root).as_posix()) for path in paths]
    return Split(paths, np.array(labels, dtype=np.int64), names)


def _channels(images: Sequence[ImageFile] | np.ndarray) -> int:
    """Return 1 if a sample of the files is all gray, else 3."""
    sample = images[:: max(1, len(images) // 50)]
    return 1 if all(_is_gray(path) for path in sample) else 3


def _is_gray(path: ImageFile) -> bool:
    try:
        with opened_header(path) as image:
            return image.mode in ("1", "L", "I;16", "I", "F")
    except UndecodableImage:
        return True  # unreadable: no evidence for color
