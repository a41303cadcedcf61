"""Any folder of images as a dataset.

Two layouts: `root/<class>/…`, which is split here, and `root/{train,validation,test}/<class>/…`,
which is kept; a missing validation or test split is taken from the training images
(`app.data.folder_splits`). `app.data.image_files` decides which files are images; what cannot be
decoded is reported when it is read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.data.dataset import SPLIT_NAMES, Dataset
from app.data.doubts import doubtful_files, doubtful_splits
from app.data.folder_splits import SPLIT_ALIASES, check_classes, check_written, split_dataset
from app.data.image_files import (
    IMAGE_ENDINGS,
    ImageFiles,
    class_folders,
    find_images,
    loose_images,
    names_alike,
    nested_folders,
)
from app.errors import AppError
from app.files import printable
from app.reporting import SILENT, Reporter


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
    loaded = split_dataset(listed, class_names, root, f"folder {root}")
    check_classes(loaded, "remove the class's folder")
    for message in (
        *_loose(root, list(folders.values())),
        *doubtful_files(listed, root),
        *doubtful_splits(
            loaded, derived=set(SPLIT_NAMES) - set(listed) if given["train"] else set()
        ),
    ):
        reporter.warning(f"warning: {message}")
    return loaded


def _loose(root: Path, folders: Sequence[Path]) -> Iterator[str]:
    """Yield a warning of the images that lie beside the folders of splits or classes."""
    loose = [path for folder in dict.fromkeys([root, *folders]) for path in loose_images(folder)]
    if loose:
        example = printable(loose[0].relative_to(root).as_posix())
        yield (
            "images beside the class folders, which have no class and are not used: "
            f"{len(loose):,}, such as {example}."
        )


def _given_splits(root: Path) -> dict[str, Path | None]:
    """Return `{split: folder}`; a folder without subfolders is a class, whatever its name."""
    by_name = {sub.name.casefold(): sub for sub in class_folders(root) if class_folders(sub)}
    return {
        split: next((by_name[name] for name in names if name in by_name), None)
        for split, names in SPLIT_ALIASES.items()
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
    check_written(folder, names)
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
