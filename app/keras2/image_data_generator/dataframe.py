"""Batches from files that a pandas data frame names, with their labels in its columns."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from app.errors import AppWarning
from app.keras2.image_data_generator.dataframe_columns import (
    WITH_CLASSES,
    check_classes,
    check_columns,
    class_names,
    stacked,
)
from app.keras2.image_data_generator.files import BatchFromFilesMixin, check_class_mode
from app.keras2.image_data_generator.iterator import Iterator


class DataFrameIterator(BatchFromFilesMixin, Iterator):
    """Batches from the rows of a data frame.

    Arguments that are not listed here are those of `DirectoryIterator`.

    Args:
        dataframe: One row per image.
        directory: Folder that the names are relative to, or `None` for absolute ones.
        image_data_generator: Generator that transforms the images, or `None`.
        x_col: Column of file names.
        y_col: Column of labels; a list of columns for `raw` and `multi_output`, whose cells may
            be numbers, lists or arrays.
        weight_col: Column of sample weights, or `None`.
        classes: Classes to keep, in the order of their labels; `None` takes all, sorted.
        class_mode: `binary`, `categorical`, `input`, `multi_output`, `raw`, `sparse` or `None`.
        validate_filenames: Leave out rows whose file does not exist or has no image extension.

    Raises:
        KeyError: If a column is missing.
        ValueError: If no row is left, or the classes do not suit.
        TypeError: If a column holds values of the wrong kind.
    """

    allowed_class_modes: ClassVar[set[str | None]] = {
        *WITH_CLASSES, "input", "multi_output", "raw", None,
    }  # fmt: skip

    def __init__(
        self,
        dataframe: Any,
        directory: str | os.PathLike[str] | None = None,
        image_data_generator: Any = None,
        x_col: Any = "filename",
        y_col: Any = "class",
        weight_col: Any = None,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str = "channels_last",
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = "float32",
        validate_filenames: bool = True,
        *,
        workers: int | None = None,
    ):
        self.set_processing_attrs(
            image_data_generator, target_size, color_mode, data_format, save_to_dir, save_prefix,
            save_format, subset, interpolation, keep_aspect_ratio,
        )  # fmt: skip
        check_class_mode(class_mode, self.allowed_class_modes)
        self._set_workers(workers)
        self.directory = directory or ""
        self.class_mode = class_mode
        self.dtype = dtype
        frame = dataframe.copy()
        check_columns(frame, class_mode, x_col, y_col, weight_col)
        check_classes(frame, class_mode, y_col, classes)
        frame[x_col] = [os.fspath(name) for name in frame[x_col]]
        if validate_filenames:
            frame = self._existing(frame, x_col)
        self.class_indices: dict[str, int] = {}
        if class_mode in WITH_CLASSES:
            frame, names = class_names(frame, y_col, classes)
            self.class_indices = {name: label for label, name in enumerate(names)}
        if self.split is not None:
            first, last = self.split
            frame = frame.iloc[int(first * len(frame)) : int(last * len(frame))]
        if not len(frame) and not self._engine.lenient:
            raise ValueError(
                f"Received a data frame of {len(dataframe)} rows, of which none is left. Expected "
                f"names of existing images in column {x_col!r}, relative to `directory` "
                f"('{self.directory}'), and classes that `classes` lists."
            )
        self.classes: list[Any] = []
        self._targets: Any = None
        if class_mode in WITH_CLASSES:
            self.classes = self.get_classes(frame, y_col)
        elif class_mode == "multi_output":
            self._targets = [stacked(frame[column]) for column in y_col]
        elif class_mode == "raw":
            self._targets = stacked(frame[y_col])
        self._sample_weight = None if weight_col is None else frame[weight_col].to_numpy()
        self.filenames = frame[x_col].tolist()
        self._filepaths = [os.path.join(self.directory, name) for name in self.filenames]  # noqa: PTH118
        self.samples = len(self.filenames)
        kind = "validated" if validate_filenames else "non-validated"
        of_classes = (
            f" belonging to {len(self.class_indices)} classes" if class_mode in WITH_CLASSES else ""
        )
        print(f"Found {self.samples} {kind} image filenames{of_classes}.")
        super().__init__(self.samples, batch_size, shuffle, seed)

    @property
    def filepaths(self) -> list[str]:
        """`N` paths of files."""
        return self._filepaths

    @property
    def labels(self) -> Any:
        """Class numbers, or the columns of `raw` and `multi_output`."""
        return self.classes if self._targets is None else self._targets

    @property
    def sample_weight(self) -> np.ndarray | None:
        """`(N,)` sample weights, or `None`."""
        return self._sample_weight

    def get_classes(self, df: Any, y_col: Any) -> list[Any]:
        """Return the class numbers of the rows of `df`; a list for a row of several classes."""
        return [
            [self.class_indices[name] for name in label]
            if isinstance(label, (list, tuple))
            else self.class_indices[label]
            for label in df[y_col]
        ]

    def _existing(self, frame: Any, x_col: Any) -> Any:
        paths = [os.path.join(self.directory, name) for name in frame[x_col]]  # noqa: PTH118
        fit = np.array([validate_filename(path, self.white_list_formats) for path in paths], bool)
        if not fit.all():
            bad = paths[int(np.argmin(fit))]
            warnings.warn(
                f"{int((~fit).sum())} of {len(fit)} names in column {x_col!r} are left out: "
                f"no such file, or no image by its extension. The first is '{bad}'.",
                AppWarning,
                stacklevel=4,
            )
        return frame[fit]


def validate_filename(filename: str, white_list_formats: Sequence[str]) -> bool:
    """Return whether `filename` ends as one of the formats and is an existing regular file."""
    if not filename.lower().endswith(tuple(white_list_formats)):
        return False
    try:
        return stat.S_ISREG(os.stat(filename).st_mode)  # noqa: PTH116
    except (OSError, ValueError):
        return False
