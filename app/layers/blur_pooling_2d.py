"""Pooling that blurs before it subsamples, so that a shift of one pixel changes little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from app.layers.arguments import channel_order, whole_numbers
from app.layers.sliding_window import Size, SlidingWindow, output_shape, split_shape


@keras.saving.register_keras_serializable(package="convlab")
class BlurPooling2D(layers.Layer):
    """Blur each channel with a binomial kernel, then keep every `strides`-th cell.

    A stride alone aliases: details that are finer than the new grid change their value when the
    image moves by one pixel. The blur removes them first, as the sampling theorem requires. Behind
    `MaxPooling2D(2, strides=1)` it replaces `MaxPooling2D(2)`. There are no weights; the border is
    mirrored.

    Args:
        pool_size: Side of the kernel in cells. Along each axis 2 is the average of neighbors, 3 is
            (1, 2, 1) / 4, 5 is (1, 4, 6, 4, 1) / 16.
        strides: Step down and across.
        data_format: `channels_last` or `channels_first`; by default Keras's own setting.

    Input shape:
        `(B, H, W, C)`, or `(B, C, H, W)` for `channels_first`; sides of at least half a kernel.

    Output shape:
        `(B, ⌈H / S⌉, ⌈W / S⌉, C)`, or `(B, C, ⌈H / S⌉, ⌈W / S⌉)`.

    Raises:
        ValueError: At construction, for an argument out of range; at building, for a shape of
            another rank or a side that is too small to be mirrored.

    Source: Zhang, Making Convolutional Networks Shift-Invariant Again, 2019.
    """

    role = "pooling"

    def __init__(
        self,
        pool_size: int = 3,
        strides: int = 2,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.pool_size = whole_numbers(pool_size, 1, "pool_size")[0]
        self.strides = whole_numbers(strides, 1, "strides")[0]
        self.data_format = channel_order(data_format)

    @property
    def window(self) -> SlidingWindow:
        """The window that slides over the image."""
        return SlidingWindow((self.pool_size,) * 2, (self.strides,) * 2, (1, 1), "centered")

    @property
    def kernel(self) -> np.ndarray:
        """The binomial kernel `(F, F)` float32, whose sum is 1."""
        line = np.poly1d((0.5, 0.5)) ** (self.pool_size - 1)
        return np.outer(line.coeffs, line.coeffs).astype("float32")

    def build(self, input_shape: Sequence[Size]) -> None:
        """Check the shape; there are no weights."""
        self.compute_output_shape(input_shape)
        spatial, _ = split_shape("BlurPooling2D", input_shape, 2, self.data_format)
        reach = self.pool_size // 2
        if any(side is not None and side <= reach for side in spatial):
            raise ValueError(
                f"BlurPooling2D with pool_size={self.pool_size} mirrors {reach} cells at the "
                f"border and needs sides above {reach}. Received: "
                f"input_shape={tuple(input_shape)}. Use a smaller kernel."
            )

    def call(self, inputs: Any) -> Any:
        """Return the blurred and subsampled maps."""
        x = ops.cast(inputs, self.compute_dtype)
        if self.data_format == "channels_first":
            x = ops.transpose(x, (0, 2, 3, 1))
        # A kernel of even size has one cell more before its center than after it.
        width = (self.pool_size // 2, (self.pool_size - 1) // 2)
        x = ops.pad(x, ((0, 0), width, width, (0, 0)), mode="reflect")
        kernel = np.repeat(self.kernel[:, :, np.newaxis, np.newaxis], x.shape[-1], axis=2)
        kernel = ops.cast(kernel, self.compute_dtype)
        x = ops.depthwise_conv(x, kernel, self.strides, "valid", "channels_last")
        if self.data_format == "channels_first":
            x = ops.transpose(x, (0, 3, 1, 2))
        return x

    def compute_output_shape(self, input_shape: Sequence[Size]) -> tuple[Size, ...]:
        """Return the shape of the result; unknown sizes stay unknown."""
        _, channels = split_shape("BlurPooling2D", input_shape, 2, self.data_format)
        return output_shape("BlurPooling2D", input_shape, self.window, channels, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "data_format": self.data_format,
        }
