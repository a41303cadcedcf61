"""Batches for `model.fit`, on any backend: `uint8 (B, H, W, C)` images and `(B,)` labels.

Everything random is counter-based: which images batch *i* of epoch *e* holds, and how each is
augmented, depends on `(seed, e, i)` alone, whatever the number of workers, so a resumed run
meets the same batches as one that was never stopped.

That takes three precautions against Keras 3.15. It calls `on_epoch_end` more often than epochs
end, so a callback says which epoch it is. `fit` needs `shuffle=False`, or it shuffles the order of
the batches by a generator of its own. And its queue for several workers hands batches that were
fetched before training, to learn their shape, to the first epoch; so the workers are ours, and
Keras is told of one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from app.data.balance import Balance
from app.data.block_shuffle import BlockShuffle
from app.data.pixels import (
    Augment,
    Images,
    PrepareBatch,
    StreamedImages,
    epoch_order,
    prepare_batch,
    shrink,
)
from app.data.share import WHOLE, Share
from app.errors import AppError

# Images as an array, or a tensor on an accelerator; targets; with weights, those of the loss.
Batch = tuple[Any, ...]
_AHEAD = 2  # batches, ready as tensors


class Batches(keras.utils.PyDataset):
    """The images of one split, in batches.

    Args:
        images: `N` images.
        labels: `(N,)` int64, or float32 shares of classes `(N,)` or `(N, K)` where `augment` mixes.
        batch_size: Images per batch; the last one of an epoch may be smaller.
        shuffle: Whether each epoch has its own order, or the blocks of which it is made. Of files,
            the next blocks are then read ahead.
        augment: Random transformation of a batch, or `None`.
        seed: Seed of order and augmentation.
        workers: Threads that prepare the next batches while one is being used.
        sides: The side in pixels that each epoch's augmented images are brought to; by default
            they stay as they are.
        prepare: Prepares the batches in place of this class.
        balance: What makes up for classes of different sizes, or `None`. With sampling, an epoch
            has repetitions; with weights, batches have a third part, `(B,)` float32.
        share: The process whose rows of the batches these are. If the processes cannot divide the
            last batch evenly, a shuffled epoch lacks the rows that are left over. Otherwise the
            batch is padded; all batches then have a third part, weights `(B,)` float32, which are 0
            for padding, and the mean loss of an epoch is that of the images.

    Attributes:
        failure: Error while preparing a batch, or `None`.
    """

    def __init__(
        self,
        images: Images,
        labels: np.ndarray,
        batch_size: int,
        *,
        shuffle: bool | BlockShuffle = False,
        augment: Augment | None = None,
        seed: int = 0,
        workers: int = 1,
        sides: Sequence[int] | None = None,
        prepare: PrepareBatch | None = None,
        balance: Balance | None = None,
        share: Share = WHOLE,
    ):
        super().__init__(workers=1)
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.augment = augment
        self.seed = seed
        self.sides = sides
        self._prepare_elsewhere = prepare
        self._balance = balance
        self._share = share
        self.failure: AppError | None = None
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="batches")
        self._num_ahead = 2 * workers
        self._lock = threading.Lock()  # a backend may ask from several threads
        self._ahead: dict[int, Future[Batch]] = {}
        self._order: np.ndarray
        self._read_until: int
        self.enter_epoch(0)

    @property
    def num_batches(self) -> int:
        """Batches in an epoch."""
        count = len(self.labels)
        if self.shuffle:  # fewer images than processes may be left over
            count -= count % self.batch_size % self._share.count
        return -(-count // self.batch_size)

    def __getitem__(self, index: int) -> Batch:
        with self._lock:
            last = min(index + self._num_ahead, self.num_batches - 1)
            for later in range(index, last + 1):
                if later not in self._ahead:
                    self._read_ahead(later)
                    self._ahead[later] = self._pool.submit(
                        self._prepare, self._places(later), self.epoch, self.augment
                    )
            wanted = self._ahead.pop(index)
        return wanted.result()

    def _read_ahead(self, index: int) -> None:
        """Have the blocks read from disk that come after those of a batch."""
        if not (isinstance(self.shuffle, BlockShuffle) and isinstance(self.images, StreamedImages)):
            return
        # From the windows of the batch on, to the end of the next one.
        end = (index * self.batch_size // self.shuffle.images + 2) * self.shuffle.images
        if end > self._read_until:
            self._pool.submit(self.images.read_ahead, self._order[self._read_until : end])
            self._read_until = end

    def positions(self, index: int) -> np.ndarray:
        """Return the positions `(B,)` of the images in batch `index` of this epoch."""
        return self._places(index) % len(self.labels)

    def _places(self, index: int) -> np.ndarray:
        """Return positions; that of the k-th repetition of an image is greater by k·N."""
        return self._order[index * self.batch_size : (index + 1) * self.batch_size]

    def again(self, index: int) -> Batch:
        """Return batch `index` of this epoch once more, as it was or will be given."""
        return self._prepare(self._places(index), self.epoch, self.augment)

    def _prepare(self, chosen: np.ndarray, epoch: int, augment: Augment | None) -> Batch:
        if self._share.count > 1 and not self.shuffle:
            return self._padded(chosen, epoch, augment)
        even = chosen[: len(chosen) - len(chosen) % self._share.count]
        images, targets = self._rows(even, epoch, augment)
        if self._balance is not None and self._balance.method == "weights":
            return images, *self._balance.weighted(targets)
        return images, targets

    def _padded(self, chosen: np.ndarray, epoch: int, augment: Augment | None) -> Batch:
        """Return rows of a batch that is padded with its first image, and their weights."""
        missing = -len(chosen) % self._share.count
        last = len(self.labels) % self.batch_size
        total = len(self.labels) + (-last % self._share.count)
        weights = np.full(len(chosen) + missing, total / len(self.labels), np.float32)
        weights[len(chosen) :] = 0
        padded = np.concatenate([chosen, np.repeat(chosen[:1], missing)])
        images, targets = self._rows(padded, epoch, augment)
        return images, targets, weights[self._share.rows(len(padded))]

    def _rows(
        self, chosen: np.ndarray, epoch: int, augment: Augment | None
    ) -> tuple[Any, np.ndarray]:
        """Return this process's rows of a batch."""
        if self._share.count == 1:
            return self._augmented(chosen, epoch, augment)
        rows = self._share.rows(len(chosen))
        if augment is not None and augment.mixes:  # with images of other rows
            images, targets = self._augmented(chosen, epoch, augment)
            return images[rows], targets[rows]
        return self._augmented(chosen[rows], epoch, augment)

    def _augmented(
        self, chosen: np.ndarray, epoch: int, augment: Augment | None
    ) -> tuple[Any, np.ndarray]:
        side = self.sides[epoch] if self.sides else None
        if self._prepare_elsewhere is not None:
            return self._prepare_elsewhere(chosen, augment, self.seed, epoch, side)
        labels = self.labels[chosen % len(self.labels)]
        images = prepare_batch(self.images, chosen, augment, self.seed, epoch)
        if side is not None:
            images = shrink(images, side)
        if augment is not None and augment.mixes:
            return augment.mix(images, labels, chosen, self.seed, epoch)
        return images, labels

    def enter_epoch(self, epoch: int) -> None:
        """Take the order and the augmentation of an epoch, counted from 0."""
        count = len(self.labels)
        with self._lock:
            self.epoch = epoch
            self._ahead = {}
            self._read_until = 0  # places in the order that were read ahead
            if not self.shuffle:
                self._order = np.arange(count)
            elif self._balance is not None and self._balance.method == "sampling":
                self._order = self._balance.order(self.seed, epoch)
            elif isinstance(self.shuffle, BlockShuffle):
                self._order = self.shuffle.order(count, self.seed, epoch)
            else:
                self._order = epoch_order(count, self.seed, epoch)


class EnterEpoch(keras.callbacks.Callback):
    """Tell `batches` at the beginning of each epoch which one it is."""

    def __init__(self, batches: Batches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Enter `epoch`; Keras asks for its batches after this."""
        self.batches.enter_epoch(epoch)


@contextmanager
def raising_app_errors(*prepared: Batches) -> Iterator[None]:
    """Raise the `AppError` of a batch; TensorFlow passes on its text only, in an error of its own.

    Args:
        prepared: Batches that `as_fit_input` prepared.

    Raises:
        AppError: If an image cannot be read any more.
    """
    try:
        yield
    except Exception:
        for batches in prepared:
            if batches.failure is not None:
                raise batches.failure from None
        raise


def as_fit_input(batches: Batches) -> Any:
    """Return what `model.fit` should be given in place of `batches`.

    TensorFlow tunes the pipeline that Keras makes of a `PyDataset`, and the thread that does it can
    hold `fit` back for seconds after the last step (`benchmarks/input_pipeline.py`). The same
    pipeline untuned ends at once, and is as fast: the threads that could be tuned are those of
    `batches`. On other backends these come back as they are.

    Args:
        batches: All batches of an epoch have images of one size. The size may change between two
            calls of `fit` if this function is called again.
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    def epoch() -> Iterator[Batch]:
        for index in range(batches.num_batches):
            try:
                yield batches[index]
            except AppError as error:
                batches.failure = error
                raise

    signature = tuple(
        tf.TensorSpec((None, *part.shape[1:]), part.dtype)  # the last batch may be smaller
        for part in batches[0]
    )
    batches.enter_epoch(batches.epoch)  # what the look has had prepared is let go
    options = tf.data.Options()
    options.autotune.enabled = False
    return (
        tf.data.Dataset.from_generator(epoch, output_signature=signature)
        .prefetch(_AHEAD)
        .apply(tf.data.experimental.assert_cardinality(batches.num_batches))
        .with_options(options)
    )
