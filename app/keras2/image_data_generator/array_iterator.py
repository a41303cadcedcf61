"""Batches from arrays in memory."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from app.errors import AppWarning
from app.keras2.image_data_generator.iterator import Iterator
from app.keras2.image_data_generator.subsets import split_of_subset
from app.keras2.image_data_generator.transformed_batch import TransformedBatches

if TYPE_CHECKING:
    from app.keras2.image_data_generator.image_data_generator import ImageDataGenerator

# Numbers in images of 28×28 that keep a thread busy for ten times as long as starting it takes.
_WORTH_A_THREAD = 8192


class NumpyArrayIterator(TransformedBatches, Iterator):
    """Batches `x`, `(x, y)` or `(x, y, sample_weight)`.

    Args:
        x: `(N, H, W, C)` images, or `(images, other arrays)` whose rows travel along unchanged.
        y: `N` labels, or `None`.
        image_data_generator: What transforms the images.
        batch_size: Samples per batch.
        shuffle: Whether each pass has its own order.
        sample_weight: `N` weights, or `None`.
        seed: Seed of order and transformations, or `None`.
        data_format: `channels_last` or `channels_first`; Keras's own by default.
        save_to_dir: Folder for a picture of every image, or `None`.
        save_prefix: How their names begin.
        save_format: Their ending.
        subset: `training`, `validation` or `None`; validation is not augmented.
        ignore_class_split: Allow subsets that do not hold the same classes.
        dtype: Of the batches; Keras's own by default.
        workers: Threads that share the work of a batch; `None` for one per core.

    Raises:
        ValueError: If lengths differ, `x` is not of rank 4, or a subset misses classes.
    """

    _HASHES = 10_000

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: ImageDataGenerator,
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
        part = _part(len(x), y, image_data_generator, subset, ignore_class_split)
        self.x = np.asarray(x[part])
        if self.x.ndim != 4:
            raise ValueError(
                f"Received `x` of shape {np.shape(x)}. Expected rank 4: images, then their axes. "
                "A single image needs x[np.newaxis], grey images without channels x[..., None]."
            )
        if not np.issubdtype(self.x.dtype, np.number) and self.x.dtype != bool:
            raise ValueError(f"Received `x` of type {self.x.dtype}. Expected numbers.")
        check_channels(self.x, self.data_format)
        self._fewest_rows = max(1, _WORTH_A_THREAD // max(1, math.prod(self.x.shape[1:])))
        self.x_misc = [other[part] for other in misc]
        self.y = None if y is None else np.asarray(y)[part]
        # Keras left weights whole, so that a subset met those of other samples.
        weights = None if sample_weight is None else np.asarray(sample_weight)
        whole = weights is None or self._quirks
        self.sample_weight = weights if whole else weights[part]  # type: ignore[index]
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        images, chosen = self._transformed(index_array, self._load, self.x.shape[1:])
        inputs = [images, *(other[chosen] for other in self.x_misc)] if self.x_misc else images
        if self.y is None:
            return inputs
        if self.sample_weight is None:
            return inputs, self.y[chosen]
        return inputs, self.y[chosen], self.sample_weight[chosen]

    def _load(self, index: int) -> np.ndarray:
        # Whole batches are converted at once, unless images are transformed one by one.
        pixels: np.ndarray = self.x[index]
        generator = self.image_data_generator
        whole = getattr(generator, "augments_batches", generator is None)
        return pixels if whole else pixels.astype(self.dtype)


def check_channels(x: np.ndarray, data_format: str) -> None:
    """Warn if `x` `(N, H, W, C)` or `(N, C, H, W)` has no usual number of channels."""
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
                f"Received {len(x):,} images but {len(other):,} rows beside them. "
                f"`x` (images tensor) and {name} should have the same length."
            )


def _part(
    count: int, y: Any, generator: ImageDataGenerator, subset: str | None, ignore: bool
) -> slice:
    split = split_of_subset(subset, generator)
    if split is None:
        return slice(None)
    first, last = (int(share * count) for share in split)
    border = last if subset == "validation" else first
    if y is not None and not ignore:
        below, above = np.unique(y[:border]), np.unique(y[border:])
        if not np.array_equal(below, above):
            raise ValueError(
                f"Received labels whose first {border:,} hold {len(below)} classes, and whose rest "
                f"hold {len(above)}. Training and validation subsets have different number of "
                "classes after the split. Expected the same classes in both. Shuffle x and y "
                "together, or pass ignore_class_split=True."
            )
    return slice(first, last)
