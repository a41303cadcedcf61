"""The receptive field of every layer: which pixels each of its cells sees.

Followed through the network layer by layer: windows widen it, branches that meet unite theirs,
pooling over everything and `Flatten` see the whole image, and nothing is known of what goes
through transposed convolution or resizing. Inside a composite layer its parts are taken to follow
one another, the longest way that there can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras

from app.insight.anatomy import Part, children
from app.insight.opened_model import OpenedModel
from app.layers import L2NormPooling2D, LocallyConnected2D
from app.layers.sliding_window import SlidingWindow
from app.lecture.receptive_field import PIXEL, ReceptiveField, merged, through_window


class ImageField(NamedTuple):
    """Receptive fields along both axes of the image."""

    rows: ReceptiveField
    columns: ReceptiveField

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels, padding included."""
        return self.rows.size, self.columns.size


def receptive_fields(model: OpenedModel) -> dict[str, ImageField | None]:
    """Return `{path: field}`; `None` means the whole image, or an unknown part of it."""
    walk = _Walk({part.path: part for part in model.parts})
    walk.through_model(model.keras_model, "", [ImageField(PIXEL, PIXEL)])
    return walk.fields


class _Walk:
    def __init__(self, parts: dict[str, Part]):
        self.parts = parts
        self.fields: dict[str, ImageField | None] = {}

    def through_model(
        self, model: keras.Model, prefix: str, inputs: Sequence[ImageField | None]
    ) -> ImageField | None:
        """Follow a nested model; return what the cells of its first output see."""
        if isinstance(model, keras.Sequential) or not hasattr(model, "operations"):
            return self.through_chain(children(model), prefix, inputs)
        seen = {id(t): field for t, field in zip(model.inputs, inputs, strict=False)}
        waiting = [
            (operation, node)
            for operation in model.operations
            for node in operation._inbound_nodes
            if not isinstance(operation, keras.layers.InputLayer)
        ]
        while waiting:
            ready = [
                (operation, node)
                for operation, node in waiting
                if all(id(tensor) in seen for tensor in node.input_tensors)
            ]
            if not ready:  # what is left belongs to other models that use the same layers
                break
            for operation, node in ready:
                known = [seen[id(tensor)] for tensor in node.input_tensors]
                if isinstance(operation, keras.Layer):
                    field = self.through_layer(operation, f"{prefix}{operation.name}", known)
                else:  # such as x + y or x / 255
                    tensors = [*node.input_tensors, *node.outputs]
                    sizes = {tuple(tensor.shape[1:3]) for tensor in tensors}
                    alike = len(sizes) == 1 and all(len(t.shape) == 4 for t in tensors)
                    field = _united(known) if alike else None
                seen.update({id(tensor): field for tensor in node.outputs})
                waiting.remove((operation, node))
        return seen.get(id(model.outputs[0]))

    def through_chain(
        self, layers: Sequence[keras.Layer], prefix: str, inputs: Sequence[ImageField | None]
    ) -> ImageField | None:
        """Follow layers one after another, in the order in which they finished."""
        order = {path: position for position, path in enumerate(self.parts)}
        paths = {f"{prefix}{layer.name}": layer for layer in layers}
        field = _united(inputs)
        for path in sorted(paths, key=lambda path: order.get(path, len(order))):
            field = self.through_layer(paths[path], path, [field])
        return field

    def through_layer(
        self, layer: Any, path: str, inputs: Sequence[ImageField | None]
    ) -> ImageField | None:
        if isinstance(layer, keras.Model):
            field = self.through_model(layer, f"{path}/", inputs)
        elif isinstance(layer, keras.Layer) and children(layer):
            field = self.through_chain(children(layer), f"{path}/", inputs)
        else:
            field = self._through_leaf(layer, path, _united(inputs))
        if path in self.parts:
            self.fields[path] = field
        return field

    def _through_leaf(self, layer: Any, path: str, field: ImageField | None) -> ImageField | None:
        part = self.parts.get(path)
        if field is None or part is None or len(part.output_shape) != 4:
            return None
        if isinstance(layer, keras.layers.Conv2DTranspose):
            return None
        spatial = part.input_shape[1:3]
        if isinstance(layer, keras.layers.ZeroPadding2D | keras.layers.Cropping2D):
            inwards = isinstance(layer, keras.layers.Cropping2D)
            amounts = layer.cropping if inwards else layer.padding
            before = [(-1 if inwards else 1) * amount[0] for amount in amounts]
            return _moved(field, (1, 1), (1, 1), before, (1, 1))
        window = window_of(layer)
        if window is not None:
            zeros = [before for before, _ in window.zeros(spatial)]
            return _moved(field, window.sizes, window.strides, zeros, window.dilation)
        # A layer that keeps the cells as they are is taken to work on each by itself.
        return field if part.output_shape[1:3] == spatial else None


def window_of(layer: keras.Layer) -> SlidingWindow | None:
    """Return the window of a convolution, locally connected or pooling layer over images."""
    if isinstance(layer, LocallyConnected2D | L2NormPooling2D):
        return layer.window
    if isinstance(layer, _CONVOLUTIONS):
        return SlidingWindow(
            tuple(layer.kernel_size), tuple(layer.strides), tuple(layer.dilation_rate),
            layer.padding,
        )  # fmt: skip
    if isinstance(layer, keras.layers.MaxPooling2D | keras.layers.AveragePooling2D):
        return SlidingWindow(tuple(layer.pool_size), tuple(layer.strides), (1, 1), layer.padding)
    return None


_CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)


def _moved(
    field: ImageField,
    sizes: Sequence[int],
    strides: Sequence[int],
    zeros: Sequence[int],
    dilation: Sequence[int],
) -> ImageField:
    axes = zip(field, sizes, strides, zeros, dilation, strict=True)
    return ImageField(*(through_window(*axis) for axis in axes))


def _united(fields: Sequence[ImageField | None]) -> ImageField | None:
    known = [field for field in fields if field is not None]
    if len(known) < len(fields) or not known:
        return None
    rows = merged([field.rows for field in known])
    columns = merged([field.columns for field in known])
    return None if rows is None or columns is None else ImageField(rows, columns)
