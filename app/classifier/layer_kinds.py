"""The role of a layer, by its type or by its own attributes.

A layer of your own takes part by attributes: `role`, one of the texts of `role_of`, and `window`,
the `SlidingWindow` that it moves over an image.
"""

from __future__ import annotations

import keras

from app.classifier.hooks import sublayers
from app.layers import L2NormPooling2D, LocallyConnected1D, LocallyConnected2D
from app.layers.sliding_window import SlidingWindow


def role_of(layer: keras.Layer) -> str:
    """Return `pooling`, `locally connected`, `convolution`, `dense`, `block` or `other`."""
    if isinstance(role := getattr(layer, "role", None), str):
        return role
    if isinstance(layer, keras.Model):
        return "other"
    for role, types in _ROLES.items():
        if isinstance(layer, types):
            return role
    return "block" if sublayers(layer) else "other"


def window_of(layer: keras.Layer) -> SlidingWindow | None:
    """Return the window of a convolution, locally connected or pooling layer over images."""
    window = getattr(layer, "window", None)
    if isinstance(window, SlidingWindow):
        return window if len(window.sizes) == 2 else None
    if isinstance(layer, _CONVOLUTIONS):
        return SlidingWindow(
            tuple(layer.kernel_size),
            tuple(layer.strides),
            tuple(layer.dilation_rate),
            layer.padding,
        )
    if isinstance(layer, keras.layers.MaxPooling2D | keras.layers.AveragePooling2D):
        return SlidingWindow(tuple(layer.pool_size), tuple(layer.strides), (1, 1), layer.padding)
    return None


def _keras_layers(word: str) -> tuple[type, ...]:
    return tuple(layer for name, layer in vars(keras.layers).items() if word in name)


_CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)
_ROLES: dict[str, tuple[type, ...]] = {
    "pooling": (*_keras_layers("Pooling"), L2NormPooling2D),
    "locally connected": (LocallyConnected1D, LocallyConnected2D),
    "convolution": _keras_layers("Conv"),
    "dense": _keras_layers("Dense"),
}
