"""How batches reach Keras."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from app.data.batches import Batch, Batches

_AHEAD = 2  # batches, ready as tensors


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
            yield batches[index]

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
