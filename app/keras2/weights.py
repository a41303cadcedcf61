"""Map the values of a Keras 2 file to the variables of a Keras 3 model.

A *leaf* is a layer that has variables of its own. Keras 2 keeps a leaf's values in the order of
its trainable, then its non-trainable variables, and so does Keras 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from app.keras2.locally_connected_weights import from_keras2, keras2_shapes
from app.layers.base_locally_connected import BaseLocallyConnected

# Attributes that hold inner layers, in the order in which Keras 2 lists their weights.
INNER = (
    "layer", "forward_layer", "backward_layer", "cell", "cells",
    "_query_dense", "_key_dense", "_value_dense", "_output_dense",
)  # fmt: skip
Variables = list[keras.Variable]
# The layers of each nested model in the order of the file, by the identity of the model.
Order = Mapping[int, Sequence[keras.Layer]]


def own_variables(layer: keras.Layer) -> Variables:
    """Return the variables of a layer without those of its inner layers, as Keras lists them."""
    return [*layer._trainable_variables, *layer._non_trainable_variables]


def inner_layers(layer: keras.Layer, order: Order) -> Iterator[tuple[str, list[keras.Layer]]]:
    """Yield the attributes of a layer that hold inner layers, with these layers."""
    if isinstance(layer, keras.Model):
        yield "layers", list(order.get(id(layer), layer.layers))
        return
    for attribute in INNER:
        inner = vars(layer).get(attribute)
        if isinstance(inner, keras.Layer):
            yield attribute, [inner]
        elif isinstance(inner, Sequence):
            yield attribute, [item for item in inner if isinstance(item, keras.Layer)]


def leaves(layer: keras.Layer, order: Order) -> Iterator[keras.Layer]:
    """Yield every layer with variables of its own that a layer consists of, itself included."""
    if own_variables(layer):
        yield layer
    for _, layers in inner_layers(layer, order):
        for inner in layers:
            yield from leaves(inner, order)


def legacy_order(layer: keras.Layer, order: Order) -> Variables:
    """Return a layer's variables in the order of Keras 2's `.h5` files.

    Source: tf_keras 2.21, `saving.legacy.hdf5_format._legacy_weights`.
    """
    by_identity = {id(v): v for v in [*_trainable(layer, order), *_non_trainable(layer, order)]}
    return list(by_identity.values())


def _trainable(layer: keras.Layer, order: Order) -> Variables:
    if not layer.trainable:
        return []
    own, inner = list(layer._trainable_variables), _inner(layer, order)
    nested = [variable for child in inner for variable in _trainable(child, order)]
    return nested + own if isinstance(layer, keras.Model) else own + nested


def _non_trainable(layer: keras.Layer, order: Order) -> Variables:
    inner = _inner(layer, order)
    rest = [variable for child in inner for variable in _non_trainable(child, order)]
    if layer.trainable:
        own = list(layer._non_trainable_variables)
        return rest + own if isinstance(layer, keras.Model) else own + rest
    if isinstance(layer, keras.Model):
        frozen = [variable for child in inner for variable in _trainable(child, order)]
        return [*frozen, *layer._trainable_variables, *rest, *layer._non_trainable_variables]
    return own_variables(layer) + [v for child in inner for v in legacy_order(child, order)]


def _inner(layer: keras.Layer, order: Order) -> list[keras.Layer]:
    return [child for _, layers in inner_layers(layer, order) for child in layers]


def keras2_variables(layers: Sequence[keras.Layer]) -> dict[int, list[tuple[int, ...]]]:
    """Return the possible shapes of each variable in Keras 2, by its identity.

    Args:
        layers: Leaves of a model.

    Returns:
        One shape for most variables; several for the kernels of locally connected layers.
    """
    shapes: dict[int, list[tuple[int, ...]]] = {}
    for leaf in layers:
        variables = own_variables(leaf)
        if isinstance(leaf, BaseLocallyConnected):
            shapes[id(variables[0])] = keras2_shapes(leaf)
        for variable in variables:
            shapes.setdefault(id(variable), [tuple(variable.shape)])
    return shapes


class Assignments:
    """Values for the variables of a model, assigned only if all of them are there and fit.

    Args:
        model: Built model.
        order: Layers of nested models in the order of the file.
        convert: Whether locally connected layers have the layout of Keras 2.
    """

    def __init__(self, model: keras.Layer, order: Order, *, convert: bool = True):
        self.order = order
        self._leaves = list({id(leaf): leaf for leaf in leaves(model, order)}.values())
        self._convert = convert
        self._values: dict[int, np.ndarray] = {}
        self.shapes = keras2_variables(self._leaves) if convert else {}

    def expected(self, variable: keras.Variable) -> list[tuple[int, ...]]:
        """Return the shapes that a variable's value may have in the file."""
        return self.shapes.get(id(variable), [tuple(variable.shape)])

    def put(self, variable: keras.Variable, value: np.ndarray) -> None:
        """Store the value of a variable as the file has it."""
        self._values[id(variable)] = value

    def apply(self) -> None:
        """Convert and assign all values.

        Raises:
            ValueError: If the values of a layer do not fit it.
        """
        pairs: list[tuple[Any, np.ndarray]] = []
        for leaf in self._leaves:
            variables = own_variables(leaf)
            values = [self._values[id(v)] for v in variables if id(v) in self._values]
            if len(values) != len(variables):
                raise ValueError(f"the weights of layer '{leaf.name}' are missing")
            if isinstance(leaf, BaseLocallyConnected) and self._convert:
                values = from_keras2(leaf, values)
            pairs += zip(variables, values, strict=True)
        for variable, value in pairs:
            variable.assign(value)
        for leaf in self._leaves:
            if isinstance(leaf, keras.layers.Normalization):
                leaf.finalize_state()  # it computes with constants derived from its weights
