"""`steps_per_epoch` of any size: `fit`, `evaluate` and `predict` draw from an endless stream.

Keras 3 ends an epoch where a `PyDataset` ends, even before the requested `steps_per_epoch`. Keras 2
continued with the next pass. The number of steps is known only where Keras chooses the adapter of
its input, so this module replaces that function.
"""

from __future__ import annotations

import functools
import itertools
import math
import numbers
from collections.abc import Iterator as Batches
from typing import Any

from keras.src.trainers import data_adapters
from keras.src.trainers.data_adapters.py_dataset_adapter import PyDatasetAdapter

from app.keras2.image_data_generator.iterator import Iterator


class EndlessAdapter(PyDatasetAdapter):
    """One pass of an iterator after another, each in its own order, across epochs of Keras.

    Args:
        x: Iterator to draw from.
        class_weight: Weights by class number, or `None`.
        steps: Batches that Keras takes per epoch.
    """

    def __init__(self, x: Iterator, class_weight: Any, steps: int):
        if not isinstance(steps, numbers.Integral):
            raise TypeError(
                f"Received {steps!r} steps. Expected a whole number, such as {math.ceil(steps)}: "
                "write samples // batch_size instead of samples / batch_size."
            )
        super().__init__(x, class_weight=class_weight)
        self.enqueuer = None  # batches are made in order, by threads inside each
        if not len(x):
            raise ValueError("Received an iterator of 0 samples. Expected at least one.")
        # Each epoch of Keras moves the iterator on by the passes that it began, so that a
        # later `fit` does not repeat them.
        self._passes: int = -(-steps // len(x))

    @property
    def num_batches(self) -> None:
        """`None`, which means endless to Keras."""
        return None

    def on_epoch_begin(self) -> None:
        """Do nothing: the stream continues."""

    def on_epoch_end(self) -> None:
        """Move the iterator on; a stream in progress does not notice."""
        for _ in range(self._passes):
            self.py_dataset.on_epoch_end()

    def _get_iterator(self) -> Batches[Any]:
        for epoch in itertools.count(self.py_dataset.epoch):
            for idx in range(len(self.py_dataset)):
                yield self._standardize_batch(self.py_dataset.batch_of_epoch(epoch, idx))


_keras_adapter = data_adapters.get_data_adapter


@functools.wraps(_keras_adapter)
def _get_data_adapter(*args: Any, **kwargs: Any) -> Any:
    steps = kwargs.get("steps_per_epoch")
    if steps and isinstance(kwargs.get("x"), Iterator) and kwargs.get("y") is None:
        return EndlessAdapter(kwargs["x"], kwargs.get("class_weight"), steps)
    return _keras_adapter(*args, **kwargs)


data_adapters.get_data_adapter = _get_data_adapter
