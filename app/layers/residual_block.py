"""A residual block: convolve, halve the image, then add further convolutions of it."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from app.layers.fused_batch_normalization import FusedBatchNormalization


@keras.saving.register_keras_serializable(package="convlab")
class ResidualBlock(layers.Layer):
    """Convolve and halve, then add one or more residual convolutions.

    `x = relu(norm_1(pool(conv_1(inputs))))`, then `x = x + relu(norm_2(conv_2(x)))`, and so on
    with `conv_3` if `residuals` is above 1. All convolutions are 3×3 and padded.
    Pooling comes before normalization, which then has a quarter of the work.

    Args:
        filters: Channels of the output.
        residuals: Number of residual convolutions.

    Input shape:
        `(B, H, W, C)`, H and W at least 2.

    Output shape:
        `(B, H // 2, W // 2, filters)`

    Source: after He et al., Deep Residual Learning for Image Recognition, 2015.
    """

    def __init__(self, filters: int, residuals: int = 1, **kwargs: Any):
        super().__init__(**kwargs)
        for name, value in (("filters", filters), ("residuals", residuals)):
            if value < 1:
                raise ValueError(
                    f"Argument `{name}` must be a positive integer. Received: {name}={value}"
                )
        self.filters = filters
        self.residuals = residuals
        policy, trainable = self.dtype_policy, self.trainable

        def convolution(name: str) -> layers.Layer:
            return layers.Conv2D(
                filters,
                3,
                padding="same",
                use_bias=False,  # the normalization that follows has an offset
                kernel_initializer="he_normal",
                dtype=policy,
                trainable=trainable,
                name=name,
            )

        def normalization(name: str) -> layers.Layer:
            return FusedBatchNormalization(
                momentum=0.9, dtype=policy, trainable=trainable, name=name
            )

        self.conv_1 = convolution("conv_1")
        self.pool = layers.MaxPooling2D(2, dtype=policy, name="pool")
        self.norm_1 = normalization("norm_1")
        # One attribute each: a saved model finds its weights by these names.
        for number in range(2, residuals + 2):
            setattr(self, f"conv_{number}", convolution(f"conv_{number}"))
            setattr(self, f"norm_{number}", normalization(f"norm_{number}"))

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights."""
        self.conv_1.build(input_shape)
        inner_shape = self.compute_output_shape(input_shape)
        self.norm_1.build(inner_shape)
        for convolution, norm in self._added:
            convolution.build(inner_shape)
            norm.build(inner_shape)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return `(B, H // 2, W // 2, filters)`."""
        x = self.pool(self.conv_1(inputs))
        x = keras.ops.relu(self.norm_1(x, training=training))
        for convolution, norm in self._added:
            x = x + keras.ops.relu(norm(convolution(x), training=training))
        return x

    @property
    def _added(self) -> list[tuple[layers.Layer, layers.Layer]]:
        return [
            (getattr(self, f"conv_{number}"), getattr(self, f"norm_{number}"))
            for number in range(2, self.residuals + 2)
        ]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return half of height and width, rounded down, and `filters` channels."""
        return self.pool.compute_output_shape((*input_shape[:-1], self.filters))

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the block."""
        return {**super().get_config(), "filters": self.filters, "residuals": self.residuals}
