"""Batches from files that a pandas data frame names, with their labels in its columns."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.augmentation.generator.file_iterator import (
    ENDINGS,
    FileIterator,
    check_class_mode,
    class_targets,
)
from app.augmentation.generator.iterator import subset_bounds
from app.errors import AppWarning

if TYPE_CHECKING:
    from app.augmentation.generator.image_data_generator import ImageDataGenerator

_WITH_CLASSES = ("binary", "categorical", "sparse")
CLASS_MODES = (*_WITH_CLASSES, "input", "multi_output", "raw", None)


class DataFrameIterator(FileIterator):
    """Batches from the rows of a data frame.

    Args:
        dataframe: One row per image.
        directory: Folder that the names are relative to, or `None` for absolute ones.
        generator: What transforms the images.
        x_col: Column of file names.
        y_col: Column of labels; a list of columns for `raw` and `multi_output`.
        weight_col: Column of sample weights, or `None`.
        classes: Classes to keep, in the order of their labels; `None` takes all, sorted.
        validate_filenames: Leave out rows whose file does not exist or is no image by its name.
        **options: Of `FileIterator` and `Iterator`.

    Raises:
        KeyError: If a column is missing.
        ValueError: If no row is left, or the classes do not suit.
        TypeError: If a column holds values of the wrong kind.
    """

    def __init__(
        self,
        dataframe: Any,
        directory: str | None,
        generator: ImageDataGenerator,
        *,
        x_col: str,
        y_col: str | list[str],
        weight_col: str | None,
        classes: Sequence[str] | None,
        validate_filenames: bool,
        **options: Any,
    ):
        mode = options["class_mode"]
        check_class_mode(mode, CLASS_MODES)
        frame = dataframe.copy()
        self.directory = directory or ""
        _check_columns(frame, mode, x_col, y_col, weight_col)
        if mode == "binary":
            _check_two(classes or frame[y_col].unique())
        if classes and mode not in _WITH_CLASSES:
            warnings.warn(
                f"`classes` has no use with class_mode={mode!r}.", AppWarning, stacklevel=3
            )
        if validate_filenames:
            frame = self._existing(frame, x_col)
        self.class_indices: dict[str, int] = {}
        if mode in _WITH_CLASSES:
            frame, names = _of_classes(frame, y_col, classes)
            self.class_indices = {name: label for label, name in enumerate(names)}
        first, last = subset_bounds(options["subset"], generator.validation_split)
        if options["subset"] is not None:
            frame = frame.iloc[int(first * len(frame)) : int(last * len(frame))]
        if not len(frame) and not generator.legacy_quirks:
            raise ValueError(
                f"Received a data frame of {len(dataframe)} rows, of which none is left. Expected "
                f"names of existing images in column '{x_col}', relative to `directory` "
                f"('{self.directory}'), and classes that are asked for."
            )
        self.classes: list[Any] = []
        self._targets: Any = None
        if mode in _WITH_CLASSES:
            self.classes = [self._numbers(label) for label in frame[y_col]]
        elif mode == "multi_output":
            self._targets = [np.array(frame[column].tolist()) for column in y_col]
        elif mode == "raw":
            self._targets = frame[y_col].to_numpy()
        self._weights = frame[weight_col].to_numpy() if weight_col else None
        names = frame[x_col].tolist()
        super().__init__(
            names, [str(Path(self.directory, name)) for name in names], generator, **options
        )
        kind = "validated" if validate_filenames else "non-validated"
        of_classes = (
            f" belonging to {len(self.class_indices)} classes" if mode in _WITH_CLASSES else ""
        )
        print(f"Found {self.samples} {kind} image filenames{of_classes}.")

    @property
    def labels(self) -> Any:
        """Class numbers, or the columns of `raw` and `multi_output`."""
        return self.classes if self._targets is None else self._targets

    @property
    def sample_weight(self) -> np.ndarray | None:
        """`(N,)` sample weights, or `None`."""
        return self._weights

    def targets(self, images: np.ndarray, chosen: np.ndarray) -> Any:
        """Return what `class_mode` says of the samples `chosen` `(B,)`."""
        if self.class_mode == "multi_output":
            return [column[chosen] for column in self._targets]
        if self.class_mode == "raw":
            return self._targets[chosen]
        classes = [self.classes[k] for k in chosen] if self.classes else []
        return class_targets(self.class_mode, images, classes, len(self.class_indices))

    def _numbers(self, label: Any) -> Any:
        if isinstance(label, (list, tuple)):
            return [self.class_indices[name] for name in label]
        return self.class_indices[label]

    def _existing(self, frame: Any, x_col: str) -> Any:
        paths = [Path(self.directory, name) for name in frame[x_col]]
        fit = np.array(
            [path.name.lower().endswith(ENDINGS) and path.is_file() for path in paths], bool
        )
        if not fit.all():
            bad = paths[int(np.argmin(fit))]
            warnings.warn(
                f"{int((~fit).sum())} of {len(fit)} names in column '{x_col}' are left out: "
                f"no such file, or not an image by its ending. The first is '{bad}'.",
                AppWarning,
                stacklevel=4,
            )
        return frame[fit]


def _check_columns(
    frame: Any, mode: str | None, x_col: str, y_col: str | list[str], weight_col: str | None
) -> None:
    if mode == "multi_output" and not isinstance(y_col, list):
        raise TypeError(
            f"Received `y_col`={y_col!r} with class_mode='multi_output'. Expected a list."
        )
    used = [x_col, *([weight_col] if weight_col else [])]
    if mode not in ("input", None):
        used += y_col if isinstance(y_col, list) else [y_col]
    for column in used:
        if column not in frame:
            raise KeyError(
                f"Received the column name {column!r}, which the data frame lacks. "
                f"Expected one of: {', '.join(map(str, frame.columns))}."
            )
    if not all(isinstance(name, str) for name in frame[x_col]):
        raise TypeError(f"Received column '{x_col}' with values other than strings as `x_col`.")
    kinds: tuple[type, ...] = (str,)
    if mode == "categorical":
        kinds = (str, list, tuple)
    if mode in _WITH_CLASSES and not all(isinstance(label, kinds) for label in frame[y_col]):
        raise TypeError(
            f"Received column '{y_col}' with labels other than "
            f"{', '.join(kind.__name__ for kind in kinds)} for class_mode={mode!r}. "
            f"Convert it: dataframe['{y_col}'].astype(str); or use class_mode='raw'."
        )
    if weight_col and not np.issubdtype(frame[weight_col].to_numpy().dtype, np.number):
        raise TypeError(f"Received column '{weight_col}' as weights. Expected numbers.")


def _check_two(classes: Sequence[str]) -> None:
    if len(set(classes)) != 2:
        raise ValueError(
            f"Received {len(set(classes))} classes with class_mode='binary'. Expected two. "
            "Use class_mode='sparse' or 'categorical'."
        )


def _of_classes(frame: Any, y_col: Any, classes: Sequence[str] | None) -> tuple[Any, list[str]]:
    """Return the rows of `classes`, and the classes in the order of their labels."""

    def each(label: Any) -> list[str]:
        return list(label) if isinstance(label, (list, tuple)) else [label]

    if not classes:
        return frame, sorted({name for label in frame[y_col] for name in each(label)})
    names = list(dict.fromkeys(classes))
    kept = [[name for name in each(label) if name in names] for label in frame[y_col]]
    labels = [
        found if isinstance(label, (list, tuple)) else label
        for label, found in zip(frame[y_col], kept, strict=True)
    ]
    frame = frame.assign(**{y_col: labels})
    return frame[np.array([bool(found) for found in kept], bool)], names
