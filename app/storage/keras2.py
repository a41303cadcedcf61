"""Keras 2's `.h5` files that hold locally connected layers, opened by Keras 3.

Keras 3 reads Keras 2's files, but knows neither these layers nor the three layouts of their
weights.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from app.errors import AppError, AppWarning
from app.layers.base_locally_connected import BaseLocallyConnected
from app.layers.keras2_weights import from_keras2


def load_keras2_model(path: str | Path) -> keras.Model:
    """Return the model of a Keras 2 `.h5` file, uncompiled.

    Locally connected layers become `app.layers.LocallyConnected1D` and `2D`, whichever of Keras 2's
    implementations they had; a file without them is left to Keras.

    Args:
        path: What `model.save("….h5")` of Keras 2 wrote.

    Raises:
        AppError: If it is a file of weights alone, or its weights do not fit its configuration.
        ValueError: If Keras refuses the configuration, such as code in a Lambda layer.
        OSError: If it is no HDF5 file.
    """
    with h5py.File(path) as file:
        text = file.attrs.get("model_config")
        if text is None or "model_weights" not in file:
            raise AppError(
                f"'{path}' does not hold both the configuration and the weights of a model.",
                "Expected a whole model, as Keras 2's model.save wrote it.",
                "For weights alone, build the model and call load_keras2_weights.",
            )
        config = json.loads(text)
        if _by_keras_3(file) or not _find_local_layers(config):
            return _plain_input(keras.models.load_model(path, compile=False))
        kind = keras.Sequential if config["class_name"] == "Sequential" else keras.Model
        with warnings.catch_warnings():
            # Layers warn that their weights have another layout; here they are converted.
            warnings.simplefilter("ignore", AppWarning)
            model = kind.from_config(config["config"])
        _set_weights(model, file["model_weights"], path)
    return _plain_input(model)


def load_keras2_weights(model: keras.Model, path: str | Path) -> None:
    """Load what `model.save_weights("….h5")` of Keras 2 wrote.

    Args:
        model: A built model of the same layers in the same order.
        path: The file; one of a whole model will do, too.

    Raises:
        AppError: If the weights are not those of such a model.
        OSError: If it is no HDF5 file.
    """
    with h5py.File(path) as file:
        _set_weights(model, file.get("model_weights", file), path)


def _find_local_layers(config: Any) -> bool:
    """Return whether a configuration holds locally connected layers, and point them to ours.

    Later Keras 2 wrote the layers of a nested model with the module that they are in, which Keras 3
    searches in vain; a registered name goes before it.
    """
    if isinstance(config, list):
        return any([*map(_find_local_layers, config)])
    if not isinstance(config, dict):
        return False
    name = str(config.get("class_name"))
    found = name.startswith("LocallyConnected")
    if found:
        config["registered_name"] = f"convlab>{name}"
    return any([found, *map(_find_local_layers, config.values())])


def _by_keras_3(group: h5py.Group) -> bool:
    """Return whether Keras 3 wrote it: layers of ours are then in our own layout."""
    version = group.attrs.get("keras_version", "2")
    return (version.decode() if isinstance(version, bytes) else version).startswith("3")


def _plain_input(model: keras.Model) -> keras.Model:
    """Let a model of one input take it as it is.

    Keras 2 wrote a list of one, and Keras 3 warns at each call that does not pass a list.
    """
    if isinstance(model, keras.Sequential):
        return model
    inputs, outputs = model.input, model.output
    if not isinstance(inputs, list) or len(inputs) != 1:
        return model
    outputs = outputs[0] if isinstance(outputs, list) and len(outputs) == 1 else outputs
    return keras.Model(inputs[0], outputs, name=model.name)


def _set_weights(model: keras.Model, group: h5py.Group, path: str | Path) -> None:
    """Give each layer its weights, by order, as Keras itself does with these files."""
    try:
        saved = [
            [np.asarray(group[name][weight]) for weight in names]
            for name in _names(group, "layer_names")
            if (names := _names(group[name], "weight_names"))
        ]
    except KeyError as error:
        raise AppError(
            f"'{path}' is damaged: {error.args[0]}",
            "Expected the weights of all layers that the file lists.",
        ) from None
    layers = [layer for layer in model.layers if layer.weights]
    if len(saved) != len(layers):
        raise AppError(
            f"'{path}' holds the weights of {len(saved)} layers; {len(layers)} layers of the model "
            "have weights.",
            "Expected an .h5 file of Keras 2, and a built model of the same layers.",
            "A .weights.h5 file of Keras 3 is for model.load_weights.",
        )
    convert = not _by_keras_3(group)
    assignments = []
    for layer, values in zip(layers, saved, strict=True):
        try:
            assignments += _matched(layer, values, convert=convert)
        except (ValueError, IndexError) as error:
            raise AppError(
                f"The weights of layer '{layer.name}' in '{path}' do not fit: {error}",
                "Expected the weights of a layer of the same settings.",
            ) from None
    for variable, value in assignments:  # all of them fit
        variable.assign(value)


def _matched(
    layer: keras.layers.Layer, values: list[np.ndarray], *, convert: bool
) -> list[tuple[keras.Variable, np.ndarray]]:
    """Return each variable of a layer with its value; raise ValueError if one does not fit."""
    variables = layer.trainable_weights + layer.non_trainable_weights
    index = {id(variable): i for i, variable in enumerate(variables)}
    values = list(values)
    for local in _local_layers(layer) if convert else ():
        own = [index[id(variable)] for variable in local.weights]
        for i, value in zip(own, from_keras2(local, [values[i] for i in own]), strict=True):
            values[i] = value
    shapes = [tuple(variable.shape) for variable in variables]
    if shapes != [value.shape for value in values]:
        raise ValueError(f"received shapes {[value.shape for value in values]}, expected {shapes}.")
    return list(zip(variables, values, strict=True))


def _local_layers(layer: keras.layers.Layer) -> Iterator[BaseLocallyConnected]:
    """Yield the locally connected layers that a layer, a model or a wrapper holds."""
    if isinstance(layer, BaseLocallyConnected):
        yield layer
    for inner in (*getattr(layer, "layers", ()), getattr(layer, "layer", None)):
        if inner is not None:
            yield from _local_layers(inner)


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """Return a list of names, which Keras splits over several attributes where it is long."""
    if attribute in group.attrs:
        chunks = [group.attrs[attribute]]
    else:
        chunks = []
        while (name := f"{attribute}{len(chunks)}") in group.attrs:
            chunks.append(group.attrs[name])
    return [name.decode() if isinstance(name, bytes) else str(name) for c in chunks for name in c]
