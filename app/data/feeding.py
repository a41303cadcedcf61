"""How batches reach Keras."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from app.data.batches import Batch, Batches
from app.errors import AppError

_AHEAD = 2  # batches, ready as tensors


@contextmanager
def raising_app_errors(*fed: Batches) -> Iterator[None]:
    """Raise the `AppError` of a batch; TensorFlow passes on its text only, in an error of its own.

    Args:
        fed: Batches that `as_input` prepared.

    Raises:
        AppError: If an image cannot be read any more.
    """
    try:
        yield
    except Exception:
        for batches in fed:
            if batches.failure is not None:
                raise batches.failure from None
        raise


def as_input(batches: Batches) -> Any:
    """Return what `model.fit` should be given in place of `batches`.

    TensorFlow tunes the pipeline that Keras makes of a `PyDataset`, and the thread that does it can
    hold `fit` back for seconds after the last step (`benchmarks/input_pipeline.py`). The same
    pipeline untuned ends at once, and is as fast: the threads that could be tuned are those of
    `batches`. On other backends these come back as they are.

    Args:
        batches: All batches of an epoch have images of one size. The size may change between two
            calls of `fit` if this is asked anew.
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
