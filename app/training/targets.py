"""Labels as the loss wants them: numbers, or shares where images are mixed or labels smoothed."""

from __future__ import annotations

import keras
import numpy as np

from app.augmentation.augmentation import Augmentation
from app.config import RunConfig


def needs_shares(config: RunConfig, augmentation: Augmentation | None) -> bool:
    """Return whether a run's targets are shares of classes."""
    return config.label_smoothing > 0 or (augmentation is not None and augmentation.mixes)


def targets(labels: np.ndarray, num_classes: int, *, soft: bool) -> np.ndarray:
    """Return what a network is trained towards.

    Args:
        labels: `(N,)` int64.
        num_classes: Number of classes.
        soft: Whether targets are shares: images will be mixed, or labels smoothed.

    Returns:
        The labels; or float32 shares, `(N,)` of two classes (of the second) and `(N, K)` of more.
    """
    if not soft:
        return labels
    if num_classes == 2:
        return labels.astype(np.float32)
    return np.eye(num_classes, dtype=np.float32)[labels]


@keras.saving.register_keras_serializable("convlab")
def larger_share_accuracy(
    y_true: keras.KerasTensor, y_pred: keras.KerasTensor
) -> keras.KerasTensor:
    """Return 1 where one sigmoid unit names the class with the larger share of a mixed image.

    Keras's own accuracy would compare a share such as 0.7 with 1, and call it wrong.
    """
    # `(B,)` beside `(B, 1)` would be compared each with each.
    y_true = keras.ops.reshape(y_true, keras.ops.shape(y_pred))
    same = keras.ops.equal(y_true > 0.5, y_pred > 0.5)
    return keras.ops.mean(keras.ops.cast(same, "float32"), axis=-1)
