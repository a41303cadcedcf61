"""TensorFlow functions that a Keras 2 model called as layers, such as `x / 127.5 - 1`.

Keras 2 saved such a call as a `TFOpLambda` or `SlicingOpLambda` layer with the name of the
function. Only the functions in the table below are opened, so a file cannot choose code to run.
"""

# ruff: noqa: A006
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import activations, ops


def _slice(x: Any, slice_spec: Any) -> Any:
    """Return `x[slice_spec]`, where a slice is a dict and an ellipsis the string '...'."""

    def part(item: Any) -> Any:
        if isinstance(item, dict):
            return slice(item.get("start"), item.get("stop"), item.get("step"))
        return Ellipsis if item == "..." else item

    parts = slice_spec if isinstance(slice_spec, list | tuple) else [slice_spec]
    return x[tuple(part(item) for item in parts)]


def _bias_add(value: Any, bias: Any, data_format: str | None = None) -> Any:
    bias = ops.cast(ops.convert_to_tensor(bias), value.dtype)
    if data_format is not None and data_format.startswith("NC"):
        bias = ops.reshape(bias, (-1, *(1,) * (len(value.shape) - 2)))
    return value + bias


def _l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12) -> Any:
    total = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return x * ops.rsqrt(ops.maximum(total, epsilon))


def _matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False) -> Any:
    return ops.matmul(
        ops.swapaxes(a, -1, -2) if transpose_a else a,
        ops.swapaxes(b, -1, -2) if transpose_b else b,
    )


# Parameters are named as TensorFlow names them: a saved call holds them by name.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "__operators__.add": lambda x, y: x + y,
    "__operators__.getitem": _slice,
    "cast": lambda x, dtype: ops.cast(x, dtype),
    "clip_by_value": lambda t, clip_value_min, clip_value_max: ops.clip(
        t, clip_value_min, clip_value_max
    ),
    "concat": lambda values, axis: ops.concatenate(values, axis=axis),
    "expand_dims": lambda input, axis: ops.expand_dims(input, axis),
    "identity": lambda input: input,
    "linalg.matmul": _matmul,
    "math.abs": lambda x: ops.abs(x),
    "math.add": lambda x, y: x + y,
    "math.divide": lambda x, y: x / y,
    "math.exp": lambda x: ops.exp(x),
    "math.l2_normalize": _l2_normalize,
    "math.log": lambda x: ops.log(x),
    "math.maximum": lambda x, y: ops.maximum(x, y),
    "math.minimum": lambda x, y: ops.minimum(x, y),
    "math.multiply": lambda x, y: x * y,
    "math.negative": lambda x: -x,
    "math.pow": lambda x, y: ops.power(x, y),
    "math.reciprocal": lambda x: ops.reciprocal(x),
    "math.reduce_max": lambda input_tensor, axis=None, keepdims=False: ops.max(
        input_tensor, axis, keepdims
    ),
    "math.reduce_mean": lambda input_tensor, axis=None, keepdims=False: ops.mean(
        input_tensor, axis, keepdims
    ),
    "math.reduce_min": lambda input_tensor, axis=None, keepdims=False: ops.min(
        input_tensor, axis, keepdims
    ),
    "math.reduce_sum": lambda input_tensor, axis=None, keepdims=False: ops.sum(
        input_tensor, axis, keepdims
    ),
    "math.rsqrt": lambda x: ops.rsqrt(x),
    "math.scalar_mul": lambda scalar, x: scalar * x,
    "math.sigmoid": lambda x: ops.sigmoid(x),
    "math.softplus": lambda features: ops.softplus(features),
    "math.sqrt": lambda x: ops.sqrt(x),
    "math.square": lambda x: ops.square(x),
    "math.squared_difference": lambda x, y: ops.square(x - y),
    "math.subtract": lambda x, y: x - y,
    "math.tanh": lambda x: ops.tanh(x),
    "math.truediv": lambda x, y: x / y,
    "nn.bias_add": _bias_add,
    "nn.elu": lambda features: ops.elu(features),
    "nn.gelu": lambda features, approximate=False: ops.gelu(features, approximate),
    "nn.leaky_relu": lambda features, alpha=0.2: ops.leaky_relu(features, alpha),
    "nn.log_softmax": lambda logits, axis=None: ops.log_softmax(
        logits, -1 if axis is None else axis
    ),
    "nn.relu": lambda features: ops.relu(features),
    "nn.relu6": lambda features: ops.relu6(features),
    "nn.selu": lambda features: ops.selu(features),
    "nn.silu": lambda features, beta=1.0: features * ops.sigmoid(beta * features),
    "nn.softmax": lambda logits, axis=None: activations.softmax(
        logits, -1 if axis is None else axis
    ),
    "nn.softsign": lambda features: ops.softsign(features),
    "repeat": lambda input, repeats, axis=None: ops.repeat(input, repeats, axis),
    "reshape": lambda tensor, shape: ops.reshape(tensor, shape),
    "reverse": lambda tensor, axis: ops.flip(tensor, axis),
    "squeeze": lambda input, axis=None: ops.squeeze(input, axis),
    "stack": lambda values, axis=0: ops.stack(values, axis),
    "stop_gradient": lambda input: ops.stop_gradient(input),
    "tile": lambda input, multiples: ops.tile(input, multiples),
    "transpose": lambda a, perm=None: ops.transpose(a, perm),
}  # fmt: skip
_OTHER_NAMES = {
    "compat.v1.nn.bias_add": "nn.bias_add",
    "compat.v1.squeeze": "squeeze",
    "compat.v1.transpose": "transpose",
    "nn.l2_normalize": "math.l2_normalize",
    "nn.sigmoid": "math.sigmoid",
    "nn.softplus": "math.softplus",
    "nn.swish": "nn.silu",
    "nn.tanh": "math.tanh",
}


def supported_function(name: str) -> str | None:
    """Return the key of a TensorFlow function in `FUNCTIONS`, or `None` if it is not there."""
    name = _OTHER_NAMES.get(name, name)
    return name if name in FUNCTIONS else None


@keras.saving.register_keras_serializable(package="convlab")
class TensorOperation(keras.layers.Layer):
    """Apply one of `FUNCTIONS` to the tensors and constants of the call.

    Args:
        function: Key of `FUNCTIONS`.

    Raises:
        ValueError: If the function is not in the table.
    """

    def __init__(self, function: str, **kwargs: Any):
        super().__init__(**{"autocast": False, **kwargs})
        if function not in FUNCTIONS:
            raise ValueError(
                f"Argument `function` must be one of {sorted(FUNCTIONS)}. Received: {function!r}"
            )
        self.function = function
        self._allow_non_tensor_positional_args = True  # the 1 of `1 - x`

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Return the result of the function; its parameters have TensorFlow's names."""
        return FUNCTIONS[self.function](*args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of the layer."""
        return {**super().get_config(), "function": self.function}
