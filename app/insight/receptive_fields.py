"""The receptive field of every layer: the pixels that each of its cells depends on.

It is computed layer by layer: windows enlarge it, branches that meet have the union of theirs,
global pooling and `Flatten` see the whole image, and it is unknown behind transposed convolution
or resizing. The layers inside a composite layer count as a chain, the longest possible way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras

from app.classifier.hooks import LayerInfo, sublayers
from app.classifier.inspected_model import InspectedModel
from app.classifier.layer_kinds import window_of
from app.lecture.receptive_field import PIXEL, ReceptiveField, merged, through_window


class ImageField(NamedTuple):
    """Receptive fields along both axes of the image."""

    rows: ReceptiveField
    columns: ReceptiveField

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels, padding included."""
        return self.rows.size, self.columns.size

    def middle(self, size: int) -> ImageField:
        """Return the middle part of the fields, of `size` pixels along both axes, or one more."""
        return ImageField(self.rows.middle(size), self.columns.middle(size))


def receptive_fields(model: InspectedModel) -> dict[str, ImageField | None]:
    """Return `{path: field}`; `None` means the whole image, or an unknown part of it."""
    walk = _Walk({info.path: info for info in model.layers})
    walk.through_model(model.keras_model, "", [ImageField(PIXEL, PIXEL)])
    return walk.fields


class _Walk:
    def __init__(self, layers: dict[str, LayerInfo]):
        self.layers = layers
        self.fields: dict[str, ImageField | None] = {}

    def through_model(
        self, model: keras.Model, prefix: str, inputs: Sequence[ImageField | None]
    ) -> ImageField | None:
        """Follow a nested model; return the field of its first output's cells."""
        if isinstance(model, keras.Sequential) or not hasattr(model, "operations"):
            return self.through_chain(sublayers(model), prefix, inputs)
        seen = {id(t): field for t, field in zip(model.inputs, inputs, strict=False)}
        pending = [
            (operation, node)
            for operation in model.operations
            for node in operation._inbound_nodes
            if not isinstance(operation, keras.layers.InputLayer)
        ]
        while pending:
            ready = [
                (operation, node)
                for operation, node in pending
                if all(id(tensor) in seen for tensor in node.input_tensors)
            ]
            if not ready:  # the rest belongs to other models that share these layers
                break
            for operation, node in ready:
                known = [seen[id(tensor)] for tensor in node.input_tensors]
                if isinstance(operation, keras.Layer):
                    field = self.through_layer(operation, f"{prefix}{operation.name}", known)
                else:  # such as x + y or x / 255
                    tensors = [*node.input_tensors, *node.outputs]
                    sizes = {tuple(tensor.shape[1:3]) for tensor in tensors}
                    same_size = len(sizes) == 1 and all(len(t.shape) == 4 for t in tensors)
                    field = _union(known) if same_size else None
                seen.update({id(tensor): field for tensor in node.outputs})
                pending.remove((operation, node))
        return seen.get(id(model.outputs[0]))

    def through_chain(
        self, layers: Sequence[keras.Layer], prefix: str, inputs: Sequence[ImageField | None]
    ) -> ImageField | None:
        """Follow layers one after another, in the order in which they finished."""
        order = {path: position for position, path in enumerate(self.layers)}
        paths = {f"{prefix}{layer.name}": layer for layer in layers}
        field = _union(inputs)
        for path in sorted(paths, key=lambda path: order.get(path, len(order))):
            field = self.through_layer(paths[path], path, [field])
        return field

    def through_layer(
        self, layer: Any, path: str, inputs: Sequence[ImageField | None]
    ) -> ImageField | None:
        if isinstance(layer, keras.Model):
            field = self.through_model(layer, f"{path}/", inputs)
        elif isinstance(layer, keras.Layer) and sublayers(layer):
            field = self.through_chain(sublayers(layer), f"{path}/", inputs)
        else:
            field = self._through_leaf(layer, path, _union(inputs))
        if path in self.layers:
            self.fields[path] = field
        return field

    def _through_leaf(self, layer: Any, path: str, field: ImageField | None) -> ImageField | None:
        info = self.layers.get(path)
        if field is None or info is None or len(info.output_shape) != 4:
            return None
        if isinstance(layer, keras.layers.Conv2DTranspose):
            return None
        spatial = info.input_shape[1:3]
        if isinstance(layer, keras.layers.ZeroPadding2D | keras.layers.Cropping2D):
            inwards = isinstance(layer, keras.layers.Cropping2D)
            amounts = layer.cropping if inwards else layer.padding
            before = [(-1 if inwards else 1) * amount[0] for amount in amounts]
            return _moved(field, (1, 1), (1, 1), before, (1, 1))
        window = window_of(layer)
        if window is not None:
            zeros = [before for before, _ in window.zeros(spatial)]
            return _moved(field, window.sizes, window.strides, zeros, window.dilation)
        # A layer that keeps the number of cells counts as working on each cell alone.
        return field if info.output_shape[1:3] == spatial else None


def _moved(
    field: ImageField,
    sizes: Sequence[int],
    strides: Sequence[int],
    zeros: Sequence[int],
    dilation: Sequence[int],
) -> ImageField:
    axes = zip(field, sizes, strides, zeros, dilation, strict=True)
    return ImageField(*(through_window(*axis) for axis in axes))


def _union(fields: Sequence[ImageField | None]) -> ImageField | None:
    known = [field for field in fields if field is not None]
    if len(known) < len(fields) or not known:
        return None
    rows = merged([field.rows for field in known])
    columns = merged([field.columns for field in known])
    return None if rows is None or columns is None else ImageField(rows, columns)
