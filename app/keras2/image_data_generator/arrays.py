"""Batches from arrays in memory."""

from __future__ import annotations

import math
import warnings
from typing import Any

import keras
import numpy as np

from app.errors import AppWarning
from app.keras2.image_data_generator.iterator import Iterator
from app.keras2.image_data_generator.transformed_batches import (
    TransformedBatches,
    share_of_subset,
)

# Numbers in images of 28×28 that keep a thread busy for ten times as long as starting it takes.
_NUMBERS_PER_THREAD = 8192


class NumpyArrayIterator(TransformedBatches, Iterator):
    """Batches `x`, `(x, y)` or `(x, y, sample_weight)`.

    Arguments that are not listed here are those of `DirectoryIterator`.

    Args:
        x: `(N, H, W, C)` images, or `(images, other arrays)` whose rows are passed on unchanged.
        y: `N` labels, or `None`.
        image_data_generator: Generator that transforms the images.
        sample_weight: `N` weights, or `None`.
        ignore_class_split: Allow subsets that do not hold the same classes.

    Raises:
        ValueError: If lengths differ, `x` is not of rank 4, or a subset misses classes.
    """

    _NAMES = 10_000

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        ignore_class_split: bool = False,
        dtype: Any = None,
        *,
        workers: int | None = None,
    ):
        x, misc = _images_and_others(x)
        _check_lengths(x, y, misc, sample_weight)
        self.image_data_generator = image_data_generator
        self.data_format = data_format or keras.config.image_data_format()
        self.dtype = keras.config.floatx() if dtype is None else dtype
        self.subset = subset
        self._set_saving(save_to_dir, save_prefix, save_format)
        self._set_workers(workers)
        split = share_of_subset(subset, image_data_generator)
        part = slice(None)
        if split is not None:
            part = slice(*(int(share * len(x)) for share in split))
            border = part.stop if subset == "validation" else part.start
            if y is not None and not ignore_class_split:
                _check_same_classes(y, border)
        self.x = np.asarray(x[part])
        if self.x.ndim != 4:
            raise ValueError(
                f"Received `x` of shape {np.shape(x)}. Expected rank 4: images, then their axes. "
                "A single image needs x[np.newaxis], gray images without channels x[..., None]."
            )
        if not np.issubdtype(self.x.dtype, np.number) and self.x.dtype != bool:
            raise ValueError(f"Received `x` of type {self.x.dtype}. Expected numbers.")
        check_channels(self.x, self.data_format)
        self._rows_per_thread = max(1, _NUMBERS_PER_THREAD // max(1, math.prod(self.x.shape[1:])))
        self.x_misc = [other[part] for other in misc]
        self.y = None if y is None else np.asarray(y)[part]
        self.sample_weight = None
        if sample_weight is not None:
            self.sample_weight = self._engine.subset_weights(np.asarray(sample_weight), part)
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        load = self.x.__getitem__ if self._engine.transforms_batches else self._load_converted
        images, samples = self._transformed(index_array, load, self.x.shape[1:])
        inputs = [images, *(other[samples] for other in self.x_misc)] if self.x_misc else images
        if self.y is None:
            return inputs
        if self.sample_weight is None:
            return inputs, self.y[samples]
        return inputs, self.y[samples], self.sample_weight[samples]

    def _load_converted(self, index: int) -> np.ndarray:
        return self.x[index].astype(self.dtype)


def check_channels(x: np.ndarray, data_format: str) -> None:
    """Warn if `x` `(N, H, W, C)` or `(N, C, H, W)` has neither 1, 3 nor 4 channels."""
    count = x.shape[1 if data_format == "channels_first" else 3]
    if count not in (1, 3, 4):
        warnings.warn(
            f"Received images of shape {x.shape[1:]} with `data_format`={data_format!r}, "
            f"which makes {count} channels. Expected 1, 3 or 4.",
            AppWarning,
            stacklevel=4,
        )


def _images_and_others(x: Any) -> tuple[Any, list[np.ndarray]]:
    if isinstance(x, (tuple, list)) and len(x) == 2 and np.ndim(x[0]) == 4:
        others = x[1] if isinstance(x[1], list) else [x[1]]
        return x[0], [np.asarray(other) for other in others]
    return x, []


def _check_lengths(x: Any, y: Any, misc: list[np.ndarray], weights: Any) -> None:
    for k, other in enumerate(misc):
        if len(other) != len(x):
            raise ValueError(
                f"Received {len(x):,} images in `x[0]` but {len(other):,} rows in `x[1][{k}]`. "
                "All of the arrays in `x` should have the same length."
            )
    for name, other in (("`y` (labels)", y), ("`sample_weight`", weights)):
        if other is not None and len(other) != len(x):
            raise ValueError(
                f"Received {len(x):,} images but {len(other):,} rows of another array. "
                f"`x` (images tensor) and {name} should have the same length."
            )


def _check_same_classes(y: Any, border: int) -> None:
    below, above = np.unique(y[:border]), np.unique(y[border:])
    if not np.array_equal(below, above):
        raise ValueError(
            f"Received labels whose first {border:,} hold {len(below)} classes, and whose rest "
            f"hold {len(above)}. Training and validation subsets have different number of "
            "classes after the split. Expected the same classes in both. Shuffle x and y "
            "together, or pass ignore_class_split=True."
        )
