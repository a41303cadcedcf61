"""Balanced accuracy while a network trains: the mean over the classes of their recall."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class BalancedAccuracy(keras.metrics.Metric):
    """Mean recall of the classes that occur.

    Args:
        num_classes: Number of classes `K`.

    Call arguments:
        y_true: Labels `(B,)` or `(B, 1)`, or soft labels, `(B,)` or `(B, 1)` of the second of two
            classes or `(B, K)`, of which the largest counts.
        y_pred: Probabilities, `(B, 1)` of the second of two classes or `(B, K)`.

    Source: Brodersen et al., The balanced accuracy and its posterior distribution, 2010.
    """

    def __init__(self, num_classes: int):
        super().__init__(name="balanced_accuracy")
        self.num_classes = num_classes
        self.hits = self.add_variable((num_classes,), "zeros", name="hits")
        self.images = self.add_variable((num_classes,), "zeros", name="images")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch, each image by its weight if there are weights `(B,)`."""
        true, predicted = _labels(y_true), _labels(y_pred)
        classes = ops.one_hot(true, self.num_classes, dtype=self.dtype)  # (B, K)
        if sample_weight is not None:
            weights = ops.cast(ops.convert_to_tensor(sample_weight), self.dtype)
            classes = classes * ops.reshape(weights, (-1, 1))
        right = ops.cast(ops.equal(true, predicted), self.dtype)
        self.images.assign_add(ops.sum(classes, axis=0))
        self.hits.assign_add(ops.sum(classes * right[:, None], axis=0))

    def result(self) -> Any:
        """Return the balanced accuracy of all batches so far."""
        recall = self.hits / ops.maximum(self.images, 1)
        occurring = ops.sum(ops.cast(self.images > 0, self.dtype))
        return ops.sum(recall) / ops.maximum(occurring, 1)


def _labels(values: Any) -> Any:
    """Return the labels `(B,)` int32 of labels, soft labels or probabilities."""
    values = ops.convert_to_tensor(values)
    if len(values.shape) == 2 and values.shape[-1] != 1:
        return ops.cast(ops.argmax(values, axis=-1), "int32")
    values = ops.reshape(values, (-1,))
    if "float" in keras.backend.standardize_dtype(values.dtype):
        values = values > 0.5
    return ops.cast(values, "int32")
