"""The configuration of a Keras 2 model as Keras 3 writes it.

Everything is translated before Keras sees it, and only classes of Keras and of this project are
named, so that nothing in a file decides which code runs.
"""

from __future__ import annotations

import inspect
from typing import Any

import keras

from app.keras2 import graph
from app.keras2.arguments import keras3_arguments
from app.keras2.layers import (
    CustomScaleLayer,
    Keras2RandomCrop,
    LayerScale,
    StochasticDepth,
    ThresholdedReLU,
)
from app.keras2.objects import SUFFIXES
from app.keras2.problems import Problems
from app.keras2.tensor_operation import TensorOperation, supported_function
from app.layers import LocallyConnected1D, LocallyConnected2D

FUNCTIONAL = ("Functional", "Model")
# Classes of this project for layers that Keras 3 dropped or redefined.
_OURS: dict[str, type] = {
    "Custom>CustomScaleLayer": CustomScaleLayer,  # its registered name
    "CustomScaleLayer": CustomScaleLayer,
    "LayerScale": LayerScale,
    "LocallyConnected1D": LocallyConnected1D,
    "LocallyConnected2D": LocallyConnected2D,
    "RandomCrop": Keras2RandomCrop,
    "StochasticDepth": StochasticDepth,
    "ThresholdedReLU": ThresholdedReLU,
}
_OTHER_NAMES = {"SyncBatchNormalization": "BatchNormalization"}
# Base classes, and layers that run what is in other files.
_NOT_BUILT_IN = {"Layer", "Wrapper", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper"}
_REMOVED = "Keras 3 does not have this layer"
_FOREIGN = "it is not a layer of Keras, and its code is not in the file"


def keras3_configuration(entry: dict[str, Any], problems: Problems) -> dict[str, Any]:
    """Return the configuration of a layer or model as `keras.saving` deserializes it.

    Args:
        entry: `{"class_name", "config", ...}` as any Keras 2 wrote it.
        problems: Collector of the layers that cannot be opened.

    Returns:
        The configuration; incomplete if an entry was added to `problems`.

    Raises:
        ValueError: If the configuration is not that of a model or layer.
    """
    class_name, config = entry.get("class_name"), entry.get("config")
    if not isinstance(class_name, str) or not isinstance(config, dict | list):
        raise ValueError(f"it does not describe a layer: {str(entry)[:60]}")
    if class_name == "Sequential":
        return _model("Sequential", "keras", _sequential(config, problems))
    if class_name in FUNCTIONAL and isinstance(config, dict) and "layers" in config:
        return _model("Functional", "keras.src.models.functional", _functional(config, problems))
    if not isinstance(config, dict):
        raise ValueError(f"it does not describe a layer: {str(entry)[:60]}")
    return _layer(class_name, entry, config, problems)


def safe_name(name: str) -> str:
    """Return the name of a layer without slashes, which Keras 3 does not allow."""
    return name.replace("/", "_")


def layer_name(entry: dict[str, Any]) -> str:
    """Return the name of a layer in a Keras 2 configuration."""
    config = entry.get("config")
    return str(entry.get("name") or (config.get("name") if isinstance(config, dict) else None))


def _is_object(key: str) -> bool:
    """Return whether an argument is a policy, initializer or the like, which look like layers."""
    return key == "dtype" or key.rsplit("_", 1)[-1] in SUFFIXES


def _is_layer(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("config"), dict)
        and isinstance(value.get("class_name"), str)
        and ("name" in value["config"] or hasattr(keras.layers, value["class_name"]))
    )


def _model(class_name: str, module: str, config: dict[str, Any]) -> dict[str, Any]:
    registered = class_name if class_name == "Functional" else None
    return {
        "module": module,
        "class_name": class_name,
        "config": config,
        "registered_name": registered,
    }


def _sequential(config: dict[str, Any] | list[Any], problems: Problems) -> dict[str, Any]:
    """Translate a stack of layers; Keras 2.2 and earlier wrote just the list of them."""
    if isinstance(config, list):
        config = {"name": "sequential", "layers": config}
    entries = list(config["layers"])
    first = _first_layer(entries)
    shape = first.get("config", {}).get("batch_input_shape") if first else None
    if shape is not None and first is entries[0] and first.get("class_name") != "InputLayer":
        dtype = "float32" if first["class_name"] != "Embedding" else first["config"].get("dtype")
        given = {"batch_input_shape": shape, "dtype": dtype, "name": f"{layer_name(first)}_input"}
        entries.insert(0, {"class_name": "InputLayer", "config": given})
    result = {
        "name": safe_name(str(config.get("name", "sequential"))),
        "layers": [keras3_configuration(entry, problems) for entry in entries],
    }
    if config.get("build_input_shape"):
        result["build_input_shape"] = config["build_input_shape"]
    return result


def _first_layer(entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the first layer of a stack if it has a dict of arguments."""
    first = entries[0] if entries else None
    return first if first and isinstance(first.get("config"), dict) else None


def _functional(config: dict[str, Any], problems: Problems) -> dict[str, Any]:
    """Translate a graph of layers."""
    nodes = graph.Nodes(config["layers"], config["input_layers"])
    layers = []
    for entry in config["layers"]:
        layer = keras3_configuration(entry, problems)
        layer["name"] = layer["config"]["name"] = nodes.name(layer_name(entry))
        calls, class_name = entry.get("inbound_nodes", []), entry["class_name"]
        layer["inbound_nodes"] = [nodes.call(node, class_name) for node in calls]
        layers.append(layer)
    result = {
        "name": safe_name(str(config.get("name", "model"))),
        "layers": layers,
        "input_layers": nodes.ends(config["input_layers"]),
        "output_layers": nodes.ends(config["output_layers"]),
    }
    if config.get("trainable") is False:
        result["trainable"] = False
    return result


def _layer(
    class_name: str, entry: dict[str, Any], config: dict[str, Any], problems: Problems
) -> dict[str, Any]:
    name = layer_name(entry)
    registered = entry.get("registered_name") or class_name
    if class_name in ("TFOpLambda", "SlicingOpLambda"):
        return _operation(name, class_name, config, problems)
    if class_name == "Lambda":
        problems.add_code(name)
        return {"class_name": class_name, "config": config}
    cls, kind = _find_class(class_name)
    if (">" in registered and registered not in _OURS) or cls is None:
        problems.add(name, class_name, _REMOVED if class_name in _KERAS_2_ONLY else _FOREIGN)
        return {"class_name": class_name, "config": config}
    nested = {
        key: value if _is_object(key) else _nested(value, problems) for key, value in config.items()
    }
    nested["name"] = safe_name(name)
    if cls is keras.layers.InputLayer:
        nested["batch_shape"] = config.get("batch_input_shape", config.get("batch_shape"))
    try:
        arguments = keras3_arguments(cls, kind, nested)
    except ValueError as error:
        problems.add(name, class_name, str(error))
        arguments = {}
    ours = kind in _OURS
    return {
        "module": cls.__module__ if ours else "keras.layers",
        "class_name": cls.__name__,
        "config": arguments,
        "registered_name": f"convlab>{cls.__name__}" if ours else None,
    }


_KERAS_2_ONLY = {
    "AbstractRNNCell", "DenseFeatures", "DynamicEmbedding", "DynamicLookup",
    "RandomFourierFeatures", "RandomHeight", "RandomWidth", "SequenceFeatures", "TensorFlowOpLayer",
    "CuDNNGRU", "CuDNNLSTM",
}  # fmt: skip


def _find_class(class_name: str) -> tuple[type | None, str]:
    """Return the class of Keras 3, and Keras 2's name without the version of TensorFlow's API."""
    for name in (class_name, class_name.removesuffix("V1").removesuffix("V2")):
        cls = _OURS.get(name) or getattr(keras.layers, _OTHER_NAMES.get(name, name), None)
        is_layer = inspect.isclass(cls) and issubclass(cls, keras.Layer)
        if is_layer and name not in _NOT_BUILT_IN:
            return cls, name
    return None, class_name


def _operation(
    name: str, class_name: str, config: dict[str, Any], problems: Problems
) -> dict[str, Any]:
    function = str(config.get("function"))
    supported = supported_function(function)
    if supported is None:
        problems.add(name, class_name, f"the function tf.{function[:60]} is not supported")
    return {
        "module": TensorOperation.__module__,
        "class_name": TensorOperation.__name__,
        "config": {"name": safe_name(name), "function": supported},
        "registered_name": f"convlab>{TensorOperation.__name__}",
    }


def _nested(value: Any, problems: Problems) -> Any:
    """Translate the layers inside an argument, such as a wrapper's or a list of cells."""
    if _is_layer(value):
        return keras3_configuration(value, problems)
    if isinstance(value, list):
        return [_nested(item, problems) for item in value]
    return value
