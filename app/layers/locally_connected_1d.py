"""Convolution over sequences whose weights are not shared between positions."""

from __future__ import annotations

import keras

from app.layers.base_locally_connected import BaseLocallyConnected


@keras.saving.register_keras_serializable(package="convlab")
class LocallyConnected1D(BaseLocallyConnected):
    """Like `Conv1D`, but a different set of filters is applied at each position of the sequence.

    Keras 2's layer of this name, for Keras 3 and all its backends; see `LocallyConnected2D`, whose
    arguments are the same. `kernel_size`, `strides` and `dilation_rate` are one number each, or a
    sequence of one.

    Input shape:
        `(B, L, C)`, or `(B, C, L)` for `channels_first`; all but B must be known.

    Output shape:
        `(B, Lo, filters)` or `(B, filters, Lo)`.

    Attributes:
        kernel: `(Lo, kernel_size·C, filters)`, features ordered (cell, C) for both data formats.
        bias: `(Lo, filters)`, or `None`.

    Raises:
        ValueError: As `LocallyConnected2D`.

    Example:
        >>> layer = LocallyConnected1D(64, 3)
        >>> layer(keras.ops.ones((1, 10, 32))).shape
        (1, 8, 64)

    Source: Keras 2, `LocallyConnected1D`.
    """

    rank = 1


# Keras 2 wrote the names of its own layers without a package.
keras.saving.get_custom_objects()["LocallyConnected1D"] = LocallyConnected1D
