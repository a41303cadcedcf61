"""The three ways in which a generator reads data: arrays, folders, data frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from app.augmentation.generator.array_iterator import NumpyArrayIterator
from app.augmentation.generator.dataframe_iterator import DataFrameIterator
from app.augmentation.generator.directory_iterator import DirectoryIterator

if TYPE_CHECKING:
    from app.augmentation.generator.image_data_generator import ImageDataGenerator


class Flows:
    """The `flow` methods of `ImageDataGenerator`; `workers` threads share the work of a batch."""

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: str | Path | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
        *,
        workers: int = 1,
    ) -> NumpyArrayIterator:
        """Return batches of `x`, with their labels and weights; see `NumpyArrayIterator`."""
        return NumpyArrayIterator(
            x,
            y,
            cast("ImageDataGenerator", self),
            sample_weight=sample_weight,
            ignore_class_split=ignore_class_split,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            subset=subset,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            workers=workers,
        )

    def flow_from_directory(
        self,
        directory: str | Path,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | Path | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        *,
        workers: int = 1,
    ) -> DirectoryIterator:
        """Return batches of a folder with a sub-folder per class; see `DirectoryIterator`."""
        return DirectoryIterator(
            directory,
            cast("ImageDataGenerator", self),
            classes=classes,
            follow_links=follow_links,
            target_size=target_size,
            color_mode=color_mode,
            interpolation=interpolation,
            keep_aspect_ratio=keep_aspect_ratio,
            class_mode=class_mode,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            subset=subset,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            workers=workers,
        )

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: str | None = None,
        x_col: str = "filename",
        y_col: str | list[str] = "class",
        weight_col: str | None = None,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | Path | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
        *,
        keep_aspect_ratio: bool = False,
        workers: int = 1,
    ) -> DataFrameIterator:
        """Return batches of the files in a data frame; see `DataFrameIterator`."""
        return DataFrameIterator(
            dataframe,
            directory,
            cast("ImageDataGenerator", self),
            x_col=x_col,
            y_col=y_col,
            weight_col=weight_col,
            classes=classes,
            validate_filenames=validate_filenames,
            target_size=target_size,
            color_mode=color_mode,
            interpolation=interpolation,
            keep_aspect_ratio=keep_aspect_ratio,
            class_mode="raw" if class_mode == "other" else class_mode,  # its name before Keras 2.3
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            subset=subset,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            workers=workers,
        )
