"""A network taken apart: every layer, nested ones too, and a tap on what it gives.

A layer inside a nested model or a composite layer is called by its path, `block_1/conv_2`.
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

Tap = Callable[[str, Any], Any]

# Looking into a network changes its layers for a moment, and another thread must neither see that
# nor put back what it did not change. A thread may enter again: taps are set within other changes.
one_thread = threading.RLock()


@dataclass(frozen=True)
class Part:
    """A layer at its place in a network.

    Attributes:
        path: Its name, after those of the models and layers that hold it.
        layer: The layer.
        input_shape: Of its first input, `(1, …)`, for one image.
        output_shape: `(1, …)`.
        is_composite: Whether it is made of other layers.
        uses: How often it runs in one pass; what is said of its output is about the last time.
    """

    path: str
    layer: keras.Layer
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    is_composite: bool
    uses: int = 1

    @property
    def has_kernel(self) -> bool:
        """Whether it, or a layer that it is made of, has filters or a dense matrix."""
        return any(weight.name.endswith("kernel") for weight in self.layer.weights)

    @property
    def has_maps(self) -> bool:
        """Whether it gives `(B, H, W, F)` with more than one cell."""
        return len(self.output_shape) == 4 and self.output_shape[1] * self.output_shape[2] > 1


def children(layer: keras.Layer) -> list[keras.Layer]:
    """Return the layers that a model or composite layer is made of."""
    if isinstance(layer, keras.Model):
        found = list(layer.layers)
    else:
        found = list(layer._flatten_layers(include_self=False, recursive=False))
    return [child for child in found if not isinstance(child, keras.layers.InputLayer)]


def layers_by_path(model: keras.Model) -> dict[str, keras.Layer]:
    """Return all layers inside a model, outer ones before those that they hold."""
    found: dict[str, keras.Layer] = {}

    def visit(layer: keras.Layer, prefix: str) -> None:
        for child in children(layer):
            path = f"{prefix}{child.name}"
            found[path] = child
            visit(child, f"{path}/")

    visit(model, "")
    return found


def take_apart(model: keras.Model, image_shape: tuple[int, int, int]) -> tuple[Part, ...]:
    """Return the parts of an image classifier in the order in which they finish.

    The model runs once, on an empty image. Of a layer that is used several times the last use
    counts; layers that do not give one tensor are left out.

    Args:
        model: The classifier.
        image_shape: `(H, W, C)` of its images.

    Raises:
        ValueError: If the model fails on such an image.
    """
    layers = layers_by_path(model)
    shapes: dict[str, tuple[int, ...]] = {}
    inputs: dict[str, tuple[int, ...]] = {}
    uses: Counter[str] = Counter()

    def note(path: str, outputs: Any) -> Any:
        uses[path] += 1
        if hasattr(outputs, "shape"):
            shapes.pop(path, None)
            shapes[path] = tuple(outputs.shape)
        return outputs

    def note_inputs(path: str, first: Any) -> None:
        if isinstance(first, list | tuple) and first:
            first = first[0]
        inputs[path] = tuple(getattr(first, "shape", ()))

    with tapped(layers, note, before=note_inputs):
        model(np.zeros((1, *image_shape), np.float32), training=False)
    return tuple(
        Part(path, layers[path], inputs[path], shape, bool(children(layers[path])), uses[path])
        for path, shape in shapes.items()
    )


@contextmanager
def tapped(
    layers: Mapping[str, keras.Layer],
    tap: Tap,
    *,
    before: Callable[[str, Any], None] = lambda path, first: None,
) -> Iterator[None]:
    """Let `tap` see, and replace, what these layers give while the block runs.

    Args:
        layers: By path.
        tap: Gets (path, outputs) and returns the outputs that go on.
        before: Gets (path, first argument).
    """

    def wrapped(path: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def tapped_call(*arguments: Any, **keywords: Any) -> Any:
            before(path, arguments[0] if arguments else next(iter(keywords.values()), None))
            return tap(path, call(*arguments, **keywords))

        return tapped_call

    hooked: list[keras.Layer] = []
    with one_thread:
        try:
            for path, layer in layers.items():
                if "call" not in vars(layer):  # a layer that is known by two paths is tapped once
                    layer.call = wrapped(path, layer.call)
                    hooked.append(layer)
            yield
        finally:
            for layer in hooked:
                del layer.call


class _Reached(BaseException):
    """Leaves a running network; no `Exception`, which Keras would annotate and raise anew."""


def run_until(model: keras.Model, images: Any, part: Part) -> Any:
    """Return what one layer gives for `(B, H, W, C)` images; later layers do not run."""
    held: list[Any] = []

    def hold(_: str, outputs: Any) -> Any:
        held.append(outputs)
        if len(held) == part.uses:
            raise _Reached
        return outputs

    with tapped({part.path: part.layer}, hold), suppress(_Reached):
        model(images, training=False)
    return held[-1]


def outputs_of(
    model: keras.Model, images: np.ndarray, parts: Sequence[Part]
) -> dict[str, np.ndarray]:
    """Return `{path: (B, …) float32}`: what layers give for `(B, H, W, C)` images, in one run."""
    held: dict[str, np.ndarray] = {}

    def hold(path: str, outputs: Any) -> Any:
        held[path] = to_numpy(outputs)
        return outputs

    with tapped({part.path: part.layer for part in parts}, hold):
        model(images, training=False)
    return held


def to_numpy(tensor: Any) -> np.ndarray:
    """Return a tensor as a float32 array, whatever the model computes in."""
    return np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32")))
