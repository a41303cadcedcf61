"""Weights in HDF5 files of Keras 2: by layer (`.h5`), or by object (`.keras`, `.weights.h5`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from app.errors import AppError
from app.keras2.configuration import safe_name
from app.keras2.weights import Assignments, inner_layers, legacy_order, own_variables

# Names of the group of layers in Keras 2.12, and in later versions.
_LAYERS = ("layers", "_layer_checkpoint_dependencies")


def is_by_layer(file: h5py.Group) -> bool:
    """Return whether a file has the layout of `.h5` rather than that of `.weights.h5`."""
    return "layer_names" in file.attrs or "layer_names0" in file.attrs


def read_by_layer(
    group: h5py.Group,
    layers: Sequence[keras.Layer],
    assignments: Assignments,
    path: Path,
) -> None:
    """Read the values of a `.h5` file.

    Args:
        group: `model_weights`, or the file itself where it holds weights alone.
        layers: Layers of the model.
        assignments: Collector of the values.
        path: File to name in messages.

    Raises:
        AppError: If the weights are not those of such a model.
    """
    try:
        saved = {
            name: [group[name][weight] for weight in weights]
            for name in attribute_names(group, "layer_names")
            if (weights := attribute_names(group[name], "weight_names"))
        }
    except KeyError as error:
        raise AppError(
            f"'{path}' is damaged: {error.args[0]}",
            "Expected the weights of all layers that the file lists.",
        ) from None
    with_weights = [layer for layer in layers if legacy_order(layer, assignments.order)]
    if len(saved) != len(with_weights):
        raise AppError(
            f"'{path}' holds the weights of {len(saved)} layers; {len(with_weights)} layers of the "
            "model have weights.",
            "Expected an .h5 file of Keras 2, and a built model of the same layers.",
            "A .weights.h5 file of Keras 3 is for model.load_weights.",
        )
    by_name = {layer.name: layer for layer in with_weights}
    if set(by_name) == {safe_name(name) for name in saved}:
        with_weights = [by_name[safe_name(name)] for name in saved]  # else by position
    for layer, datasets in zip(with_weights, saved.values(), strict=True):
        _put(layer, legacy_order(layer, assignments.order), datasets, assignments, path)


def read_by_object(
    file: h5py.Group,
    model: keras.Layer,
    class_names: dict[int, str],
    assignments: Assignments,
    path: Path,
) -> None:
    """Read the values of a `.weights.h5` file, which a `.keras` archive also holds.

    Args:
        file: HDF5 file.
        model: Built model.
        class_names: Class name in Keras 2 of layers, by identity.
        assignments: Collector of the values.
        path: File to name in messages.

    Raises:
        AppError: If the weights are not those of such a model.
    """
    seen: set[int] = set()

    def visit(layer: keras.Layer, group: h5py.Group | None) -> None:
        if id(layer) in seen:
            return
        seen.add(id(layer))
        variables = own_variables(layer)
        if variables:
            _read_own(variables, layer, group)
        for attribute, inner in inner_layers(layer, assignments.order):
            holder = _child(group, attribute)
            if attribute not in ("layers", "cells"):
                visit(inner[0], holder)
                continue
            counts: dict[str, int] = {}
            for child in inner:
                if id(child) in seen:
                    continue
                name = _snake(class_names.get(id(child), type(child).__name__))
                count = counts.get(name, 0)
                counts[name] = count + 1
                visit(child, _child(holder, f"{name}_{count}" if count else name))

    def _read_own(
        variables: Sequence[keras.Variable], layer: keras.Layer, group: h5py.Group | None
    ) -> None:
        values = _child(group, "vars")
        datasets = [values[str(i)] for i in range(len(values))] if values is not None else []
        _put(layer, variables, datasets, assignments, path)

    visit(model, file)


def attribute_names(group: h5py.Group, attribute: str) -> list[str]:
    """Return a list of names; Keras splits long ones over several attributes."""
    if attribute in group.attrs:
        chunks = [group.attrs[attribute]]
    else:
        chunks = []
        while (name := f"{attribute}{len(chunks)}") in group.attrs:
            chunks.append(group.attrs[name])
    return [name.decode() if isinstance(name, bytes) else str(name) for c in chunks for name in c]


def _child(group: h5py.Group | None, name: str) -> Any:
    """Return a group inside a group, if it is there."""
    if group is None:
        return None
    for candidate in _LAYERS if name == "layers" else (name,):
        if candidate in group:
            return group[candidate]
    return None


def _put(
    layer: keras.Layer,
    variables: Sequence[keras.Variable],
    datasets: Sequence[h5py.Dataset],
    assignments: Assignments,
    path: Path,
) -> None:
    """Store the values of one layer if their shapes and types fit."""
    expected = [assignments.expected(variable) for variable in variables]
    shapes = [dataset.shape for dataset in datasets]
    if len(shapes) != len(expected) or any(
        shape not in forms for shape, forms in zip(shapes, expected, strict=True)
    ):
        texts = [forms[0] if len(forms) == 1 else f"one of {forms}" for forms in expected]
        raise _mismatch_error(layer, path, f"received shapes {shapes}, expected {texts}.")
    for variable, dataset in zip(variables, datasets, strict=True):
        if dataset.dtype.kind not in "fiub":
            raise _mismatch_error(layer, path, f"received values of type {dataset.dtype}.")
        assignments.put(variable, np.asarray(dataset))


def _mismatch_error(layer: keras.Layer, path: Path, why: str) -> AppError:
    return AppError(
        f"The weights of layer '{layer.name}' in '{path}' do not fit: {why}",
        "Expected the weights of a layer of the same settings.",
    )


def _snake(name: str) -> str:
    """Return the name of a class as Keras names groups: `Conv2D` is `conv2d`.

    Source: tf_keras 2.21, `utils.generic_utils.to_snake_case`.
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
