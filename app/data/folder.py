"""Any folder of images as a dataset.

Two layouts: `root/<class>/…`, which is split here, and `root/{train,validation,test}/<class>/…`,
which is kept; a missing validation or test split is taken from the training images.
The split goes by a hash of each file's path: the same on every machine, in any order.
`app.data.image_files` decides which files are images; what cannot be decoded is reported when it is
read.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.data.dataset import Dataset, Split
from app.data.decoding import UndecodableImage, opened_header
from app.data.doubts import doubtful_files, doubtful_splits, left_out
from app.data.image_files import (
    IMAGE_ENDINGS,
    ImageFiles,
    class_folders,
    find_images,
    names_alike,
    nested_folders,
)
from app.errors import AppError
from app.files import is_utf8, printable
from app.reporting import SILENT, Reporter

TEST_SHARE, VALIDATION_SHARE = 0.15, 0.15
_SPLIT_FOLDERS = {
    "train": ("train", "training", "train_set", "training_set"),
    "validation": ("validation", "valid", "val", "dev", "validation_set"),
    "test": ("test", "testing", "test_set"),
}


def load_folder(root: Path, reporter: Reporter = SILENT) -> Dataset:
    """List the images under `root` as a dataset.

    Args:
        root: Folder in one of the two layouts.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If `root` is no folder, has fewer than two classes, a class has too few images to
            be split in three, or one class folder is a link to another.
    """
    if not root.is_dir():
        raise AppError(
            f"'{root}' is {'a file' if root.exists() else 'no folder'}.",
            "Expected a folder with a subfolder per class.",
            f"Example of such a folder: {root}/apple/1.jpg, {root}/pear/1.jpg",
        )
    given = _given_splits(root)
    if given["train"] is not None:
        folders = {split: folder for split, folder in given.items() if folder}
        _refuse_nested(root, list(folders.values()))
    else:
        folders = {"train": root}
    listed = {split: _list_classes(folder) for split, folder in folders.items()}
    if given["train"] is None:
        others = {folder.name for folder in given.values() if folder}
        if others and others == set(listed["train"]):
            raise AppError(
                f"'{root}' has {' and '.join(sorted(others))}, but no images to train on.",
                "Expected train/, validation/ and test/ with a subfolder per class, or the "
                "classes themselves.",
                f"Example: {root}/train/apple/1.jpg",
            )
    class_names = _class_names(listed["train"], folders["train"])
    for split, by_class in listed.items():
        unknown = sorted(set(by_class) - set(class_names))
        if unknown:
            raise AppError(
                f"'{given[split]}' has classes that '{given['train']}' lacks: "
                f"{', '.join(unknown)}.",
                "Expected the same class folders in every split.",
            )
    files = {
        split: {name: found.paths for name, found in by_class.items()}
        for split, by_class in listed.items()
    }
    for split, share in (("test", TEST_SHARE), ("validation", VALIDATION_SHARE)):
        if split not in files:
            # The share is of all images, of which the other split may have gone already.
            rest = 1.0 if split == "test" or given["test"] else 1.0 - TEST_SHARE
            files[split] = {
                name: _select_by_hash(files["train"][name], share / rest, root)
                for name in class_names
            }
            for name in class_names:
                taken = set(files[split][name])
                files["train"][name] = [p for p in files["train"][name] if p not in taken]
    splits = {split: _examples(files[split], class_names, root) for split in files}
    for split, examples in splits.items():
        for label, name in enumerate(class_names):
            if not (examples.labels == label).any():
                raise AppError(
                    f"The class '{name}' of '{root}' has too few images: none for {split}.",
                    "Expected at least 3 images per class, one each for training, validation "
                    "and test.",
                    "Add images, or remove the class's folder.",
                )
    loaded = Dataset(
        name=root.resolve().name,
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        class_names=class_names,
        channels=_channels(splits["train"].images),
        source=f"folder {root}",
        left_out=left_out(listed, root),
    )
    for message in (
        *doubtful_files(listed, root),
        *doubtful_splits(loaded, derived=set(files) - set(listed) if given["train"] else set()),
    ):
        reporter.warning(f"warning: {message}")
    return loaded


def _given_splits(root: Path) -> dict[str, Path | None]:
    """Return `{split: folder}`; a folder without subfolders is a class, whatever its name."""
    by_name = {sub.name.casefold(): sub for sub in class_folders(root) if class_folders(sub)}
    return {
        split: next((by_name[name] for name in names if name in by_name), None)
        for split, names in _SPLIT_FOLDERS.items()
    }


def _list_classes(folder: Path) -> dict[str, ImageFiles]:
    """Return `{class: files}`.

    Raises:
        AppError: If two class folders are one by way of links, or their names look the same.
    """
    folders = class_folders(folder)
    _refuse_nested(folder, folders)
    return {sub.name: find_images(sub) for sub in folders}


def _refuse_nested(folder: Path, folders: Sequence[Path]) -> None:
    pair = nested_folders(folder, folders)
    if pair is not None:
        raise AppError(
            f"'{pair[0]}' and '{pair[1]}' hold the same files: one is a link to the other, or to a "
            "folder that holds it.",
            "Expected different images in each folder.",
            "Remove the link.",
        )


def _class_names(by_class: dict[str, ImageFiles], folder: Path) -> tuple[str, ...]:
    names = tuple(by_class)
    if len(names) < 2:
        raise AppError(
            f"'{folder}' has {'one class folder' if names else 'no class folders'}"
            f"{f': {names[0]}' if names else ''}.",
            "Expected at least two subfolders with images, one per class.",
            f"Example: {folder}/apple/1.jpg, {folder}/pear/1.jpg",
        )
    foreign = [name for name in (folder.resolve().name, *names) if not is_utf8(name)]
    if foreign:
        raise AppError(
            f"'{folder}': the folder's name {foreign[0]!r} cannot be written.",
            "Expected names in UTF-8.",
            "Rename the folder; names of old archives are often in Latin-1.",
        )
    for one, other in names_alike(names):
        if unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other):
            raise AppError(
                f"'{folder}' has two class folders called '{one}', whose accents are encoded in "
                f"different ways: {one!a} and {other!a}.",
                "Expected names that can be told apart.",
                "Move the images into one of them, and remove the other.",
            )
    empty = [name for name in names if not by_class[name].paths]
    if empty:
        unusable = [reason for name in empty for _, reason in by_class[name].unusable]
        raise AppError(
            f"'{folder}' has class folders without images: {', '.join(empty)}"
            f"{f' ({unusable[0]})' if unusable else ''}.",
            f"Expected image files in each, ending in {', '.join(sorted(IMAGE_ENDINGS))}.",
            "Remove the empty folders, or put images into them.",
        )
    return names


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


def _channels(images: Sequence[Path] | np.ndarray) -> int:
    """Return 1 if a sample of the files is all gray, else 3."""
    sample = images[:: max(1, len(images) // 50)]
    return 1 if all(_is_gray(path) for path in sample) else 3


def _is_gray(path: Path) -> bool:
    try:
        with opened_header(path) as image:
            return image.mode in ("1", "L", "I;16", "I", "F")
    except UndecodableImage:
        return True  # unreadable: no evidence for color
