"""A CSV file of labels: which columns it may have, and what its rows say.

The first row names the columns. The image is the first of them that is called `image`, `file`,
`id`, …, else the first. The labels are one of these:

- a column that is called `label` or `class`, or the only other one: one label per image;
- a column called `labels` or `tags`: any number of them;
- one column per class, of 0 and 1.

`|` or `;` separates several labels, in a column of `labels` or `tags` also `,` or else spaces. A
column `split` (or fastai's `is_valid`) may say which images train, validate and test. Columns are
separated by commas, semicolons or tabs. `app/data/README.md` has examples.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.data.folder_splits import SPLIT_ALIASES
from app.errors import AppError
from app.names import caseless, did_you_mean, listed
from app.reading import UnusableFile, read_regular_file

_MOST_BYTES = 200_000_000
_IMAGE = (
    "image", "img", "file", "filename", "fname", "path", "filepath", "imagepath", "imageid",
    "imagename", "id",
)  # fmt: skip
_ONE, _SEVERAL = ("label", "class"), ("labels", "tags")
_SPLIT, _IS_VALID = "split", "isvalid"
_SEPARATORS = ("|", ";")
_YES, _NO = ("1", "1.0", "true"), ("0", "0.0", "false")


@dataclass(frozen=True)
class LabelTable:
    """The rows of a file of labels.

    Attributes:
        path: The file.
        column: Name of the column of the images.
        class_names: The classes `K`, sorted; those of columns in their order.
        images: Names of the images, `N` strings.
        lines: Line of each row, `N` numbers from 1.
        targets: `(N, K)` booleans: whether the image has the label.
        splits: `train`, `validation` or `test` of each row; `None` if the file does not say.
        ignored: Names of the columns that are not used.
    """

    path: Path
    column: str
    class_names: tuple[str, ...]
    images: tuple[str, ...]
    lines: tuple[int, ...]
    targets: np.ndarray
    splits: tuple[str, ...] | None
    ignored: tuple[str, ...]

    @property
    def multi_label(self) -> bool:
        """Whether some image has several labels, or none."""
        return bool((self.targets.sum(axis=1) != 1).any())


@dataclass(frozen=True)
class _Columns:
    """The role of each column, by its position."""

    image: int
    label: int | None
    several: bool
    classes: tuple[int, ...]
    split: int | None
    ignored: tuple[int, ...]


def read_label_table(path: Path) -> LabelTable:
    """Read a file of labels.

    Raises:
        AppError: If it cannot be read, is not UTF-8 or UTF-16, or its columns or cells are not
            those of a file of labels.
    """
    names, lines, rows = _read_rows(path)
    columns = _columns_of(path, names, rows)
    cells = list(zip(*rows, strict=True))
    if columns.label is None:
        class_names = tuple(names[k] for k in columns.classes)
        targets = np.array([[row[k].lower() in _YES for k in columns.classes] for row in rows])
    else:
        tokens = _split_labels(cells[columns.label], several=columns.several)
        class_names = tuple(sorted({name for found in tokens for name in found}))
        number = {name: k for k, name in enumerate(class_names)}
        targets = np.zeros((len(rows), len(class_names)), bool)
        for row, found in zip(targets, tokens, strict=True):
            row[[number[name] for name in found]] = True
        if targets.sum(axis=1).max() < 2 and not targets.any(axis=1).all():
            line = lines[int(targets.any(axis=1).argmin())]
            raise AppError(
                f"'{path}' has no label in line {line}.",
                "Expected a label for each image.",
                "Add it, or remove the row.",
            )
    if len(class_names) < 2:
        raise AppError(
            f"'{path}' has one label, '{class_names[0]}'.", "Expected at least two classes."
        )
    return LabelTable(
        path,
        names[columns.image],
        class_names,
        cells[columns.image],
        tuple(lines),
        targets,
        None if columns.split is None else _splits(path, names, columns.split, lines, cells),
        tuple(names[k] for k in columns.ignored if names[k]),
    )


def _read_rows(path: Path) -> tuple[list[str], list[int], list[list[str]]]:
    """Return the names of the columns, and the line and the stripped cells of each row."""
    try:
        text = _decoded(read_regular_file(path, _MOST_BYTES), path)
    except (OSError, UnusableFile) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AppError(
            f"--labels '{path}' cannot be read: {reason}.", "Expected a CSV file."
        ) from None
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines, rows = list[int](), list[list[str]]()
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(reader.line_num)
                rows.append([cell.strip() for cell in row])
    except csv.Error as error:
        raise AppError(
            f"'{path}' cannot be read as CSV: line {reader.line_num}: {error}.",
            "Expected one row per image, and text with a quotation mark or a comma in quotes.",
        ) from None
    if len(rows) < 2:
        raise AppError(
            f"'{path}' has {'no rows below the names of its columns' if rows else 'no content'}.",
            "Expected columns such as image,label, and a row for each image.",
        )
    for line, row in zip(lines, rows, strict=True):
        if len(row) != len(rows[0]):
            raise AppError(
                f"'{path}' has {len(row)} cells in line {line}, and {len(rows[0])} columns.",
                "Expected as many cells in each row.",
                "Put a cell that holds the separator in quotes.",
            )
    return rows[0], lines[1:], rows[1:]


def _decoded(content: bytes, path: Path) -> str:
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = f"byte {content[error.start]:#x} in line {line}"
    else:
        if "\0" not in text:
            return text
        fault = "null bytes"
    raise AppError(
        f"'{path}' is not a text file in UTF-8: {fault}.",
        "Expected UTF-8, or UTF-16 with a byte order mark.",
        "Save it as 'CSV UTF-8', or convert it: iconv -f latin1 -t utf-8 OLD.csv > NEW.csv",
    )


def names_images(column: str) -> bool:
    """Return whether a column is known by its name to hold the images."""
    return _plain(column) in _IMAGE


def _plain(name: str) -> str:
    return caseless(name).translate({ord(mark): None for mark in "_- "})


def _columns_of(path: Path, names: Sequence[str], rows: Sequence[Sequence[str]]) -> _Columns:
    """Return the role of each column.

    Raises:
        AppError: If a name comes twice, or no column holds the labels.
    """
    plain = [_plain(name) for name in names]
    twice = [name for k, name in enumerate(names) if name and name in names[:k]]
    if twice:
        raise AppError(
            f"'{path}' has two columns called '{twice[0]}'.",
            "Expected columns of different names.",
        )
    others = list(range(len(names)))
    image = next((k for k in others if plain[k] in _IMAGE), 0)
    others.remove(image)
    unnamed = tuple(k for k in others if not names[k])  # such as an index that pandas wrote
    others = [k for k in others if names[k]]
    split = next((k for k in others if plain[k] in (_SPLIT, _IS_VALID)), None)
    if split is not None:
        others.remove(split)
    named = [k for k in others if plain[k] in (*_ONE, *_SEVERAL)]
    label = named[0] if named else others[0] if len(others) == 1 else None
    if label is not None:
        others.remove(label)
        return _Columns(image, label, plain[label] in _SEVERAL, (), split, (*unnamed, *others))
    for k in others:
        for row in rows:
            if row[k].lower() not in (*_YES, *_NO):
                raise AppError(
                    f"'{path}' has the columns {listed(names)}: none of them is called label or "
                    f"labels, and '{names[k]}' holds '{row[k]}', not 0 or 1.",
                    "Expected the columns image and label; or image and labels; or image and one "
                    "column of 0 and 1 for each class.",
                    did_you_mean("label", [names[k] for k in others])
                    or "Rename the column of the labels, or remove the others.",
                )
    if not others:
        raise AppError(
            f"'{path}' has one column, '{names[0]}'.",
            "Expected columns such as image,label, separated by commas, semicolons or tabs.",
        )
    return _Columns(image, None, True, tuple(others), split, unnamed)


def _split_labels(cells: Sequence[str], *, several: bool) -> list[list[str]]:
    """Return the labels in each cell; without a separator, a cell of one label is that label."""
    separators = (*_SEPARATORS, ",") if several else _SEPARATORS
    mark = next((mark for mark in separators if any(mark in cell for cell in cells)), None)
    if mark is None and not several:
        return [[cell] if cell else [] for cell in cells]
    return [[part.strip() for part in cell.split(mark) if part.strip()] for cell in cells]


def _splits(
    path: Path,
    names: Sequence[str],
    column: int,
    lines: Sequence[int],
    cells: Sequence[Sequence[str]],
) -> tuple[str, ...]:
    """Return the split of each row."""
    known = {alias: split for split, aliases in SPLIT_ALIASES.items() for alias in aliases}
    if _plain(names[column]) == _IS_VALID:
        known = {**dict.fromkeys(_YES, "validation"), **dict.fromkeys(_NO, "train")}
    found = []
    for line, cell in zip(lines, cells[column], strict=True):
        if caseless(cell) not in known:
            raise AppError(
                f"'{path}' has '{cell}' in the column '{names[column]}', line {line}.",
                f"Expected one of: {', '.join(known)}.",
            )
        found.append(known[caseless(cell)])
    return tuple(found)
