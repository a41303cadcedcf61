"""From files to batches of pixels: decoded once into memory, or streamed from disk.

Contract: `images[indices]` is `uint8 (B, H, W, C)`, whichever was chosen. Files that cannot be
decoded are found before training starts, left out and listed; they are never deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol

import cv2
import numpy as np
import psutil

from app.data.dataset import Split, class_counts
from app.data.decoding import UndecodableImage, load_image, resized
from app.data.fitting import SQUASH
from app.data.shards.packed import ImageFile, PackedImages
from app.errors import AppError
from app.files import printable

# Decoded images may take this share of the free memory; the rest is for training.
MEMORY_SHARE = 0.5
_AT_ONCE = 4_096  # images that wait to be decoded; each takes over a kilobyte

Progress = Callable[[int, int], None]


class Images(Protocol):
    """Pixels by position: a `uint8` array, or `StreamedImages`."""

    def __len__(self) -> int: ...

    def __getitem__(self, indices: np.ndarray) -> np.ndarray: ...


class StreamedImages:
    """Images decoded on each access, so that memory use stays constant.

    A file that has changed since and cannot be decoded any more raises an `AppError`.

    Args:
        paths: `N` files that are known to decode.
        size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for gray.
        fit: Rule of `app.data.fitting` for another aspect ratio.
    """

    def __init__(
        self, paths: Sequence[ImageFile], size: tuple[int, int], channels: int, fit: str = SQUASH
    ):
        self.paths = paths
        self.size = size
        self.channels = channels
        self.fit = fit

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        return np.stack([self._load(self.paths[i]) for i in indices])  # (B, H, W, C)

    def read_ahead(self, indices: np.ndarray) -> None:
        """Ask the system to read the files of `indices` `(B,)`, if they are in shards."""
        if isinstance(self.paths, PackedImages):
            self.paths.take(indices).read_ahead()

    def _load(self, path: ImageFile) -> np.ndarray:
        try:
            return load_image(path, self.size, self.channels, fit=self.fit)
        except UndecodableImage as error:
            raise AppError(
                f"'{printable(str(path))}' could be decoded before, and cannot be any more: "
                f"{error}.",
                "Expected files that do not change while they are read again and again.",
                "Put the file back and repeat the command; train.py resumes with --resume, from "
                "the last finished epoch.",
                status=1,
            ) from None


class ResizedImages:
    """Rows of an array, resized on each access.

    Args:
        images: `(N, H', W', C')` uint8.
        size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for gray.
        fit: Rule of `app.data.fitting` for another aspect ratio.
    """

    def __init__(self, images: np.ndarray, size: tuple[int, int], channels: int, fit: str = SQUASH):
        self.images = images
        self.size = size
        self.channels = channels
        self.fit = fit

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        chosen = self.images[indices]
        return np.stack(
            [resized(image, self.size, self.channels, self.fit) for image in chosen]
        )  # (B, H, W, C)


@dataclass(frozen=True)
class DecodedSplit:
    """One split, ready to be batched.

    Attributes:
        images: Pixels by position.
        examples: The examples that could be decoded, in the same order.
        skipped: `(name, reason)` of each that could not.
    """

    images: Images
    examples: Split
    skipped: tuple[tuple[str, str], ...]

    def at(self, size: tuple[int, int], channels: int, fit: str = SQUASH) -> DecodedSplit:
        """Return the same readable examples in another `(height, width)`, to be streamed."""
        sources = self.examples.images
        if isinstance(sources, np.ndarray):
            return replace(self, images=ResizedImages(sources, size, channels, fit))
        return replace(self, images=StreamedImages(sources, size, channels, fit))


def fits_in_memory(count: int, size: tuple[int, int], channels: int) -> bool:
    """Return whether `count` decoded images leave enough of the free memory."""
    needed = count * size[0] * size[1] * channels
    return needed <= MEMORY_SHARE * psutil.virtual_memory().available


@dataclass(frozen=True)
class Decoder:
    """Decodes the images of a split once, to keep them or to verify that they can be streamed.

    Attributes:
        size: `(height, width)` in pixels.
        channels: 3 for RGB, 1 for gray.
        in_memory: Whether the pixels are kept, or streamed again when they are needed.
        workers: Threads that decode.
        fit: Rule of `app.data.fitting` for another aspect ratio.
    """

    size: tuple[int, int]
    channels: int
    in_memory: bool
    workers: int
    fit: str = SQUASH

    def decode(
        self,
        examples: Split,
        class_names: Sequence[str],
        progress: Progress = lambda done, total: None,
    ) -> DecodedSplit:
        """Return the images that can be decoded, and the names of the others.

        Args:
            examples: `N` labeled images.
            class_names: Names of the classes, in the order of the labels.
            progress: Called with (done, total).

        Raises:
            AppError: If a class has no readable image left.
        """
        if isinstance(examples.images, np.ndarray):
            return DecodedSplit(self._resized(examples.images), examples, ())
        total = len(examples)
        kept = _room_for((total, *self.size, self.channels)) if self.in_memory else None
        reasons: dict[int, str] = {}

        def decode_one(index: int) -> None:
            try:
                pixels = load_image(examples.images[index], self.size, self.channels, fit=self.fit)
            except UndecodableImage as error:
                reasons[index] = str(error)
            else:
                if kept is not None:
                    kept[index] = pixels

        with ThreadPoolExecutor(self.workers) as pool:
            for start in range(0, total, _AT_ONCE):
                chunk = range(start, min(start + _AT_ONCE, total))
                for done, _ in enumerate(pool.map(decode_one, chunk), start=start + 1):
                    progress(done, total)
        good = np.delete(np.arange(total), list(reasons))
        readable = examples.take(good) if reasons else examples
        _check_classes(examples, readable, class_names)
        images: Images
        if kept is None:
            assert not isinstance(readable.images, np.ndarray)
            images = StreamedImages(readable.images, self.size, self.channels, self.fit)
        else:
            images = kept[good] if reasons else kept
        skipped = tuple((examples.names[i], reasons[i]) for i in sorted(reasons))
        return DecodedSplit(images, readable, skipped)

    def _resized(self, images: np.ndarray) -> Images:
        if images.shape[1:] == (*self.size, self.channels):
            return images
        streamed = ResizedImages(images, self.size, self.channels, self.fit)
        return streamed[np.arange(len(images))] if self.in_memory else streamed


def _room_for(shape: tuple[int, ...]) -> np.ndarray:
    try:
        return np.empty(shape, np.uint8)
    except MemoryError:
        count, height, width, _ = shape
        raise AppError(
            f"{count:,} images of {height}×{width} pixels need {np.prod(shape) / 1e9:,.1f} GB of "
            "memory.",
            "Expected fewer or smaller images.",
            "train.py: --cache stream, a smaller --image-size, or --limit. Else: fewer images.",
            status=1,
        ) from None


def _check_classes(before: Split, after: Split, class_names: Sequence[str]) -> None:
    counts, left = (class_counts(split.labels, len(class_names)) for split in (before, after))
    for name, count, readable in zip(class_names, counts, left, strict=True):
        if count and not readable:
            raise AppError(
                f"None of the {count} files of the class '{name}' can be decoded.",
                "Expected at least one readable image per class and split.",
                "Look at them: python -m app data check FOLDER",
            )


class Augment(Protocol):
    """Random transformation of a batch; what an image gets depends on (seed, epoch, position)."""

    @property
    def mixes(self) -> bool:
        """Whether `mix` is to be called."""

    def __call__(
        self, images: np.ndarray, positions: np.ndarray, seed: int, epoch: int
    ) -> np.ndarray:
        """Transform each image."""

    def mix(
        self, images: np.ndarray, targets: np.ndarray, positions: np.ndarray, seed: int, epoch: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mix images with one another, and their targets alike."""


class PrepareBatch(Protocol):
    """Prepares batches elsewhere than `prepare_batch`, such as on an accelerator."""

    def __call__(
        self, chosen: np.ndarray, augment: Any, seed: int, epoch: int, side: int | None
    ) -> tuple[Any, np.ndarray]:
        """Return images, augmented, brought to a side in pixels and mixed; and their targets."""


def epoch_order(count: int, seed: int, epoch: int) -> np.ndarray:
    """Return the order `(count,)` in which an epoch of a run meets the images, by position."""
    return np.random.default_rng((seed, epoch)).permutation(count)


def prepare_batch(
    images: Images,
    chosen: np.ndarray,
    augment: Augment | None,
    seed: int,
    epoch: int,
) -> np.ndarray:
    """Return the images of a batch, each augmented on its own; they are not mixed yet.

    Args:
        images: All images of the split.
        chosen: `(B,)` positions in it; that of a repetition, to be augmented in its own way, is
            greater by a multiple of the number of images.
        augment: Random transformation of a batch, or `None`.
        seed: Seed of the run.
        epoch: Epoch, counted from 0.

    Returns:
        `(B, H, W, C)` uint8.
    """
    batch = images[chosen % len(images)]  # (B, H, W, C)
    return batch if augment is None else augment(batch, chosen, seed, epoch)


def shrink(images: np.ndarray, side: int) -> np.ndarray:
    """Return `(B, H, W, C)` images with `side` pixels along each axis."""
    count, height, width, channels = images.shape
    if (height, width) == (side, side):
        return images
    # The mean over the area of each new pixel: antialiased.
    small = [cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA) for image in images]
    return np.stack(small).reshape(count, side, side, channels)  # OpenCV drops a single channel
