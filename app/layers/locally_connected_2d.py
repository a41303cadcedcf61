"""Convolution over images whose weights are not shared between positions."""

from __future__ import annotations

import keras

from app.layers.base_locally_connected import BaseLocallyConnected


@keras.saving.register_keras_serializable(package="convlab")
class LocallyConnected2D(BaseLocallyConnected):
    """Like `Conv2D`, but a different set of filters is applied at each position of the image.

    Keras 2's layer of this name, for Keras 3 and all its backends. It has the same arguments and
    weights, and also padding for every implementation, dilation, and initial weights as large as
    `Conv2D`'s (Keras 2's were ten times smaller at MNIST's size).

    Args:
        filters: Channels of the output.
        kernel_size: Height and width of the window in cells; one number means both.
        strides: Step down and across.
        padding: `valid` adds no zeros; `same` adds as many as `Conv2D`, for one position per
            stride; `centered` has as many positions, with the center of the window on every
            stride-th cell, which Keras 2 called `same`.
        data_format: `channels_last` or `channels_first`; by default Keras's own setting.
        activation: Activation function; none by default.
        use_bias: Whether each position and filter has a bias.
        kernel_initializer: Initializer of the kernel; it sees the fans of one position.
        bias_initializer: Initializer of the bias.
        kernel_regularizer: Penalty on the kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Projection of the kernel after an update.
        bias_constraint: Projection of the bias after an update.
        implementation: Accepted because Keras 2's configurations have it, 1, 2 or 3. It has no
            effect on speed; with 2 and 3 `same` means `centered`, as it did there.
        dilation_rate: Distance between two cells of the window, down and across; not together
            with strides.
        groups: Must be 1; accepted because configurations of `Conv2D` have it.

    Input shape:
        `(B, H, W, C)`, or `(B, C, H, W)` for `channels_first`; all but B must be known.

    Output shape:
        `(B, Ho, Wo, filters)` or `(B, filters, Ho, Wo)`.

    Attributes:
        kernel: `(Ho·Wo, kh·kw·C, filters)`, features ordered (kh, kw, C) for both data formats.
        bias: `(Ho, Wo, filters)`, or `None`.

    Raises:
        ValueError: At construction, for an argument out of range or one that contradicts another;
            at building, for a shape of another rank, an unknown size or a kernel that does not fit.

    Example:
        >>> layer = LocallyConnected2D(64, 3, activation="relu")
        >>> layer(keras.ops.ones((1, 32, 32, 3))).shape
        (1, 30, 30, 64)

    Source: lecture, "CNN: NOT parameter sharing"; Keras 2, `LocallyConnected2D`.
    """

    rank = 2


# Keras 2 wrote the names of its own layers without a package.
keras.saving.get_custom_objects()["LocallyConnected2D"] = LocallyConnected2D
