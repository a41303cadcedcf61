"""The kinds of layers that a stack may hold, and their arguments, by the names that Keras uses.

Nothing here needs Keras, so that a server can check and size a stack at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.setting import Range

ACTIVATIONS = (
    "linear", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "softplus",
)  # fmt: skip
INITIALIZERS = ("glorot_uniform", "he_normal")
_SIDE, _STRIDE, _FILTERS = Range(1, 64), Range(1, 16), Range(1, 1024)


class Argument(NamedTuple):
    """An argument of a kind of layer.

    Attributes:
        default: Value of a layer that does not say.
        limits: Range of a number, or `None`.
        names: Texts that are accepted, or none.
    """

    default: Any
    limits: Range | None = None
    names: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What the argument must be, as the end of a sentence."""
        if isinstance(self.default, bool):
            return "true or false"
        return f"one of: {', '.join(self.names)}" if self.names else str(self.limits)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is of the right type and in range."""
        if isinstance(self.default, bool):
            return isinstance(value, bool)
        if self.names:
            return isinstance(value, str) and value in self.names
        assert self.limits is not None
        whole = isinstance(value, int) and not isinstance(value, bool)
        number = whole or (isinstance(self.default, float) and isinstance(value, float))
        return number and self.limits.holds(value)


class Kind(NamedTuple):
    """A kind of layer.

    Attributes:
        prefix: Beginning of the names of its layers.
        arguments: Its arguments.
        of_maps: Whether its input must be maps, not a vector.
        is_own: Whether it is a layer of `app.layers`, not of Keras.
    """

    prefix: str
    arguments: Mapping[str, Argument]
    of_maps: bool = True
    is_own: bool = False


_PADDING = Argument("valid", names=("valid", "same"))
_WINDOW = {"kernel_size": Argument(3, _SIDE), "strides": Argument(1, _STRIDE), "padding": _PADDING}
_NEURONS = {
    "activation": Argument("relu", names=ACTIVATIONS),
    "use_bias": Argument(True),
    "kernel_initializer": Argument("glorot_uniform", names=INITIALIZERS),
}
_CONVOLUTION = {"filters": Argument(32, _FILTERS), **_WINDOW, **_NEURONS}
_POOLING = {"pool_size": Argument(2, _SIDE), "strides": Argument(2, _STRIDE), "padding": _PADDING}
_VALUE = Range(-1.0, 1.0)

KINDS: dict[str, Kind] = {
    "Rescaling": Kind(
        "rescaling", {"low": Argument(0.0, _VALUE), "high": Argument(1.0, _VALUE)}, of_maps=False
    ),
    "Conv2D": Kind("conv", _CONVOLUTION),
    "LocallyConnected2D": Kind("local", _CONVOLUTION, is_own=True),
    "DepthwiseConv2D": Kind("depthwise", {**_WINDOW, **_NEURONS}),
    "ResidualBlock": Kind(
        "block",
        {"filters": Argument(32, _FILTERS), "residuals": Argument(1, Range(1, 8))},
        is_own=True,
    ),
    "MaxPooling2D": Kind("pool", _POOLING),
    "AveragePooling2D": Kind("pool", _POOLING),
    "L2NormPooling2D": Kind("pool", _POOLING, is_own=True),
    "GlobalAveragePooling2D": Kind("average", {}),
    "Cropping2D": Kind("edge", {"cropping": Argument(1, Range(1, 64))}),
    "BatchNormalization": Kind(
        "norm", {"momentum": Argument(0.99, Range(0.0, 1, below=True))}, of_maps=False
    ),
    "Activation": Kind(
        "activation", {"activation": Argument("relu", names=ACTIVATIONS)}, of_maps=False
    ),
    "Dropout": Kind("dropout", {"rate": Argument(0.5, Range(0.0, 1, below=True))}, of_maps=False),
    "Flatten": Kind("flatten", {}, of_maps=False),
    "Dense": Kind("dense", {"units": Argument(64, Range(1, 4096)), **_NEURONS}, of_maps=False),
}


def kinds_to_json() -> dict[str, Any]:
    """Return `{kind: {"of_maps", "arguments": {name: {"default", "low", "high", "names"}}}}`."""
    return {
        name: {
            "of_maps": kind.of_maps,
            "arguments": {
                label: {
                    "default": argument.default,
                    "low": argument.limits.low if argument.limits else None,
                    "high": argument.limits.high if argument.limits else None,
                    "names": list(argument.names),
                }
                for label, argument in kind.arguments.items()
            },
        }
        for name, kind in KINDS.items()
    }
