"""Batch normalization in one operation, where the backend has one."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="convlab")
class FusedBatchNormalization(layers.BatchNormalization):
    """Keras's `BatchNormalization`, trained by TensorFlow's fused operation.

    It has the same weights, statistics and results. Keras 3 composes them from a dozen operations
    and converts bfloat16 to float32 between them, which takes 1.5 times as long on a CPU (measured
    by `benchmarks/batch_normalization.py`). Keras's implementation is used on other backends, for
    axes other than the last, for masks, `renorm` and `synchronized`, and at inference.

    Args:
        **kwargs: As for `keras.layers.BatchNormalization`.

    Input shape:
        `(B, H, W, C)`; others use Keras's implementation.

    Output shape:
        That of the input.

    Source: Ioffe & Szegedy, Batch normalization, 2015.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return the inputs with mean `beta` and standard deviation `gamma` per channel."""
        if not (training and self.trainable and mask is None and self._can_fuse(inputs)):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        outputs, mean, variance, *_ = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        # TensorFlow estimates the variance of a population (over n − 1), Keras that of the batch.
        count = ops.cast(ops.prod(ops.shape(inputs)[:-1]), variance.dtype)
        variance = variance * ((count - 1) / count)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
        return outputs

    def _can_fuse(self, inputs: Any) -> bool:
        return (
            keras.backend.backend() == "tensorflow"
            and len(inputs.shape) == 4
            and self.axis in (-1, 3)
            and self.scale
            and self.center
            and not (self.renorm or self.synchronized)
            and keras.backend.standardize_dtype(self.variable_dtype) == "float32"
            and keras.backend.standardize_dtype(inputs.dtype) in ("float32", "bfloat16")
        )
