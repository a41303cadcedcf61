"""A folder of images whose labels are in a CSV file: the dataset `FOLDER::FILE.csv`.

A row names its image by the path relative to the folder, with or without extension. Splits are
those of the file, or are drawn as for a folder with a subfolder per class. Where images have any
number of labels, they are drawn by the rarest label of each.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from app.data.dataset import Dataset, strata
from app.data.doubts import doubtful_files, doubtful_splits
from app.data.folder_splits import check_classes, check_written, split_dataset
from app.data.image_files import ImageFiles, find_images, similar_folder
from app.data.label_file import LabelTable, names_images, read_label_table
from app.errors import AppError
from app.reporting import SILENT, Reporter

_MOST_NAMES = 3
_NONE = ""  # the stratum of the images without a label
_NO_EXTENSION = "\0"  # marks a name without one; no file's name holds this letter


def load_labeled_folder(root: Path, file: Path, reporter: Reporter = SILENT) -> Dataset:
    """List the images that a file of labels names as a dataset.

    Args:
        root: Folder of the images.
        file: CSV file; see `app.data.label_file`.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the folder or the file cannot be used, an image is missing or has two different
            rows, or a class has too few images.
    """
    if not root.is_dir():
        raise AppError(
            f"'{root}' is {'a file' if root.exists() else 'no folder'}.",
            "Expected the folder of the images that the file of labels names.",
            similar_folder(root),
        )
    check_written(root)
    table = read_label_table(file)
    found = find_images(root)
    rows = _unique_rows(table, _matches(table, found, root))
    reporter.info(*_facts(table, sum(path not in rows for path in found.paths)))
    listed = _listed(table, found, rows)
    strata_names = (*table.class_names, _NONE)
    loaded = split_dataset(listed, strata_names, root, f"folder {root} with labels of {file}")
    loaded = _with_labels(loaded, table, rows)
    check_classes(loaded, "remove its rows")
    for message in (
        *_repeated(table, rows),
        *doubtful_files(listed, root),
        *doubtful_splits(
            loaded, derived={"validation", "test"} - set(listed) if table.splits else set()
        ),
    ):
        reporter.warning(f"warning: {message}")
    return loaded


def _matches(table: LabelTable, found: ImageFiles, root: Path) -> list[Path]:
    """Return the file of each row: an image, or a picture that is listed as unusable.

    Raises:
        AppError: If an image is missing, or a name without extension has several files.
    """
    files = [*found.paths, *(path for path, _ in found.unusable)]
    by_name = defaultdict[str, list[Path]](list)
    for path in files:
        name = _normal(path.relative_to(root).as_posix())
        by_name[name].append(path)
        by_name[f"{PurePosixPath(name).with_suffix('')}{_NO_EXTENSION}"].append(path)

    def found_as(text: str) -> list[Path]:
        name = _normal(text)
        return by_name.get(name) or by_name.get(f"{name}{_NO_EXTENSION}", [])

    if found_as(table.column) and not names_images(table.column):
        raise AppError(
            f"The first line of '{table.path}' has the image '{table.column}', not the names of "
            "columns.",
            "Expected names in the first line, such as image,label.",
            "Add such a line.",
        )
    matches = [found_as(name) for name in table.images]
    missing = [k for k, paths in enumerate(matches) if not paths]
    if missing:
        every = len(missing) == len(matches)
        example = files[0].relative_to(root).as_posix() if files else ""
        raise AppError(
            f"'{table.path}' names {len(missing):,} of {len(matches):,} images that are not in "
            f"'{root}': {_some(table, missing)}.",
            "Expected paths relative to the folder, with or without extension"
            + (f", such as {example}." if example else "; the folder has no images."),
            "Choose another folder, or change the names."
            if every
            else "Add the images, or remove their rows.",
        )
    for name, paths in zip(table.images, matches, strict=True):
        if len(paths) > 1:
            both = " and ".join(sorted(path.relative_to(root).as_posix() for path in paths)[:2])
            raise AppError(
                f"'{table.path}' names '{name}', which is {both} in '{root}'.",
                "Expected a name of one file.",
                "Write the names with their extensions.",
            )
    return [paths[0] for paths in matches]


def _normal(name: str) -> str:
    """Return a path in one form: with slashes, and its accents encoded in one way."""
    return str(PurePosixPath(unicodedata.normalize("NFC", name.replace("\\", "/"))))


def _unique_rows(table: LabelTable, paths: Sequence[Path]) -> dict[Path, int]:
    """Return the first row of each file.

    Raises:
        AppError: If rows of one file differ.
    """
    first: dict[Path, int] = {}
    for row, path in enumerate(paths):
        other = first.setdefault(path, row)
        same_split = table.splits is None or table.splits[row] == table.splits[other]
        if not (same_split and np.array_equal(table.targets[row], table.targets[other])):
            what = "labels" if same_split else "splits"
            raise AppError(
                f"'{table.path}' has two rows of '{table.images[row]}' with different {what}: "
                f"lines {table.lines[other]} and {table.lines[row]}.",
                "Expected one row per image.",
                "Remove the wrong one. Several labels of an image are written in one row, such as "
                "cat|black.",
            )
    return first


def _listed(
    table: LabelTable, found: ImageFiles, rows: dict[Path, int]
) -> dict[str, dict[str, ImageFiles]]:
    """Return `{split: {class: files}}`."""
    of_row = dict(zip(found.paths, found.identities, strict=True))
    reasons = dict(found.unusable)
    of_path = table.targets[list(rows.values())]
    classes = dict(zip(rows, strata(of_path), strict=True))
    names = (*table.class_names, _NONE)
    splits = table.splits or ["train"] * len(table.images)
    listed: dict[str, dict[str, ImageFiles]] = {}
    for path in sorted(rows):
        row = rows[path]
        by_class = listed.setdefault(splits[row], {})
        files = by_class.setdefault(names[classes[path]], ImageFiles([], [], [], {}))
        if path in reasons:
            files.unusable.append((path, reasons[path]))
        else:
            files.paths.append(path)
            files.identities.append(of_row[path])
    if "train" not in listed:
        raise AppError(
            f"'{table.path}' has no training images: its splits are {', '.join(sorted(listed))}.",
            "Expected rows of the split 'train'.",
        )
    return listed


def _with_labels(stratified: Dataset, table: LabelTable, rows: dict[Path, int]) -> Dataset:
    """Return the dataset with the labels of the file in the place of strata."""
    dataset = replace(stratified, class_names=table.class_names)
    if not table.multi_label:
        return dataset
    train, validation, test = (
        replace(part, labels=table.targets[[rows[p] for p in part.images if isinstance(p, Path)]])
        for part in (dataset.train, dataset.validation, dataset.test)
    )
    return replace(dataset, train=train, validation=validation, test=test)


def _facts(table: LabelTable, unused: int) -> list[str]:
    """Return what is to be known of the file, in lines."""
    each = "any number of them" if table.multi_label else "one"
    facts = [f"Labels: '{table.path}', {len(table.class_names):,} classes; {each} per image."]
    if table.ignored:
        facts.append(f"Ignored columns: {', '.join(table.ignored)}.")
    if unused > 0:
        facts.append(f"Images of the folder without a row, which are not used: {unused:,}.")
    return facts


def _repeated(table: LabelTable, rows: dict[Path, int]) -> list[str]:
    """Return a warning of rows that are there twice, or nothing."""
    kept = set(rows.values())
    again = [k for k in range(len(table.images)) if k not in kept]
    if not again:
        return []
    return [f"'{table.path}' has rows that repeat others: {len(again):,} ({_some(table, again)})."]


def _some(table: LabelTable, rows: Sequence[int]) -> str:
    """Return `line 3 'a.jpg', …` of some rows."""
    named = [f"line {table.lines[k]} '{table.images[k]}'" for k in rows[:_MOST_NAMES]]
    return ", ".join(named) + (", …" if len(rows) > _MOST_NAMES else "")
