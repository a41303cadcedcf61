"""Convolution with unshared weights in `keras.ops`: slices, then one matrix product per position.

The image is transposed so that its spatial axes lead, and each axis in turn becomes windows by
slicing and concatenating. What remains is one small matrix product per position, which every
backend computes as one batched product. Nothing loops over positions, so building takes as long
for a large image as for a small one.

Slices are `keras.ops.slice`, never `x[::s]`: TensorFlow's gradient of a strided slice took most of
the training step (`benchmarks/README.md`). A stride therefore splits its axis into
(steps, stride), and a slice takes one of the latter.
"""

from __future__ import annotations

import math
from typing import Any

from keras import ops

from app.layers.sliding_window import SlidingWindow


def local_convolution(
    inputs: Any, kernel: Any, window: SlidingWindow, data_format: str = "channels_last"
) -> Any:
    """Correlate every position of an image with a kernel of its own.

    Args:
        inputs: `(B, *S, C)`, or `(B, C, *S)`; the spatial sizes S are known, B need not be.
        kernel: `(P, F·C, K)`: P output positions in raster order, F cells of the window in raster
            order, each with C channels.
        window: Window that slides over the image.
        data_format: `channels_last` or `channels_first`, of the inputs and the result.

    Returns:
        `(B, *O, K)` or `(B, K, *O)`, the product of O being P.

    Source: lecture, "CNN: NOT parameter sharing"; Keras 2, `LocallyConnected2D`.
    """
    rank = len(window.sizes)
    x = image_windows(inputs, window, data_format)  # (*O, B, F·C)
    sizes = x.shape[:rank]
    x = ops.reshape(x, (math.prod(sizes), -1, x.shape[-1]))  # (P, B, F·C)
    x = ops.reshape(ops.matmul(x, kernel), (*sizes, -1, kernel.shape[-1]))  # (*O, B, K)
    spatial = range(rank)
    order = (*spatial, rank + 1) if data_format == "channels_last" else (rank + 1, *spatial)
    return ops.transpose(x, (rank, *order))


def image_windows(inputs: Any, window: SlidingWindow, data_format: str = "channels_last") -> Any:
    """Return the window at every position, `(*O, B, F·C)`; arguments as for `local_convolution`."""
    rank = len(window.sizes)
    axes, channel = range(1, rank + 1), rank + 1
    if data_format == "channels_first":
        axes, channel = range(2, rank + 2), 1
    spatial = [inputs.shape[axis] for axis in axes]
    x = ops.transpose(inputs, (*axes, 0, channel))  # (*S, B, C)
    if window.padding != "valid":
        x = ops.pad(x, [*window.zeros(spatial), (0, 0), (0, 0)])
    positions = window.positions(spatial)
    for axis in reversed(range(rank)):  # the last axis first: windows end up in raster order
        x = _windows(x, axis, positions[axis], window)
    return x


def _windows(x: Any, axis: int, positions: int, window: SlidingWindow) -> Any:
    """Turn one axis of `(…, L, …, C)` into windows: `(…, positions, …, size·C)`."""
    stride = window.strides[axis]
    offsets = [window.dilation[axis] * cell for cell in range(window.sizes[axis])]
    if stride > 1:
        x = _split(x, axis, stride, steps=offsets[-1] // stride + positions)
    parts = []
    for offset in offsets:
        shape = list(ops.shape(x))
        start = [0] * len(shape)
        start[axis], shape[axis] = offset // stride, positions
        if stride > 1:
            start[axis + 1], shape[axis + 1] = offset % stride, 1
        parts.append(ops.slice(x, start, shape))
    x = ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]
    return ops.squeeze(x, axis + 1) if stride > 1 else x


def _split(x: Any, axis: int, stride: int, steps: int) -> Any:
    """Split one axis of `(…, L, …)` into `(…, steps, stride, …)`.

    Extra cells are cut off; missing ones are zeros that no window reaches.
    """
    length, needed = x.shape[axis], steps * stride
    if length < needed:
        x = ops.pad(x, [(0, needed - length if i == axis else 0) for i in range(x.ndim)])
    shape = list(ops.shape(x))
    if length > needed:
        shape[axis] = needed
        x = ops.slice(x, [0] * len(shape), shape)
    return ops.reshape(x, (*shape[:axis], steps, stride, *shape[axis + 1 :]))
