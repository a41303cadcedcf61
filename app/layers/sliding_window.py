"""A window that slides over an image: its positions, its padding, the cells it sees.

An image has one or more spatial axes; values per axis are tuples. An unknown size is `None`, as in
Keras's shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np

Size = int | None
T = TypeVar("T")


class SlidingWindow(NamedTuple):
    """The geometry of convolution and pooling.

    `same` distributes as few zeros as possible evenly, an odd one at the end, as TensorFlow does.
    `centered` puts the center of the window, cell `size // 2`, on the cells 0, stride, 2·stride …,
    as PyTorch's `padding=size // 2` does. They differ for some strides and for windows of even
    size.

    Attributes:
        sizes: Cells along each axis, without the gaps of a dilation.
        strides: Step along each axis.
        dilation: Distance between two cells of the window, along each axis.
        padding: `valid`, `same` or `centered`.
    """

    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str

    def positions(self, spatial: Sequence[int]) -> tuple[int, ...]:
        """Return the number of positions along each axis; 0 where the window does not fit."""
        if self.padding != "valid":
            return tuple(
                -(-length // stride) for length, stride in zip(spatial, self.strides, strict=True)
            )
        axes = zip(spatial, self.reaches(), self.strides, strict=True)
        return tuple(max(0, (length - reach) // stride + 1) for length, reach, stride in axes)

    def zeros(self, spatial: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """Return the zeros before and after each axis."""
        if self.padding == "valid":
            return ((0, 0),) * len(spatial)
        widths = []
        for axis, (reach, steps) in enumerate(
            zip(self.reaches(), self.positions(spatial), strict=True)
        ):
            total = max(0, (steps - 1) * self.strides[axis] + reach - spatial[axis])
            before = total // 2
            if self.padding == "centered":
                before = self.sizes[axis] // 2 * self.dilation[axis]
            widths.append((before, max(0, total - before)))
        return tuple(widths)

    def cells(self, spatial: Sequence[int]) -> np.ndarray:
        """Return `(P, F)` indices of the F cells of the window at each position; −1 in the padding.

        Positions, cells of the window and cells of the image are in raster order.
        """
        rank = len(spatial)
        positions, zeros = self.positions(spatial), self.zeros(spatial)
        index = np.zeros((1,) * 2 * rank, np.int64)
        inside = np.ones((1,) * 2 * rank, bool)
        for axis, length in enumerate(spatial):
            first = self.strides[axis] * np.arange(positions[axis]) - zeros[axis][0]
            cells = first[:, np.newaxis] + self.dilation[axis] * np.arange(self.sizes[axis])
            shape = [1] * 2 * rank
            shape[axis], shape[rank + axis] = cells.shape
            cells = cells.reshape(shape)
            index = index * length + cells
            inside = inside & (cells >= 0) & (cells < length)
        return np.where(inside, index, -1).reshape(int(np.prod(positions)), -1)

    def reaches(self) -> list[int]:
        """Return the number of cells from the first to the last of the window, gaps included."""
        return [
            (size - 1) * dilation + 1
            for size, dilation in zip(self.sizes, self.dilation, strict=True)
        ]


def split_shape(
    layer: str, input_shape: Sequence[T], rank: int, data_format: str
) -> tuple[tuple[T, ...], T]:
    """Return the spatial sizes and the channels of an input shape.

    Args:
        layer: Name of the layer's class, for the error.
        input_shape: `(B, *S, C)`, or `(B, C, *S)` for `channels_first`.
        rank: Number of spatial axes.
        data_format: `channels_last` or `channels_first`.

    Raises:
        ValueError: If the shape is of another rank.
    """
    if len(input_shape) != rank + 2:
        raise ValueError(
            f"{layer} expects inputs of rank {rank + 2}: a batch of "
            + ("sequences" if rank == 1 else "images")
            + f", {data_format.replace('_', ' ')}. Received: input_shape={tuple(input_shape)}. "
            "A Reshape layer before it can change the rank."
        )
    if data_format == "channels_first":
        return tuple(input_shape[2:]), input_shape[1]
    return tuple(input_shape[1:-1]), input_shape[-1]


def joined(batch: T, spatial: Sequence[T], channels: T, data_format: str) -> tuple[T, ...]:
    """Return one value per axis as `(B, *S, C)`, or as `(B, C, *S)` for `channels_first`."""
    if data_format == "channels_first":
        return (batch, channels, *spatial)
    return (batch, *spatial, channels)


def output_shape(
    layer: str,
    input_shape: Sequence[Size],
    window: SlidingWindow,
    channels: Size,
    data_format: str,
) -> tuple[Size, ...]:
    """Return the output shape of a layer; unknown sizes stay unknown.

    Raises:
        ValueError: If the input is of another rank, or the window does not fit.
    """
    spatial, _ = split_shape(layer, input_shape, len(window.sizes), data_format)
    reaches = window.reaches()
    known = window.positions(
        [reach if size is None else size for size, reach in zip(spatial, reaches, strict=True)]
    )
    if 0 in known:
        spread = f", dilation {window.dilation}," if max(window.dilation) > 1 else ""
        raise ValueError(
            f"The window of {layer}, {window.sizes}{spread} does not fit an input of spatial size "
            f"{spatial} with padding='{window.padding}'. Use a smaller window, padding='same' or "
            "larger images."
        )
    sizes = [None if size is None else n for size, n in zip(spatial, known, strict=True)]
    return joined(input_shape[0], sizes, channels, data_format)
