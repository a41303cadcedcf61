"""Pooling by the L2 norm, the lecture's third kind after maximum and average."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from app.layers.arguments import channel_order, whole_numbers, window_padding
from app.layers.sliding_window import Size, SlidingWindow, joined, output_shape, split_shape


@keras.saving.register_keras_serializable(package="convlab")
class L2NormPooling2D(layers.Layer):
    """Replace each window by the length of the vector of its values, √(Σ x²), per channel.

    It lies between the average, where every value counts the same, and the maximum, where only one
    does. The gradient, x divided by the norm, is between −1 and 1, and 0 where a window is all
    zeros.

    Args:
        pool_size: Height and width of the window in cells; one number means both.
        strides: Step down and across; by default the window's size.
        padding: `valid`, or `same` for a border of zeros, which add nothing to a norm.
        data_format: `channels_last` or `channels_first`; by default Keras's own setting.

    Input shape:
        `(B, H, W, C)`, or `(B, C, H, W)` for `channels_first`.

    Output shape:
        `(B, Ho, Wo, C)` or `(B, C, Ho, Wo)`.

    Raises:
        ValueError: At construction, for an argument out of range; at building, for a shape of
            another rank or a window that does not fit.

    Source: lecture, "Pooling layer": other forms, average pooling or L2-norm pooling.
    """

    def __init__(
        self,
        pool_size: int | Sequence[int] = 2,
        strides: int | Sequence[int] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.pool_size = whole_numbers(pool_size, 2, "pool_size")
        self.strides = self.pool_size if strides is None else whole_numbers(strides, 2, "strides")
        self.padding = window_padding(padding)
        self.data_format = channel_order(data_format)

    @property
    def window(self) -> SlidingWindow:
        """The window that slides over the image."""
        return SlidingWindow(self.pool_size, self.strides, (1, 1), self.padding)

    def build(self, input_shape: Sequence[Size]) -> None:
        """Check the shape; there are no weights."""
        self.compute_output_shape(input_shape)

    def call(self, inputs: Any) -> Any:
        """Return the norms, `(B, Ho, Wo, C)` or `(B, C, Ho, Wo)`."""
        x = inputs
        if keras.backend.standardize_dtype(x.dtype) not in ("float32", "float64"):
            # The square of 256 is beyond float16, that of 16 beyond uint8.
            x = ops.cast(x, "float32")
        if self.padding == "same":
            if None in x.shape[1:]:  # a dataset without static sizes
                x = ops.reshape(x, (-1, *self.get_build_config()["input_shape"][1:]))
            spatial, _ = split_shape("L2NormPooling2D", x.shape, 2, self.data_format)
            zeros = self.window.zeros(spatial)
            x = ops.pad(x, joined((0, 0), zeros, (0, 0), self.data_format))
        mean = ops.average_pool(
            ops.square(x), self.pool_size, self.strides, "valid", self.data_format
        )
        # The gradient of the square root at zero is infinite, and infinity times zero is NaN.
        positive = mean > 0
        norm = ops.sqrt(ops.where(positive, mean * math.prod(self.pool_size), 1))
        return ops.cast(ops.where(positive, norm, 0), self.compute_dtype)

    def compute_output_shape(self, input_shape: Sequence[Size]) -> tuple[Size, ...]:
        """Return the shape of the norms; unknown sizes stay unknown."""
        spatial, channels = split_shape("L2NormPooling2D", input_shape, 2, self.data_format)
        if self.padding == "same" and None in spatial:
            raise ValueError(
                "L2NormPooling2D with padding='same' must know height and width. Received: "
                f"input_shape={tuple(input_shape)}. Use padding='valid' or a keras.Input of a "
                "fixed shape."
            )
        return output_shape("L2NormPooling2D", input_shape, self.window, channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
        }
