"""Checks of the columns of a pandas data frame, and their values as arrays."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.errors import AppWarning

WITH_CLASSES = ("binary", "categorical", "sparse")


def check_columns(
    frame: Any, class_mode: str | None, x_col: Any, y_col: Any, weight_col: Any
) -> None:
    """Check that the columns exist and hold what `class_mode` needs.

    Raises:
        KeyError: If a column is missing.
        ValueError: If weights are missing.
        TypeError: If a column holds values of the wrong kind.
    """
    if class_mode == "multi_output" and not isinstance(y_col, list):
        raise TypeError(
            f"Received `y_col`={y_col!r} with class_mode='multi_output'. Expected a list."
        )
    used = [x_col] if weight_col is None else [x_col, weight_col]
    if class_mode not in ("input", None):
        used += y_col if isinstance(y_col, list) else [y_col]
    for column in used:
        if column not in frame:
            raise KeyError(
                f"Received the column name {column!r}, which the data frame lacks. "
                f"Expected one of: {', '.join(map(str, frame.columns))}."
            )
    _check_kinds(frame, "x_col", x_col, (str, os.PathLike), "names of files")
    if class_mode in WITH_CLASSES:
        kinds = (str, list, tuple) if class_mode == "categorical" else (str,)
        _check_kinds(
            frame, "y_col", y_col, kinds,
            f"{', '.join(kind.__name__ for kind in kinds)} for class_mode={class_mode!r}. "
            f"Convert numbers: dataframe[{y_col!r}].astype(str); or use class_mode='raw'",
        )  # fmt: skip
    if weight_col is not None:
        weights = frame[weight_col].to_numpy()
        if not np.issubdtype(weights.dtype, np.number):
            raise TypeError(f"Received column {weight_col!r} as weights. Expected numbers.")
        if np.isnan(weights).any():
            raise ValueError(
                f"Received column {weight_col!r} as weights, of which {np.isnan(weights).sum()} "
                "are missing (NaN). Expected numbers. Fill them, or drop their rows."
            )


def check_classes(
    frame: Any, class_mode: str | None, y_col: Any, classes: Sequence[str] | None
) -> None:
    """Warn if `classes` has no use; a ValueError if `binary` does not have two classes."""
    if classes and class_mode not in WITH_CLASSES:
        warnings.warn(
            f"`classes` has no use with class_mode={class_mode!r}.", AppWarning, stacklevel=4
        )
    if class_mode == "binary":
        names = set(classes or frame[y_col])
        if len(names) != 2:
            raise ValueError(
                f"Received {len(names)} classes with class_mode='binary'. Expected two. "
                "Use class_mode='sparse' or 'categorical'."
            )


def class_names(frame: Any, y_col: Any, classes: Sequence[str] | None) -> tuple[Any, list[str]]:
    """Return the rows of `classes`, and the classes in the order of their labels."""

    def each(label: Any) -> list[str]:
        return list(label) if isinstance(label, (list, tuple)) else [label]

    if not classes:
        return frame, sorted({name for label in frame[y_col] for name in each(label)})
    names = list(dict.fromkeys(classes))
    kept = [[name for name in each(label) if name in names] for label in frame[y_col]]
    labels = np.empty(len(frame), object)
    for row, (label, names_kept) in enumerate(zip(frame[y_col], kept, strict=True)):
        labels[row] = names_kept if isinstance(label, (list, tuple)) else label
    frame = frame.copy()
    frame[y_col] = labels
    return frame[np.array([bool(names_kept) for names_kept in kept], bool)], names


def stacked(column: Any) -> np.ndarray:
    """Return a column, or a frame of several, as one array.

    Args:
        column: A pandas series or frame of `N` rows. Cells that are lists or arrays of one shape
            become further axes.

    Returns:
        `(N,)`, `(N, columns)` or either with the axes of the cells behind it; of objects where
        cells differ in shape.
    """
    values = column.to_numpy()
    if values.dtype != object or not values.size:
        return values
    shapes = {np.shape(cell) for cell in values.flat}
    if len(shapes) != 1:
        return values
    plain = np.array(values.tolist())
    # Text and other things stay the objects that they are.
    return plain if np.issubdtype(plain.dtype, np.number) or plain.dtype == bool else values


def _check_kinds(
    frame: Any, argument: str, column: Any, kinds: tuple[type, ...], expected: str
) -> None:
    wrong = [value for value in frame[column] if not isinstance(value, kinds)]
    if not wrong:
        return
    missing = int(frame[column].isna().sum())
    if missing == len(wrong):
        raise TypeError(
            f"Received column {column!r} as `{argument}` with {missing} missing values (NaN). "
            f"Expected {expected}. Drop those rows: dataframe.dropna(subset=[{column!r}])."
        )
    raise TypeError(
        f"Received column {column!r} as `{argument}` with values such as {wrong[0]!r}. "
        f"Expected {expected}."
    )
