"""What all iterators share: order, epochs, threads, and pictures for people to look at.

An iterator is a `keras.utils.PyDataset` and also an endless Python iterator. What an image becomes
depends on (seed, epoch, index) alone. Threads share the work inside a batch, so that this holds
whatever their number, and whatever order Keras asks in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from app.augmentation.generator.image_data_generator import ImageDataGenerator

SUBSETS = ("training", "validation")


class Iterator(keras.utils.PyDataset):
    """Batches of augmented, standardised images.

    Args:
        n: Number of samples.
        generator: What transforms them.
        batch_size: Samples per batch; the last one of an epoch may be smaller.
        shuffle: Whether each epoch has its own order.
        seed: Seed of order and transformations; `None` draws one from NumPy's global generator.
        subset: `training`, `validation` or `None`; validation is not augmented.
        save_to_dir: Folder for a picture of every image, or `None`.
        save_prefix: How their names begin.
        save_format: Their ending.
        workers: Threads that share the work of a batch.
    """

    _NAME_RANGE = 10_000  # of the random number in a picture's name, where Keras had one

    def __init__(
        self,
        n: int,
        generator: ImageDataGenerator,
        *,
        batch_size: int,
        shuffle: bool,
        seed: int | None,
        subset: str | None,
        save_to_dir: str | Path | None,
        save_prefix: str,
        save_format: str,
        workers: int,
    ):
        super().__init__(workers=1)
        if batch_size < 1 or workers < 1:
            raise ValueError(
                f"Received `batch_size`={batch_size} and `workers`={workers}. Expected at least 1."
            )
        if save_to_dir is not None and not Path(save_to_dir).is_dir():
            raise FileNotFoundError(
                f"Received `save_to_dir`={str(save_to_dir)!r}, which is no folder. Create it first."
            )
        self.n = n
        self.image_data_generator = generator
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.subset = subset
        self.save_to_dir = save_to_dir
        self.save_prefix = save_prefix
        self.save_format = save_format
        self.data_format = generator.data_format
        self.dtype = generator.dtype
        self.batch_index = 0
        self.total_batches_seen = 0
        self.index_array: np.ndarray | None = None
        self.lock = threading.Lock()
        self.epoch = 0
        quirks = generator.legacy_quirks
        if seed is None:
            # Drawing one would move the old random stream on.
            self._drawn_seed = 0 if quirks else int(np.random.randint(2**31))
        else:
            self._drawn_seed = seed
        self._num_threads = workers
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __getitem__(self, idx: int) -> Any:
        if not 0 <= idx < len(self):
            raise ValueError(
                f"Received batch number {idx}. Expected one from 0 to {len(self) - 1}."
            )
        with self.lock:
            self._seed_as_keras_did()
            self.total_batches_seen += 1
            if self.index_array is None:
                self._set_index_array()
            chosen, epoch = self._batch(idx), self.epoch
        return self._prepare(chosen, epoch)

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        with self.lock:
            self._seed_as_keras_did()
            if self.batch_index == 0:
                if self.total_batches_seen and not self.image_data_generator.legacy_quirks:
                    self.epoch += 1
                self._set_index_array()
            chosen, epoch = self._batch(self.batch_index), self.epoch
            self.batch_index = (self.batch_index + 1) % max(1, len(self))
            self.total_batches_seen += 1
        return self._prepare(chosen, epoch)

    def on_epoch_end(self) -> None:
        """Go on to the next epoch: another order, other transformations."""
        with self.lock:  # TensorFlow's prefetching may ask for a batch meanwhile
            self.epoch += 1
            self._set_index_array()

    def reset(self) -> None:
        """Let `next` begin with the first batch again."""
        self.batch_index = 0

    def _batch(self, number: int) -> np.ndarray:
        assert self.index_array is not None
        return self.index_array[self.batch_size * number : self.batch_size * (number + 1)]

    def _set_index_array(self) -> None:
        self.index_array = np.arange(self.n)
        if not self.shuffle:
            return
        if self.image_data_generator.legacy_quirks:
            self.index_array = np.random.permutation(self.n)
        else:
            seed = (self._drawn_seed, self.epoch)
            self.index_array = np.random.default_rng(seed).permutation(self.n)

    def _seed_as_keras_did(self) -> None:
        if self.image_data_generator.legacy_quirks and self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)

    def _prepare(self, chosen: np.ndarray, epoch: int) -> Any:
        """Return the batch of the samples `chosen`."""
        raise NotImplementedError

    def _transform(
        self,
        chosen: np.ndarray,
        epoch: int,
        load: Callable[[int], np.ndarray | None],
        shape: tuple[int, ...],
    ) -> tuple[np.ndarray, np.ndarray]:
        """Load, augment and standardise.

        Args:
            chosen: `(B,)` sample numbers.
            epoch: Epoch, counted from 0.
            load: Returns one sample's pixels, or `None` if they cannot be read.
            shape: Of one image.

        Returns:
            `(B', *shape)` images, and the `(B',)` samples that could be read.
        """
        generator = self.image_data_generator
        batch = np.zeros((len(chosen), *shape), self.dtype)
        good = np.ones(len(chosen), bool)

        def work_as_keras_did() -> None:
            for row, index in enumerate(chosen):
                image = load(int(index))
                assert image is not None  # damaged files raise here
                image = generator.apply_transform(
                    image, generator.get_random_transform(image.shape)
                )
                batch[row] = generator.standardize(image)

        def work(rows: np.ndarray) -> None:
            images = np.zeros((len(rows), *shape), self.dtype)
            for k, row in enumerate(rows):
                pixels = load(int(chosen[row]))
                good[row] = pixels is not None
                if pixels is not None:
                    images[k] = pixels
            if self.subset != "validation":
                images = generator.augmented(images, chosen[rows], self._drawn_seed, epoch)
            for k, image in enumerate(images):
                batch[rows[k]] = generator.standardize(image)

        rows = np.arange(len(chosen))
        if generator.legacy_quirks:
            work_as_keras_did()  # its random stream is one, and cannot be shared between threads
        elif self._pool is None or len(rows) < 2:
            work(rows)
        else:
            parts = np.array_split(rows, min(self._num_threads, len(rows)))
            list(self._pool.map(work, parts))
        if not good.all():
            batch, chosen = batch[good], chosen[good]
        self._save(batch, chosen, epoch)
        return batch, chosen

    def _save(self, batch: np.ndarray, chosen: np.ndarray, epoch: int) -> None:
        if self.save_to_dir is None:
            return
        quirks = self.image_data_generator.legacy_quirks
        for image, index in zip(batch, chosen, strict=True):
            picture = keras.utils.array_to_img(image, self.data_format, scale=True)
            mark = np.random.randint(self._NAME_RANGE) if quirks else epoch
            name = f"{self.save_prefix}_{index}_{mark}.{self.save_format}"
            picture.save(Path(self.save_to_dir) / name)


def subset_bounds(subset: str | None, validation_split: float) -> tuple[float, float]:
    """Return the share of the samples, from and to, that a subset takes: validation comes first.

    Raises:
        ValueError: If the subset is unknown.
    """
    if subset is None:
        return 0.0, 1.0
    if subset not in SUBSETS:
        raise ValueError(f"Received `subset`={subset!r}. Expected 'training' or 'validation'.")
    return (0.0, validation_split) if subset == "validation" else (validation_split, 1.0)
