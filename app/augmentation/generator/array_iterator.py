"""Batches from arrays in memory."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from app.augmentation.generator.iterator import Iterator, subset_bounds
from app.errors import AppWarning

if TYPE_CHECKING:
    from app.augmentation.generator.image_data_generator import ImageDataGenerator


class NumpyArrayIterator(Iterator):
    """Batches `x`, `(x, y)` or `(x, y, sample_weight)`.

    Args:
        x: `(N, H, W, C)` images, or `(images, other arrays)` whose rows travel along unchanged.
        y: `N` labels, or `None`.
        generator: What transforms the images.
        sample_weight: `N` weights, or `None`.
        ignore_class_split: Allow subsets that do not hold the same classes.
        **options: Of `Iterator`.

    Raises:
        ValueError: If lengths differ, `x` is not of rank 4, or a subset misses classes.
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        generator: ImageDataGenerator,
        *,
        sample_weight: Any = None,
        ignore_class_split: bool = False,
        **options: Any,
    ):
        misc: list[np.ndarray] = []
        if isinstance(x, (tuple, list)) and len(x) == 2 and np.ndim(x[0]) == 4:
            others = x[1] if isinstance(x[1], list) else [x[1]]
            x, misc = x[0], [np.asarray(other) for other in others]
        for name, other in [
            *((f"x[1][{k}]", other) for k, other in enumerate(misc)),
            ("y", y),
            ("sample_weight", sample_weight),
        ]:
            if other is not None and len(other) != len(x):
                raise ValueError(
                    f"Received {len(x):,} images in `x` but {len(other):,} rows in `{name}`. "
                    "Expected the same length."
                )
        start, stop = _bounds(len(x), y, generator, options["subset"], ignore_class_split)
        part = slice(start, stop)
        self.x = np.asarray(x[part])
        if self.x.ndim != 4:
            raise ValueError(
                f"Received `x` of shape {np.shape(x)}. Expected rank 4: images, then their axes. "
                "A single image needs x[np.newaxis], grey images without channels x[..., None]."
            )
        if not np.issubdtype(self.x.dtype, np.number) and self.x.dtype != bool:
            raise ValueError(f"Received `x` of type {self.x.dtype}. Expected numbers.")
        check_channels(self.x, generator)
        self.x_misc = [other[part] for other in misc]
        self.y = None if y is None else np.asarray(y)[part]
        # Keras left weights whole, so that a subset met those of other samples.
        weights = None if sample_weight is None else np.asarray(sample_weight)
        whole = weights is None or generator.legacy_quirks
        self.sample_weight = weights if whole else weights[part]  # type: ignore[index]
        super().__init__(len(self.x), generator, **options)

    def _prepare(self, chosen: np.ndarray, epoch: int) -> Any:
        images, chosen = self._transform(chosen, epoch, self._load, self.x.shape[1:])
        inputs = [images, *(other[chosen] for other in self.x_misc)] if self.x_misc else images
        if self.y is None:
            return inputs
        if self.sample_weight is None:
            return inputs, self.y[chosen]
        return inputs, self.y[chosen], self.sample_weight[chosen]

    def _load(self, index: int) -> np.ndarray:
        pixels: np.ndarray = self.x[index]
        # The old class computed in the generator's own type; the new one converts whole batches.
        return pixels.astype(self.dtype) if self.image_data_generator.legacy_quirks else pixels


def check_channels(x: np.ndarray, generator: ImageDataGenerator) -> None:
    """Warn if `x` `(N, H, W, C)` or `(N, C, H, W)` has no usual number of channels."""
    count = x.shape[generator.channel_axis]
    if count not in (1, 3, 4):
        warnings.warn(
            f"Received images of shape {x.shape[1:]} with `data_format`={generator.data_format!r}, "
            f"which makes {count} channels. Expected 1, 3 or 4.",
            AppWarning,
            stacklevel=4,
        )


def _bounds(
    count: int, y: Any, generator: ImageDataGenerator, subset: str | None, ignore: bool
) -> tuple[int, int]:
    subset_bounds(subset, generator.validation_split)  # refuses an unknown one
    if subset is None:
        return 0, count
    split = int(count * generator.validation_split)
    if y is not None and not ignore:
        below, above = np.unique(y[:split]), np.unique(y[split:])
        if not np.array_equal(below, above):
            raise ValueError(
                f"Received labels whose first {split:,} hold {len(below)} classes, and whose rest "
                f"hold {len(above)}. Expected the same classes in training and validation. "
                "Shuffle x and y together, or pass ignore_class_split=True."
            )
    return (0, split) if subset == "validation" else (split, count)
