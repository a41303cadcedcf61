"""The three sources of a generator: arrays, folders, data frames."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any

from app.keras2.image_data_generator.arrays import NumpyArrayIterator
from app.keras2.image_data_generator.dataframe import DataFrameIterator
from app.keras2.image_data_generator.directory import DirectoryIterator

# Arguments of Keras 2.2, which Keras 2.3 ignores.
_OLD_ARGUMENTS = {
    "has_ext": "File names in the data frame must be those on disk, with their extensions.",
    "sort": "Batches follow the order of the data frame where `shuffle=False`.",
    "drop_duplicates": "Drop duplicates with `dataframe.drop_duplicates()`.",
}


class Flows:
    """The `flow` methods of `ImageDataGenerator`.

    `workers` threads share the work of a batch, by default one per core. Results do not depend on
    the number of threads.
    """

    data_format: str
    dtype: Any

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: str | os.PathLike[str] | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
        *,
        workers: int | None = None,
    ) -> NumpyArrayIterator:
        """Return batches of `x`, with their labels and weights; see `NumpyArrayIterator`."""
        return NumpyArrayIterator(
            x, y, self, batch_size, shuffle, sample_weight, seed, self.data_format, save_to_dir,
            save_prefix, save_format, subset, ignore_class_split, self.dtype, workers=workers,
        )  # fmt: skip

    def flow_from_directory(
        self,
        directory: str | os.PathLike[str],
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | os.PathLike[str] | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        *,
        workers: int | None = None,
    ) -> DirectoryIterator:
        """Return batches of a folder with a subfolder per class; see `DirectoryIterator`."""
        return DirectoryIterator(
            directory, self, target_size, color_mode, classes, class_mode, batch_size, shuffle,
            seed, self.data_format, save_to_dir, save_prefix, save_format, follow_links, subset,
            interpolation, keep_aspect_ratio, self.dtype, workers=workers,
        )  # fmt: skip

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: str | os.PathLike[str] | None = None,
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
        save_to_dir: str | os.PathLike[str] | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
        *,
        keep_aspect_ratio: bool = False,
        workers: int | None = None,
        **kwargs: Any,
    ) -> DataFrameIterator:
        """Return batches of the files in a data frame; see `DataFrameIterator`.

        `has_ext`, `sort` and `drop_duplicates` of Keras 2.2 are ignored with a warning.
        """
        for name in kwargs:
            if name not in _OLD_ARGUMENTS:
                raise TypeError(
                    f"Received the unknown argument `{name}`. Expected those of "
                    "`flow_from_dataframe` in Keras 2; see its documentation."
                )
            _warn_deprecated(f"`{name}` is ignored. {_OLD_ARGUMENTS[name]}")
        if class_mode == "other":
            _warn_deprecated("`class_mode='other'` is called 'raw' since Keras 2.3.")
            class_mode = "raw"
        return DataFrameIterator(
            dataframe, directory, self, x_col, y_col, weight_col, target_size, color_mode, classes,
            class_mode, batch_size, shuffle, seed, self.data_format, save_to_dir, save_prefix,
            save_format, subset, interpolation, keep_aspect_ratio, self.dtype, validate_filenames,
            workers=workers,
        )  # fmt: skip


def _warn_deprecated(message: str) -> None:
    warnings.warn(message, DeprecationWarning, stacklevel=3)
