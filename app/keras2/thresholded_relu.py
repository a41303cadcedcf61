"""Keras 2's `ThresholdedReLU` layer, which Keras 3 does not have."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="convlab")
class ThresholdedReLU(keras.layers.Layer):
    """Pass values above a threshold and set all others to zero.

    Args:
        theta: Threshold, at least 0.

    Raises:
        ValueError: If `theta` is negative.

    Source: tf_keras 2.21, `layers.ThresholdedReLU`.
    """

    def __init__(self, theta: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        if theta < 0:
            raise ValueError(f"Argument `theta` must be at least 0. Received: theta={theta}")
        self.theta = float(theta)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return `inputs` where they exceed `theta`, elsewhere 0."""
        return inputs * ops.cast(inputs > self.theta, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {**super().get_config(), "theta": self.theta}
