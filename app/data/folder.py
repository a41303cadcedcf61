"""Any folder of images as a dataset.

Two layouts: `root/<class>/…`, which is split here, and `root/{train,validation,test}/<class>/…`,
which is taken as it is; a missing validation or test split is taken from the training images.
The split goes by a hash of each file's path: the same on every machine, in any order. Every file
that is not hidden counts as an image here; what cannot be decoded is reported when it is read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from app.config import is_utf8
from app.data.decoding import FORMATS
from app.data.splits import Examples, Splits
from app.errors import AppError
from app.files import printable

TEST_SHARE, VALIDATION_SHARE = 0.15, 0.15
_SPLIT_FOLDERS = {
    "train": ("train", "training", "train_set", "training_set"),
    "validation": ("validation", "valid", "val", "dev", "validation_set"),
    "test": ("test", "testing", "test_set"),
}


def load_folder(root: Path) -> Splits:
    """List the images under `root` as a dataset.

    Raises:
        AppError: If `root` is no folder, has fewer than two classes, or a class has too few
            images to be split in three.
    """
    if not root.is_dir():
        raise AppError(
            f"'{root}' is {'a file' if root.exists() else 'neither a dataset nor a folder'}.",
            "Expected mnist, catsdogs, digits, drawn, or a folder with a sub-folder per class.",
            f"Example of such a folder: {root}/apple/1.jpg, {root}/pear/1.jpg",
        )
    given = _given_splits(root)
    if given["train"] is not None:
        files = {split: _list_classes(folder) for split, folder in given.items() if folder}
        class_names = _class_names(files["train"], given["train"])
        for split, by_class in files.items():
            unknown = sorted(set(by_class) - set(class_names))
            if unknown:
                raise AppError(
                    f"'{given[split]}' has classes that '{given['train']}' lacks: "
                    f"{', '.join(unknown)}.",
                    "Expected the same class folders in every split.",
                )
    else:
        files = {"train": _list_classes(root)}
        others = {folder.name for folder in given.values() if folder}
        if others and others == set(files["train"]):
            raise AppError(
                f"'{root}' has {' and '.join(sorted(others))}, but no images to train on.",
                "Expected train/, validation/ and test/ with a sub-folder per class, or the "
                "classes themselves.",
                f"Example: {root}/train/apple/1.jpg",
            )
        class_names = _class_names(files["train"], root)
    for split, share in (("test", TEST_SHARE), ("validation", VALIDATION_SHARE)):
        if split not in files:
            # The share is of all images, of which the other split may have gone already.
            rest = 1.0 if split == "test" or given["test"] else 1.0 - TEST_SHARE
            files[split] = {
                name: _carve(files["train"][name], share / rest, root) for name in class_names
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
    return Splits(
        name=root.resolve().name,
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        class_names=class_names,
        channels=_channels(splits["train"].images),
        source=f"folder {root}",
    )


def _given_splits(root: Path) -> dict[str, Path | None]:
    """Return `{split: folder}`; a folder without sub-folders is a class, whatever its name."""
    by_name = {
        sub.name.casefold(): sub
        for sub in root.iterdir()
        if sub.is_dir() and any(child.is_dir() for child in sub.iterdir())
    }
    return {
        split: next((by_name[name] for name in names if name in by_name), None)
        for split, names in _SPLIT_FOLDERS.items()
    }


def _list_classes(folder: Path) -> dict[str, list[Path]]:
    """Return `{class: files}`, without hidden ones."""
    return {
        sub.name: sorted(
            path for path in sub.rglob("*") if path.is_file() and not path.name.startswith(".")
        )
        for sub in sorted(folder.iterdir())
        if sub.is_dir() and not sub.name.startswith(".")
    }


def _class_names(by_class: dict[str, list[Path]], folder: Path) -> tuple[str, ...]:
    names = tuple(by_class)
    if len(names) < 2:
        raise AppError(
            f"'{folder}' has {'one class folder' if names else 'no class folders'}"
            f"{f': {names[0]}' if names else ''}.",
            "Expected at least two sub-folders with images, one per class.",
            f"Example: {folder}/apple/1.jpg, {folder}/pear/1.jpg",
        )
    foreign = [name for name in (folder.resolve().name, *names) if not is_utf8(name)]
    if foreign:
        raise AppError(
            f"'{folder}': the folder's name {foreign[0]!r} cannot be written.",
            "Expected names in UTF-8.",
            "Rename the folder; names of old archives are often in Latin-1.",
        )
    empty = [name for name in names if not by_class[name]]
    if empty:
        raise AppError(
            f"'{folder}' has class folders without images: {', '.join(empty)}.",
            "Expected image files in each.",
            "Remove the empty folders, or put images into them.",
        )
    return names


def _carve(files: Sequence[Path], share: float, root: Path) -> list[Path]:
    """Return the part of `files` whose path hashes lowest: at least one, if two are there."""
    if len(files) < 2:
        return []
    ordered = sorted(
        files,
        key=lambda path: hashlib.sha256(os.fsencode(path.relative_to(root).as_posix())).digest(),
    )
    return ordered[: max(1, round(len(files) * share))]


def _examples(
    by_class: dict[str, list[Path]], class_names: tuple[str, ...], root: Path
) -> Examples:
    paths = [path for name in class_names for path in by_class.get(name, [])]
    labels = [label for label, name in enumerate(class_names) for _ in by_class.get(name, [])]
    names = [printable(path.relative_to(root).as_posix()) for path in paths]
    return Examples(paths, np.array(labels, dtype=np.int64), names)


def _channels(images: Sequence[Path] | np.ndarray) -> int:
    """Return 1 if a sample of the files is all grey, else 3."""
    sample = images[:: max(1, len(images) // 50)]
    return 1 if all(_is_grey(path) for path in sample) else 3


def _is_grey(path: Path) -> bool:
    try:
        with Image.open(path, formats=FORMATS) as image:
            return image.mode in ("1", "L", "I;16", "I", "F")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return True  # unreadable: no evidence for colour
