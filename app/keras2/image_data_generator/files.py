"""Batches from image files, listed by a directory or by a data frame."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import keras
import numpy as np

from app.data.decoding import RESAMPLING, UndecodableImage
from app.errors import AppWarning
from app.keras2.image_data_generator.engine import CHANNELS
from app.keras2.image_data_generator.transformed_batches import (
    TransformedBatches,
    share_of_subset,
)


class BatchFromFilesMixin(TransformedBatches):
    """Batches of the files that `filepaths` lists.

    A class that mixes it in calls `set_processing_attrs` and has `class_mode`, `dtype` and, for
    modes with classes, `classes` and `class_indices`.
    """

    class_mode: str | None
    classes: Any
    class_indices: dict[str, int]
    filenames: list[str]
    batch_size: int
    lock: Any
    _order: Any

    def set_processing_attrs(
        self,
        image_data_generator: Any,
        target_size: Sequence[int],
        color_mode: str,
        data_format: str | None,
        save_to_dir: Any,
        save_prefix: str,
        save_format: str,
        subset: str | None,
        interpolation: str,
        keep_aspect_ratio: bool,
    ) -> None:
        """Set how files become batches; the arguments are those of `DirectoryIterator`.

        Raises:
            ValueError: If an argument is unknown.
            FileNotFoundError: If `save_to_dir` is not a folder.
        """
        if color_mode not in CHANNELS:
            raise ValueError(
                f"Received `color_mode`={color_mode!r}. Expected one of {', '.join(CHANNELS)}."
            )
        if interpolation not in RESAMPLING:
            raise ValueError(
                f"Received `interpolation`={interpolation!r}. "
                f"Expected one of {', '.join(RESAMPLING)}."
            )
        if np.shape(target_size) != (2,) or not all(
            isinstance(side, Integral) and side >= 1 for side in target_size
        ):
            raise ValueError(
                f"Received `target_size`={target_size!r}. Expected (height, width) in whole pixels."
            )
        self.image_data_generator = image_data_generator
        self.target_size = (int(target_size[0]), int(target_size[1]))
        self.color_mode = color_mode
        self.data_format = data_format or keras.config.image_data_format()
        channels = CHANNELS[color_mode]
        self.image_shape: tuple[int, ...] = (*self.target_size, channels)
        if self.data_format == "channels_first":
            self.image_shape = (channels, *self.target_size)
        self._set_saving(save_to_dir, save_prefix, save_format)
        self.interpolation = interpolation
        self.keep_aspect_ratio = keep_aspect_ratio
        self.split = share_of_subset(subset, image_data_generator)
        self.subset = subset
        self._unreadable: set[int] = set()

    @property
    def filepaths(self) -> Sequence[str]:
        """`N` paths of files; subclasses implement it."""
        raise NotImplementedError

    @property
    def labels(self) -> Any:
        """`N` class numbers, or the columns of `raw` and `multi_output`."""
        raise NotImplementedError

    @property
    def sample_weight(self) -> np.ndarray | None:
        """`(N,)` sample weights, or `None`."""
        raise NotImplementedError

    def batch_filenames(self, index: int) -> list[str]:
        """Return the names of the files in batch `index` of this epoch.

        Damaged files are missing here, as in the batch, once it has been read.
        """
        with self.lock:
            order = self._order(self.batch_epoch)
            samples = order[self.batch_size * index : self.batch_size * (index + 1)]
        return [self.filenames[k] for k in samples if k not in self._unreadable]

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        images, readable = self._transformed(index_array, self._load, self.image_shape)
        if len(index_array) and not len(readable):
            raise ValueError(
                f"None of the {len(index_array)} files of a batch can be read; the first is "
                f"'{self.filepaths[index_array[0]]}'. Expected images that Pillow can decode."
            )
        if self.class_mode is None:
            return images
        targets = self._targets_of(images, readable)
        if self.sample_weight is None:
            return images, targets
        return images, targets, self.sample_weight[readable]

    def _targets_of(self, images: np.ndarray, samples: np.ndarray) -> Any:
        """Return the targets of the `(B,)` samples, by `class_mode`."""
        if self.class_mode == "input":
            return images.copy()
        if self.class_mode == "multi_output":
            return [output[samples] for output in self.labels]
        if self.class_mode == "raw":
            return self.labels[samples]
        classes = [self.classes[k] for k in samples]
        if self.class_mode in ("binary", "sparse"):
            return np.array(classes, self.dtype)
        hot = np.zeros((len(samples), len(self.class_indices)), self.dtype)
        for row, label in zip(hot, classes, strict=True):
            row[label] = 1
        return hot

    def _load(self, index: int) -> np.ndarray | None:
        """Return the pixels of a file, `image_shape`, or `None` if it is damaged."""
        path = self.filepaths[index]
        try:
            pixels = self._engine.read(
                path, self.target_size, self.color_mode, self.interpolation, self.keep_aspect_ratio
            )
        except UndecodableImage as error:
            if index not in self._unreadable:
                self._unreadable.add(index)
                warnings.warn(
                    f"'{path}' cannot be read and is left out: {error}", AppWarning, stacklevel=2
                )
            return None
        pixels = pixels.astype(keras.config.floatx())
        return pixels.transpose(2, 0, 1) if self.data_format == "channels_first" else pixels


def check_class_mode(class_mode: str | None, known: set[str | None]) -> None:
    """Raise ValueError unless the mode is one of `known`."""
    if class_mode not in known:
        names = ", ".join(sorted(map(repr, known)))
        raise ValueError(f"Received `class_mode`={class_mode!r}. Expected one of {names}.")
