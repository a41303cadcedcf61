"""Batches from image files, whether a directory or a data frame names them."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from PIL import Image

from app.augmentation.generator.iterator import Iterator
from app.errors import AppWarning

if TYPE_CHECKING:
    from app.augmentation.generator.image_data_generator import ImageDataGenerator

ENDINGS = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")
# What Pillow raises for damaged files, depending on their format and where they are damaged.
_DAMAGED = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError,
    SyntaxError, TypeError, ValueError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip
_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}
_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")


class FileIterator(Iterator):
    """Batches of files; `targets` says what comes beside the images.

    Args:
        filenames: `N` names, as people should see them.
        filepaths: `N` paths.
        generator: What transforms the images.
        target_size: `(height, width)` that images are resized to.
        color_mode: `rgb`, `rgba` or `grayscale`.
        interpolation: How they are resized.
        keep_aspect_ratio: Crop the middle to the target's shape before resizing.
        class_mode: What `targets` makes of the classes.
        **options: Of `Iterator`.
    """

    _NAME_RANGE = 10_000_000

    def __init__(
        self,
        filenames: Sequence[str],
        filepaths: Sequence[str],
        generator: ImageDataGenerator,
        *,
        target_size: Sequence[int],
        color_mode: str,
        interpolation: str,
        keep_aspect_ratio: bool,
        class_mode: str | None,
        **options: Any,
    ):
        if color_mode not in _CHANNELS:
            raise ValueError(
                f"Received `color_mode`={color_mode!r}. Expected one of {', '.join(_CHANNELS)}."
            )
        if interpolation not in _INTERPOLATIONS:
            raise ValueError(
                f"Received `interpolation`={interpolation!r}. "
                f"Expected one of {', '.join(_INTERPOLATIONS)}."
            )
        if len(target_size) != 2 or min(target_size) < 1:
            raise ValueError(
                f"Received `target_size`={target_size!r}. Expected (height, width) in pixels."
            )
        self.filenames = list(filenames)
        self.filepaths = list(filepaths)
        self.samples = len(self.filenames)
        self.target_size = (int(target_size[0]), int(target_size[1]))
        self.color_mode = color_mode
        self.interpolation = interpolation
        self.keep_aspect_ratio = keep_aspect_ratio
        self.class_mode = class_mode
        channels = _CHANNELS[color_mode]
        self.image_shape = (
            (channels, *self.target_size)
            if generator.data_format == "channels_first"
            else (*self.target_size, channels)
        )
        self._unreadable: set[int] = set()
        super().__init__(self.samples, generator, **options)

    def batch_filenames(self, index: int) -> list[str]:
        """Return the names of the files in batch `index` of this epoch.

        Damaged files are missing here as they are from the batch, once it has been read.
        """
        with self.lock:
            if self.index_array is None:
                self._set_index_array()
            chosen = self._batch(index)
        return [self.filenames[k] for k in chosen if k not in self._unreadable]

    def targets(self, images: np.ndarray, chosen: np.ndarray) -> Any:
        """Return what comes beside `images` `(B, …)` of the samples `chosen` `(B,)`."""
        raise NotImplementedError

    @property
    def sample_weight(self) -> np.ndarray | None:
        """`(N,)` sample weights, or `None`."""
        return None

    def _prepare(self, chosen: np.ndarray, epoch: int) -> Any:
        images, readable = self._transform(chosen, epoch, self._load, self.image_shape)
        if len(chosen) and not len(readable):
            raise ValueError(
                f"None of the {len(chosen)} files of a batch can be read; the first is "
                f"'{self.filepaths[chosen[0]]}'. Expected images that Pillow can decode."
            )
        if self.class_mode is None:
            return images
        beside = self.targets(images, readable)
        if self.sample_weight is None:
            return images, beside
        return images, beside, self.sample_weight[readable]

    def _load(self, index: int) -> np.ndarray | None:
        """Return `image_shape` float pixels, or `None` for a damaged file."""
        try:
            picture = keras.utils.load_img(
                self.filepaths[index],
                color_mode=self.color_mode,
                target_size=self.target_size,
                interpolation=self.interpolation,
                keep_aspect_ratio=self.keep_aspect_ratio,
            )
        except _DAMAGED as error:
            if self.image_data_generator.legacy_quirks:
                raise
            if index not in self._unreadable:
                self._unreadable.add(index)
                warnings.warn(
                    f"'{self.filepaths[index]}' cannot be read and is left out: {error}",
                    AppWarning,
                    stacklevel=2,
                )
            return None
        return keras.utils.img_to_array(picture, data_format=self.data_format)


def check_class_mode(class_mode: str | None, known: Sequence[str | None]) -> None:
    """Raise ValueError unless the mode is one of `known`."""
    if class_mode not in known:
        raise ValueError(
            f"Received `class_mode`={class_mode!r}. Expected one of {', '.join(map(repr, known))}."
        )


def class_targets(
    class_mode: str | None, images: np.ndarray, classes: Sequence[Any], num_classes: int
) -> np.ndarray:
    """Return targets of the class modes that directories and data frames share.

    Args:
        class_mode: `input`, `binary`, `sparse` or `categorical`.
        images: `(B, …)`, whose type the targets take.
        classes: `B` class numbers; for `categorical` also lists of several.
        num_classes: Number of classes.
    """
    if class_mode == "input":
        return images.copy()
    if class_mode in ("binary", "sparse"):
        return np.array(classes, images.dtype)
    hot = np.zeros((len(classes), num_classes), images.dtype)
    for row, label in zip(hot, classes, strict=True):
        row[label] = 1
    return hot
