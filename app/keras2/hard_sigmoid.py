"""Keras 2's `hard_sigmoid`, which Keras 3 redefined under the same name."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="convlab")
def keras2_hard_sigmoid(x: Any) -> Any:
    """Return `clip(0.2 x + 0.5, 0, 1)`; Keras 3's slope is 1/6.

    Args:
        x: Tensor of any shape.

    Returns:
        Tensor of the same shape, values in [0, 1].

    Source: tf_keras 2.21, `backend.hard_sigmoid`.
    """
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)
