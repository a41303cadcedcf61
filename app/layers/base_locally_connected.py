"""Base class of `LocallyConnected1D` and `LocallyConnected2D`."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from keras import activations, constraints, initializers, layers, ops, regularizers

from app.errors import AppWarning
from app.layers.arguments import PADDINGS, channel_order, whole_numbers, window_padding
from app.layers.kernel_initialization import positionwise
from app.layers.local_convolution import local_convolution
from app.layers.sliding_window import Size, SlidingWindow, output_shape, split_shape


class BaseLocallyConnected(layers.Layer):
    """Convolution whose weights are not shared between positions, over `rank` spatial axes.

    The subclasses document the arguments.
    """

    rank: int

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        implementation: int = 1,
        *,
        dilation_rate: int | Sequence[int] = 1,
        groups: int = 1,
        **kwargs: Any,
    ):
        batch_input_shape = kwargs.pop("batch_input_shape", None)
        if batch_input_shape is not None:  # Keras 2's name of `input_shape` with the batch
            kwargs["input_shape"] = tuple(batch_input_shape)[1:]
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        if implementation not in (1, 2, 3):
            raise ValueError(
                "Argument `implementation`, which Keras 2's configurations have, must be 1, 2 or "
                f"3. Received: implementation={implementation!r}"
            )
        (self.filters,) = whole_numbers(filters, 1, "filters")
        self.kernel_size = whole_numbers(kernel_size, self.rank, "kernel_size")
        self.strides = whole_numbers(strides, self.rank, "strides")
        self.dilation_rate = whole_numbers(dilation_rate, self.rank, "dilation_rate")
        self.padding = window_padding(padding, (*PADDINGS, "centered"))
        if implementation != 1 and self.padding == "same":
            self.padding = "centered"  # Keras 2 called this `same`
        self.data_format = channel_order(data_format)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "`strides > 1` cannot be combined with `dilation_rate > 1`, as in Keras's "
                f"convolutions. Received: strides={self.strides}, "
                f"dilation_rate={self.dilation_rate}. Set one of them to 1."
            )
        if groups != 1:
            raise ValueError(
                f"{type(self).__name__} has no groups. Received: groups={groups}. "
                "Use one layer per group of channels and concatenate their outputs."
            )

    @property
    def window(self) -> SlidingWindow:
        """The window that slides over the image."""
        return SlidingWindow(self.kernel_size, self.strides, self.dilation_rate, self.padding)

    def built_for(self) -> tuple[tuple[int, ...], int]:
        """Return the spatial sizes and the channels of the inputs of a built layer."""
        shape = self.get_build_config()["input_shape"]
        return split_shape(type(self).__name__, shape, self.rank, self.data_format)

    def build(self, input_shape: Sequence[Size]) -> None:
        """Create the kernel `(P, F·C, K)` and the bias `(*O, K)`.

        Raises:
            ValueError: If the shape is of another rank, a size is unknown, or the kernel does not
                fit.
        """
        name = type(self).__name__
        spatial, channels = split_shape(name, input_shape, self.rank, self.data_format)
        sizes = [size for size in spatial if size is not None]
        if channels is None or len(sizes) < self.rank:
            raise ValueError(
                f"{name} has weights for every position, so all sizes but the batch's must be "
                f"known. Received: input_shape={tuple(input_shape)}. Give the model a keras.Input "
                "of a fixed shape."
            )
        self.compute_output_shape(input_shape)  # raises if the window does not fit
        positions = self.window.positions(sizes)
        features = math.prod(self.kernel_size) * channels
        self.kernel = self.add_weight(
            name="kernel",
            shape=(math.prod(positions), features, self.filters),
            initializer=positionwise(self.kernel_initializer, self.kernel_size, channels),
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(*positions, self.filters),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        axes = range(1, self.rank + 2)
        self.input_spec = layers.InputSpec(
            ndim=self.rank + 2, axes={axis: input_shape[axis] for axis in axes}
        )

    def call(self, inputs: Any) -> Any:
        """Return the activations, `(B, *O, K)` or `(B, K, *O)`."""
        if None in inputs.shape[1:]:  # a dataset without static sizes
            inputs = ops.reshape(inputs, (-1, *self.get_build_config()["input_shape"][1:]))
        outputs = local_convolution(inputs, self.kernel, self.window, self.data_format)
        if self.bias is not None:
            bias = self.bias
            if self.data_format == "channels_first":
                bias = ops.transpose(bias, (self.rank, *range(self.rank)))  # (K, *O)
            outputs = ops.add(outputs, bias)
        return self.activation(outputs)

    def compute_output_shape(self, input_shape: Sequence[Size]) -> tuple[Size, ...]:
        """Return the shape of the activations; unknown sizes stay unknown."""
        name = type(self).__name__
        return output_shape(name, input_shape, self.window, self.filters, self.data_format)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> BaseLocallyConnected:
        """Return the layer of a configuration, also of Keras 2's."""
        implementation = config.get("implementation", 1)
        transposed = "implementation" in config and config.get("data_format") == "channels_first"
        if implementation != 1 or transposed:
            warnings.warn(
                f"'{config.get('name')}' was made by Keras 2 with implementation={implementation}, "
                f"data_format={config.get('data_format')!r}. Weights saved with it have "
                "another layout. Load them with app.keras2.load_keras2_model.",
                AppWarning,
                stacklevel=2,
            )
        return cls(**config)
