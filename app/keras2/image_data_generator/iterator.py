"""The base class of all iterators: order of the samples, passes over them, and seeds.

An iterator is a `keras.utils.PyDataset` and also an endless Python iterator. The order of a pass
and the transformation of a sample in it depend on (seed, epoch, sample number) alone, not on who
requests the batches or in which order.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator as Batches
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Integral
from typing import Any

import keras
import numpy as np

from app.data.image_files import IMAGE_ENDINGS
from app.keras2.image_data_generator.engine import Engine, engine_of

# The epoch of the batch in progress, where it is not the iterator's own: Keras prefetches.
_EPOCH: ContextVar[int | None] = ContextVar("epoch", default=None)
_KEPT_ORDERS = 4


class Iterator(keras.utils.PyDataset):
    """Batches of samples that `_get_batches_of_transformed_samples` makes from their numbers.

    Args:
        n: Number of samples.
        batch_size: Samples per batch; the last one of a pass may be smaller.
        shuffle: Whether each pass has its own order.
        seed: Seed of order and transformations; `None` draws one from NumPy's global generator.
        **kwargs: Arguments of `keras.utils.PyDataset`.

    Raises:
        ValueError: If there are samples and `batch_size` is not a positive whole number, or if
            `seed` is negative or not a whole number.
    """

    white_list_formats = tuple(sorted(ending[1:] for ending in IMAGE_ENDINGS))

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None, **kwargs: Any):
        super().__init__(**kwargs)
        if n and not (isinstance(batch_size, Integral) and batch_size >= 1):
            raise ValueError(
                f"Received `batch_size`={batch_size!r}. Expected a whole number, at least 1."
            )
        if seed is not None and not (isinstance(seed, Integral) and seed >= 0):
            raise ValueError(f"Received `seed`={seed!r}. Expected a whole number, at least 0.")
        self.n = n
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.epoch = 0
        self.batch_index = 0
        self.total_batches_seen = 0
        self.index_array: np.ndarray | None = None
        self._orders: dict[int, np.ndarray] = {}
        self._drawn_seed = self._engine.seed_of(seed)
        self.lock = threading.Lock()
        self.index_generator = self._flow_index()

    def __len__(self) -> int:
        return -(-self.n // max(1, self.batch_size))

    def __getitem__(self, idx: int) -> Any:
        if not 0 <= idx < len(self):
            raise ValueError(
                f"Received batch number {idx}. Expected one from 0 to {len(self) - 1}."
            )
        with self.lock:
            self._engine.seed_order(self.seed, self.total_batches_seen)
            self.total_batches_seen += 1
            epoch = self.batch_epoch
            samples = self._order(epoch)[self.batch_size * idx : self.batch_size * (idx + 1)]
        return self._batch(samples, epoch)

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        with self.lock:
            samples = next(self.index_generator)
            epoch = self.epoch
        return self._batch(samples, epoch)

    next = __next__  # its name in Python 2, which tutorials still use

    def on_epoch_end(self) -> None:
        """Continue with the next epoch: another order, other transformations."""
        with self.lock:  # TensorFlow's prefetching may request a batch meanwhile
            self.epoch += 1
            self._set_index_array()

    def reset(self) -> None:
        """Let `next` start with the first batch again."""
        self.batch_index = 0

    @property
    def batch_epoch(self) -> int:
        """Epoch of the batch in progress, counted from 0."""
        epoch = _EPOCH.get()
        return self.epoch if epoch is None else epoch

    def batch_of_epoch(self, epoch: int, idx: int) -> Any:
        """Return batch `idx` of any epoch; this iterator's own epoch stays the same."""
        with _in_epoch(epoch):
            return self[idx]

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        """Return the batch of the samples `index_array` `(B,)`; subclasses implement it."""
        raise NotImplementedError

    def _set_index_array(self) -> None:
        """Set the `(n,)` order of the samples in `epoch`."""
        self.index_array = np.arange(self.n)
        if self.shuffle:
            self.index_array = self._engine.order(self.n, self._drawn_seed, self.epoch)

    def _flow_index(self) -> Batches[np.ndarray]:
        """Return an endless stream of the sample numbers of each batch."""
        self.reset()
        return self._endless_index()

    def _endless_index(self) -> Batches[np.ndarray]:
        while True:
            self._engine.seed_order(self.seed, self.total_batches_seen)
            if self.batch_index == 0 or self.index_array is None:
                if self.batch_index == 0 and self.total_batches_seen:
                    self.epoch += 1
                self._set_index_array()
            assert self.index_array is not None
            start = self.batch_size * self.batch_index
            samples = self.index_array[start : start + self.batch_size]
            self.batch_index = (self.batch_index + 1) % max(1, len(self))
            self.total_batches_seen += 1
            yield samples

    def _order(self, epoch: int) -> np.ndarray:
        if epoch == self.epoch:
            if self.index_array is None:
                self._set_index_array()
            assert self.index_array is not None
            self._orders[epoch] = self.index_array
        elif epoch not in self._orders:
            current = self.epoch, self.index_array
            self.epoch = epoch
            self._set_index_array()
            assert self.index_array is not None
            self._orders[epoch] = self.index_array
            self.epoch, self.index_array = current
        for oldest in list(self._orders)[:-_KEPT_ORDERS]:
            del self._orders[oldest]
        return self._orders[epoch]

    def _batch(self, samples: np.ndarray, epoch: int) -> Any:
        if self._runs_user_code:
            self._engine.seed_batch(self.seed, epoch, samples[0] if len(samples) else 0)
        with _in_epoch(epoch):
            return self._get_batches_of_transformed_samples(samples)

    @property
    def _engine(self) -> Engine:
        return engine_of(getattr(self, "image_data_generator", None))

    @property
    def _runs_user_code(self) -> bool:
        """Whether batches come from user code, which may draw from NumPy's global generator."""
        return True

    def __getstate__(self) -> dict[str, Any]:
        # Neither locks nor generators can be pickled.
        return {k: v for k, v in vars(self).items() if k not in ("lock", "index_generator")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.lock = threading.Lock()
        self.index_generator = self._endless_index()


@contextmanager
def _in_epoch(epoch: int) -> Batches[None]:
    token = _EPOCH.set(epoch)
    try:
        yield
    finally:
        _EPOCH.reset(token)
