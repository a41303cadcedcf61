"""List a Keras model's layers, nested ones included, and hook their outputs.

A layer inside a nested model or a composite layer has a path, such as `block_1/conv_2`.
"""

from __future__ import annotations

import functools
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

Hook = Callable[[str, Any], Any]

# Hooks change the layers of a model for a moment. Another thread must neither see that nor undo
# changes that it did not make; the same thread may nest hooks.
hook_lock = threading.RLock()


@dataclass(frozen=True)
class LayerInfo:
    """A layer at its place in a model.

    Attributes:
        path: Name of the layer, after the names of the models and layers that hold it.
        layer: Keras layer.
        input_shape: Shape `(1, …)` of its first input, for one image.
        output_shape: Shape `(1, …)` of its output.
        is_composite: Whether it contains other layers.
        uses: Number of times that it runs in one pass; its output is that of the last time.
    """

    path: str
    layer: keras.Layer
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    is_composite: bool
    uses: int = 1

    @property
    def has_kernel(self) -> bool:
        """Whether it, or a layer inside it, has filters or a dense matrix."""
        return any(weight.name.endswith("kernel") for weight in self.layer.weights)

    @property
    def is_spatial(self) -> bool:
        """Whether its output is `(B, H, W, F)` with more than one cell."""
        return len(self.output_shape) == 4 and self.output_shape[1] * self.output_shape[2] > 1


def sublayers(layer: keras.Layer) -> list[keras.Layer]:
    """Return the layers that a model or composite layer contains."""
    if isinstance(layer, keras.Model):
        inner = list(layer.layers)
    else:
        inner = list(layer._flatten_layers(include_self=False, recursive=False))
    return [child for child in inner if not isinstance(child, keras.layers.InputLayer)]


def layers_by_path(model: keras.Model) -> dict[str, keras.Layer]:
    """Return all layers inside a model, outer ones before those inside them."""
    layers: dict[str, keras.Layer] = {}

    def visit(layer: keras.Layer, prefix: str) -> None:
        for child in sublayers(layer):
            path = f"{prefix}{child.name}"
            layers[path] = child
            visit(child, f"{path}/")

    visit(model, "")
    return layers


def list_layers(model: keras.Model, image_shape: tuple[int, int, int]) -> tuple[LayerInfo, ...]:
    """Return the layers of an image classifier in the order in which they finish.

    The model runs once, on an empty image. Layers that do not return one tensor are left out.

    Args:
        model: Image classifier.
        image_shape: `(H, W, C)` of its images.

    Raises:
        ValueError: If the model fails on such an image.
    """
    layers = layers_by_path(model)
    shapes: dict[str, tuple[int, ...]] = {}
    inputs: dict[str, tuple[int, ...]] = {}
    uses: Counter[str] = Counter()

    def record_output(path: str, outputs: Any) -> Any:
        uses[path] += 1
        if hasattr(outputs, "shape"):
            shapes.pop(path, None)  # the last use decides the order
            shapes[path] = tuple(outputs.shape)
        return outputs

    def record_input(path: str, first: Any) -> None:
        if isinstance(first, list | tuple) and first:
            first = first[0]
        inputs[path] = tuple(getattr(first, "shape", ()))

    with hooked(layers, record_output, before=record_input):
        model(np.zeros((1, *image_shape), np.float32), training=False)
    return tuple(
        LayerInfo(
            path, layers[path], inputs[path], shape, bool(sublayers(layers[path])), uses[path]
        )
        for path, shape in shapes.items()
    )


@contextmanager
def hooked(
    layers: Mapping[str, keras.Layer],
    hook: Hook,
    *,
    before: Callable[[str, Any], None] = lambda path, first: None,
) -> Iterator[None]:
    """Call `hook` with the outputs of layers while the block runs; it may replace them.

    Args:
        layers: Layers by path.
        hook: Function from (path, outputs) to the outputs that later layers get.
        before: Function called with (path, first argument) before a layer runs.
    """

    def wrapped(path: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def hooked_call(*arguments: Any, **keywords: Any) -> Any:
            before(path, arguments[0] if arguments else next(iter(keywords.values()), None))
            return hook(path, call(*arguments, **keywords))

        return hooked_call

    changed: list[keras.Layer] = []
    with hook_lock:
        try:
            for path, layer in layers.items():
                if "call" not in vars(layer):  # a layer with two paths is hooked once
                    layer.call = wrapped(path, layer.call)
                    changed.append(layer)
            yield
        finally:
            for layer in changed:
                del layer.call


class _Stop(BaseException):
    """Leaves a running model; not an `Exception`, which Keras would annotate and raise again."""


def layer_output(model: keras.Model, images: Any, info: LayerInfo) -> Any:
    """Return one layer's output for `(B, H, W, C)` images; later layers do not run."""
    outputs: list[Any] = []

    def stop(_: str, output: Any) -> Any:
        outputs.append(output)
        if len(outputs) == info.uses:
            raise _Stop
        return output

    with hooked({info.path: info.layer}, stop), suppress(_Stop):
        model(images, training=False)
    return outputs[-1]


def layer_outputs(
    model: keras.Model, images: np.ndarray, infos: Sequence[LayerInfo]
) -> dict[str, np.ndarray]:
    """Return `{path: (B, …) float32}`, outputs for `(B, H, W, C)` images, in one run."""
    outputs: dict[str, np.ndarray] = {}

    def keep(path: str, output: Any) -> Any:
        outputs[path] = to_numpy(output)
        return output

    with hooked({info.path: info.layer for info in infos}, keep):
        model(images, training=False)
    return outputs


def keras_outputs(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function from images to float32 outputs of a model."""

    def outputs(images: np.ndarray) -> np.ndarray:
        with hook_lock:  # another thread may have hooked the model
            return to_numpy(model(images, training=False))

    return outputs


def to_numpy(tensor: Any) -> np.ndarray:
    """Return a tensor as a float32 array, whatever type the model computes in."""
    return np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32")))
