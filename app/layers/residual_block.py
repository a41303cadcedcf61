"""A residual block: two convolutions, and a short cut past them."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable(package="convlab")
class ResidualBlock(layers.Layer):
    """Add to the input what two 3×3 convolutions make of it.

    Each convolution is followed by batch normalisation. Where the block changes the size or the
    number of channels, a 1×1 convolution brings the short cut along.

    Args:
        filters: Channels of the output.
        strides: Step of the first convolution; 2 halves height and width.

    Input shape:
        `(B, H, W, C)`

    Output shape:
        `(B, ceil(H / strides), ceil(W / strides), filters)`

    Source: He et al., Deep Residual Learning for Image Recognition, 2015.
    """

    def __init__(self, filters: int, strides: int = 1, **kwargs: Any):
        super().__init__(**kwargs)
        if filters < 1 or strides < 1:
            raise ValueError(
                "Arguments `filters` and `strides` must be positive integers. "
                f"Received: filters={filters}, strides={strides}"
            )
        self.filters = filters
        self.strides = strides
        policy = self.dtype_policy
        self.conv_1 = layers.Conv2D(
            filters, 3, strides, padding="same", use_bias=False, dtype=policy, name="conv_1"
        )
        self.norm_1 = layers.BatchNormalization(momentum=0.9, dtype=policy, name="norm_1")
        self.conv_2 = layers.Conv2D(
            filters, 3, padding="same", use_bias=False, dtype=policy, name="conv_2"
        )
        self.norm_2 = layers.BatchNormalization(momentum=0.9, dtype=policy, name="norm_2")
        self.shortcut: layers.Layer | None = None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights; the short cut has some only where shapes differ."""
        self.conv_1.build(input_shape)
        inner_shape = self.conv_1.compute_output_shape(input_shape)
        self.norm_1.build(inner_shape)
        self.conv_2.build(inner_shape)
        self.norm_2.build(inner_shape)
        if self.strides != 1 or input_shape[-1] != self.filters:
            self.shortcut = layers.Conv2D(
                self.filters,
                1,
                self.strides,
                use_bias=False,
                dtype=self.dtype_policy,
                name="shortcut",
            )
            self.shortcut.build(input_shape)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return `relu(shortcut(inputs) + convolutions(inputs))`."""
        x = keras.ops.relu(self.norm_1(self.conv_1(inputs), training=training))
        x = self.norm_2(self.conv_2(x), training=training)
        shortcut = inputs if self.shortcut is None else self.shortcut(inputs)
        return keras.ops.relu(x + shortcut)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape that the first convolution makes."""
        return self.conv_1.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Return what is needed to build the block again."""
        return {**super().get_config(), "filters": self.filters, "strides": self.strides}
