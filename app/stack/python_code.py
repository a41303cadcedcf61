"""A stack as a Python module that `train.py --model MODULE:build` takes."""

from __future__ import annotations

from typing import Any

from app.stack.kinds import KINDS
from app.stack.stack import Layer, Stack


def python_code(stack: Stack, name: str = "my_network") -> str:
    """Return the source of a module whose function `build` returns the network.

    Args:
        stack: Layers in order.
        name: Name of the module, for the command in its docstring.
    """
    own = sorted({layer.kind for layer in stack if KINDS[layer.kind].is_own})
    imports = [f"from app.layers import {', '.join(own)}"] if own else []
    return "\n".join([
        '"""A network that was made on the page.',
        "",
        f"    python train.py --model {name}:build",
        '"""',
        "",
        "import keras",
        "from keras import layers",
        "",
        *imports,
        "from app.models.output import output_layer",
        "",
        "",
        "def build(input_shape, num_classes, dropout):",
        '    """Return the untrained network; it has dropout rates of its own."""',
        "    return keras.Sequential([",
        "        keras.Input(input_shape),",
        *(f"        {_call(layer)}," for layer in stack),
        "        output_layer(num_classes),",
        "    ])",
        "",
    ])  # fmt: skip


def _call(layer: Layer) -> str:
    """Return the call that makes a layer; arguments with Keras's defaults are left out."""
    given, defaults = dict(layer.arguments), dict(_KERAS_DEFAULTS)
    if layer.kind == "Rescaling":
        span = given["high"] - given["low"]
        given = {"scale": span / 255, "offset": given["low"]}
    elif layer.kind == "DepthwiseConv2D":
        given["depthwise_initializer"] = given.pop("kernel_initializer")
    elif "pool_size" in given:
        defaults["strides"] = given["pool_size"]
    prefix = "" if KINDS[layer.kind].is_own else "layers."
    words = [_text(given.pop(name)) for name in _POSITIONAL if name in given]
    if layer.kind == "Activation":
        words.append(_text(given.pop("activation")))
    words += [f"{name}={_text(value)}" for name, value in given.items()
              if value != defaults.get(name)]  # fmt: skip
    return f"{prefix}{layer.kind}({', '.join([*words, f'name={_text(layer.name)}'])})"


def _text(value: Any) -> str:
    if isinstance(value, float) and (span := round(value * 255, 9)) in (1.0, 2.0):
        return f"{span:g} / 255"
    return f'"{value}"' if isinstance(value, str) else repr(value)


_POSITIONAL = ("filters", "units", "kernel_size", "pool_size", "cropping", "rate", "scale")
_KERAS_DEFAULTS = {
    "strides": 1, "padding": "valid", "activation": "linear", "use_bias": True,
    "kernel_initializer": "glorot_uniform", "depthwise_initializer": "glorot_uniform",
    "momentum": 0.99, "residuals": 1, "offset": 0.0,
}  # fmt: skip
